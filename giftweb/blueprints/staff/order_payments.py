"""Payment History at the desk: Transaction Details, refunds and chargebacks (S41, S46 to S52)."""

from typing import Any

from flask import Blueprint, Response

from giftweb.domain import order_desk, order_values, payment_history, payments, refund_values
from giftweb.domain import refunds as refund_verbs
from giftweb.domain.order_values import Order
from giftweb.domain.payments import Payment
from giftweb.errors import DomainError, GiftCardNotAllowed, NotFound
from giftweb.web import actors, errors, order_effects, order_pages
from giftweb.web.forms import Form
from giftweb.web.order_forms import ChargebackForm, ReasonForm, RefundForm
from giftweb.web.templating import money_text

blueprint = Blueprint("order_payments", __name__, url_prefix="/staff/orders/<int:number>")


@blueprint.get("/payments/<payment_id>")
def show(number: int, payment_id: str) -> Response:
    """**Transaction Details**: all of the payment."""
    order, payment = _found(number, payment_id)
    details = payment_history.details(payment.id)
    return order_pages.panel(
        "transaction", order, Form(), payment=payment, details=details, payer=_name(payment)
    )


@blueprint.route("/payments/<payment_id>/refund", methods=["GET", "POST"])
def refund(number: int, payment_id: str) -> Response:
    """**Refund** a transaction in full or in part: first in numbers, then for good."""
    order, payment = _found(number, payment_id)
    form = RefundForm(currency=order.currency)
    if not form.is_submitted():
        if not payment.left:
            return order_pages.refused(order, form, "Nothing of this payment is left to refund.")
        form.amount.data = payment.left
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            if form.step.data != "confirm":
                return _check(order, payment, form)
            return order_pages.changed(order, _give(payment, form))
        except DomainError as error:
            form.refuse(error)
            status = errors.status_of(error)
    return order_pages.panel("refund", order, form, status=status, **_about(payment))


def _check(order: Order, payment: Payment, form: RefundForm) -> Response:
    refund_verbs.require_refundable(payment, form.money)
    form.step.data = "confirm"
    as_card = bool(form.as_card.data)
    effects = order_effects.of_refund(order, payment, form.money, as_card=as_card)
    return order_pages.panel(
        "refund_check", order, form, effects=effects, amount=form.money, **_about(payment)
    )


def _give(payment: Payment, form: RefundForm) -> str:
    """Refund, ask the provider, and say where it stands."""

    def verb() -> dict[str, Any]:
        given = refund_verbs.refund(
            payment.id,
            amount=form.money,
            reason=form.reason.data,
            as_card=bool(form.as_card.data),
            by=actors.current(),
        )
        return {"refund": given.id}

    given = order_pages.once(form, verb)["refund"]
    (done,) = refund_verbs.carry_out([given])
    return f"{money_text(done.amount)}: {order_pages.refund_state(done)[0]}."


@blueprint.route("/refunds", methods=["GET", "POST"])
def refund_all(number: int) -> Response:
    """**Refund everything**: every tender, each with its result; safe to press again."""
    order, form = order_values.find_by_number(number), ReasonForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            by = actors.current()
            given = refund_verbs.refund_all(order.id, reason=form.reason.data, by=by)
        except DomainError as error:
            form.refuse(error)
            status = errors.status_of(error)
        else:
            done = refund_verbs.carry_out([refund.id for refund in given])
            results = order_pages.results_of(done, order_values.sheet(order))
            return order_pages.changed(order, _sum_up(done), results=results)
    elif not order_effects.is_refundable(order):
        return order_pages.refused(order, form, "Nothing of this order is left to refund.")
    effects = order_effects.of_everything(order)
    return order_pages.panel("refund_all", order, form, status=status, effects=effects)


def _sum_up(done: list[refund_values.Refund]) -> str:
    through = all(refund.stored_status == refund_values.SUCCEEDED for refund in done)
    return "Everything is refunded." if through else "Not every refund is through yet."


@blueprint.route("/payments/<payment_id>/chargeback", methods=["GET", "POST"])
def charge_back(number: int, payment_id: str) -> Response:
    """Record that the provider took a payment back; a gift card's cannot be (S52)."""
    order, payment = _found(number, payment_id)
    form = ChargebackForm(currency=order.currency)
    if payment.is_gift_card:
        refusal = GiftCardNotAllowed("No chargeback can be claimed on a gift card payment.")
        return order_pages.refused(order, form, refusal.sentence)
    if not form.is_submitted():
        form.amount.data = payment.left

    def work() -> str:
        by, amount = actors.current(), form.money
        order_desk.charge_back(order.id, payment_id=payment.id, amount=amount, by=by)
        return f"A chargeback of {money_text(amount)} is recorded."

    effects = order_effects.of_chargeback(payment)
    return order_pages.deed("chargeback", order, form, work, effects=effects, **_about(payment))


@blueprint.post("/refunds/<refund_id>/retry")
def ask_again(number: int, refund_id: str) -> Response:
    """Ask the provider again for a refund that it has not answered."""
    order = order_values.find_by_number(number)
    if refund_values.find(refund_id).order_id != order.id:
        raise NotFound
    done = refund_verbs.carry_out([refund_id])
    results = order_pages.results_of(done, order_values.sheet(order))
    return order_pages.changed(order, _sum_up(done), results=results)


@blueprint.post("/refunds/<refund_id>/confirmation")
def confirm(number: int, refund_id: str) -> Response:
    """Say for the shop that it has returned the money it was asked for."""
    order = order_values.find_by_number(number)
    if refund_values.find(refund_id).order_id != order.id:
        raise NotFound
    refund_verbs.confirm(refund_id, succeeded=True, by=actors.current())
    return order_pages.changed(order, "The shop has returned it.")


def _found(number: int, payment_id: str) -> tuple[Order, Payment]:
    order, payment = order_values.find_by_number(number), payments.find(payment_id)
    if payment.order_id != order.id:
        raise NotFound
    return order, payment


def _name(payment: Payment) -> str:
    return order_pages.payment_name(payment)


def _about(payment: Payment) -> dict[str, Any]:
    return {"payment": payment, "payer": _name(payment)}
