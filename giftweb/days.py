"""Days in a time zone: the one place that turns days into instants and back (D25), and how a day is
written."""

from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_date, format_skeleton

from giftweb import clock, language
from giftweb.errors import Invalid
from giftweb.language import gettext

WORLD = "UTC"
"""The zone of whoever has chosen none."""

_display_zone: ContextVar[str] = ContextVar("time_zone", default=WORLD)
_NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})
_NOT_PLACES = ("Etc/", "SystemV/", "US/", "Mexico/", "Brazil/", "Chile/", "Canada/")
_MOMENT = timedelta(microseconds=1)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


@cache
def zones() -> tuple[str, ...]:
    """Every time zone by its IANA name, such as ``Europe/Berlin``, in order."""
    return tuple(sorted(available_timezones() - _NO_PLACES))


@cache
def places() -> tuple[str, ...]:
    """The zones that are named after a place, such as ``Asia/Tokyo``, for people to choose from."""
    return tuple(name for name in zones() if "/" in name and not name.startswith(_NOT_PLACES))


def place_of(zone: str) -> str:
    """The place that a zone is named after: ``New York``."""
    return zone.rpartition("/")[2].replace("_", " ")


@cache
def _by_typed_name() -> dict[str, str]:
    cities = {name.rpartition("/")[2].lower(): name for name in reversed(zones())}
    return cities | {name.lower(): name for name in zones()}


def read_zone(text: str, *, field: str = "time_zone") -> str:
    """The name of the zone that was typed, or of the city alone; in capitals or not.

    Raises: Invalid.
    """
    found = _by_typed_name().get(text.strip().replace(" ", "_").lower())
    if found is None:
        raise Invalid(gettext("Enter a time zone such as Europe/Berlin."), field=field)
    return found


def today(zone: str) -> date:
    """Which day it is there now."""
    return day_of(clock.now(), zone)


def day_of(instant: datetime, zone: str) -> date:
    """Which day an instant belongs to there."""
    return local(instant, zone).date()


def local(instant: datetime, zone: str) -> datetime:
    """The instant as clocks there show it."""
    return instant.astimezone(ZoneInfo(zone))


def at(day: date, hour: time, zone: str) -> datetime:
    """The instant at which clocks there show an hour of a day, in UTC.

    Of an hour that comes twice it is the first; one that is left out is as much later.
    """
    return datetime.combine(day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def start_of(day: date, zone: str) -> datetime:
    """The first instant of a day there, in UTC."""
    return at(day, time(), zone)


def end_of(day: date, zone: str) -> datetime:
    """The first instant after a day there, in UTC."""
    return start_of(later(day, 1), zone)


def last_day_before(end: datetime, zone: str) -> date:
    """The day that ends with an instant: of ``end_of(day)`` the day itself."""
    return day_of(end - _MOMENT, zone)


def later(day: date, days: int) -> date:
    """So many days later."""
    return day + timedelta(days=days)


def years_end(year: int) -> date:
    """The last day of a year."""
    return date(year, 12, 31)


def days_later(instant: datetime, days: int, zone: str) -> datetime:
    """The same hour there so many days later, in UTC."""
    there = local(instant, zone)
    return at(later(there.date(), days), there.time(), zone)


# The clock that a page shows


def display_in(zone: str) -> None:
    """Show instants by the clocks of a zone from now on, in this request."""
    _display_zone.set(zone)


def display_zone() -> str:
    """The zone by whose clocks instants are shown now."""
    return _display_zone.get()


def day_text(on: date) -> str:
    """For people, as the language now writes it: ``22 Nov 2026``, in German ``22.11.2026``."""
    spoken = language.current()
    if spoken != language.ENGLISH:
        return _day_text_in(spoken, on)
    # By hand: strftime takes four times as long, and follows the machine's language.
    return f"{on.day} {_MONTHS[on.month * 4 - 4 : on.month * 4 - 1]} {on.year}"


@lru_cache(maxsize=1024)
def _day_text_in(spoken: str, on: date) -> str:
    return format_date(on, "medium", locale=language.locale())


def month_text(month: str) -> str:
    """For people, of ``2026-11``: ``November 2026`` in the language now."""
    first = date.fromisoformat(f"{month}-01")
    return str(format_skeleton("yMMMM", first, locale=language.locale()))
