"""Mails on their way out: claimed, handed over, sent; each at most once (I29).

A worker claims a mail for a while (``sending``), writes it, and talks to the mail server. Until the
server has the last line nothing has been sent, so whatever goes wrong there is tried again with a
growing wait. Just before that last line the mail is committed as ``unclear``, and once the server
has answered as ``sent``. A crash or silence in between leaves it ``unclear``: perhaps it was sent.
No program can know better, and a gift is not mailed twice on a guess: a person looks and decides.
"""

from datetime import datetime, timedelta

from giftweb import clock, models
from giftweb.database import transactional
from giftweb.domain.audit import seals
from giftweb.domain.outbox import addressees, leases, mails
from giftweb.domain.outbox.mails import FAILED, SENDING, SENT, UNCLEAR, WAITING, WITHDRAWN, Mail

LEASE = timedelta(minutes=5)
BACK_OFF = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 1440)
)
"""The waits between tries: almost three days in all."""

_PROBLEM_LIMIT = 300


def claim(*, limit: int = 10) -> list[Mail]:
    """Claim due mails for this worker alone, the longest due first."""
    return _claim(limit) if leases.is_any_due(models.Mail) else []


@transactional
def _claim(limit: int) -> list[Mail]:
    claimed = leases.claim(models.Mail, limit=limit, lease=LEASE)
    if not claimed:
        return []
    found = list(mails.select().where(models.Mail.id.in_(claimed)).order_by(models.Mail.id))
    found = [mail for mail in found if _is_whole(mail)]
    found = [mail for mail in found if not addressees.readdress(mail)]
    worn_out = [mail for mail in found if mail.attempts > len(BACK_OFF) + 1]
    for mail in worn_out:
        _write(mail, FAILED, problem="The worker stopped each time it was about to send this.")
    return [mail for mail in found if mail not in worn_out]


def _is_whole(mail: Mail) -> bool:
    """Whether it, and the cards whose codes it carries, are as the program wrote them: no code goes
    to an address that somebody put there past the program. A claimed one that is not has failed."""
    carried = mail.card_ids if mail.kind in addressees.CARRIERS else ()
    is_whole = seals.holds(models.Mail, mail.id) and all(
        seals.holds(models.GiftCard, card_id) for card_id in carried
    )
    if not is_whole:
        _write(mail, FAILED, problem="It, or its gift card, was changed past the program.")
    return is_whole


@transactional
def hand_over(mail: Mail) -> None:
    """The next line is the one that sends it: from here on it may have been sent.

    Raises: leases.LeaseLost when it is no longer ours to send.
    """
    leases.write_outcome(models.Mail, mail.id, lease_end=mail.due_at, state=UNCLEAR)


@transactional
def mark_sent(mail: Mail) -> None:
    """The mail server took it."""
    leases.write_outcome(
        models.Mail,
        mail.id,
        lease_end=mail.due_at,
        was=UNCLEAR,
        state=SENT,
        sent_at=clock.now(),
        problem=None,
    )


@transactional
def put_off(mail: Mail, *, problem: str, handed_over: bool = False) -> str:
    """It was certainly not sent: wait and try again, or after the last try give up; its state.

    Raises: leases.LeaseLost.
    """
    due_at = leases.next_try(mail.attempts, BACK_OFF)
    if due_at is None:
        return refuse(mail, problem=problem, handed_over=handed_over)
    _write(mail, WAITING, problem=problem, handed_over=handed_over, due_at=due_at)
    return WAITING


@transactional
def refuse(mail: Mail, *, problem: str, handed_over: bool = False) -> str:
    """It cannot be sent however often it is tried, such as to an address that does not exist."""
    _write(mail, FAILED, problem=problem, handed_over=handed_over)
    return FAILED


@transactional
def leave_unclear(mail: Mail, *, problem: str) -> str:
    """It was handed over and the server did not answer: it may have been sent."""
    _write(mail, UNCLEAR, problem=problem, handed_over=True)
    return UNCLEAR


@transactional
def withdraw(mail: Mail, *, problem: str) -> str:
    """Its card ended before the mail was due: it is not sent."""
    _write(mail, WITHDRAWN, problem=problem)
    return WITHDRAWN


@transactional
def give_back(mail: Mail) -> None:
    """Untouched: another worker, or this one in a moment, may take it. The try does not count."""
    leases.write_outcome(
        models.Mail,
        mail.id,
        lease_end=mail.due_at,
        state=WAITING,
        attempts=mail.attempts - 1,
        due_at=clock.now(),
    )


def _write(
    mail: Mail,
    state: str,
    *,
    problem: str,
    handed_over: bool = False,
    due_at: datetime | None = None,
) -> None:
    leases.write_outcome(
        models.Mail,
        mail.id,
        lease_end=mail.due_at,
        was=UNCLEAR if handed_over else SENDING,
        state=state,
        due_at=due_at or clock.now(),
        problem=problem[:_PROBLEM_LIMIT],
    )
