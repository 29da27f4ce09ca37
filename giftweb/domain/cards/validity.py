"""The last day of a card, which counts from the day the card is delivered (D25, I36).

A card that is to be sent and is valid for a number of days has a day on which it is expected to
end, but no end: ``expires_at`` is empty until its mail or parcel has gone out. So no card is over
before it arrives, however long that takes. A last day that a person chose is the end from the
start, and is not before the day of the delivery.
"""

from datetime import date, datetime
from typing import NamedTuple, Protocol

from giftweb import days
from giftweb.errors import Invalid
from giftweb.language import lazy_gettext

PAST = lazy_gettext("Enter a date that is not in the past.")
BEFORE_DELIVERY = lazy_gettext(
    "Enter a date that is not before {}, the day on which the card is delivered."
)


class Validity(NamedTuple):
    """When a card is over: its last day, and the instant after that day, if it is certain."""

    expires_on: date | None
    expires_at: datetime | None


class Terms(Protocol):
    """What says how long a card is valid: its last day, or a number of days."""

    @property
    def expires_on(self) -> date | None: ...
    @property
    def valid_days(self) -> int | None: ...


def of_new(
    terms: Terms,
    *,
    issued_at: datetime,
    deliver_at: datetime | None,
    zone: str,
    to_years_end: bool = False,
) -> Validity:
    """The validity of a card that is issued at an instant and sent at another, or not at all.

    ``to_years_end``: its days go on to the end of the year (``law.rules.ends_with_year``).
    """
    if terms.expires_on is not None:
        return Validity(terms.expires_on, days.end_of(terms.expires_on, zone))
    if terms.valid_days is None:
        return Validity(None, None)
    first = days.day_of(deliver_at or issued_at, zone)
    last = days.later(first, terms.valid_days)
    if to_years_end:
        last = days.years_end(last.year)
    return Validity(last, days.end_of(last, zone) if deliver_at is None else None)


def require_in_time(
    expires_on: date | None, *, deliver_at: datetime | None, zone: str, field: str = "expires_on"
) -> None:
    """Refuse a last day that is over, or comes before the day of the delivery.

    Raises: Invalid.
    """
    if expires_on is None:
        return
    if expires_on < days.today(zone):
        raise Invalid(PAST, field=field)
    if deliver_at is not None and expires_on < (first := days.day_of(deliver_at, zone)):
        raise Invalid(BEFORE_DELIVERY.format(first.isoformat()), field=field)


class Sent(Protocol):
    """What a card's validity is counted from."""

    @property
    def expires_on(self) -> date | None: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def deliver_at(self) -> datetime | None: ...
    @property
    def created_at(self) -> datetime: ...


def delivered(card: Sent, *, at: datetime, zone: str, to_years_end: bool = False) -> Validity:
    """The validity of a card that is sent at an instant: its end is certain now."""
    if card.expires_on is None:
        return Validity(None, None)
    last = _last_day(card, deliver_at=at, zone=zone, to_years_end=to_years_end)
    if card.expires_at is not None and last == card.expires_on:
        return Validity(last, card.expires_at)
    return Validity(last, days.end_of(last, zone))


def moved(
    card: Sent,
    *,
    deliver_at: datetime | None,
    now: datetime,
    zone: str,
    to_years_end: bool = False,
) -> Validity:
    """The validity of a card once it is to be sent at another time; None: it is not sent at all."""
    if card.expires_on is None or card.expires_at is not None:
        return Validity(card.expires_on, card.expires_at)
    last = _last_day(card, deliver_at=deliver_at or now, zone=zone, to_years_end=to_years_end)
    return Validity(last, days.end_of(last, zone) if deliver_at is None else None)


def _last_day(card: Sent, *, deliver_at: datetime, zone: str, to_years_end: bool) -> date:
    """The last day of a card that has one, if it is sent then."""
    assert card.expires_on is not None  # noqa: S101 - asked of such cards alone
    first = days.day_of(deliver_at, zone)
    if card.expires_at is not None:
        return max(card.expires_on, first)
    begun = _counted_from(card, zone)
    if to_years_end and card.expires_on == days.years_end(card.expires_on.year):
        return days.years_end(first.year + card.expires_on.year - begun.year)
    return days.later(first, (card.expires_on - begun).days)


def _counted_from(card: Sent, zone: str) -> date:
    """The day from which its last day was counted. An older program counted from the issue."""
    planned = days.day_of(card.deliver_at or card.created_at, zone)
    if card.expires_on is not None and planned > card.expires_on:
        return days.day_of(card.created_at, zone)
    return planned
