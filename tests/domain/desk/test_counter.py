"""The counter: each thing that is done there, and a day's sums that tie to the ledger (B21)."""

from datetime import timedelta

import pytest

from giftweb import clock, database, days, models
from giftweb.domain import cards, desk, orders, throttle
from giftweb.domain.cards import stock
from giftweb.errors import (
    CardNotUsable,
    Invalid,
    ModeMismatch,
    NotFound,
    RefundExceedsPayment,
    TooManyTries,
    UnknownCode,
)
from giftweb.money import Money
from tests import factories
from tests.factories import amount_of, goods, make_card
from tests.orders import paid_by, place, signed_in
from tests.races import at_once

pytestmark = pytest.mark.proves("B21")


class Till:
    """A person at the counter of one shop."""

    def __init__(self, role: str = "cashier", **settings):
        self.campaign = factories.make_campaign(**settings)
        self.by = signed_in(role)
        self.place = {"campaign_id": self.campaign.id, "by": self.by}

    def redeem(self, code: str, amount: str = "20.00 USD", receipt: str = "R-1"):
        fields = {"amount": amount_of(amount), "receipt": receipt}
        return desk.counter_entries.find(desk.counter.redeem(code, **fields, **self.place))

    def purchase(self, receipt: str = "R-1"):
        (found,) = desk.counter.purchases(receipt, campaign_id=self.campaign.id)
        return found

    def give_back(self, payment_id: str, amount: str = "5.00 USD"):
        done = desk.counter.give_back(payment_id, amount=amount_of(amount), **self.place)
        return desk.counter_entries.find(done)

    def sell(self, amount: str = "50.00 USD", *, email=None, receipt: str = "S-1"):
        return desk.counter.sell(amount_of(amount), receipt=receipt, email=email, **self.place)

    def recharge(self, code: str, amount: str = "10.00 USD"):
        fields = {"amount": amount_of(amount), "receipt": "T-1"}
        return desk.counter_entries.find(desk.counter.recharge(code, **fields, **self.place))

    def day(self):
        return desk.counter_day.read(self.campaign, days.today(self.campaign.time_zone))

    def sums(self) -> dict[str, str]:
        return {each.kind: str(each.total) for each in self.day().sums}


def balance(issued) -> str:
    return str(cards.find(issued.card.id).balance)


def test_a_receipt_is_redeemed_and_entered():
    till, issued = Till(), make_card("50.00 USD")
    entry = till.redeem(issued.code)
    assert (entry.kind, str(entry.amount), entry.receipt) == ("redeemed", "20.00 USD", "R-1")
    assert (entry.last4, str(entry.balance_after)) == (issued.card.last4, "30.00 USD")
    assert (entry.staff_id, entry.name) == (till.by.id, till.by.name)
    assert orders.find(str(entry.order_id)).reference == "R-1"


def test_a_card_with_less_pays_a_part():
    till, issued = Till(), make_card("12.00 USD")
    assert str(till.redeem(issued.code).amount) == "12.00 USD"
    with pytest.raises(CardNotUsable):
        till.redeem(issued.code)


def test_money_is_given_back_by_its_receipt_up_to_what_was_paid():
    till, issued = Till(), make_card("50.00 USD")
    till.redeem(issued.code)
    found = till.purchase()
    assert (str(found.payment.left), found.card.id) == ("20.00 USD", issued.card.id)
    entry = till.give_back(found.payment.id)
    assert (entry.kind, entry.receipt, balance(issued)) == ("given_back", "R-1", "35.00 USD")
    with pytest.raises(RefundExceedsPayment):
        till.give_back(found.payment.id, "15.01 USD")
    assert till.sums() == {"redeemed": "20.00 USD", "given_back": "5.00 USD"}


def test_nothing_but_what_a_till_of_the_shop_was_paid_is_given_back_there():
    till, other, issued = Till(), Till(), make_card("200.00 USD")
    other.redeem(issued.code)
    online = place(goods("20.00 USD"), cards=[issued], campaign_id=till.campaign.id)
    for payment_id in (other.purchase().payment.id, paid_by(online, "gift_card").id):
        with pytest.raises(NotFound):
            till.give_back(payment_id)
    assert desk.counter.purchases("R-1", campaign_id=till.campaign.id) == []
    assert desk.counter.purchases(online.reference, campaign_id=till.campaign.id) == []


def test_a_card_is_sold_for_money_and_mailed_where_there_is_an_address():
    till = Till(card_valid_days=365)
    entry_id, issued = till.sell()
    assert (desk.counter_entries.find(entry_id).kind, issued.card.source) == ("sold", "sales")
    assert issued.card.campaign_id == till.campaign.id
    assert issued.card.expires_on is not None
    assert cards.find_by_code(issued.code).id == issued.card.id
    mails = models.Mail.select().count()
    _, mailed = till.sell(email="ann@example.com", receipt="S-2")
    assert mailed.card.holder_email == "ann@example.com"
    assert (mails, models.Mail.select().count()) == (0, 1)
    assert till.sums() == {"sold": "100.00 USD"}


def test_a_card_is_recharged_with_money_that_was_paid():
    till, issued = Till(), make_card("5.00 USD")
    assert str(till.recharge(issued.code).balance_after) == "15.00 USD"
    sources = {part.source: str(part.amount) for part in cards.find(issued.card.id).funding}
    assert sources == {"goodwill": "5.00 USD", "sales": "10.00 USD"}


def stock_card(till: Till) -> str:
    """The code of a printed card of the shop's stock."""
    batch = stock.Batch(currency="USD", campaign_id=till.campaign.id)
    made: list[stock.Printed] = []
    stock.make(1, batch=batch, has_pins=False, write=made.extend, by=factories.ROOT)
    return made[0].code


def test_a_printed_card_is_activated_once():
    till = Till(card_valid_days=365)
    code = stock_card(till)
    with pytest.raises(CardNotUsable):
        till.redeem(code)
    fields = {"amount": amount_of("50.00 USD"), "receipt": "A-1"}
    entry = desk.counter_entries.find(desk.counter.activate(code, **fields, **till.place))
    assert (entry.kind, str(entry.balance_after)) == ("activated", "50.00 USD")
    assert cards.find(entry.card_id).expires_on is not None
    with pytest.raises(CardNotUsable):
        desk.counter.activate(code, **fields, **till.place)
    till.redeem(code)
    assert till.sums() == {"redeemed": "20.00 USD", "activated": "50.00 USD"}


def test_another_shops_stock_is_not_activated():
    code = stock_card(Till())
    till = Till()
    with pytest.raises(UnknownCode):
        desk.counter.activate(code, amount=amount_of("5.00 USD"), receipt="A", **till.place)


@pytest.mark.proves("B25")
def test_a_card_that_is_bound_pays_for_its_holder_alone():
    till, issued = Till(), make_card(holder="ann@example.com", bound_to_holder=True)
    place = {"amount": amount_of("20.00 USD"), "receipt": "R-1", **till.place}
    for email in (None, "ben@example.com"):
        with pytest.raises(CardNotUsable, match="bound to its holder"):
            desk.counter.redeem(issued.code, email=email, **place)
    with pytest.raises(Invalid):
        desk.counter.redeem(issued.code, email="ann", **place)
    entry = desk.counter_entries.find(
        desk.counter.redeem(issued.code, email=" ANN@example.com", **place)
    )
    assert balance(issued) == "30.00 USD"
    order = orders.find(str(entry.order_id))
    assert order.customer_email == "ann@example.com"
    assert till.give_back(till.purchase().payment.id).kind == "given_back"
    assert balance(issued) == "35.00 USD"


def test_the_address_of_who_has_any_other_card_is_not_kept():
    till, issued = Till(), make_card(holder="ann@example.com")
    place = {"amount": amount_of("20.00 USD"), "receipt": "R-1", **till.place}
    entry_id = desk.counter.redeem(issued.code, email="ben@example.com", **place)
    order = orders.find(str(desk.counter_entries.find(entry_id).order_id))
    assert order.customer_email == ""


def test_a_receipt_has_a_number():
    till, issued = Till(), make_card("50.00 USD")
    for receipt in ("", "  ", "R" * 61):
        with pytest.raises(Invalid) as refused:
            till.redeem(issued.code, receipt=receipt)
        assert refused.value.field == "receipt"
    assert balance(issued) == "50.00 USD"


def test_a_suggested_receipt_names_the_day_of_the_shop(monkeypatch):
    campaign = factories.make_campaign(time_zone="Asia/Tokyo")
    monkeypatch.setattr(clock, "now", lambda: clock.from_micros(1_800_000_000_000_000))
    first, second = (desk.counter.new_receipt(campaign) for _ in range(2))
    assert first != second
    assert first[:5] == f"{days.today('Asia/Tokyo'):%m%d}-"


def test_a_test_card_is_not_for_the_counter():
    till, issued = Till(), make_card(is_test=True)
    for verb in (till.redeem, till.recharge):
        with pytest.raises(ModeMismatch):
            verb(issued.code)
    with pytest.raises(ModeMismatch):
        desk.counter.look_up(issued.code, by=till.by)


def test_wrong_codes_make_a_person_wait_and_nobody_else():
    till, other = Till(), signed_in("cashier")
    wrong = "7GK2M-4T9QX-1BC0Z"
    for _ in range(throttle.SHOP.free + 1):
        with pytest.raises(UnknownCode):
            desk.counter.look_up(wrong, by=till.by)
    with pytest.raises(TooManyTries):
        desk.counter.look_up(wrong, by=till.by)
    with pytest.raises(UnknownCode):
        desk.counter.look_up(wrong, by=other)
    issued = make_card()
    assert desk.counter.look_up(issued.code, by=till.by).id == issued.card.id


def test_a_day_is_that_of_the_shop(monkeypatch):
    till, issued = Till(time_zone="Pacific/Auckland"), make_card("50.00 USD")
    till.redeem(issued.code)
    today = days.today("Pacific/Auckland")
    assert len(desk.counter_day.read(till.campaign, today).entries) == 1
    for other in (today - timedelta(days=1), today + timedelta(days=1)):
        assert desk.counter_day.read(till.campaign, other).entries == ()


LEDGER = {
    "redeemed": "kind = 'capture'",
    "given_back": "kind = 'refund'",
    "sold": "kind = 'issue' AND from_account = 'sales'",
    "recharged": "kind = 'top_up' AND from_account = 'sales'",
}


def test_the_days_sums_are_those_of_the_ledger():
    till, issued = Till(), make_card("80.00 USD")
    for number in range(3):
        till.redeem(issued.code, receipt=f"R-{number}")
    till.give_back(till.purchase("R-1").payment.id)
    till.sell()
    till.recharge(issued.code)
    day = till.day()
    assert day.count == len(day.entries) == 6
    for each in day.sums:
        where = LEDGER[each.kind]
        moved = database.scalar(f"SELECT SUM(amount_minor) FROM transfer WHERE {where}")
        assert Money(int(moved), "USD") == each.total, each.kind
    assert {each.kind: each.count for each in day.sums} == {
        "redeemed": 3,
        "given_back": 1,
        "sold": 1,
        "recharged": 1,
    }


def test_fifty_tills_at_once_on_one_campaign_all_succeed_and_their_sums_tie():
    till = Till()
    held = [make_card("50.00 USD") for _ in range(10)]

    def work(number: int):
        return till.redeem(held[number % 10].code, "3.00 USD", f"R-{number}")

    answers = at_once(*[lambda number=number: work(number) for number in range(50)])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert till.sums() == {"redeemed": "150.00 USD"}
    assert {balance(each) for each in held} == {"35.00 USD"}


@pytest.mark.proves("B27")
def test_a_day_names_the_tax_of_single_purpose_cards_and_what_of_it_is_set_off():
    till = Till(voucher_tax_hundredths=1900)
    sold = desk.counter.sell(amount_of("50.00 USD"), receipt="R-1", email=None, **till.place)[1]
    given = make_card("5.00 USD", campaign_id=till.campaign.id)
    for code, amount in ((sold.code, "30.00 USD"), (given.code, "5.00 USD")):
        till.redeem(code, amount)
    taxes = desk.counter_day.read(till.campaign, days.today("UTC")).taxes
    assert [(each.kind, str(each.moved.sold), str(each.moved.tax)) for each in taxes] == [
        ("redeemed", "30.00 USD", "4.79 USD"),
        ("sold", "50.00 USD", "7.98 USD"),
    ]
    assert [each.is_sale for each in taxes] == [False, True]
