"""One refund engine for all tenders (S46 to S51, B3, I16 to I18).

Money on a gift card moves at once. A remote provider is called after the claim is committed
(``results.send``).
"""

from dataclasses import replace

from giftweb import clock, ids
from giftweb.database import transactional
from giftweb.domain import audit, limits, orders, payments
from giftweb.domain.audit.log import Actor
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import CLAIMED, REQUESTED, SUCCEEDED, Refund
from giftweb.domain.refunds import follow_up, records, to_cards
from giftweb.errors import Invalid, NotFound, RefundExceedsPayment
from giftweb.language import gettext
from giftweb.money import Money, too_little


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
    order, payment = orders.lock_with_payment(payment_id)
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
    found = refund_payments(order, by=by, reason=reason)
    waiting = [
        each for each in payments.refund_values.of_order(order_id) if each.stored_status == CLAIMED
    ]
    known = {each.id for each in found}
    found += [each for each in waiting if each.id not in known]
    if not found:
        sentence = gettext("Nothing of this order is left to refund.")
        raise RefundExceedsPayment(sentence, left=Money(0, order.currency))
    follow_up.apply(order, by=by)
    return found


def refund_payments(
    order: Order, *, part: int | None = None, by: Actor, reason: str | None
) -> list[Refund]:
    """Refund all that is left of a locked order's payments; with ``part`` of those that have paid
    for that part of it. The caller carries out what follows.
    """
    paid = [
        payments.lock(payment.id)
        for payment in payments.of_order(order.id)
        if part in (None, payment.part)
    ]
    return [
        refund_payment(order, payment, None, by=by, reason=reason)
        for payment in paid
        if payment.left
    ]


def undo_unpaid(order: Order, *, by: Actor, reason: str | None) -> None:
    """Refund all that came for a locked order that is never paid, and cancel it (D21).

    Called by ``awaited.cancel`` in its transaction, once nothing is awaited any more.
    """
    refund_payments(order, by=by, reason=reason)
    follow_up.apply(order, by=by)


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
    amount = _amount_to_refund(payment, amount)
    if payment.is_returned_by_hand and by.kind == "staff" and not as_card:
        # It goes where whoever sends it wants: it counts as given.
        gift = limits.Gift(amount=amount, email=None, is_test=order.is_test)
        limits.require(
            [gift], by=by, request=to_cards.request_of(payment, amount, reason, as_card=False)
        )
    audit_id = _audit_refund(order, payment, amount, by=by, reason=reason)
    new = _refund_of(payment, amount, reason)
    if payment.is_gift_card:
        new = _to_card(order, payment, new, audit_id=audit_id, by=by)
    elif as_card:
        card, transfer_id = to_cards.give_instead(order, amount, by=by, reason=reason, onto=onto)
        new = replace(new, stored_status=SUCCEEDED, gift_card_id=card.id, transfer_id=transfer_id)
    return _store(order, payment, new, by=by)


@transactional
def record_outside(payment_id: str, *, amount: Money, reference: str, by: Actor) -> Refund | None:
    """Record a refund that was made at the provider itself; None for one that is known.

    What follows from it is what follows from any other.

    Raises: RefundExceedsPayment, Invalid (amount), NotFound.
    """
    order, payment = orders.lock_with_payment(payment_id)
    known = payments.refund_values.of_payment(payment.id)
    if any(each.reference == reference for each in known):
        return None
    amount = _amount_to_refund(payment, amount)
    _audit_refund(order, payment, amount, by=by, reason=_OUTSIDE)
    new = _refund_of(payment, amount, _OUTSIDE)
    new = replace(new, stored_status=SUCCEEDED, reference=reference, settled_at=new.created_at)
    _store(order, payment, new, by=by)
    follow_up.apply(order, by=by)
    return new


_OUTSIDE = "made at the provider"


def _store(order: Order, payment: Payment, new: Refund, *, by: Actor) -> Refund:
    records.change_counters(payment, refunded_minor=new.amount_minor)
    records.insert(new)
    records.announce(order, payment, new, by=by)
    return new


def _audit_refund(
    order: Order, payment: Payment, amount: Money, *, by: Actor, reason: str | None
) -> str:
    return audit.record(
        by=by,
        action="payment.refunded",
        subject=payment.id,
        reason=reason,
        data={"amount": amount.minor, "currency": amount.currency, "order": order.id},
        is_test=order.is_test,
    )


def require_refundable(payment: Payment, amount: Money) -> None:
    """Refuse what a refund of this amount would be refused for.

    Raises: RefundExceedsPayment, Invalid (amount).
    """
    _amount_to_refund(payment, amount)


def _amount_to_refund(payment: Payment, amount: Money | None) -> Money:
    """The amount, or all that is left of the payment, once it may be refunded.

    Raises: RefundExceedsPayment, Invalid (amount).
    """
    if amount is None:
        amount = payment.left
    if amount.currency != payment.amount.currency:
        raise Invalid(
            gettext("This payment is in {currency}.", currency=payment.amount.currency),
            field="amount",
        )
    if _is_part_awaited(payment):
        sentence = gettext("A payment of this order is still awaited: nothing can be refunded yet.")
        raise RefundExceedsPayment(sentence, left=Money(0, amount.currency), field="amount")
    if not payment.left:
        sentence = gettext("Nothing of this payment is left to refund.")
        raise RefundExceedsPayment(sentence, left=payment.left, field="amount")
    if amount.minor < 1:
        raise too_little(amount.currency)
    if payment.left < amount:
        raise RefundExceedsPayment(left=payment.left, field="amount")
    return amount


def _is_part_awaited(payment: Payment) -> bool:
    paid = payments.of_order(payment.order_id)
    return any(each.is_awaited and each.part == payment.part for each in paid)


def _refund_of(payment: Payment, amount: Money, reason: str | None) -> Refund:
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
    records.change_counters(payment, card_refunded_minor=card_minor)
    return replace(refund, gift_card_id=card.id, transfer_id=transfer_id)
