"""Payment History at the desk: Transaction Details, refunds and chargebacks (S41, S46 to S52)."""

from typing import Any

from flask import Blueprint, Response
from wtforms.fields.choices import SelectChoice

from giftweb.domain import awaited, desk, orders, payments, refunds
from giftweb.domain.limits import LimitExceeded
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import Refund
from giftweb.errors import GiftCardNotAllowed, NotFound, PaymentNotAwaited
from giftweb.language import gettext, lazy_gettext
from giftweb.money import money_text
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.fields import Form
from giftweb.web.forms.once import AmountForm, ReasonForm
from giftweb.web.forms.orders import ReceiptForm, RefundForm
from giftweb.web.text import order_effects

blueprint = Blueprint("order_payments", __name__, url_prefix="/staff/orders/<int:number>")


@blueprint.get("/payments/<payment_id>")
def show(number: int, payment_id: str) -> Response:
    """**Transaction Details**: all of the payment."""
    order, payment = _found(number, payment_id)
    details = orders.payment_history.details(payment.id)
    return pages.order.panel(
        "transaction", order, Form(), payment=payment, details=details, payer=_name(payment)
    )


NOTHING_LEFT = lazy_gettext("Nothing of this payment is left to refund.")


@blueprint.route("/payments/<payment_id>/refund", methods=["GET", "POST"])
def refund(number: int, payment_id: str) -> Response:
    """**Refund** a transaction in full or in part: first in numbers, then for good."""
    order, payment = _found(number, payment_id)
    form = _refund_form(order)
    if not form.is_submitted():
        if not payment.left:
            return pages.order.refused(order, form, str(NOTHING_LEFT))
        form.amount.data = payment.left

    def work() -> Response:
        if form.step.data != "confirm":
            return _preview_refund(order, payment, form)
        return pages.order.replaced(
            order, pages.action.done_or_waiting(lambda: _refund(payment, form))
        )

    return pages.action.run(
        form,
        work,
        lambda status: pages.order.panel("refund", order, form, status=status, **_about(payment)),
    )


def _refund_form(order: Order) -> RefundForm:
    """The form, which offers a new card, or one that the customer has."""
    form, found = RefundForm(currency=order.currency), refunds.to_cards.cards_of_customer(order)
    form.onto.choices = [
        SelectChoice("", gettext("A new one")),
        *(SelectChoice(card.id, f"•••• {card.last4}, {card.balance}") for card in found),
    ]
    return form


def _preview_refund(order: Order, payment: Payment, form: RefundForm) -> Response:
    refunds.require_refundable(payment, form.money)
    form.step.data = "confirm"
    as_card = bool(form.as_card.data)
    onto = form.onto.data or None
    effects = order_effects.of_refund(order, payment, form.money, as_card=as_card, onto=onto)
    return pages.order.panel(
        "refund_check",
        order,
        form,
        effects=effects,
        staying=order_effects.cards_that_stay(order, payment, form.money),
        amount=form.money,
        **_about(payment),
    )


def _refund(payment: Payment, form: RefundForm) -> str:
    """Refund, call the provider, and return a message about the state."""

    def verb() -> dict[str, Any]:
        refunded = refunds.refund(
            payment.id,
            amount=form.money,
            reason=form.reason.data,
            as_card=bool(form.as_card.data),
            onto=form.onto.data or None,
            by=actors.current(),
        )
        return {"refund": refunded.id}

    refund_id = pages.action.once(form, verb).body["refund"]
    (done,) = refunds.send([refund_id])
    return order_effects.of_sent_refund(done, payment) or (
        f"{money_text(done.amount)}: {pages.order.refund_state(done, payment)[0]}."
    )


@blueprint.route("/refunds", methods=["GET", "POST"])
def refund_all(number: int) -> Response:
    """**Refund everything**: every tender, each with its result; safe to press again."""
    order, form = orders.find_by_number(number), ReasonForm()
    if not form.is_submitted() and not order_effects.is_refundable(order):
        return pages.order.refused(order, form, gettext("Nothing of this order is left to refund."))

    def work() -> Response:
        try:
            claimed = refunds.refund_all(order.id, reason=form.reason.data, by=actors.current())
        except LimitExceeded as exceeded:
            return pages.order.replaced(order, desk.asking.ask(exceeded, by=actors.current()))
        return _send(order, [refund.id for refund in claimed])

    def show(status: int) -> Response:
        effects = order_effects.of_everything(order)
        return pages.order.panel("refund_all", order, form, status=status, effects=effects)

    return pages.action.run(form, work, show)


def _send(order: Order, refund_ids: list[str]) -> Response:
    """Call the provider of each, and show where each stands."""
    done = refunds.send(refund_ids)
    results = pages.order.results_of(done, orders.sheet(order))
    return pages.order.replaced(order, _sum_up(done), results=results)


def _sum_up(done: list[Refund]) -> str:
    through = all(refund.stored_status == payments.refund_values.SUCCEEDED for refund in done)
    return (
        gettext("Everything is refunded.")
        if through
        else gettext("Not every refund is through yet.")
    )


@blueprint.route("/payments/<payment_id>/chargeback", methods=["GET", "POST"])
def charge_back(number: int, payment_id: str) -> Response:
    """Record that the provider took a payment back; a gift card's cannot be (S52)."""
    order, payment = _found(number, payment_id)
    form = AmountForm(currency=order.currency)
    if payment.is_gift_card:
        refusal = GiftCardNotAllowed(
            gettext("No chargeback can be claimed on a gift card payment.")
        )
        return pages.order.refused(order, form, refusal.sentence)
    if not form.is_submitted():
        form.amount.data = payment.left

    def work() -> str:
        by, amount = actors.current(), form.money
        desk.orders.charge_back(order.id, payment_id=payment.id, amount=amount, by=by)
        return gettext("A chargeback of {amount} is recorded.", amount=money_text(amount))

    effects = order_effects.of_chargeback(order, payment)
    return pages.order.run_action(
        "chargeback", order, form, work, effects=effects, **_about(payment)
    )


@blueprint.post("/refunds/<refund_id>/retry")
def ask_again(number: int, refund_id: str) -> Response:
    """Ask the provider again for a refund that it has not answered."""
    order, _ = _refund_of(number, refund_id)
    return _send(order, [refund_id])


@blueprint.post("/refunds/<refund_id>/confirmation")
def confirm(number: int, refund_id: str) -> Response:
    """**Sent**, or confirm for the shop that it has returned the money."""
    order, refund = _refund_of(number, refund_id)
    refunds.confirm(refund_id, succeeded=True, by=actors.current())
    is_by_hand = payments.find(refund.payment_id).is_returned_by_hand
    sent = gettext("The customer is told that it was sent.")
    return pages.order.replaced(order, sent if is_by_hand else gettext("The shop has returned it."))


@blueprint.route("/payments/<payment_id>/receipt", methods=["GET", "POST"])
def receive(number: int, payment_id: str) -> Response:
    """**Payment received**: what it pays for is carried out (D21)."""
    order, payment = _found(number, payment_id)
    form = ReceiptForm(reference=payment.reference)
    if not payment.is_awaited:
        return pages.order.refused(order, form, PaymentNotAwaited().sentence)

    def work() -> str:
        by, reference = actors.current(), form.reference.data
        awaited.receive(payment.id, reference=reference, by=by)
        return gettext("{amount} has come.", amount=money_text(payment.amount))

    effects = order_effects.of_receipt(order, payment)
    return pages.order.run_action("receipt", order, form, work, effects=effects, **_about(payment))


@blueprint.route("/payments/<payment_id>/cancellation", methods=["GET", "POST"])
def not_received(number: int, payment_id: str) -> Response:
    """**Not received**: the order is cancelled, or what was added is taken off (D21)."""
    order, payment = _found(number, payment_id)
    form = ReasonForm()
    if not payment.is_awaited:
        return pages.order.refused(order, form, PaymentNotAwaited().sentence)

    def work() -> str:
        awaited.cancel(payment.id, reason=form.reason.data, by=actors.current())
        created = payments.refund_values.of_order(order.id)
        refunds.send([each.id for each in created if each.is_claimed])
        return gettext("{amount} is not waited for any more.", amount=money_text(payment.amount))

    effects = order_effects.of_no_receipt(order, payment)
    return pages.order.run_action(
        "no_receipt", order, form, work, effects=effects, **_about(payment)
    )


@blueprint.route("/refunds/<refund_id>/failure", methods=["GET", "POST"])
def fail(number: int, refund_id: str) -> Response:
    """**It failed**: the money of a requested refund cannot be returned, and why."""
    order, refund = _refund_of(number, refund_id)
    form = ReasonForm()

    def work() -> str:
        by, problem = actors.current(), form.reason.data
        refunds.confirm(refund_id, succeeded=False, problem=problem, by=by)
        return gettext("The refund of {amount} failed.", amount=money_text(refund.amount))

    effects = order_effects.of_failed_refund(order, refund)
    return pages.order.run_action("refund_failure", order, form, work, effects=effects)


def _refund_of(number: int, refund_id: str) -> tuple[Order, Refund]:
    order, refund = orders.find_by_number(number), payments.refund_values.find(refund_id)
    if refund.order_id != order.id:
        raise NotFound
    return order, refund


def _found(number: int, payment_id: str) -> tuple[Order, Payment]:
    order, payment = orders.find_by_number(number), payments.find(payment_id)
    if payment.order_id != order.id:
        raise NotFound
    return order, payment


def _name(payment: Payment) -> str:
    return order_effects.payment_name(payment)


def _about(payment: Payment) -> dict[str, Any]:
    return {"payment": payment, "payer": _name(payment)}
