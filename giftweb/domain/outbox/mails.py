"""Mails on their way out: claimed, handed over, sent; each at most once (I29).

A worker claims a mail for a while (``sending``), writes it, and talks to the mail server. Until the
server has the last line nothing has been sent, so whatever goes wrong there is tried again with a
growing wait. Just before that last line the mail is committed as ``unclear``, and once the server
has answered as ``sent``. A crash or silence in between leaves it ``unclear``: perhaps it was sent.
No program can know better, and a gift is not mailed twice on a guess: a person looks and decides.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from giftweb import clock, database, ids
from giftweb.database import transactional
from giftweb.domain import audit, emails
from giftweb.domain.audit.log import Actor
from giftweb.domain.outbox import leases
from giftweb.errors import NotFound, Refused

WAITING, SENDING, SENT = "waiting", "sending", "sent"
FAILED, UNCLEAR, WITHDRAWN, SCHEDULED = "failed", "unclear", "withdrawn", "scheduled"
STATES = (WAITING, SENDING, UNCLEAR, SENT, FAILED, WITHDRAWN)

LEASE = timedelta(minutes=5)
BACK_OFF = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 1440)
)
"""The waits between tries: almost three days in all."""

_PROBLEM_LIMIT = 300
_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of the outbox. ``held`` is the token of the claim that a worker has on it."""

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
    def held(self) -> int:
        """The end of the lease, which names the claim."""
        return clock.to_micros(self.due_at)

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


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the outbox, newest first; ``count`` stops at a thousand."""

    mails: tuple[Mail, ...]
    after: str | None
    count: int

    @property
    def is_counted_whole(self) -> bool:
        """Whether ``count`` is all there is."""
        return self.count <= _COUNTED


_COLUMNS = (
    "id, kind, to_email, card_id, order_id, data, is_test, state, attempts, due_at, created_at,"
    " sent_at, problem"
)
_SELECT = f"SELECT {_COLUMNS} FROM mail"


def _mail(row: tuple) -> Mail:
    mail_id, kind, to, card_id, order_id, data, is_test, *progress = row
    state, attempts, due, made, sent, problem = progress
    return Mail(
        id=mail_id,
        kind=kind,
        to=to,
        card_id=card_id,
        order_id=order_id,
        data=json.loads(data) if data else {},
        is_test=bool(is_test),
        state=state,
        attempts=attempts,
        due_at=clock.from_micros(due),
        created_at=clock.from_micros(made),
        sent_at=None if sent is None else clock.from_micros(sent),
        problem=problem,
    )


# Reading


def find(mail_id: str) -> Mail:
    """A mail by its id.

    Raises: NotFound.
    """
    found = database.row(f"{_SELECT} WHERE id = ?", mail_id)
    if found is None:
        raise NotFound
    return _mail(found)


def of_card(card_id: str, *, limit: int = 20) -> list[Mail]:
    """The mails about a card, newest first; for the card's page.

    A mail with all the cards that an order bought for one person is among them (S71).
    """
    found = database.rows(
        f"{_SELECT} WHERE card_id = ? UNION {_SELECT} WHERE kind = 'cards_purchased'"
        " AND order_id = (SELECT order_id FROM gift_card WHERE id = ?) ORDER BY id DESC LIMIT ?",
        card_id,
        card_id,
        limit,
    )
    return [mail for mail in map(_mail, found) if card_id in mail.card_ids]


def of_address(email: str, *, limit: int = 20) -> list[Mail]:
    """The mails to an address, newest first; for the customer's page."""
    return _newest("to_email = ?", [email], limit)


def _newest(condition: str, values: Sequence[Any], limit: int) -> list[Mail]:
    found = database.rows(f"{_SELECT} WHERE {condition} ORDER BY id DESC LIMIT ?", *values, limit)
    return [_mail(row) for row in found]


def listing(
    *, state: str | None = None, to: str = "", after: str | None = None, limit: int = 25
) -> Page:
    """The outbox, newest first: of one state, to addresses that begin with ``to``."""
    conditions, values = ["1 = 1"], []
    if state in STATES:
        # As a word of ours and not a parameter, so that the index of the few that failed is used.
        conditions.append(f"state = '{state}'")
    if to:
        conditions.append("to_email >= ? AND to_email < ?")
        beginning = emails.folded(to)
        values += [beginning, beginning + "\U0010ffff"]
    where = " AND ".join(conditions)
    count = database.scalar(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM mail WHERE {where} LIMIT ?) AS counted",
        *values,
        _COUNTED + 1,
    )
    if after:
        where, values = f"{where} AND id < ?", [*values, after]
    mails = _newest(where, values, limit + 1)
    more = mails[limit - 1].id if len(mails) > limit else None
    return Page(tuple(mails[:limit]), more, count)


# The worker's side


def claim(*, limit: int = 10) -> list[Mail]:
    """Claim due mails for this worker alone, the longest due first."""
    return _claim(limit) if leases.is_any_due("mail") else []


@transactional
def _claim(limit: int) -> list[Mail]:
    claimed = leases.claim("mail", limit=limit, lease=LEASE)
    if not claimed:
        return []
    found = database.rows(
        f"{_SELECT} WHERE id IN ({database.placeholders(claimed)}) ORDER BY id", *claimed
    )
    mails = [_mail(row) for row in found]
    worn_out = [mail for mail in mails if mail.attempts > len(BACK_OFF) + 1]
    for mail in worn_out:
        _settle(mail, FAILED, problem="The worker stopped each time it was about to send this.")
    return [mail for mail in mails if mail not in worn_out]


@transactional
def hand_over(mail: Mail) -> None:
    """The next line is the one that sends it: from here on it may have been sent.

    Raises: leases.LeaseLost when it is no longer ours to send.
    """
    leases.settle("mail", mail.id, held=mail.held, state=UNCLEAR)


@transactional
def mark_sent(mail: Mail) -> None:
    """The mail server took it."""
    leases.settle(
        "mail",
        mail.id,
        held=mail.held,
        was=UNCLEAR,
        state=SENT,
        sent_at=clock.micros(),
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
    _settle(mail, WAITING, problem=problem, handed_over=handed_over, due_at=due_at)
    return WAITING


@transactional
def refuse(mail: Mail, *, problem: str, handed_over: bool = False) -> str:
    """It cannot be sent however often it is tried, such as to an address that does not exist."""
    _settle(mail, FAILED, problem=problem, handed_over=handed_over)
    return FAILED


@transactional
def leave_unclear(mail: Mail, *, problem: str) -> str:
    """It was handed over and the server did not answer: it may have been sent."""
    _settle(mail, UNCLEAR, problem=problem, handed_over=True)
    return UNCLEAR


@transactional
def withdraw(mail: Mail, *, problem: str) -> str:
    """Its card ended before the mail was due: it is not sent."""
    _settle(mail, WITHDRAWN, problem=problem)
    return WITHDRAWN


@transactional
def give_back(mail: Mail) -> None:
    """Untouched: another worker, or this one in a moment, may take it. The try does not count."""
    leases.settle(
        "mail",
        mail.id,
        held=mail.held,
        state=WAITING,
        attempts=mail.attempts - 1,
        due_at=clock.micros(),
    )


def _settle(
    mail: Mail, state: str, *, problem: str, handed_over: bool = False, due_at: int | None = None
) -> None:
    leases.settle(
        "mail",
        mail.id,
        held=mail.held,
        was=UNCLEAR if handed_over else SENDING,
        state=state,
        due_at=clock.micros() if due_at is None else due_at,
        problem=problem[:_PROBLEM_LIMIT],
    )


# A person's side


@transactional
def send_again(mail_id: str, *, by: Actor) -> Mail:
    """Send a mail now: one that waits, failed or is in doubt; of one that was sent, a copy.

    Raises: NotFound, Refused (it is being sent, or was withdrawn).
    """
    lock = database.for_update()
    database.row(f"SELECT 1 FROM mail WHERE id = ?{lock}", mail_id)
    mail = find(mail_id)
    if mail.status == SENDING and mail.due_at > clock.now():
        raise Refused("This mail is being sent right now. Look again in a minute.")
    if mail.state == WITHDRAWN:
        raise Refused("This mail was withdrawn because its card has ended.")
    audit.record(by=by, action="mail.sent_again", subject=mail_id, is_test=mail.is_test)
    if mail.state == SENT:
        return _copy(mail)
    database.execute(
        "UPDATE mail SET state = 'waiting', attempts = 0, due_at = ?, problem = NULL WHERE id = ?",
        clock.micros(),
        mail_id,
    )
    return find(mail_id)


@transactional
def send_failed_again(*, by: Actor) -> int:
    """Send every mail again that failed, such as after days without a mail server; how many."""
    count = database.execute(
        "UPDATE mail SET state = 'waiting', attempts = 0, due_at = ?, problem = NULL"
        " WHERE state = 'failed'",
        clock.micros(),
    )
    audit.record(by=by, action="mail.failed_sent_again", subject="outbox", data={"count": count})
    return count


def _copy(mail: Mail) -> Mail:
    mail_id, now = ids.new("mail"), clock.micros()
    database.execute(
        "INSERT INTO mail (id, kind, to_email, card_id, order_id, data, is_test, state, attempts,"
        " due_at, created_at) SELECT ?, kind, to_email, card_id, order_id, data, is_test,"
        " 'waiting', 0, ?, ? FROM mail WHERE id = ?",
        mail_id,
        now,
        now,
        mail.id,
    )
    return find(mail_id)
