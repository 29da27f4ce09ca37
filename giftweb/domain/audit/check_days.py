"""The live transfers counted by the day on which they happened in a time zone (D25)."""

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from giftweb import clock, database, days
from giftweb.models import FUNDED, FUNDING


class Group(NamedTuple):
    """What is counted together; the columns of DailySum. Empty text stands for none."""

    day: str
    currency: str
    campaign_id: str
    acceptor_id: str
    source: str
    kind: str
    cohort: str


Counts = dict[Group, list[int]]
"""By group: the effect on what is owed, and how many more cards hold money of the source."""

_QUARTER = 15 * 60 * 1_000_000
"""The days of every zone begin with a quarter of an hour in UTC, since 1972."""

_MOVED = (
    "SELECT t.card_id, t.number, t.kind, t.to_account = t.card_id, t.created_at, t.currency,"
    " COALESCE(g.campaign_id, ''), COALESCE(o.campaign_id, ''), g.created_at, {parts}"
    " FROM transfer t JOIN gift_card g ON g.id = t.card_id LEFT JOIN orders o ON o.id = t.order_id"
    " WHERE t.card_id IN (SELECT card_id FROM transfer WHERE number > ? AND number <= ?"
    " AND NOT is_test) AND t.number <= ? ORDER BY t.card_id, t.version"
).format(parts=", ".join(f"t.{column}" for column in FUNDED))

_FIRST_CARDS = (
    "WITH RECURSIVE chain (card_id, id) AS (SELECT g.id, g.replaces_id FROM gift_card g"
    " WHERE g.replaces_id IS NOT NULL AND g.id IN (SELECT card_id FROM transfer"
    " WHERE number > ? AND number <= ? AND NOT is_test)"
    " UNION ALL SELECT c.card_id, g.replaces_id FROM chain c JOIN gift_card g ON g.id = c.id"
    " WHERE g.replaces_id IS NOT NULL)"
    " SELECT c.card_id, MIN(g.created_at) FROM chain c JOIN gift_card g ON g.id = c.id"
    " GROUP BY c.card_id"
)


def last_number() -> int:
    """The number of the last transfer that is there."""
    return database.scalar("SELECT COALESCE(MAX(number), 0) FROM transfer")


def count(zone: str, *, after: int, to: int) -> Counts:
    """The transfers of live money after one number, up to another, by group.

    Whether a card begins or ceases to hold money of a source depends on what it held before, so
    the whole history of each card that has moved is read.
    """
    counts: Counts = defaultdict(lambda: [0, 0])
    first = dict(database.rows(_FIRST_CARDS, after, to))
    last_card, held, total = "", [0] * len(FUNDING), 0
    for card_id, number, kind, is_credit, at, currency, campaign, acceptor, made, *parts in _moved(
        after, to
    ):
        if card_id != last_card:
            last_card, held, total = card_id, [0] * len(FUNDING), 0
        sign = 1 if is_credit else -1
        effects = [sign * part for part in parts]
        if number > after:
            day, cohort = _day(at, zone), _day(first.get(card_id, made), zone)[:7]
            shared = (day, currency, campaign, acceptor)
            for source, before, effect in zip(FUNDING, held, effects, strict=True):
                if effect:
                    found = counts[Group(*shared, source, kind, cohort)]
                    found[0] += effect
                    found[1] += (before + effect > 0) - (before > 0)
            if change := (total + sum(effects) > 0) - (total > 0):
                counts[Group(*shared, "", kind, cohort)][1] += change
        held = [before + effect for before, effect in zip(held, effects, strict=True)]
        total += sum(effects)
    return counts


def _moved(after: int, to: int) -> Iterator[Any]:
    yield from database.rows(_MOVED, after, to, to)


@lru_cache(maxsize=4096)
def _day_of_quarter(quarter: int, zone: str) -> str:
    return days.day_of(clock.from_micros(quarter * _QUARTER), zone).isoformat()


def _day(micros: int, zone: str) -> str:
    return _day_of_quarter(micros // _QUARTER, zone)
