"""Rates that a person stores: they decide what gift cards of other currencies pay (S66).

Once a day a person stores rates within a tenth of what holds; whatever else they bring waits for
another person. Every Root is mailed either way.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from giftweb import clock
from giftweb.database import transactional
from giftweb.domain import catalogue, limits, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.catalogue.rates import NewRate
from giftweb.domain.desk import asking, second_person
from giftweb.domain.limits import Request, details
from giftweb.language import lazy_gettext
from giftweb.models import AuditEntry
from giftweb.money import Money

MOST_CHANGE = Fraction(1, 10)
ALONE_EVERY = timedelta(days=1)
_SHOWN = 5
"""How many of those that differ little are listed; those that differ much are listed all."""


@transactional
def store(content: bytes, *, by: Actor) -> tuple[int, bool]:
    """Store the rates of a CSV file, or none; how many, and whether they wait for another person.

    In a house with nobody else who could approve them nothing waits.

    Raises: as ``catalogue.rates.read_file``; Refused (too many requests of this person wait).
    """
    found = catalogue.rates.read_file(content)
    held = _held({(each.base, each.quote) for each in found})
    far = [each for each in found if _is_far(each, *held[each.base, each.quote])]
    if (far or _has_stored_some(by)) and second_person.exists(by, needs_root=True):
        if asking.keep(_request(found, far or found[:_SHOWN]), by=by):
            staff.notices.to_every_root("rates.asked", by=by)
        return len(found), True
    set_rates(found, by=by)
    return len(found), False


@transactional
def set_rates(found: Iterable[NewRate], *, by: Actor) -> None:
    """Store rates, and mail every Root that somebody has."""
    catalogue.rates.set_rates(list(found), by=by)
    staff.notices.to_every_root("rates.set", by=by)


def _held(
    pairs: Iterable[tuple[str, str]],
) -> dict[tuple[str, str], tuple[date | None, str | None]]:
    """What holds today of each pair: since which day, and its rate."""
    known = catalogue.rates
    return {pair: (known.day_of(*pair), known.rate(*pair)) for pair in pairs}


def _is_far(new: NewRate, newest_on: date | None, known: str | None) -> bool:
    """Whether it will hold some day, and differs much from what holds by now, if anything does."""
    if newest_on is not None and new.on_date < newest_on:
        return False
    if known is None:
        return True
    change = Fraction(new.rate) / Fraction(known)
    return not 1 - MOST_CHANGE <= change <= 1 + MOST_CHANGE


def _has_stored_some(by: Actor) -> bool:
    entry = AuditEntry
    own = (entry.action == "rates.set") & (entry.actor_id == by.id)
    recent = entry.at > clock.now() - ALONE_EVERY
    return bool(entry.select(entry.id).where(own, recent).exists())


def _request(found: Sequence[NewRate], detailed: Sequence[NewRate]) -> Request:
    rows = [_detail(each) for each in detailed]
    if more := len(found) - len(rows):
        rows.append(details.row(lazy_gettext("Further rates"), str(more)))
    return Request(
        verb=limits.verbs.RATES,
        subject="rates",
        amount=Money(0, "USD"),
        arguments={"details": rows, "rates": [_row(each) for each in found]},
    )


def _detail(new: NewRate) -> list[details.Kept]:
    label = f"{new.base} → {new.quote}, {new.on_date}"
    known = catalogue.rates.rate(new.base, new.quote)
    if known is None:
        return details.row(label, new.rate)
    exact = Fraction(known)
    now = f"{Decimal(exact.numerator) / exact.denominator:.6g}"
    return details.row(label, details.WITH_OLD, new=new.rate, old=now)


def _row(new: NewRate) -> list[str]:
    return [new.on_date.isoformat(), new.base, new.quote, new.rate]


def asked_for(arguments: dict[str, Any]) -> list[NewRate]:
    """The rates of a request."""
    return [
        NewRate(date.fromisoformat(day), base, quote, rate)
        for day, base, quote, rate in arguments["rates"]
    ]
