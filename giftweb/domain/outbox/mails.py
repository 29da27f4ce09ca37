"""Mails on their way out: claimed, handed over, sent; each at most once (I29).

A worker claims a mail for a while (``sending``), writes it, and talks to the mail server. Until the
server has the last line nothing has been sent, so whatever goes wrong there is tried again with a
growing wait. Just before that last line the mail is committed as ``unclear``, and once the server
has answered as ``sent``. A crash or silence in between leaves it ``unclear``: perhaps it was sent.
No program can know better, and a gift is not mailed twice on a guess: a person looks and decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee
from peewee import fn

from giftweb import clock, database, ids, models
from giftweb.database import records, transactional
from giftweb.database.listings import Listing, Page, literal
from giftweb.domain import audit, emails, search_terms
from giftweb.domain.audit.log import Actor
from giftweb.domain.outbox import leases
from giftweb.errors import Refused
from giftweb.models import GiftCard

WAITING, SENDING, SENT = "waiting", "sending", "sent"
FAILED, UNCLEAR, WITHDRAWN, SCHEDULED = "failed", "unclear", "withdrawn", "scheduled"
STATES = (WAITING, SENDING, UNCLEAR, SENT, FAILED, WITHDRAWN)

LEASE = timedelta(minutes=5)
BACK_OFF = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 1440)
)
"""The waits between tries: almost three days in all."""

_PROBLEM_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of the outbox. ``due_at`` is the end of the lease while a worker has it."""

    id: str
    kind: str
    to: str
    card_id: str | None
    order_id: str | None
    data: dict[str, Any]
    is_test: bool
    state: str
    attempts: int
    due_at: datetime
    created_at: datetime
    sent_at: datetime | None
    problem: str | None

    @property
    def status(self) -> str:
        """What people read: the state, ``scheduled`` before its time, ``sending`` while it is."""
        is_ahead = self.due_at > clock.now()
        if self.state == UNCLEAR and is_ahead:
            return SENDING
        if self.state == WAITING and is_ahead and not self.attempts:
            return SCHEDULED
        return self.state

    @property
    def card_ids(self) -> tuple[str, ...]:
        """The cards it is about: its own, or those that its data lists (S71)."""
        listed = self.data.get("cards") or ([self.card_id] if self.card_id else [])
        return tuple(listed)


def _query() -> peewee.ModelSelect:
    data = fn.COALESCE(models.Mail.data, "{}").converter(models.Mail.data.python_value)
    return records.select(Mail, models.Mail, to=models.Mail.to_email, data=data)


LISTING: Listing[Mail] = Listing(
    _query, key=models.Mail.id, sorts={"id": ()}, default="-id", count_limit=1000
)


# Reading


def find(mail_id: str) -> Mail:
    """A mail by its id.

    Raises: NotFound.
    """
    return records.one(_query().where(models.Mail.id == mail_id))


def of_card(card_id: str, *, limit: int = 20) -> list[Mail]:
    """The mails about a card, newest first; for the card's page.

    A mail with all the cards that an order bought for one person is among them (S71).
    """
    bought_in = GiftCard.select(GiftCard.order_id).where(GiftCard.id == card_id)
    own = models.Mail.card_id == card_id
    shared = (models.Mail.kind == "cards_purchased") & (models.Mail.order_id == bought_in)
    found = LISTING.page(own, shared, limit=limit).items
    return [mail for mail in found if card_id in mail.card_ids]


def of_address(email: str, *, limit: int = 20) -> list[Mail]:
    """The mails to an address, newest first; for the customer's page."""
    return list(LISTING.uncounted(models.Mail.to_email == email, limit=limit).items)


def listing(
    *, state: str | None = None, to: str = "", after: str | None = None, limit: int = 25
) -> Page[Mail]:
    """The outbox, newest first: of one state, to addresses that begin with ``to``."""
    way = models.Mail.id.is_null(False)
    if state in STATES:
        way &= models.Mail.state == literal(state)
    if to:
        way &= search_terms.begins(models.Mail.to_email, emails.folded(to))
    return LISTING.page(way, after=after, limit=limit)


# The worker's side


def claim(*, limit: int = 10) -> list[Mail]:
    """Claim due mails for this worker alone, the longest due first."""
    return _claim(limit) if leases.is_any_due(models.Mail) else []


@transactional
def _claim(limit: int) -> list[Mail]:
    claimed = leases.claim(models.Mail, limit=limit, lease=LEASE)
    if not claimed:
        return []
    mails = list(_query().where(models.Mail.id.in_(claimed)).order_by(models.Mail.id))
    worn_out = [mail for mail in mails if mail.attempts > len(BACK_OFF) + 1]
    for mail in worn_out:
        _write(mail, FAILED, problem="The worker stopped each time it was about to send this.")
    return [mail for mail in mails if mail not in worn_out]


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


# A person's side


@transactional
def send_again(mail_id: str, *, by: Actor) -> Mail:
    """Send a mail now: one that waits, failed or is in doubt; of one that was sent, a copy.

    Raises: NotFound, Refused (it is being sent, or was withdrawn).
    """
    mail = records.one(database.locked(_query().where(models.Mail.id == mail_id)))
    if mail.status == SENDING and mail.due_at > clock.now():
        raise Refused("This mail is being sent right now. Look again in a minute.")
    if mail.state == WITHDRAWN:
        raise Refused("This mail was withdrawn because its card has ended.")
    audit.record(by=by, action="mail.sent_again", subject=mail_id, is_test=mail.is_test)
    if mail.state == SENT:
        return _copy(mail)
    _send_now(models.Mail.id == mail_id)
    return find(mail_id)


def _send_now(condition: peewee.Expression) -> int:
    update = models.Mail.update(state=WAITING, attempts=0, due_at=clock.now(), problem=None)
    return update.where(condition).execute()


@transactional
def send_failed_again(*, by: Actor) -> int:
    """Send every mail again that failed, such as after days without a mail server; how many."""
    count = _send_now(models.Mail.state == FAILED)
    audit.record(by=by, action="mail.failed_sent_again", subject="outbox", data={"count": count})
    return count


def _copy(mail: Mail) -> Mail:
    mail_id, now = ids.new("mail"), clock.now()
    again = {"state": WAITING, "attempts": 0, "due_at": now, "sent_at": None, "problem": None}
    changes = {"id": mail_id, "to_email": mail.to, "created_at": now} | again
    database.insert("mail", **records.stored(models.Mail, mail, **changes))
    return find(mail_id)
