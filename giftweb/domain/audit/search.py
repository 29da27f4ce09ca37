"""Reading the audit log: who did what, when and why (B15)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import peewee
from peewee import Expression

from giftweb import ids, models
from giftweb.database import records
from giftweb.database.listings import Listing, Page, combine, literal
from giftweb.domain import emails, search_terms, time_zones
from giftweb.domain.audit.log import Entry


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; an empty field is no condition.

    ``actor`` is an id or one of KINDS, ``action`` an action or its noun (``gift_card``),
    ``subject`` whatever ``subjects_named`` understands; both days count.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    first_on: date | None = None
    last_on: date | None = None


PAGE = 50
KINDS = ("staff", "api", "customer", "shop", "cli", "system")
LISTING: Listing[Entry] = Listing(
    lambda: records.select(Entry, models.AuditEntry),
    key=models.AuditEntry.id,
    sorts={"id": ()},
    default="-id",
    count_limit=1000,
    has_indexes=True,
)

_MAX_SUBJECTS = 50
_SLACK = 60_000_000
_LONGEST_NUMBER = 18


def search(wanted: Wanted, *, after: str | None = None, limit: int = PAGE) -> Page[Entry]:
    """The page of entries older than the entry ``after``, newest first."""
    return LISTING.page(combine(filters=_conditions(wanted)), after=after, limit=limit)


def portions(wanted: Wanted) -> Iterator[list[Entry]]:
    """All entries that fit, newest first, in portions; for downloads."""
    return LISTING.portions(combine(filters=_conditions(wanted)))


def subjects_named(text: str) -> list[str]:
    """The ids that somebody may mean by what they typed: an id, an order's number, the last four
    characters of a card, or an address."""
    typed = text.strip()
    if ids.SHAPE.fullmatch(typed):
        return [typed]
    if typed.lstrip("#").isdecimal() and 4 < len(typed) <= _LONGEST_NUMBER:
        number = int(typed.lstrip("#"))
        found = models.Order.select(models.Order.id).where(models.Order.number == number)
    elif "@" in typed:
        email = emails.folded(typed)
        found = models.Staff.select(models.Staff.id).where(models.Staff.email == email)
        customers = models.Customer.select(models.Customer.id)
        found = found.union(customers.where(models.Customer.email == email))
    else:
        found = models.GiftCard.select(models.GiftCard.id)
        found = found.where(models.GiftCard.last4 == typed.upper())
        found = found.order_by(models.GiftCard.id.desc()).limit(_MAX_SUBJECTS)
    return [subject for (subject,) in found.tuples()] or [typed]


def names_of(mentioned: Iterable[str]) -> dict[str, str]:
    """What people call the things behind ids: names, an order's number, a card's last four."""
    by_kind: dict[str, set[str]] = {}
    for one in mentioned:
        by_kind.setdefault(one.partition("_")[0], set()).add(one)
    named: dict[str, str] = {}
    for kind, (table, name) in _NAMES.items():
        if wanted := sorted(by_kind.get(kind, ())):
            found = table.select(table.id, name).where(table.id.in_(wanted))
            if table is not name.model:
                found = found.join(name.model)
            named.update((key, str(value)) for key, value in found.tuples())
    return named


_NAMES: dict[str, tuple[Any, peewee.Field]] = {
    "stf": (models.Staff, models.Staff.name),
    "cus": (models.Customer, models.Customer.name),
    "cmp": (models.Campaign, models.Campaign.name),
    "gc": (models.GiftCard, models.GiftCard.last4),
    "ord": (models.Order, models.Order.number),
    "key": (models.ApiKey, models.Campaign.name),
}
"""The prefix of an id -> its table, and the column that names what it stands for."""


def _conditions(wanted: Wanted) -> list[Expression]:
    entry = models.AuditEntry
    found: list[Expression] = []
    if wanted.actor in KINDS:
        found.append(entry.actor_kind == wanted.actor)
    elif wanted.actor:
        found.append(entry.actor_id == wanted.actor)
        if wanted.actor.startswith("stf_"):
            # People of the desk have an index of their own; it covers their rows alone.
            found.append(entry.actor_kind == literal("staff"))
    if wanted.action:
        start, end = f"{wanted.action}.", f"{wanted.action}/"
        of_noun = (entry.action >= start) & (entry.action < end)
        found.append((entry.action == wanted.action) | of_noun)
    if wanted.subject:
        found.append(entry.subject.in_(subjects_named(wanted.subject)))
    if wanted.first_on:
        # An id is never older than its row, and ids have an index.
        start_at = search_terms.start_of(wanted.first_on, time_zones.of_house())
        found.append(entry.id >= ids.earliest("aud", start_at - _SLACK))
    return [
        *found,
        *search_terms.within_days(entry.at, wanted.first_on, wanted.last_on, time_zones.of_house()),
    ]
