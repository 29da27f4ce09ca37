"""Closing a month: its sums are sealed, and nothing may be dated into it any more (B30, I42).

Nothing ever is, as a transfer has the time at which it is written. A correction of last month is a
transfer of today.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from giftweb import clock, database, days
from giftweb.database import constraints, records, transactional
from giftweb.domain import audit, reports, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.errors import Refused
from giftweb.models import ClosedMonth, Transfer


class MonthClosed(Refused):
    """This month is closed. Correct it with a movement of today."""

    code = "month_closed"


class NothingToClose(Refused):
    """No month is over that is not closed yet."""

    code = "nothing_to_close"


class StillWriting(Refused):
    """Something is being written at this moment. Try again in a minute."""

    code = "still_writing"


constraints.declare("transfer_is_of_no_closed_month", MonthClosed)

_MARGIN = timedelta(minutes=5)
"""How long after its end a month is closed at the earliest: no transaction is open for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A month that is closed: when, by whom, and in which zone its days are."""

    month: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    transfers_to: int
    sums: audit.check_months.Sums
    closed_at: datetime
    closed_by: str

    @property
    def first_on(self) -> date:
        """Its first day."""
        return first_day(self.month)

    @property
    def last_on(self) -> date:
        """Its last day."""
        return days.last_day_before(self.ends_at, self.time_zone)


def first_day(month: str) -> date:
    """The first day of ``2027-01``."""
    return date.fromisoformat(f"{month}-01")


def closed() -> list[Closed]:
    """The closed months, newest first."""
    return list(records.select(Closed, ClosedMonth).order_by(ClosedMonth.month.desc()))


def next_month() -> str | None:
    """The month that is closed next, if it is over: the one after the last, or the one of the first
    transfer; None when none is."""
    zone = time_zones.of_house()
    month = _following(zone)
    if month is None or _end_of(month, zone) + _MARGIN > clock.now():
        return None
    return month


def _following(zone: str) -> str | None:
    last = ClosedMonth.select(ClosedMonth.month).order_by(ClosedMonth.month.desc()).first()
    if last is not None:
        return _after(last.month)
    is_live = ~Transfer.is_test
    first = Transfer.select(Transfer.created_at).where(is_live).order_by(Transfer.number).first()
    return None if first is None else days.day_of(first.created_at, zone).isoformat()[:7]


def _after(month: str) -> str:
    return days.later(first_day(month), 31).isoformat()[:7]


def _end_of(month: str, zone: str) -> datetime:
    return days.start_of(first_day(_after(month)), zone)


def close_next(*, by: Actor) -> Closed:
    """Close the month that is next; its sums are sealed.

    Raises: NothingToClose, StillWriting.
    """
    month, zone = next_month(), time_zones.of_house()
    if month is None:
        raise NothingToClose
    try:
        transfers_to, _ = audit.checkpoints.last_final()
    except audit.checkpoints.StillWriting as problem:
        raise StillWriting from problem
    audit.checkpoints_by_day.write_all()
    last_on = days.last_day_before(_end_of(month, zone), zone)
    wanted = reports.wanted(as_of=last_on)
    with database.snapshot():
        starts_at = _start_of(month, zone)
        ends_at = _end_of(month, zone)
        between = (clock.to_micros(starts_at), clock.to_micros(ends_at))
        sums = audit.check_months.sums_of(*between, transfers_to)
        ages = reports.ageing.ages(wanted)
    _store(
        Closed(
            month=month,
            time_zone=zone,
            starts_at=starts_at,
            ends_at=ends_at,
            transfers_to=transfers_to,
            sums=sums,
            closed_at=clock.now(),
            closed_by=by.id,
        ),
        ages,
        by=by,
    )
    return closed()[0]


def _start_of(month: str, zone: str) -> datetime:
    """Where the month before ended, whatever the zone was then: no instant is in two or in none."""
    before = ClosedMonth.select(ClosedMonth.ends_at).order_by(ClosedMonth.month.desc()).first()
    return days.start_of(first_day(month), zone) if before is None else before.ends_at


@transactional
def _store(new: Closed, ages: list, *, by: Actor) -> None:
    audit.record(by=by, action="books.month_closed", subject=new.month, data=new.sums)
    audit.seals.insert(ClosedMonth, new, ages=ages)
