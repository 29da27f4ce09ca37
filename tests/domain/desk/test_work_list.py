"""The work list: what waits, where it is put right, and what was seen."""

from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import cards, carts, checkout, desk, outbox, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.errors import NotFound
from tests.approvals import ask_for_top_up
from tests.factories import AGENT, amount_of, goods, make_card, make_checkout
from tests.orders import gift_card_item, paid_by, place, provider, sheet, signed_in

USD = amount_of


def rows(kind: str):
    return desk.work_list.waiting().tasks.get(kind, ())


def test_nothing_waits_at_first():
    place()
    assert desk.work_list.waiting().count == 0


@pytest.mark.proves("S47")
def test_refunds_stand_there_until_they_are_settled():
    with provider("unknown", "unknown", "failed"):
        order = place(gateway="stripe", method="stripe")
        given = refunds.refund(paid_by(order, "stripe").id, by=AGENT)
        assert rows("refund_unanswered") == ()
        with clock.moved(timedelta(minutes=2)):
            assert len(rows("refund_unanswered")) == 1
        refunds.send([given.id])
        (task,) = rows("refund_unanswered")
        assert (task.about, task.place) == (str(order.number), {"number": order.number})
        assert (str(task.amount), task.detail) == ("100.00 USD", "the line is dead")
        refunds.send([given.id])
        refunds.send([given.id])
        assert [task.subject for task in rows("refund_failed")] == [given.id]
        again = refunds.refund_all(order.id, by=AGENT)
        refunds.send([each.id for each in again])
    assert desk.work_list.waiting().count == 0


def test_refunds_that_a_shop_is_asked_for_stand_there():
    order = place(gateway="shop")
    given = refunds.refund(paid_by(order, "credit_card").id, by=AGENT)
    assert [task.subject for task in rows("refund_requested")] == [given.id]
    refunds.confirm(given.id, succeeded=True, by=SYSTEM)
    assert rows("refund_requested") == ()


@pytest.mark.proves("S52", "S73", "I24")
def test_chargebacks_and_shortfalls_stand_there():
    order = place(gift_card_item("50.00 USD"), shipping="0.00 USD")
    (bought,) = sheet(order).purchased
    opened = make_checkout(goods("20.00 USD"), shipping="0.00 USD")
    carts.apply(opened.id, code=cards.holder.open_code(bought.id))
    checkout.capture(opened.id, tenders=[], by=SYSTEM)
    payment = paid_by(order, "credit_card")
    desk.orders.charge_back(order.id, payment_id=payment.id, amount=USD("50.00 USD"), by=AGENT)
    assert [str(task.amount) for task in rows("chargeback")] == ["50.00 USD"]
    assert [(str(task.amount), task.detail) for task in rows("shortfall")] == [
        ("20.00 USD", "chargeback")
    ]


def test_holds_stand_there_just_before_they_lapse():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    checkout.authorise(opened.id, by=SYSTEM)
    assert rows("hold") == ()
    with clock.moved(timedelta(minutes=10)):
        (task,) = rows("hold")
        assert (task.about, task.place) == (card.card.last4, {"card_id": card.card.id})
    with clock.moved(timedelta(minutes=16)):
        assert rows("hold") == ()
    checkout.void(opened.id, by=SYSTEM)


def test_failed_mails_and_approvals_stand_there():
    mail = outbox.mail("refund", to="ann@example.com")
    database.execute("UPDATE mail SET state = 'failed', problem = 'refused' WHERE id = ?", mail)
    assert [(task.subject, task.detail) for task in rows("mail")] == [(mail, "refused")]
    ask_for_top_up(make_card().card, "101.00 USD", by=signed_in("customer_service"))
    assert len(rows("approval")) == 1


def test_a_row_is_marked_as_seen_and_put_back():
    order, by = place(gateway="shop"), signed_in("customer_service")
    given = refunds.refund(paid_by(order, "credit_card").id, by=AGENT)
    desk.work_list.mark_seen("refund_requested", subject=given.id, by=by)
    assert desk.work_list.waiting().count == 0
    desk.work_list.unmark(given.id, by=by)
    assert desk.work_list.waiting().count == 1
    with pytest.raises(NotFound):
        desk.work_list.unmark(given.id, by=by)
    for kind, subject in (("refund_requested", "ref_none"), ("nonsense", given.id)):
        with pytest.raises(NotFound):
            desk.work_list.mark_seen(kind, subject=subject, by=by)


def test_only_the_kinds_that_are_asked_for_are_looked_up():
    place(gateway="shop")
    assert desk.work_list.waiting(["mail"]).tasks == {}
