"""The figures of the desk's first page: today and seven days, beside the seven days before."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from giftweb import database, days
from giftweb.domain import time_zones
from giftweb.domain.reports.books import Books
from giftweb.money import Money

Amounts = tuple[Money, ...]
"""An amount for each currency that there is any of."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum of seven days, what of it is of today, and that of the seven days before."""

    name: str
    week: Amounts
    today: Amounts
    before: Amounts


@dataclass(frozen=True, slots=True)
class Awaited:
    """Payments that have not come."""

    count: int
    amounts: Amounts


_FIGURES: dict[str, tuple[tuple[str, ...], str]] = {
    "issued": (("issue", "top_up"), ""),
    "redeemed": (("capture",), ""),
    "bonus_issued": (("issue",), "promotions"),
    "bonus_redeemed": (("capture",), "promotions"),
    "given": (("issue", "top_up"), "goodwill"),
}
"""Name -> the kinds of transfers in it, and of which source alone."""


def owed() -> list[tuple[Money, int]]:
    """What is owed now in each currency, the most cards first, and on how many cards."""
    zone = time_zones.of_house()
    with database.snapshot():
        found = Books(zone).sums("currency", last=days.today(zone))
    owed = [(Money(amount, currency), cards) for (currency,), (amount, cards) in found.items()]
    return sorted((each for each in owed if each[0]), key=lambda each: (-each[1], str(each[0])))


def figures(*names: str) -> list[Figure]:
    """The figures of these names, in the days of the house's time zone."""
    zone = time_zones.of_house()
    today = days.today(zone)
    first, before = days.later(today, -6), days.later(today, -13)
    with database.snapshot():
        books = Books(zone)
        sums = books.sums("currency", "source", "kind", "day", first=before, last=today)
    return [
        Figure(
            name,
            week=_amounts(sums, name, first, today),
            today=_amounts(sums, name, today, today),
            before=_amounts(sums, name, before, days.later(first, -1)),
        )
        for name in names
    ]


def _amounts(sums: dict, name: str, first: date, last: date) -> Amounts:
    kinds, only = _FIGURES[name]
    found: Counter[str] = Counter()
    for (currency, source, kind, day), (amount, _) in sorted(sums.items()):
        is_in_time = first.isoformat() <= day <= last.isoformat()
        if is_in_time and kind in kinds and source == (only or source):
            found[currency] += abs(amount)
    return tuple(Money(minor, currency) for currency, minor in found.most_common() if minor)


def awaited() -> Awaited:
    """Live payments that have not come."""
    found = database.rows(
        "SELECT o.currency, COUNT(*), CAST(SUM(p.amount_minor) AS BIGINT) FROM payment p"
        " JOIN orders o ON o.id = p.order_id WHERE p.state = 'pending' AND NOT o.is_test"
        " GROUP BY o.currency ORDER BY COUNT(*) DESC, o.currency"
    )
    amounts = tuple(Money(minor, currency) for currency, _, minor in found)
    return Awaited(sum(count for _, count, _ in found), amounts)
