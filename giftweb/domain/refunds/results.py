"""What becomes of a refund that money is still to be sent for: it is sent, its result is stored.

The provider gets the refund's id as its idempotency key: however often ``send`` runs, it refunds
once.
"""

from collections.abc import Iterable
from dataclasses import replace

from giftweb import clock, models
from giftweb.database import transactional
from giftweb.domain import audit, orders, payments
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.payments.refund_values import CLAIMED, FAILED, REQUESTED, SUCCEEDED, Refund
from giftweb.domain.refunds import follow_up, records
from giftweb.errors import NotFound, Refused
from giftweb.language import gettext


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
    payment_id = payments.refund_values.find(refund_id).payment_id
    order, payment = orders.lock_with_payment(payment_id)
    # Read under the lock: another process may have stored a result in the meantime.
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
        records.change_counters(payment, refunded_minor=-refund.amount_minor)
    records.note_result(order, payment, refund, problem=None if succeeded else problem)
    follow_up.apply(order, by=by)
    return payments.refund_values.find(refund_id)
