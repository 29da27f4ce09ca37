"""Paying the rest of an order through a remote provider, without a charge that has no order (D3).

The order of steps, each committed before the next begins:

1. hold the cards and store the claim: which provider, how much, under which key;
2. the provider authorises the amount under that key; the shopper may have to prove their identity;
3. place the order with a pending payment; until here nothing is charged;
4. the provider captures the money; the payment is received, and what it pays for is carried out.

A crash after 1 or 2 leaves a claim, with the holds on the cards: ``claims.abandoned`` finds it and
``abandon`` releases both. A crash after 3, or a provider that is still at work, leaves a pending
payment: the order is awaited (D21), ``unanswered`` finds it, and ``capture_pending`` asks again
until the provider has an answer. Every call carries the claim's key as its idempotency key, so it
may be repeated.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from giftweb import clock, ids, models
from giftweb.database import listings, transactional
from giftweb.domain import audit, awaited, carts, orders, payments
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.carts.values import Checkout
from giftweb.domain.catalogue.items import Item
from giftweb.domain.checkout import checkout, claims, setups
from giftweb.domain.checkout.claims import Claim
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment, Tender
from giftweb.domain.payments.providers import Prepared, Source
from giftweb.errors import (
    CheckoutClosed,
    PaymentDeclined,
    PaymentIncomplete,
    PaymentMethodRequired,
    PaymentNotAwaited,
    Refused,
)
from giftweb.language import gettext
from giftweb.money import Money

PATIENCE = timedelta(minutes=2)
"""How old a pending payment is when its provider is asked again."""


# Steps 1 and 2


def start(checkout_id: str, *, gateway: str, source: Source, by: Actor) -> Prepared:
    """Hold the cards and have the provider authorise what is due.

    A second call while the first payment is under way returns that payment.

    Raises: PaymentMethodRequired (no card was named); as ``checkout.authorise``; Refused when
    nothing is due, or an earlier payment is still being voided; PaymentDeclined (the cards are free
    again, the cart is open); NotFound.
    """
    provider = payments.providers.charging_gateway(gateway)
    source = setups.with_own_card(source, checkout_id)
    claim = _claim(checkout_id, gateway, by=by)
    prepared = provider.authorise(source=source, amount=claim.due, key=claim.key, order=checkout_id)
    if prepared.problem:
        abandon(checkout_id)
        raise PaymentDeclined(reason=prepared.problem)
    claims.store_reference(checkout_id, key=claim.key, reference=prepared.reference)
    return prepared


@transactional
def _claim(checkout_id: str, gateway: str, *, by: Actor) -> Claim:
    opened = checkout.authorise(checkout_id, by=by)
    claim = claims.of(opened)
    if claim is not None:
        if claim.is_over or claim.gateway != gateway:
            raise Refused(
                gettext("Another payment is still being given up. Try again in a moment.")
            )
        return claim
    if not opened.due:
        raise Refused(gettext("Nothing is left to pay."))
    claim = Claim(
        gateway=gateway,
        key=ids.new("chg"),
        amount=opened.due.minor,
        currency=opened.currency,
        at=clock.micros(),
    )
    claims.store(opened, claim)
    return claim


# Steps 3 and 4


def finish(checkout_id: str, *, by: Actor) -> Order:
    """Place the order once the provider has authorised the payment, then have it captured.

    A repeated call, by a reload or a second tab, returns the same order.

    Raises: PaymentDeclined (the cards are free again and the cart is open), PaymentIncomplete (the
    shopper has not confirmed yet), and what ``checkout.capture`` raises, with nothing charged.
    """
    opened = carts.find(checkout_id)
    if opened.order_id is not None:
        return orders.find(opened.order_id)
    claim = claims.of(opened)
    if claim is None or claim.reference is None:
        raise PaymentIncomplete(paid=opened.paid_by_cards, total=opened.total)
    provider = payments.providers.charging_gateway(claim.gateway)
    answer = provider.retrieve(reference=claim.reference)
    if answer.status == "failed":
        abandon(checkout_id)
        raise PaymentDeclined(reason=answer.problem)
    if answer.status not in ("succeeded", "processing"):
        raise PaymentIncomplete(paid=opened.paid_by_cards, total=opened.total)
    order = _placed(opened, answer, by=by)
    capture_pending(order.id)
    return orders.find(order.id)


def _placed(opened: Checkout, answer: payments.providers.Answer, *, by: Actor) -> Order:
    try:
        return _place(opened, answer, by=by)
    except CheckoutClosed:
        found = carts.find(opened.id)
        if found.order_id is None:
            raise
        return orders.find(found.order_id)
    except Refused:
        abandon(opened.id)
        raise


@transactional
def _place(opened: Checkout, answer: payments.providers.Answer, *, by: Actor) -> Order:
    claim = claims.of(carts.lock(opened.id))
    if claim is None or claim.is_over:
        raise CheckoutClosed
    tender = Tender(
        method=answer.method or "credit_card",
        amount=claim.due,
        reference=str(claim.reference),
        gateway=claim.gateway,
        reusable_method=answer.reusable_method,
        state=payments.PENDING,
    )
    order = checkout.capture(opened.id, tenders=[tender], by=by, gateway=claim.gateway)
    claims.store(opened, None)
    return order


def capture_pending(order_id: str) -> None:
    """Have the providers capture the order's pending payments. Safe to call again.

    One that the provider has declined after all is cancelled. What was added later comes first, for
    an order is not cancelled while a part of it may still be captured.
    """
    newest_first = sorted(payments.of_order(order_id), key=lambda each: each.part, reverse=True)
    for payment in newest_first:
        if payment.is_awaited_at_provider:
            _capture(payment)


def _capture(payment: Payment) -> None:
    answer = payments.providers.charging_gateway(payment.gateway).capture(
        reference=payment.reference, amount=payment.amount, key=f"{payment.id}:capture"
    )
    try:
        if answer.status == "succeeded":
            awaited.receive(payment.id, by=SYSTEM)
        elif answer.status == "failed":
            awaited.cancel(payment.id, reason=answer.problem, by=SYSTEM)
    except PaymentNotAwaited:
        return  # Another process has written the answer, or more of the order waits for one.


# Abandon


def abandon(checkout_id: str) -> Checkout:
    """Release the cards, reopen the cart and have the provider void its authorisation.

    A captured checkout stays as it is. The claim stays until the provider has answered.
    """
    after = _mark_over(checkout_id)
    claim = claims.of(after)
    if claim is None:
        return after
    provider = payments.providers.charging_gateway(claim.gateway)
    answer = provider.void(reference=claim.reference, key=claim.key, amount=claim.due)
    if answer.status == "unknown":
        return after
    claims.remove(checkout_id, key=claim.key)
    return after._replace(claim=None)


@transactional
def _mark_over(checkout_id: str) -> Checkout:
    opened = carts.lock(checkout_id)
    claim = claims.of(opened)
    if claim is None or opened.stored_status == carts.CAPTURED:
        return opened
    marked = claims.store(opened, replace(claim, is_over=True))
    return checkout.reopen(checkout_id)._replace(claim=marked.claim)


def unanswered() -> list[str]:
    """The orders with a pending payment whose provider is to be asked again.

    All of them: one whose payment takes days is not to keep another from being asked about.
    """
    payment = models.Payment
    pending = payment.select(payment.order_id).where(
        payment.state == listings.literal("pending"),
        payment.gateway.not_in(payments.REPORTED_BY_HAND),
        payment.created_at < clock.now() - PATIENCE,
    )
    return [found.order_id for found in pending.distinct()]


def sell_more(
    order_id: str,
    *,
    items: Sequence[Item],
    amount: Money,
    key: str,
    by: Actor,
    tax_minor: int = 0,
    shipping_minor: int = 0,
) -> Order:
    """Charge an upsell to the order's reusable payment method, in one click (S39).

    ``amount``: with its tax and shipping.

    In the same steps as an order: authorise, write, capture; once for each ``key``. A provider
    keeps its answer to an idempotency key for a day: so a declined upsell is retried under a new
    key, and one without an answer under the same one.

    Raises: PaymentMethodRequired when there is no reusable method, as after a gift card;
    PaymentDeclined; and what ``orders.upsell`` raises, with nothing charged.
    """
    tender = _authorised_off_session(order_id, amount=amount, key=key, by=by)
    try:
        grown = orders.upsell(
            order_id,
            items=items,
            tenders=[tender],
            by=by,
            tax_minor=tax_minor,
            shipping_minor=shipping_minor,
        )
    except Refused:
        provider = payments.providers.charging_gateway(str(tender.gateway))
        provider.void(reference=tender.reference, key=key, amount=amount)
        _record_declined(order_id, key, by=by)
        raise
    capture_pending(order_id)
    return orders.find(grown.id)


def _authorised_off_session(order_id: str, *, amount: Money, key: str, by: Actor) -> Tender:
    attempt = f"{key}:{_count_declined(order_id, key)}"
    for payment in payments.of_order(order_id):
        if payment.reusable_method is None:
            continue
        provider = payments.providers.charging_gateway(payment.gateway)
        answer = provider.authorise_off_session(
            method=payment.reusable_method, amount=amount, key=attempt
        )
        if answer.status == "failed":
            _record_declined(order_id, key, by=by)
            raise PaymentDeclined(reason=answer.problem)
        if answer.status != "succeeded":
            raise Refused(
                gettext("The payment provider did not answer. Nothing was charged; try again.")
            )
        return Tender(
            method=payment.method,
            amount=amount,
            reference=answer.reference,
            gateway=payment.gateway,
            reusable_method=payment.reusable_method,
            state=payments.PENDING,
        )
    raise PaymentMethodRequired


_NOT_SOLD = "order.upsell_declined"


def _count_declined(order_id: str, key: str) -> int:
    """How often the provider has declined this upsell, or had to void it."""
    entry = models.AuditEntry
    found = entry.select(entry.data).where(entry.subject == order_id, entry.action == _NOT_SOLD)
    return sum(each.data["key"] == key for each in found)


@transactional
def _record_declined(order_id: str, key: str, *, by: Actor) -> None:
    order = orders.find(order_id)
    audit.record(
        by=by, action=_NOT_SOLD, subject=order_id, data={"key": key}, is_test=order.is_test
    )
