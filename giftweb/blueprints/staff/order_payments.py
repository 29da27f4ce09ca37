"""Payment History at the desk: Transaction Details, refunds and chargebacks (S41, S46 to S52)."""

from typing import Any

from flask import Blueprint, Response

from giftweb.domain import desk, orders, payments, refunds
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.errors import DomainError, GiftCardNotAllowed, NotFound
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.fields import Form
from giftweb.web.forms.orders import ChargebackForm, ReasonForm, RefundForm
from giftweb.web.http import errors
from giftweb.web.text import order_effects
from giftweb.web.text.templating import money_text

blueprint = Blueprint("order_payments", __name__, url_prefix="/staff/orders/<int:number>")


@blueprint.get("/payments/<payment_id>")
def show(number: int, payment_id: str) -> Response:
    """**Transaction Details**: all of the payment."""
    order, payment = _found(number, payment_id)
    details = orders.payment_history.details(payment.id)
    return pages.order.panel(
        "transaction", order, Form(), payment=payment, details=details, payer=_name(payment)
    )


@blueprint.route("/payments/<payment_id>/refund", methods=["GET", "POST"])
def refund(number: int, payment_id: str) -> Response:
    """**Refund** a transaction in full or in part: first in numbers, then for good."""
    order, payment = _found(number, payment_id)
    form = RefundForm(currency=order.currency)
    if not form.is_submitted():
        if not payment.left:
            return pages.order.refused(order, form, "Nothing of this payment is left to refund.")
        form.amount.data = payment.left
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            if form.step.data != "confirm":
                return _check(order, payment, form)
            return pages.order.changed(order, _give(payment, form))
        except DomainError as error:
            form.refuse(error)
            status = errors.status_of(error)
    return pages.order.panel("refund", order, form, status=status, **_about(payment))


def _check(order: Order, payment: Payment, form: RefundForm) -> Response:
    refunds.require_refundable(payment, form.money)
    form.step.data = "confirm"
    as_card = bool(form.as_card.data)
    effects = order_effects.of_refund(order, payment, form.money, as_card=as_card)
    return pages.order.panel(
        "refund_check", order, form, effects=effects, amount=form.money, **_about(payment)
    )


def _give(payment: Payment, form: RefundForm) -> str:
    """Refund, ask the provider, and say where it stands."""

    def verb() -> dict[str, Any]:
        given = refunds.refund(
            payment.id,
            amount=form.money,
            reason=form.reason.data,
            as_card=bool(form.as_card.data),
            by=actors.current(),
        )
        return {"refund": given.id}

    given = pages.order.once(form, verb)["refund"]
    (done,) = refunds.carry_out([given])
    return f"{money_text(done.amount)}: {pages.order.refund_state(done)[0]}."


@blueprint.route("/refunds", methods=["GET", "POST"])
def refund_all(number: int) -> Response:
    """**Refund everything**: every tender, each with its result; safe to press again."""
    order, form = orders.find_by_number(number), ReasonForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            by = actors.current()
            given = refunds.refund_all(order.id, reason=form.reason.data, by=by)
        except DomainError as error:
            form.refuse(error)
            status = errors.status_of(error)
        else:
            done = refunds.carry_out([refund.id for refund in given])
            results = pages.order.results_of(done, orders.sheet(order))
            return pages.order.changed(order, _sum_up(done), results=results)
    elif not order_effects.is_refundable(order):
        return pages.order.refused(order, form, "Nothing of this order is left to refund.")
    effects = order_effects.of_everything(order)
    return pages.order.panel("refund_all", order, form, status=status, effects=effects)


def _sum_up(done: list[payments.refund_values.Refund]) -> str:
    through = all(refund.stored_status == payments.refund_values.SUCCEEDED for refund in done)
    return "Everything is refunded." if through else "Not every refund is through yet."


@blueprint.route("/payments/<payment_id>/chargeback", methods=["GET", "POST"])
def charge_back(number: int, payment_id: str) -> Response:
    """Record that the provider took a payment back; a gift card's cannot be (S52)."""
    order, payment = _found(number, payment_id)
    form = ChargebackForm(currency=order.currency)
    if payment.is_gift_card:
        refusal = GiftCardNotAllowed("No chargeback can be claimed on a gift card payment.")
        return pages.order.refused(order, form, refusal.sentence)
    if not form.is_submitted():
        form.amount.data = payment.left

    def work() -> str:
        by, amount = actors.current(), form.money
        desk.orders.charge_back(order.id, payment_id=payment.id, amount=amount, by=by)
        return f"A chargeback of {money_text(amount)} is recorded."

    effects = order_effects.of_chargeback(payment)
    return pages.order.deed("chargeback", order, form, work, effects=effects, **_about(payment))


@blueprint.post("/refunds/<refund_id>/retry")
def ask_again(number: int, refund_id: str) -> Response:
    """Ask the provider again for a refund that it has not answered."""
    order = orders.find_by_number(number)
    if payments.refund_values.find(refund_id).order_id != order.id:
        raise NotFound
    done = refunds.carry_out([refund_id])
    results = pages.order.results_of(done, orders.sheet(order))
    return pages.order.changed(order, _sum_up(done), results=results)


@blueprint.post("/refunds/<refund_id>/confirmation")
def confirm(number: int, refund_id: str) -> Response:
    """Say for the shop that it has returned the money it was asked for."""
    order = orders.find_by_number(number)
    if payments.refund_values.find(refund_id).order_id != order.id:
        raise NotFound
    refunds.confirm(refund_id, succeeded=True, by=actors.current())
    return pages.order.changed(order, "The shop has returned it.")


def _found(number: int, payment_id: str) -> tuple[Order, Payment]:
    order, payment = orders.find_by_number(number), payments.find(payment_id)
    if payment.order_id != order.id:
        raise NotFound
    return order, payment


def _name(payment: Payment) -> str:
    return pages.order.payment_name(payment)


def _about(payment: Payment) -> dict[str, Any]:
    return {"payment": payment, "payer": _name(payment)}
