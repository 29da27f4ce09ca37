"""Tax in the hosted shop: a rate a country, included or added, in one arithmetic with the rest of
an order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peewee import IntegrityError

from giftweb import database
from giftweb.domain import awaited, carts, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.catalogue.taxes import Tax, read
from giftweb.domain.payments.payments import Tender
from giftweb.errors import Invalid
from giftweb.money import Money
from tests.factories import AGENT, goods, make_card, make_checkout
from tests.orders import balance, gift_card_item, paid_by, place, sheet

ADDED, INCLUDED = Tax(825, is_included=False), Tax(1900, is_included=True)
pytestmark = pytest.mark.proves("S35", "D2")


@pytest.mark.parametrize(
    ("text", "country", "tax"),
    [
        ("DE 19", "DE", INCLUDED),
        ("de 19%", "DE", INCLUDED),
        ("US +8.25", "US", ADDED),
        ("us + 8,25 %", "US", ADDED),
        ("FR 5.5", "FR", Tax(550, is_included=True)),
        ("JP +0", "JP", Tax(0, is_included=False)),
        ("\n  IT 100\n\n", "IT", Tax(10_000, is_included=True)),
    ],
)
def test_a_line_names_country_and_rate(text, country, tax):
    assert read(text) == {country: tax}


@pytest.mark.parametrize(
    "text",
    ["DE", "19", "DE 19.125", "DE -1", "DE 100.01", "XX 19", "DEU 19", "DE 1٩", "DE 19\nde 7"],
)
def test_what_is_no_rate_is_refused_at_its_field(text):
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.field == "tax_rates"


def test_no_lines_are_no_rates():
    assert read(None) == read("") == read(" \n") == {}


def test_an_added_tax_is_on_goods_alone_and_rounded_to_the_nearest():
    opened = make_checkout(goods("70.06 USD"), gift_card_item("50.00 USD"), tax=ADDED)
    assert opened.sum("tax").minor == 578  # 5.77995
    assert opened.total.minor == 7006 + 5000 + 578 + 900
    assert not opened.tax_within


def test_an_included_tax_adds_nothing_and_counts_shipping():
    opened = make_checkout(goods("70.00 USD"), gift_card_item("50.00 USD"), tax=INCLUDED)
    assert opened.total.minor == 7000 + 5000 + 900
    assert not opened.sum("tax")
    assert opened.tax_within.minor == 1261  # of 79.00


def test_a_discount_lowers_what_is_taxed():
    opened = make_checkout(goods("70.00 USD"), tax=ADDED, discount_minor=7000)
    assert not opened.sum("tax")
    assert make_checkout(goods("70.00 USD"), tax=ADDED, discount_minor=1000).tax_minor == 495


def test_the_tax_follows_what_is_in_the_cart_unless_the_shop_names_it():
    opened = make_checkout(goods("70.00 USD"), tax=ADDED)
    fewer = carts.change(opened.id, changes={"items": (goods("10.00 USD"),)})
    assert (fewer.tax_minor, fewer.tax) == (83, ADDED)
    named = carts.change(opened.id, changes={"tax_minor": 200})
    assert (named.tax_minor, named.tax) == (200, None)
    moved = carts.change(opened.id, changes={"tax": Tax(1000, is_included=False)})
    assert moved.tax_minor == 100


@pytest.mark.proves("D1", "S42")
def test_a_gift_card_pays_goods_with_their_tax_and_never_shipping():
    card = make_card("100.00 USD")
    order = place(goods("70.00 USD"), cards=[card], tax=ADDED)
    assert str(paid_by(order, "gift_card").amount) == "75.78 USD"
    assert balance(card.card) == "24.22 USD"
    assert (order.tax, sheet(order).tax_within.minor) == (ADDED, 0)


@pytest.mark.proves("D24", "I37")
def test_what_is_taken_off_goes_back_with_its_tax():
    order = place(goods("70.00 USD"), goods("30.00 USD", sku="CAP", name="A cap"), tax=ADDED)
    (cap,) = [line for line in sheet(order).lines if line.sku == "CAP"]
    (back,) = refunds.lines.take_off(order.id, line_id=cap.id, by=AGENT)
    assert back.amount_minor == 3000 + 247 == cap.share_minor


def transfer(minor: int) -> Tender:
    amount = Money(minor, "USD")
    return Tender(method="bank_transfer", amount=amount, reference="R", state=payments.PENDING)


def test_what_is_added_later_is_taxed_and_what_is_given_up_is_not_counted():
    order = place(goods("70.00 USD"), tax=INCLUDED)
    grown = orders.upsell(
        order.id, items=[goods("6.00 USD", sku="WRAP")], tenders=[transfer(600)], by=SYSTEM
    )
    assert sheet(grown).tax_within.minor == 1357  # of 85.00
    (waiting,) = [each for each in payments.of_order(order.id) if each.is_awaited]
    awaited.cancel(waiting.id, by=AGENT)
    assert sheet(orders.find(order.id)).tax_within.minor == 1261


prices = st.lists(st.integers(1, 100_000), min_size=1, max_size=6)


@given(prices, st.integers(0, 10_000), st.booleans(), st.integers(0, 100))
def test_the_lines_taxes_are_the_orders(parts, hundredths, is_included, percent):
    tax = Tax(hundredths, is_included)
    items = [orders.shares.Price(minor, is_gift_card=False) for minor in parts]
    discount = sum(parts) * percent // 100
    whole = tax.added_minor(sum(parts) - discount)
    found = orders.shares.parts(items, discount_minor=discount, tax_minor=whole)
    assert sum(each.tax_minor for each in found) == whole
    assert 0 <= tax.within_minor(sum(parts)) <= sum(parts)


@pytest.mark.parametrize(
    "change",
    ["tax_hundredths = 1900", "tax_included = (1 = 1)", "tax_hundredths = 10001"],
)
@pytest.mark.parametrize("table", ["checkout", "orders"])
def test_the_database_refuses_half_a_rate_and_one_above_all(table, change):
    order = place(goods("70.00 USD"))
    row = order.id if table == "orders" else order.checkout_id
    more = ", tax_included = (1 = 1)" if "10001" in change else ""
    with pytest.raises(IntegrityError):
        database.execute(f"UPDATE {table} SET {change}{more} WHERE id = ?", row)
