"""The order's page shows what is in the database now: other people's writes, lapses, last days."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import cards, carts, checkout, desk, notes, refunds
from giftweb.domain.audit.log import SYSTEM, Actor
from tests.factories import AGENT, amount_of, goods, make_card, make_checkout, make_staff
from tests.orders import gift_card_item, paid_by, place, sheet
from tools import queries

# Rows are changed past the verbs, which would seal them: the page does not ask who wrote them.
pytestmark = pytest.mark.tampers


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


def elsewhere(work, *args):
    """Do it as another process would: on a connection of its own."""

    def run():
        try:
            return work(*args)
        finally:
            database.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


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


@pytest.mark.proves("E1", "D21")
def test_an_awaited_order_says_that_its_cards_are_still_to_be_made(staff_client):
    order = place(gift_card_item(), method="bank_transfer", state="pending", shipping="0.00 USD")
    page = staff_client("finance").get(f"/staff/orders/{order.number}").text
    assert "The gift cards of this order are made when its payment has come." in page
    goods_alone = place(method="bank_transfer", state="pending")
    page = staff_client("finance").get(f"/staff/orders/{goods_alone.number}").text
    assert "No gift card was issued on this order or bought in it." in page


def test_many_payments_and_refunds_cost_no_more_queries(staff_client, watched):
    client, order = staff_client(), place(goods("51.00 USD"))
    payment = paid_by(order, "credit_card")

    def count() -> int:
        refunds.refund(payment.id, amount=amount_of("1.00 USD"), by=AGENT)
        notes.write(order.id, text="Called again", by=SYSTEM)
        with queries.collecting() as found:
            assert client.get(f"/staff/orders/{order.number}").status_code == 200
        return len(found)

    count()
    assert {count() for _ in range(5)} == {12}
