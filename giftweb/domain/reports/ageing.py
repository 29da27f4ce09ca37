"""How long the money that is owed has been waiting (B11)."""

import json
from collections import defaultdict
from datetime import date

from giftweb import clock, database, days
from giftweb.domain import audit
from giftweb.domain.reports.books import Books
from giftweb.domain.reports.values import Report, Row, Wanted, named, totals
from giftweb.models import FUNDED, FUNDING

AGES = ("0-30", "31-90", "91-180", "181-365", "366+")
"""Days since the money came; the last has no end."""

_STARTS = (30, 90, 180, 365)
"""The oldest day of each age but the last, in days before."""

_MOVED = ", ".join(
    f"SUM(CASE WHEN to_account = card_id THEN {column} ELSE -{column} END) AS {column}"
    for column in FUNDED
)
_HELD = (
    f"SELECT card_id, currency, {_MOVED} FROM transfer WHERE created_at < ? AND NOT is_test"
    " GROUP BY card_id, currency HAVING SUM(CASE WHEN to_account = card_id THEN amount_minor"
    " ELSE -amount_minor END) > 0"
)
_PARTS = " UNION ALL ".join(
    f"SELECT card_id, currency, '{source}' AS source, {column} AS held FROM held WHERE {column} > 0"
    for source, column in zip(FUNDING, FUNDED, strict=True)
)
_CANCELLED = (
    "COALESCE((SELECT SUM(b.amount_minor) FROM transfer b WHERE b.parent_id = t.id"
    " AND b.kind = 'cancel' AND b.created_at < ?), 0)"
)
_SOURCES = ", ".join(f"'{source}'" for source in FUNDING)
_LEFT = "CASE WHEN p.held - c.newer < c.amount THEN p.held - c.newer ELSE c.amount END"
_AGE = f"CASE {' '.join(['WHEN came_at >= ? THEN ?'] * len(_STARTS))} ELSE ? END"

_AGES = (
    "WITH RECURSIVE held AS ("
    f"{_HELD}), part AS ("
    f"{_PARTS}), chain (card_id, id) AS (SELECT card_id, card_id FROM held UNION ALL"
    " SELECT c.card_id, f.older FROM chain c JOIN (SELECT id AS newer, replaces_id AS older"
    " FROM gift_card WHERE replaces_id IS NOT NULL UNION ALL SELECT merged_into_id, id"
    " FROM gift_card WHERE merged_into_id IS NOT NULL) f ON f.newer = c.id), brought AS ("
    "SELECT c.card_id, t.from_account AS source,"
    f" t.created_at, t.number, t.amount_minor - {_CANCELLED} AS amount FROM chain c"
    f" JOIN transfer t ON t.card_id = c.id AND t.from_account IN ({_SOURCES})"
    " AND t.created_at < ?), credit AS (SELECT card_id, source, created_at, amount,"
    " SUM(amount) OVER (PARTITION BY card_id, source ORDER BY number DESC) - amount AS newer"
    f" FROM brought), lot AS (SELECT p.card_id, p.currency, p.source, c.created_at AS came_at,"
    f" {_LEFT} AS amount FROM part p JOIN credit c ON c.card_id = p.card_id"
    " AND c.source = p.source AND c.newer < p.held UNION ALL SELECT p.card_id, p.currency,"
    " p.source, (SELECT MIN(t.created_at) FROM transfer t WHERE t.card_id = p.card_id),"
    " p.held - COALESCE(b.amount, 0) FROM part p LEFT JOIN (SELECT card_id, source,"
    " SUM(amount) AS amount FROM brought GROUP BY card_id, source) b ON b.card_id = p.card_id"
    " AND b.source = p.source WHERE p.held > COALESCE(b.amount, 0))"
    " SELECT currency, campaign_id, source, age, COUNT(DISTINCT card_id),"
    " CAST(SUM(amount) AS BIGINT) FROM (SELECT l.card_id, l.currency,"
    f" COALESCE(g.campaign_id, '') AS campaign_id, l.source, l.amount, {_AGE} AS age"
    " FROM lot l JOIN gift_card g ON g.id = l.card_id WHERE l.amount > 0) aged"
    " GROUP BY currency, campaign_id, source, age"
)
"""Of each source the newest credits of a card, and of those whose money it has, are what is left of
it (docs/decisions/0026-where-money-came-from.md). Money that no credit explains has come back from
another card: it came with the card's first transfer."""


def ageing(wanted: Wanted) -> Report:
    """What is owed at the end of a day, by the days since the money came; a day there is one in
    the shop's zone (D25).
    """
    sums: dict[tuple[str, ...], list[int]] = {}
    for currency, campaign, source, age, cards, amount in _parts(wanted):
        if wanted.campaign_id not in (None, campaign):
            continue
        values = {"currency": currency, "campaign_id": campaign, "source": source}
        found = sums.setdefault((*(values[key] for key in wanted.keys), age), [0, 0])
        found[0] += cards
        found[1] += amount
    rows: list[Row] = [
        named(dict(zip(wanted.keys, key, strict=True)))
        | {"age": age, "cards": cards, "amount": amount}
        for (*key, age), (cards, amount) in sorted(
            sums.items(), key=lambda item: (item[0][:-1], AGES.index(item[0][-1]))
        )
    ]
    columns = (*wanted.keys, "age", "cards", "amount")
    return Report("ageing", wanted, False, columns, ("amount",), rows, totals(rows, ("amount",)))


def _parts(wanted: Wanted) -> list[tuple]:
    kept = _sealed(wanted)
    return ages(wanted) if kept is None else kept


def _sealed(wanted: Wanted) -> list[tuple] | None:
    """What was sealed when the month was closed whose last day it is."""
    end = clock.to_micros(days.end_of(wanted.as_of, wanted.zone))
    kept = database.scalar("SELECT ages FROM closed_month WHERE ends_at = ?", end)
    return None if kept is None else [tuple(row) for row in json.loads(kept)]


def days_of(age: str, as_of: date) -> tuple[date | None, date]:
    """The first and the last day on which money came that is of this age; None: any before."""
    place = AGES.index(age)
    first = days.later(as_of, -_STARTS[place]) if place < len(_STARTS) else None
    return first, days.later(as_of, -_STARTS[place - 1] - 1) if place else as_of


def ages(wanted: Wanted) -> list[tuple]:
    """Currency, campaign, source, age, cards and amount: the sums that rows are made of."""
    since = audit.checkpoints_by_day.ages_from(wanted.zone)
    if since is not None and wanted.as_of < since:
        return _reckoned(wanted)
    found: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    bounds = [(start.isoformat(), age) for start, age in _bounds(wanted.as_of)]

    def age_of(day: str) -> str:
        return next((age for start, age in bounds if day >= start), AGES[-1])

    held = Books(wanted.zone).ages(wanted.as_of)
    for (currency, campaign, source, came_on, next_on), (amount, cards) in held.items():
        age = age_of(came_on)
        sums = found[currency, campaign, source, age]
        # A card with two lots of one age is one card.
        sums[0] += cards if not next_on or age_of(next_on) != age else 0
        sums[1] += amount
    return [(*key, cards, amount) for key, (cards, amount) in found.items() if amount]


def _bounds(as_of: date) -> list[tuple[date, str]]:
    return [(days.later(as_of, -start), age) for age, start in zip(AGES, _STARTS, strict=False)]


def _reckoned(wanted: Wanted) -> list[tuple]:
    """The same of a day of which no ages are kept, from the transfers."""
    end = clock.to_micros(days.end_of(wanted.as_of, wanted.zone))
    bounds = [
        value
        for start, age in _bounds(wanted.as_of)
        for value in (clock.to_micros(days.start_of(start, wanted.zone)), age)
    ]
    return list(database.rows(_AGES, end, end, end, *bounds, AGES[-1]))
