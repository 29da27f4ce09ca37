"""How old money is, in one statement over all transfers: what the sums by day must say."""

from giftweb import clock, database, days
from giftweb.domain import reports
from giftweb.domain.reports.values import Wanted
from giftweb.models import FUNDED, FUNDING

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
_AGE = f"CASE {' '.join(['WHEN came_at >= ? THEN ?'] * len(reports.ageing._STARTS))} ELSE ? END"

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


def ages(wanted: Wanted) -> list[tuple]:
    """Currency, campaign, source, age, cards and amount at the end of a day."""
    end = clock.to_micros(days.end_of(wanted.as_of, wanted.zone))
    bounds = [
        value
        for start, age in reports.ageing._bounds(wanted.as_of)
        for value in (clock.to_micros(days.start_of(start, wanted.zone)), age)
    ]
    return list(database.rows(_AGES, end, end, end, *bounds, reports.ageing.AGES[-1]))
