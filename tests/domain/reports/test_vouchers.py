"""Single-purpose vouchers: each card keeps the tax it was sold with, and the journal tells them
apart (docs/vouchers.md)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from giftweb import clock, days, money
from giftweb.domain import campaigns, cards, csv_sheets, refunds, reports
from tests.factories import AGENT, ROOT, amount_of, goods, make_campaign, make_card
from tests.orders import gift_card_item, paid_by, place, sheet

pytestmark = pytest.mark.proves("B27", "B30")


@pytest.fixture
def shop():
    """A campaign whose gift cards are single-purpose vouchers at 19%."""
    return make_campaign(voucher_tax_hundredths=1900)


def sold(shop, amount="50.00 USD", **more):
    return make_card(amount, source="sales", origin="purchase", campaign_id=shop.id, **more)


def paid_ahead() -> int:
    """What the account of the tax that was due with the sale has."""
    debits = sum(minor for debit, _, minor in entries() if debit == "tax_paid_ahead")
    return debits - sum(minor for _, credit, minor in entries() if credit == "tax_paid_ahead")


def entries() -> list[tuple[str, str, int]]:
    begin = days.later(days.today("UTC"), -50)
    found = reports.find("journal", reports.wanted(first_on=begin)).rows
    return [(row["debit"], row["credit"], row["amount"]) for row in found]


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [(50_00, 1900, 7_98), (1_19, 1900, 19), (1, 1900, 0), (50_00, 0, 0), (10_55, 550, 55)],
)
@pytest.mark.no_database
def test_the_tax_in_an_amount(amount, rate, tax):
    assert money.included_tax(amount, rate) == tax


def test_a_sold_card_keeps_the_rate_and_a_given_one_has_none(shop):
    assert sold(shop).card.voucher_tax_hundredths == 1900
    assert make_card(campaign_id=shop.id).card.voucher_tax_hundredths is None
    assert make_card(source="sales").card.voucher_tax_hundredths is None
    order = place(gift_card_item("20.00 USD"), campaign_id=shop.id, shipping="0.00 USD")
    assert sheet(order).purchased[0].voucher_tax_hundredths == 1900


def test_another_setting_is_for_new_cards_and_a_replacement_keeps_the_old_one(shop):
    card = sold(shop).card
    changed = replace(shop.settings, voucher_tax_hundredths=None)
    campaigns.change(shop.id, settings=changed, by=ROOT)
    assert sold(shop).card.voucher_tax_hundredths is None
    again = cards.endings.replace_card(card.id, by=AGENT).card
    assert again.voucher_tax_hundredths == 1900


def test_the_sale_of_one_has_a_second_entry_for_its_tax(shop):
    card = sold(shop)
    sold(make_campaign(), "7.00 USD")
    place(goods("30.00 USD"), cards=[card], campaign_id=shop.id, shipping="0.00 USD")
    assert entries() == [
        ("sales", "single_purpose_cards", 50_00),
        ("tax_paid_ahead", "tax_due", 7_98),
        ("sales", "gift_cards", 7_00),
        ("single_purpose_cards", "redemptions", 30_00),
        ("redemptions", "tax_paid_ahead", 4_79),
    ]
    found = reports.find("journal", reports.wanted())
    assert found.rows[0]["number"] == found.rows[1]["number"]
    assert found.totals == [{"currency": "USD", "debit": 99_77, "credit": 99_77}]


def test_one_that_is_cancelled_owes_no_tax_and_a_paid_recharge_does(shop):
    card = sold(shop).card
    cards.top_up(card.id, amount=amount_of("11.90 USD"), source="sales", by=AGENT)
    cards.top_up(card.id, amount=amount_of("5.00 USD"), source="goodwill", by=AGENT)
    cards.endings.cancel(card.id, by=AGENT)
    taxes = [entry for entry in entries() if "tax_due" in entry]
    assert taxes == [
        ("tax_paid_ahead", "tax_due", 7_98),
        ("tax_paid_ahead", "tax_due", 1_90),
        ("tax_due", "tax_paid_ahead", 1_90),
        ("tax_due", "tax_paid_ahead", 7_98),
    ]


def test_what_is_spent_refunded_expired_or_paid_out_is_set_off_to_the_last_unit(shop):
    """What is left of the tax is at any time the tax in what is left of the cards."""
    card = sold(shop, "10.03 USD", expires_on=days.later(days.today("UTC"), 30))
    order = place(goods("3.01 USD"), cards=[card], campaign_id=shop.id, shipping="0.00 USD")
    refunds.refund(paid_by(order, "gift_card").id, amount=amount_of("1.00 USD"), by=AGENT)
    cards.adjust(card.card.id, change=-amount_of("0.52 USD"), reason="a", by=AGENT)
    again = cards.endings.replace_card(card.card.id, by=AGENT)
    left = cards.find(again.card.id).balance.minor
    assert left == 10_03 - 3_01 + 1_00 - 52
    assert paid_ahead() == money.included_tax(left, 1900)
    with clock.moved(timedelta(days=40)):
        cards.endings.expire(again.card.id)
        assert paid_ahead() == 0
        assert ("breakage", "tax_paid_ahead", money.included_tax(left, 1900)) in entries()


def test_what_is_paid_out_in_cash_owes_its_tax_no_more(shop):
    campaigns.change(shop.id, settings=replace(shop.settings, rules="us-ca"), by=ROOT)
    card = sold(shop, "9.00 USD").card
    cards.cash_out.cash_out(card.id, by=AGENT)
    assert entries()[-1] == ("tax_due", "tax_paid_ahead", 1_44)
    assert paid_ahead() == 0


def test_the_till_and_the_journal_name_the_same_tax(shop):
    card = sold(shop, "10.03 USD")
    cards.top_up(card.card.id, amount=amount_of("1.00 USD"), by=AGENT)
    for amount in ("0.01 USD", "3.33 USD", "6.00 USD", "1.69 USD"):
        place(goods(amount), cards=[card], campaign_id=shop.id, shipping="0.00 USD")
    found = reports.find("journal", reports.wanted()).rows
    taxes = {row["transaction_id"]: row["amount"] for row in found if "tax_" in row["credit"]}
    moved = cards.voucher_tax.of_transfers([row["transaction_id"] for row in found])
    assert {key: each.tax.minor for key, each in moved.items() if each.tax.minor} == taxes
    assert sum(taxes.values()) == 2 * money.included_tax(10_03, 1900)
    assert sorted(each.sold.minor for each in moved.values()) == [1, 69, 3_33, 6_00, 10_03]


def test_cards_with_different_taxes_are_not_merged(shop):
    one = sold(shop)
    campaigns.change(shop.id, settings=replace(shop.settings, voucher_tax_hundredths=700), by=ROOT)
    other = sold(shop)
    with pytest.raises(cards.merging.CardsUnlike, match="different rates of tax"):
        cards.merging.merge([one.card.id, other.card.id], by=AGENT)


def bring(shop, rows: str, *, source: str | None = "sales") -> None:
    """Import cards of the shop."""
    terms = cards.import_terms.Terms(source=source, campaign_id=shop.id)
    cards.import_file.import_file(rows.encode(), by=AGENT, terms=terms)


def rates() -> list[int | None]:
    return [card.voucher_tax_hundredths for card in cards.select()]


@pytest.mark.proves("B8")
def test_what_was_sold_before_keeps_its_rate_when_it_is_imported(shop):
    bring(shop, "amount,currency\n50.00,USD\n")
    assert rates() == [1900]
    # The tax was due where it was sold: it comes from where the money comes from.
    assert entries() == [
        ("sales", "single_purpose_cards", 50_00),
        ("tax_paid_ahead", "sales", 7_98),
    ]
    assert paid_ahead() == 7_98
    (card,) = cards.select()
    cards.top_up(card.id, amount=amount_of("11.90 USD"), source="sales", by=AGENT)
    assert entries()[-1] == ("tax_paid_ahead", "tax_due", 1_90)


@pytest.mark.proves("B8")
def test_the_rate_of_an_imported_card_is_that_of_its_row(shop):
    bring(shop, "amount,currency,voucher_tax\n50.00,USD,7\n40.00,USD,5.5%\n30.00,USD,\n")
    assert sorted(rates(), key=str) == [550, 700, None]
    with pytest.raises(csv_sheets.RowsRefused, match="1 cells"):
        bring(shop, "amount,currency,voucher_tax\n50.00,USD,101\n")


@pytest.mark.proves("B8")
@pytest.mark.parametrize("source", [None, "goodwill"])
def test_what_was_not_sold_is_imported_without_a_rate(shop, source):
    bring(shop, "amount,currency,voucher_tax\n50.00,USD,19\n", source=source)
    assert rates() == [None]
    assert len(entries()) == 1


@pytest.mark.proves("B8")
def test_a_rate_that_was_exported_is_imported_again(shop):
    card = sold(shop).card
    values = dict(zip(cards.exported.COLUMNS, cards.exported.row_of(card), strict=True))
    assert values["voucher_tax"] == "19"
    row = {name: csv_sheets.cell(value) for name, value in values.items()} | {"id": ""}
    lines = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    bring(make_campaign(), lines, source=None)
    assert rates() == [1900, 1900]
