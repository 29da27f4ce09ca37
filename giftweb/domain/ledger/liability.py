"""What the company owes: balances of live cards at an instant, by their source (I33, B11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from giftweb import clock, database, days
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Owed:
    """What cards of one source are worth, and how many of them hold anything."""

    source: str
    amount: Money
    count: int


@dataclass(frozen=True, slots=True)
class Liability:
    """All that is owed in one currency at the end of a day."""

    currency: str
    total: Money
    by_source: tuple[Owed, ...]


def liability(*, on: date | None = None, zone: str = days.WORLD) -> list[Liability]:
    """What was owed at the end of a day there (now, when it is today), a row a currency.

    Any past balance is the last transfer's before that instant. Test money is left out (D16).
    """
    found = database.rows(
        "SELECT g.currency, g.source, CAST(SUM(t.balance_after_minor) AS BIGINT), COUNT(*)"
        " FROM (SELECT card_id, MAX(version) AS version FROM transfer"
        " WHERE created_at < ? AND NOT is_test GROUP BY card_id) last"
        " JOIN transfer t ON t.card_id = last.card_id AND t.version = last.version"
        " JOIN gift_card g ON g.id = t.card_id WHERE t.balance_after_minor > 0"
        " GROUP BY g.currency, g.source ORDER BY g.currency, g.source",
        clock.to_micros(days.end_of(on or days.today(zone), zone)),
    )
    by_currency: dict[str, list[Owed]] = {}
    for currency, source, minor, count in found:
        owed = Owed(source, Money(int(minor), currency), count)
        by_currency.setdefault(currency, []).append(owed)
    return [_sum(currency, owed) for currency, owed in sorted(by_currency.items())]


def _sum(currency: str, owed: Sequence[Owed]) -> Liability:
    total = Money(sum(each.amount.minor for each in owed), currency)
    return Liability(currency, total, tuple(owed))
