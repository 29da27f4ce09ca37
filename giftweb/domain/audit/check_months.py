"""Closed months against the transfers: their sums never change, and nothing is dated into them
(B30, I42)."""

import json
from collections.abc import Iterator
from typing import Any

from giftweb import database
from giftweb.models import FUNDED, FUNDING

Sums = dict[str, int]
"""``USD cmp_... capture sales`` -> the effect on what is owed; and the number of transfers."""

_MOVED = ", ".join(
    f"CAST(SUM(CASE WHEN t.to_account = t.card_id THEN t.{column} ELSE -t.{column} END) AS BIGINT)"
    for column in FUNDED
)
_GROUPS = "t.currency, COALESCE(g.campaign_id, '-'), t.kind"
_OF_DAYS = (
    f"SELECT {_GROUPS}, COUNT(*), {_MOVED} FROM transfer t JOIN gift_card g ON g.id = t.card_id"
    " WHERE t.created_at >= ? AND t.created_at < ? AND t.number <= ? AND NOT t.is_test"
    f" GROUP BY {_GROUPS}"
)
_OF_MONTHS = (
    f"SELECT m.month, {_GROUPS}, COUNT(*), {_MOVED} FROM closed_month m"
    " JOIN transfer t ON t.created_at >= m.starts_at AND t.created_at < m.ends_at"
    " AND t.number <= m.transfers_to AND NOT t.is_test"
    f" JOIN gift_card g ON g.id = t.card_id GROUP BY m.month, {_GROUPS}"
)
_LATE = (
    "SELECT t.id, MIN(m.month) FROM closed_month m JOIN transfer t ON t.number > m.transfers_to"
    " AND t.created_at < m.ends_at AND NOT t.is_test GROUP BY t.id"
)
_COUNT = "transfers"


def sums_of(starts_at: int, ends_at: int, to: int) -> Sums:
    """What the live transfers between two instants come to, of those up to a number."""
    return _added(database.rows(_OF_DAYS, starts_at, ends_at, to))


def _added(rows: list[Any]) -> Sums:
    sums: Sums = {_COUNT: 0}
    for currency, campaign, kind, count, *parts in rows:
        sums[_COUNT] += count
        for source, minor in zip(FUNDING, parts, strict=True):
            if minor:
                sums[f"{currency} {campaign} {kind} {source}"] = minor
    return sums


def breaches() -> Iterator[tuple[str, str, str]]:
    """(check, row, what is wrong): sums of a closed month that its transfers do not come to now,
    and transfers that were dated into one."""
    found: dict[str, list[Any]] = {}
    for month, *row in database.rows(_OF_MONTHS):
        found.setdefault(month, []).append(row)
    for month, kept in database.rows("SELECT month, sums FROM closed_month ORDER BY month"):
        sums, now = json.loads(kept), _added(found.get(month, []))
        for name in sorted({*sums, *now}):
            if sums.get(name, 0) != now.get(name, 0):
                text = f"closed with {name} {sums.get(name, 0)}, now {now.get(name, 0)}"
                yield "I42 closed months", month, text
    for transfer_id, month in database.rows(_LATE):
        yield "I42 closed months", transfer_id, f"it was dated into {month}, which is closed"
