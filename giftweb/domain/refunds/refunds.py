"""One refund engine for all tenders (S46 to S51, B3, I16 to I18).

Money on a gift card moves at once. A remote provider is called after the claim is committed,
with the refund's id as its idempotency key: however often ``send`` runs, it refunds once.
"""

from collections.abc import Iterable
from dataclasses import replace

from giftweb import clock, ids, models
from giftweb.database import transactional
from giftweb.domain import audit, limits, orders, payments
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import CLAIMED, FAILED, REQUESTED, SUCCEEDED, Refund
from giftweb.domain.refunds import follow_up, records, to_cards
from giftweb.errors import Invalid, NotFound, RefundExceedsPayment, Refused
from giftweb.language import gettext
from giftweb.money import Money, too_little

# Refund


@transactional
def refund(
    payment_id: str,
    *,
    by: Actor,
    amount: Money | None = None,
    reason: str | None = None,
    as_card: bool = False,
    onto: str | None = None,
) -> Refund:
    """Refund a payment, in full (``amount`` None: all that is left) or in part.

    A remote provider's refund is only claimed: ``send`` it after the transaction.
    ``as_card``: the customer agrees to a gift card instead of the money (B3): a new one, or with
    ``onto`` that one of theirs (B25).

    Raises: RefundExceedsPayment, Invalid (amount), NotAllowed (a card to one's own address, or a
    colleague's), LimitExceeded (a card, or money by hand), NotFound.
    Source: S46 to S48, D7, docs/decisions/0007-refunds-as-gift-cards.md.
    """
    order, payment = _locked(payment_id)
    with limits.requested(
        lambda: to_cards.request_of(payment, amount, reason, as_card=as_card, onto=onto)
    ):
        found = refund_payment(
            order, payment, amount, by=by, reason=reason, as_card=as_card, onto=onto
        )
    follow_up.apply(order, by=by)
    return found


@transactional
def refund_all(order_id: str, *, by: Actor, reason: str | None = None) -> list[Refund]:
    """Refund all that is left of every tender; includes refunds still claimed.

    Raises: RefundExceedsPayment when nothing is left and nothing waits; NotFound.
    """
    order = orders.lock(order_id)
    paid = [payments.lock(payment.id) for payment in payments.of_order(order_id)]
    found = [
        refund_payment(order, payment, None, by=by, reason=reason)
        for payment in paid
        if payment.left
    ]
    waiting = [
        each for each in payments.refund_values.of_order(order_id) if each.stored_status == CLAIMED
    ]
    known = {each.id for each in found}
    found += [each for each in waiting if each.id not in known]
    if not found:
        sentence = "Nothing of this order is left to refund."
        raise RefundExceedsPayment(sentence, left=Money(0, order.currency))
    follow_up.apply(order, by=by)
    return found


def refund_part(order: Order, part: int, *, by: Actor, reason: str | None) -> None:
    """Refund what came for a part of a locked order that is taken off."""
    for payment in payments.of_order(order.id):
        if payment.part == part and payment.left:
            refund_payment(order, payments.lock(payment.id), None, by=by, reason=reason)


def undo_unpaid(order: Order, *, by: Actor, reason: str | None) -> None:
    """Refund all that came for a locked order that is never paid, and cancel it (D21).

    Called by ``awaited.cancel`` in its transaction, once nothing is awaited any more.
    """
    for payment in payments.of_order(order.id):
        if payment.left:
            refund_payment(order, payments.lock(payment.id), None, by=by, reason=reason)
    follow_up.apply(order, by=by)


def _locked(payment_id: str) -> tuple[Order, Payment]:
    order = orders.lock(payments.find(payment_id).order_id)
    return order, payments.lock(payment_id)


def refund_payment(
    order: Order,
    payment: Payment,
    amount: Money | None,
    *,
    by: Actor,
    reason: str | None,
    as_card: bool = False,
    onto: str | None = None,
) -> Refund:
    """Refund a locked payment of a locked order; the caller carries out what follows.

    Raises: as ``refund``.
    """
    amount = _allowed(payment, amount)
    if payment.is_returned_by_hand and by.kind == "staff" and not as_card:
        # It goes where whoever sends it wants: it counts as given.
        gift = limits.Gift(amount=amount, email=None, is_test=order.is_test)
        limits.require(
            [gift], by=by, request=to_cards.request_of(payment, amount, reason, as_card=False)
        )
    audit_id = _record(order, payment, amount, by=by, reason=reason)
    new = _new(payment, amount, reason)
    if payment.is_gift_card:
        new = _to_card(order, payment, new, audit_id=audit_id, by=by)
    elif as_card:
        card, transfer_id = to_cards.give_instead(order, amount, by=by, reason=reason, onto=onto)
        new = replace(new, stored_status=SUCCEEDED, gift_card_id=card.id, transfer_id=transfer_id)
    _add(payment, refunded_minor=amount.minor)
    records.insert(new)
    records.announce(order, payment, new, by=by)
    return new


@transactional
def record_outside(payment_id: str, *, amount: Money, reference: str, by: Actor) -> Refund | None:
    """Record a refund that was made at the provider itself; None for one that is known.

    What follows from it is what follows from any other.

    Raises: RefundExceedsPayment, Invalid (amount), NotFound.
    """
    order, payment = _locked(payment_id)
    known = payments.refund_values.of_payment(payment.id)
    if any(each.reference == reference for each in known):
        return None
    amount = _allowed(payment, amount)
    _record(order, payment, amount, by=by, reason=_OUTSIDE)
    new = _new(payment, amount, _OUTSIDE)
    new = replace(new, stored_status=SUCCEEDED, reference=reference, settled_at=new.created_at)
    _add(payment, refunded_minor=amount.minor)
    records.insert(new)
    records.announce(order, payment, new, by=by)
    follow_up.apply(order, by=by)
    return new


_OUTSIDE = "made at the provider"


def _record(order: Order, payment: Payment, amount: Money, *, by: Actor, reason: str | None) -> str:
    return audit.record(
        by=by,
        action="payment.refunded",
        subject=payment.id,
        reason=reason,
        data={"amount": amount.minor, "currency": amount.currency, "order": order.id},
        is_test=order.is_test,
    )


def _add(payment: Payment, **amounts: int) -> None:
    """Add to the payment's counters, which its seal does not cover."""
    columns = models.Payment._meta.fields
    changed = {name: columns[name] + amount for name, amount in amounts.items()}
    models.Payment.update(changed).where(models.Payment.id == payment.id).execute()
    audit.checkpoints_of_orders.count_again(payment.order_id)


def require_refundable(payment: Payment, amount: Money) -> None:
    """Refuse what a refund of this amount would be refused for.

    Raises: RefundExceedsPayment, Invalid (amount).
    """
    _allowed(payment, amount)


def _allowed(payment: Payment, amount: Money | None) -> Money:
    if amount is None:
        amount = payment.left
    if amount.currency != payment.amount.currency:
        raise Invalid(
            gettext("This payment is in {currency}.", currency=payment.amount.currency),
            field="amount",
        )
    if _is_part_awaited(payment):
        sentence = "A payment of this order is still awaited: nothing can be refunded yet."
        raise RefundExceedsPayment(sentence, left=Money(0, amount.currency), field="amount")
    if not payment.left:
        sentence = "Nothing of this payment is left to refund."
        raise RefundExceedsPayment(sentence, left=payment.left, field="amount")
    if amount.minor < 1:
        raise too_little(amount.currency)
    if payment.left < amount:
        raise RefundExceedsPayment(left=payment.left, field="amount")
    return amount


def _is_part_awaited(payment: Payment) -> bool:
    paid = payments.of_order(payment.order_id)
    return any(each.is_awaited and each.part == payment.part for each in paid)


def _new(payment: Payment, amount: Money, reason: str | None) -> Refund:
    return Refund(
        id=ids.new("ref"),
        payment_id=payment.id,
        order_id=payment.order_id,
        currency=amount.currency,
        amount_minor=amount.minor,
        stored_status=_first_status(payment),
        reason=reason,
        gift_card_id=None,
        transfer_id=None,
        reference=None,
        failure=None,
        created_at=clock.now(),
        settled_at=None,
    )


def _first_status(payment: Payment) -> str:
    if payment.is_gift_card:
        return SUCCEEDED
    try:
        gateway = payments.providers.gateway(payment.gateway)
    except NotFound:
        # A provider that was switched off must not keep the other tenders' money back.
        return CLAIMED
    if gateway.asks_shop or payment.is_returned_by_hand:
        return REQUESTED
    return CLAIMED if gateway.is_remote else SUCCEEDED


def _to_card(order: Order, payment: Payment, refund: Refund, *, audit_id: str, by: Actor) -> Refund:
    card, transfer_id, card_minor = to_cards.give_back(
        order, payment, refund.amount, audit_id=audit_id, by=by
    )
    _add(payment, card_refunded_minor=card_minor)
    return replace(refund, gift_card_id=card.id, transfer_id=transfer_id)


# Remote providers


def send(refund_ids: Iterable[str]) -> list[Refund]:
    """Send claimed refunds to their providers and store the results; each as it is afterwards.

    Called outside any transaction. One without a response stays claimed, to be retried.
    """
    return [_send(payments.refund_values.find(refund_id)) for refund_id in refund_ids]


def _send(refund: Refund) -> Refund:
    if refund.stored_status != CLAIMED:
        return refund
    payment = payments.find(refund.payment_id)
    try:
        gateway = payments.providers.gateway(payment.gateway)
    except NotFound as problem:
        return _note_problem(refund, problem.sentence)
    answer = gateway.refund(reference=payment.reference, amount=refund.amount, key=refund.id)
    if answer.status == "unknown":
        return _note_problem(refund, answer.problem)
    succeeded = answer.status == "succeeded"
    return _store_result(refund.id, succeeded, answer.reference, answer.problem, by=SYSTEM)


@transactional
def _note_problem(refund: Refund, problem: str) -> Refund:
    audit.seals.change(models.Refund, refund.id, failure=problem)
    return replace(refund, failure=problem)


@transactional
def confirm(
    refund_id: str,
    *,
    succeeded: bool,
    by: Actor,
    reference: str | None = None,
    problem: str | None = None,
) -> Refund:
    """Store the result of a requested refund. Repeating the same result changes nothing.

    A failure takes it back out of what was refunded; what was withdrawn for it stays so, and the
    order's notes say what.

    Raises: NotFound, Refused (it has another result already, or was never requested).
    Source: E1, E11.
    """
    refund = payments.refund_values.find(refund_id)
    wanted = SUCCEEDED if succeeded else FAILED
    if refund.stored_status == wanted:
        return refund
    if refund.stored_status != REQUESTED:
        raise Refused(gettext("This refund was not asked for, or has another result already."))
    return _store_result(
        refund_id, succeeded, reference or "", problem or "it could not be returned", by=by
    )


@transactional
def _store_result(
    refund_id: str, succeeded: bool, reference: str, problem: str, *, by: Actor
) -> Refund:
    refund = payments.refund_values.find(refund_id)
    order, payment = _locked(refund.payment_id)
    refund = payments.refund_values.find(refund_id)
    if refund.stored_status not in (CLAIMED, REQUESTED):
        return refund
    status = SUCCEEDED if succeeded else FAILED
    audit.record(
        by=by,
        action=f"refund.{status}",
        subject=refund_id,
        is_test=order.is_test,
        data={"order": order.id},
    )
    audit.seals.change(
        models.Refund,
        refund_id,
        status=status,
        reference=reference or None,
        failure=None if succeeded else problem,
        settled_at=clock.micros(),
    )
    if not succeeded:
        _add(payment, refunded_minor=-refund.amount_minor)
    records.note_result(order, payment, refund, problem=None if succeeded else problem)
    follow_up.apply(order, by=by)
    return payments.refund_values.find(refund_id)
