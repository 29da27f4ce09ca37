"""A day at the counter, by the clocks of the shop: what was done, and its sums (B21)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from giftweb import days
from giftweb.domain import cards
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.voucher_tax import Moved
from giftweb.domain.desk import counter_entries
from giftweb.domain.desk.counter_entries import Entry
from giftweb.models import CounterEntry
from giftweb.money import Money

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Sum:
    """What one kind of entries comes to in a currency."""

    kind: str
    count: int
    total: Money


@dataclass(frozen=True, slots=True)
class Tax:
    """What one kind of entries moved on single-purpose vouchers of a rate, and the tax in it."""

    kind: str
    moved: Moved

    @property
    def is_sale(self) -> bool:
        """Whether the till took money for the cards."""
        return self.kind in counter_entries.SALES


@dataclass(frozen=True, slots=True)
class Day:
    """The latest entries of a day, newest first, and the sums and taxes of all of them."""

    day: date
    entries: tuple[Entry, ...]
    sums: tuple[Sum, ...]
    taxes: tuple[Tax, ...]
    count: int


def read(campaign: Campaign, day: date) -> Day:
    """What was done at the campaign's counter on a day of its time zone."""
    starts_at = days.at(day, time(), campaign.time_zone)
    ends_at = days.at(day + timedelta(days=1), time(), campaign.time_zone)
    entry = CounterEntry
    is_of_day = (
        (entry.campaign == campaign.id)
        & (entry.created_at >= starts_at)
        & (entry.created_at < ends_at)
    )
    found = counter_entries.select().where(is_of_day)
    entries = tuple(found.order_by(entry.created_at.desc(), entry.id.desc()))
    moved = cards.voucher_tax.of_transfers(entry.select(entry.transfer).where(is_of_day))
    taxes = _taxes(entries, moved)
    return Day(day, entries[:MOST_SHOWN], _sums(entries), taxes, len(entries))


def _sums(entries: Iterable[Entry]) -> tuple[Sum, ...]:
    totals: Counter[tuple[str, str]] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    for each in entries:
        totals[each.kind, each.currency] += each.amount_minor
        counts[each.kind, each.currency] += 1
    in_order = sorted(totals, key=lambda pair: (counter_entries.KINDS.index(pair[0]), pair[1]))
    return tuple(
        Sum(kind, counts[kind, currency], Money(totals[kind, currency], currency))
        for kind, currency in in_order
    )


def _taxes(entries: Iterable[Entry], moved: Mapping[str, Moved]) -> tuple[Tax, ...]:
    sold: Counter[tuple[int, int, str]] = Counter()
    taxes: Counter[tuple[int, int, str]] = Counter()
    for each in entries:
        if part := moved.get(each.transfer_id):
            key = (counter_entries.KINDS.index(each.kind), part.rate, part.sold.currency)
            sold[key] += part.sold.minor
            taxes[key] += part.tax.minor
    return tuple(
        Tax(
            counter_entries.KINDS[kind],
            Moved(rate, Money(sold[kind, rate, currency], currency), Money(minor, currency)),
        )
        for (kind, rate, currency), minor in sorted(taxes.items())
    )
