"""What has been used of today's limits: one row a day and counter, locked by being counted."""

from datetime import timedelta

from giftweb import clock
from giftweb.models import DailyUse

KEPT_DAYS = 7


def add(counter: str, amount: int) -> int:
    """Count ``amount`` to today's use of a counter; what it comes to.

    The row is locked until the transaction ends, and a transaction that fails takes it back.
    """
    use = DailyUse.insert(day=clock.today(), counter=counter, amount=amount)
    found = use.on_conflict(
        conflict_target=[DailyUse.day, DailyUse.counter],
        update={DailyUse.amount: DailyUse.amount + amount},
    ).returning(DailyUse.amount)
    ((total,),) = found.tuples().execute()
    return total


def prune() -> int:
    """Drop the use of days that are over; how many rows."""
    last = clock.today() - timedelta(days=KEPT_DAYS)
    return DailyUse.delete().where(DailyUse.day < last).execute()
