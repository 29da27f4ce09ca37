"""The mails of the outbox: what each is about, where it stands, and how they are listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee
from peewee import fn

from giftweb import clock, models
from giftweb.database import records
from giftweb.database.listings import Listing, Page, literal
from giftweb.domain import emails, search_terms
from giftweb.models import GiftCard

WAITING, SENDING, SENT = "waiting", "sending", "sent"
FAILED, UNCLEAR, WITHDRAWN, SCHEDULED = "failed", "unclear", "withdrawn", "scheduled"
FILTERS = (WAITING, SCHEDULED, SENDING, UNCLEAR, SENT, FAILED, WITHDRAWN)
"""What the list can be narrowed to."""


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


def select() -> peewee.ModelSelect:
    """The query that every mail comes from; add conditions."""
    data = fn.COALESCE(models.Mail.data, "{}").converter(models.Mail.data.python_value)
    return records.select(Mail, models.Mail, to=models.Mail.to_email, data=data)


LISTING: Listing[Mail] = Listing(
    select, key=models.Mail.id, sorts={"id": ()}, default="-id", count_limit=1000
)


# Reading


def find(mail_id: str) -> Mail:
    """A mail by its id.

    Raises: NotFound.
    """
    return records.one(select().where(models.Mail.id == mail_id))


def of_card(card_id: str, *, limit: int = 20) -> list[Mail]:
    """The mails about a card, newest first; for the card's page.

    A mail with all the cards that an order bought for one person is among them (S71).
    """
    bought_in = GiftCard.select(GiftCard.order_id).where(GiftCard.id == card_id)
    own = models.Mail.card_id == card_id
    shared = (models.Mail.kind == "cards_purchased") & (models.Mail.order_id == bought_in)
    found = LISTING.page([own, shared], limit=limit).items
    return [mail for mail in found if card_id in mail.card_ids]


def of_order(order_id: str, *, card_ids: Sequence[str] = (), limit: int = 50) -> list[Mail]:
    """The mails about an order and about these cards of it, newest first."""
    own = models.Mail.order_id == order_id
    either = own | models.Mail.card_id.in_(list(card_ids)) if card_ids else own
    return list(LISTING.uncounted([either], limit=limit).items)


def of_address(email: str, *, limit: int = 20) -> list[Mail]:
    """The mails to an address, newest first; for the customer's page."""
    return list(LISTING.uncounted([models.Mail.to_email == email], limit=limit).items)


def listing(
    *, state: str | None = None, to: str = "", after: str | None = None, limit: int = 25
) -> Page[Mail]:
    """The outbox, newest first: of one state, to addresses that begin with ``to``."""
    condition = models.Mail.id.is_null(False)
    if state in FILTERS:
        condition &= models.Mail.state == literal(WAITING if state == SCHEDULED else state)
    if state in (WAITING, SCHEDULED):
        is_ahead = (models.Mail.due_at > clock.now()) & (models.Mail.attempts == 0)
        condition &= is_ahead if state == SCHEDULED else ~is_ahead
    if to:
        condition &= search_terms.begins(models.Mail.to_email, emails.folded(to))
    return LISTING.page([condition], after=after, limit=limit)
