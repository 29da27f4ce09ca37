"""The order's page is drawn once, and anew as soon as anything on it is another."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import cards, carts, checkout, desk, notes, orders, refunds
from giftweb.domain.audit.log import SYSTEM, Actor
from tests.factories import AGENT, amount_of, goods, make_card, make_checkout, make_staff
from tests.orders import gift_card_item, paid_by, place, sheet

# Rows are changed past the verbs, which would seal them: the page does not ask who wrote them.
pytestmark = pytest.mark.tampers

CHANGES = (
    "UPDATE orders SET status = 'completed'",
    "UPDATE orders SET fulfilment = 'shipped'",
    "UPDATE orders SET tracking = 'PARCEL-7'",
    "UPDATE orders SET reference = 'another'",
    "UPDATE orders SET items_minor = items_minor + 1",
    "UPDATE orders SET discount_minor = 7",
    "UPDATE orders SET tax_minor = tax_minor + 7",
    "UPDATE orders SET shipping_minor = shipping_minor + 7",
    "UPDATE orders SET customer_name = 'Grace Hopper'",
    "UPDATE orders SET customer_email = 'grace@example.com'",
    """UPDATE orders SET shipping_address = '{"name": "Grace", "city": "Arlington"}'""",
    "UPDATE orders SET created_at = created_at + 60000000",
    "UPDATE order_item SET name = 'Lamp'",
    "UPDATE order_item SET sku = 'LAMP'",
    "UPDATE order_item SET quantity = quantity + 1",
    "UPDATE order_item SET unit_minor = unit_minor + 1",
    "UPDATE order_item SET is_upsell = NOT is_upsell",
    "UPDATE order_item SET position = -position",
    "UPDATE payment SET state = 'pending', refunded_minor = 0, card_refunded_minor = 0",
    "UPDATE payment SET refunded_minor = refunded_minor + 1",
    "UPDATE payment SET charged_back_minor = 1",
    "UPDATE payment SET reference = 'Visa 1881' WHERE method <> 'gift_card'",
    "UPDATE payment SET created_at = created_at + 60000000",
    "UPDATE refund SET reason = 'Broken'",
    "UPDATE refund SET status = 'failed', failure = 'No account' WHERE status = 'requested'",
    "UPDATE refund SET status = 'claimed', failure = 'No answer' WHERE status = 'requested'",
    "UPDATE refund SET created_at = created_at + 60000000",
    "UPDATE note SET text = 'Called'",
    "UPDATE note SET created_at = created_at + 60000000",
    "UPDATE note SET staff_id = NULL",
    "DELETE FROM note",
    "UPDATE staff SET name = 'Ada Lovelace'",
    "UPDATE gift_card SET state = 'frozen'",
    "UPDATE gift_card SET holder_email = 'grace@example.com'",
    "UPDATE gift_card SET message = 'Enjoy'",
    "UPDATE gift_card SET expires_on = '2099-01-31'",
    "UPDATE gift_card SET expires_on = '2001-01-31'",
    "UPDATE account SET balance_minor = balance_minor + 1, version = version + 1",
)


@pytest.fixture
def order():
    """An order with something in each of its parts."""
    card, author = make_card("40.00 USD"), make_staff()
    placed = place(goods("51.00 USD"), gift_card_item("40.00 USD"), cards=[card], gateway="shop")
    for payment in sheet(placed).payments:
        refunds.refund(payment.id, amount=amount_of("1.00 USD"), by=AGENT, reason="Late")
    notes.write(placed.id, text="Called again", by=Actor("staff", author.id, author.name))
    desk.order_cards.issue(placed.id, amount=amount_of("0.50 USD"), by=AGENT, reason="Sorry")
    return placed


@pytest.fixture
def page(staff_client, order):
    """What an agent sees on the order's page now; its form's tokens tell nothing but the time."""
    client, address = staff_client(), f"/staff/orders/{order.number}"
    token = re.compile(r'name="csrf_token" value="[^"]*"')
    return lambda: token.sub("", client.get(address).get_data(as_text=True))


@pytest.fixture
def read(monkeypatch):
    """The numbers of the orders that were read from the database, one after the other."""
    numbers, original = [], orders.reading._read
    monkeypatch.setattr(orders.reading, "_read", lambda n: numbers.append(n) or original(n))
    return numbers


def elsewhere(work, *args):
    """Do it as another process would: on a connection of its own."""

    def run():
        try:
            return work(*args)
        finally:
            database.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.mark.parametrize("change", CHANGES)
def test_what_another_process_has_changed_is_on_the_page_at_once(page, change):
    before = page()
    assert page() == before
    assert elsewhere(database.execute, change)
    assert page() != before


def test_a_new_row_is_on_the_page_at_once(page, order):
    before = page()
    elsewhere(lambda: notes.write(order.id, text="Once more", by=SYSTEM))
    noted = page()
    assert "Once more" in noted
    elsewhere(lambda: refunds.refund(paid_by(order, "gift_card").id, by=AGENT))
    assert len({before, noted, page()}) == 3


def test_a_hold_shows_and_lapses_by_itself(page, order):
    (card,) = sheet(order).issued
    opened = make_checkout(goods("0.25 USD"))
    free = page()
    elsewhere(lambda: carts.apply(opened.id, code=cards.holder.open_code(card.id)))
    elsewhere(lambda: checkout.authorise(opened.id, by=AGENT))
    held = page()
    assert held != free
    with clock.moved(timedelta(days=1)):
        assert page() != held
    assert page() == held


def test_a_card_expires_on_the_page_without_a_write(page, order):
    elsewhere(database.execute, "UPDATE gift_card SET expires_on = ?", clock.today().isoformat())
    before = page()
    with clock.moved(timedelta(days=1)):
        assert page() != before


@pytest.mark.engines("sqlite")  # On PostgreSQL the other tests' writes count too.
def test_an_order_is_read_again_only_when_something_was_written(page, order, read):
    page()
    read.clear()
    page()
    assert read == []
    elsewhere(database.execute, "UPDATE staff SET email = email || 'x'")
    page()
    page()
    assert read == [order.number]
