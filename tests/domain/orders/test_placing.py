"""An order after it was placed: shipping, selling more, notes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import audit, desk, notes, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.audit.search import Wanted
from giftweb.domain.payments.payments import Tender
from giftweb.errors import (
    CheckoutClosed,
    Invalid,
    NotFound,
    PaymentIncomplete,
    PaymentMethodRequired,
    Refused,
    ShippingAddressRequired,
)
from tests.factories import ADMIN, AGENT, amount_of, goods, make_card
from tests.orders import gift_card_item, notes_of, paid_by, place, sheet, signed_in

USD = amount_of


def extra(amount: str = "10.00 USD", **more) -> Tender:
    return Tender(
        **{"method": "paypal", "amount": USD(amount), "reference": "PP", "state": "captured"} | more
    )


def upsell(order, *tenders, items=None):
    wanted = items or [goods("10.00 USD")]
    return orders.upsell(order.id, items=wanted, tenders=tenders, by=SYSTEM, gateway="offline")


@pytest.mark.proves("S38", "D20")
def test_a_shipped_order_is_completed_and_its_tracking_can_be_corrected(mailbox):
    order = place()
    shipped = desk.orders.ship(order.id, by=AGENT, tracking="1Z1")
    assert (shipped.status, shipped.fulfilment) == ("completed", "shipped")
    assert desk.orders.ship(order.id, by=AGENT, tracking="1Z2").tracking == "1Z2"
    assert desk.orders.ship(order.id, by=AGENT).tracking == "1Z2"
    assert "Tracking: 1Z1." in notes_of(order)
    assert "order_confirmation" in mailbox.kinds()


@pytest.mark.proves("I30")
def test_what_is_done_to_an_order_stands_in_the_log_with_who_did_it():
    order = place()
    desk.orders.ship(order.id, by=AGENT)
    desk.orders.unship(order.id, by=ADMIN)
    desk.orders.cancel(order.id, by=AGENT)
    found = audit.search.search(Wanted(subject=order.id), limit=10).items
    assert [(entry.action, entry.actor_id) for entry in reversed(found)] == [
        ("order.placed", SYSTEM.id),
        ("order.shipped", AGENT.id),
        ("order.unshipped", ADMIN.id),
        ("order.shipping_denied", AGENT.id),
    ]


def test_a_shipment_marked_by_mistake_is_taken_back():
    order = place()
    with pytest.raises(Refused):
        desk.orders.unship(order.id, by=AGENT)
    desk.orders.ship(order.id, by=AGENT, tracking="1Z1")
    back = desk.orders.unship(order.id, by=AGENT)
    assert (back.status, back.fulfilment, back.tracking) == ("placed", "pending", None)
    assert "not shipped after all" in notes_of(order)


@pytest.mark.proves("I18", "D8")
def test_an_order_that_was_refunded_while_marked_shipped_is_denied_when_it_was_not():
    order = place()
    desk.orders.ship(order.id, by=AGENT)
    refunds.refund_all(order.id, by=AGENT)
    assert desk.orders.unship(order.id, by=AGENT).status == "shipping_denied"


def test_with_nothing_to_ship_nothing_is_shipped():
    order = place(goods("5.00 USD", requires_shipping=False), shipping="0.00 USD")
    with pytest.raises(Refused):
        desk.orders.ship(order.id, by=AGENT)


@pytest.mark.proves("S39", "I14", "I19")
def test_more_is_sold_with_another_payment_method_and_not_without():
    card = make_card("200.00 USD")
    order = place(cards=[card])
    with pytest.raises(PaymentMethodRequired):
        upsell(order)
    with pytest.raises(PaymentMethodRequired):
        upsell(order, extra(method="gift_card"))
    with pytest.raises(PaymentIncomplete):
        upsell(order, extra("9.99 USD"))
    assert upsell(order, extra()).total.minor == 11_000
    assert [line.is_upsell for line in sheet(order).lines] == [False, True]
    assert paid_by(order, "gift_card").reusable_method is None


@pytest.mark.proves("S39", "I14", "I37", "D24")
def test_what_is_added_has_a_discount_tax_and_shipping_of_its_own():
    order = place(discount_minor=100, tax_minor=300)
    amounts = {"discount_minor": 500, "tax_minor": 123, "shipping_minor": 400}
    items = [goods("20.00 USD", sku="CAP", quantity=2), gift_card_item("10.00 USD")]

    def add(amount: str, **more):
        return orders.upsell(
            order.id, items=items, tenders=[extra(amount)], by=SYSTEM, gateway="offline", **more
        )

    with pytest.raises(PaymentIncomplete):
        add("50.00 USD", **amounts)
    with pytest.raises(Invalid) as refused:
        add("4.00 USD", **amounts | {"discount_minor": 5001})
    assert [field for field, _ in refused.value.errors] == ["discount_amount"]
    grown = add("50.23 USD", **amounts)
    assert (grown.items_minor, grown.discount_minor, grown.tax_minor, grown.shipping_minor) == (
        *(14_100, 600, 423, 1300),
    )
    assert grown.total == order.total + USD("50.23 USD")
    shares = [line.share_minor for line in sheet(order).lines]
    assert shares == [9100 - 100 + 300, 4000 - 500 + 123, 1000]
    (card,) = sheet(order).purchased
    desk.card_withdrawal.delete(order.id, card_id=card.id, by=AGENT)
    assert paid_by(order, "paypal").refunded == USD("10.00 USD")


@pytest.mark.proves("S39")
def test_nothing_is_added_to_an_order_that_is_over_or_has_nowhere_to_go():
    order = place(goods("5.00 USD", requires_shipping=False), shipping="0.00 USD")
    desk.orders.cancel(order.id, by=AGENT)
    with pytest.raises(CheckoutClosed):
        upsell(order, extra())
    homeless = place(
        goods("5.00 USD", requires_shipping=False), shipping="0.00 USD", shipping_address=None
    )
    with pytest.raises(ShippingAddressRequired):
        upsell(homeless, extra())


@pytest.mark.proves("S5")
def test_notes_stand_in_time_order_and_a_fresh_one_can_be_taken_back_by_its_author():
    order, author = place(), signed_in("customer_service")
    first = notes.write(order.id, text=" Called ", by=author)
    notes.write(order.id, text="Called again", by=author)
    assert [note.text for note in notes.of(order.id)][-2:] == ["Called", "Called again"]
    for by in (signed_in("root"), AGENT):
        with pytest.raises(NotFound):
            notes.withdraw(order.id, note_id=first, by=by)
    with clock.moved(timedelta(minutes=11)), pytest.raises(NotFound):
        notes.withdraw(order.id, note_id=first, by=author)
    notes.withdraw(order.id, note_id=first, by=author)
    assert "Called again" in notes_of(order)
    assert len([note for note in notes.of(order.id) if note.author]) == 1
    system = notes.of(order.id)[0]
    with pytest.raises(NotFound):
        notes.withdraw(order.id, note_id=system.id, by=author)


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001])
def test_a_note_has_something_to_say(text):
    with pytest.raises(Invalid):
        notes.write(place().id, text=text, by=AGENT)


def test_ids_say_what_they_are():
    order = place(cards=[make_card("40.00 USD")])
    refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
    for table, prefix in (
        *(("orders", "ord_"), ("payment", "pay_"), ("refund", "ref_"), ("gift_card", "gc_")),
        *(("transfer", "txn_"), ("checkout", "chk_"), ("event", "evt_"), ("customer", "cus_")),
    ):
        found = database.rows(f"SELECT id FROM {table}")
        assert found
        assert all(each.startswith(prefix) for (each,) in found)


def test_a_payment_that_is_only_reserved_is_not_captured():
    payment = paid_by(place(), "credit_card")
    assert payment.captured_minor == payment.amount.minor
    waiting = payments.payload.Payment.of(replace(payment, state="pending"))
    assert (waiting["captured"], waiting["status"]) == (0, "pending")
