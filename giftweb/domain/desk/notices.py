"""What a provider reports by itself: a payment that came, a dispute, a refund made on its own site.

A notice may come twice, late, and in any order; each has its effect once.
"""

from dataclasses import asdict

from giftweb.database import transactional
from giftweb.domain import audit, checkout, idempotency, notes, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.desk.orders import charge_back
from giftweb.domain.idempotency import Answer
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.providers import (
    DISPUTE,
    DISPUTE_WON,
    INQUIRY,
    PAYMENT,
    Notice,
    ProviderRefund,
)
from giftweb.errors import RefundExceedsPayment, Unavailable
from giftweb.money import Money


def take_in(notice: Notice, *, gateway: str) -> bool:
    """Do what follows from a notice; whether it is about a payment of ours.

    Raises: Unavailable when the provider cannot be asked: it will send the notice again.
    """
    payment_id = payments.find_by_charge(gateway, notice.reference)
    if payment_id is None:
        return False
    payment = payments.find(payment_id)
    if notice.kind == PAYMENT:
        checkout.charges.capture_pending(payment.order_id)
    elif notice.kind in (DISPUTE, DISPUTE_WON, INQUIRY):
        _once(payment, notice)
    else:
        _take_in_refunds(payment)
    return True


# Disputes


def _once(payment: Payment, notice: Notice) -> None:
    """A dispute has one chargeback, however many events report it."""
    key = f"{notice.kind} {notice.subject}"

    def work() -> Answer:
        _record_dispute(payment.id, notice)
        return Answer(200, {"payment": payment.id} | asdict(notice))

    idempotency.once(
        work,
        scope=f"notices {payment.gateway}",
        key=key,
        fingerprint=idempotency.fingerprint(key, b""),
        is_test=payment.is_test,
    )


def _record_dispute(payment_id: str, notice: Notice) -> None:
    order, payment = orders.lock_with_payment(payment_id)
    if notice.kind == INQUIRY:
        notes.add(order.id, f"The provider asks about a payment of {payment.amount}. Answer there.")
    elif notice.kind == DISPUTE_WON:
        _note_won(order, payment, notice.amount)
    else:
        _charge_back(order, payment, notice.amount)


def _charge_back(order: Order, payment: Payment, amount: Money) -> None:
    left = payment.left
    is_same = amount.currency == left.currency
    taken = amount if is_same and amount <= left else left
    if taken.minor:
        charge_back(order.id, payment_id=payment.id, amount=taken, by=SYSTEM)
    if taken != amount:
        notes.add(order.id, f"The provider took {amount} back, of which {taken} was left here.")


def _note_won(order: Order, payment: Payment, amount: Money) -> None:
    audit.record(
        by=SYSTEM,
        action="payment.dispute_won",
        subject=payment.id,
        data={"amount": amount.minor, "currency": amount.currency, "order": order.id},
        is_test=order.is_test,
    )
    notes.add(
        order.id,
        f"The dispute was won: the provider paid {amount} again. Gift cards that were frozen for"
        " it stay so until somebody unfreezes them.",
    )


# Refunds


def _take_in_refunds(payment: Payment) -> None:
    provider = payments.providers.charging_gateway(payment.gateway)
    found = provider.refunds_of(reference=payment.reference)
    if found is None:
        raise Unavailable
    for each in found:
        if each.has_failed:
            _note_failed(payment.id, each)
        elif not each.key:
            _record(payment, each)


def _record(payment: Payment, found: ProviderRefund) -> None:
    try:
        refunds.record_outside(
            payment.id, amount=found.amount, reference=found.reference, by=SYSTEM
        )
    except RefundExceedsPayment as problem:
        _note_once(payment.id, found, f"{found.amount} was refunded at the provider: {problem}")


@transactional
def _note_failed(payment_id: str, found: ProviderRefund) -> None:
    """A refund that had succeeded has failed at the customer's bank: a person sends it."""
    known = payments.refund_values.of_payment(payment_id)
    if any(each.reference == found.reference and each.status == "succeeded" for each in known):
        _note_once(
            payment_id,
            found,
            f"The refund of {found.amount} came back to the provider. Send it another way.",
        )


@transactional
def _note_once(payment_id: str, found: ProviderRefund, text: str) -> None:
    order = orders.lock(payments.find(payment_id).order_id)
    if all(note.text != text for note in notes.of(order.id)):
        notes.add(order.id, text)
