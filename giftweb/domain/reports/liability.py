"""What the company owes: balances of live cards at an instant, by their source (I33, B11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from giftweb import clock, database, days
from giftweb.models import FUNDED, FUNDING
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Owed:
    """What is left of the money of one source, and how many cards hold any of it."""

    source: str
    amount: Money
    count: int


@dataclass(frozen=True, slots=True)
class Liability:
    """All that is owed in one currency at the end of a day."""

    currency: str
    total: Money
    by_source: tuple[Owed, ...]


_MOVED = ", ".join(
    f"SUM(CASE WHEN to_account = card_id THEN {column} ELSE -{column} END) AS {column}"
    for column in FUNDED
)
_SUMS = ", ".join(
    f"CAST(SUM({column}) AS BIGINT), SUM(CASE WHEN {column} > 0 THEN 1 ELSE 0 END)"
    for column in FUNDED
)


def liability(*, on: date | None = None, zone: str = days.WORLD) -> list[Liability]:
    """What was owed at the end of a day there (now, when it is today), a row a currency.

    What is left of each source is what transfers before that instant have brought of it, less what
    they took (D29). Test money is left out (D16).
    """
    found = database.rows(
        f"SELECT currency, {_SUMS} FROM (SELECT currency, card_id, {_MOVED} FROM transfer"
        " WHERE created_at < ? AND NOT is_test GROUP BY currency, card_id) cards"
        " GROUP BY currency ORDER BY currency",
        clock.to_micros(days.end_of(on or days.today(zone), zone)),
    )
    owed = [_liability(currency, sums) for currency, *sums in found]
    return [each for each in owed if each.total]


def _liability(currency: str, sums: Sequence[int]) -> Liability:
    by_source = tuple(
        Owed(source, Money(minor, currency), count)
        for source, minor, count in zip(FUNDING, sums[::2], sums[1::2], strict=True)
        if minor
    )
    return Liability(currency, Money(sum(sums[::2]), currency), by_source)
