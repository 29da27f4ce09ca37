"""What orders are worth that bonuses have paid, added up by the quarter of an hour (B11).

Unlike a transfer, an order's worth changes later: money is refunded, charged back or comes. So
whatever changes its payments says so (``count_again``), the worker takes what the order counted for
out of the sums and adds what it counts for now, and a report looks at the orders of which the
worker has not.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from peewee import fn

from giftweb import clock, database, models
from giftweb.database import transactional

QUARTER = 15 * 60 * 1_000_000
"""The days of every time zone begin with one, since 1972."""

_PORTION = 500

CHECK = "B11 worth of orders"

_AGAIN = (
    "INSERT INTO bonus_due (order_id) SELECT t.order_id FROM transfer t WHERE t.order_id = ?"
    " AND t.kind = 'capture' AND t.promotions_minor > 0 AND NOT t.is_test LIMIT 1"
    " ON CONFLICT (order_id) DO UPDATE SET order_id = excluded.order_id"
)
"""DO UPDATE: whoever counts the order waits until its payments are written."""

_PAYMENTS = (
    "SELECT p.order_id, o.currency, p.amount_minor - p.refunded_minor - p.charged_back_minor,"
    " p.card_minor, t.promotions_minor - COALESCE((SELECT SUM(r.promotions_minor) FROM transfer r"
    " WHERE r.parent_id = t.id AND r.kind = 'refund'), 0), p.amount_minor, t.created_at,"
    " CASE WHEN t.promotions_minor > 0 THEN COALESCE(g.campaign_id, '') END"
    " FROM payment p JOIN orders o ON o.id = p.order_id"
    " LEFT JOIN transfer t ON t.id = p.transfer_id LEFT JOIN gift_card g ON g.id = t.card_id"
    " WHERE p.state = 'captured' AND p.order_id IN ({}) ORDER BY p.order_id, p.id"
)


class Worth(NamedTuple):
    """What an order counts for: ``at`` the moment the first bonus paid, with its campaign."""

    at: int
    currency: str
    campaign_id: str
    sales: int
    brought: int


class Group(NamedTuple):
    """What is added up together; empty text stands for no campaign."""

    currency: str
    campaign_id: str


Sums = dict[Group, list[int]]
"""By group: orders, sales, and what of them no bonus has paid."""


def count_again(order_id: str) -> None:
    """The payments of an order were written or have changed, in this transaction."""
    database.execute(_AGAIN, order_id)


def between(start: int, end: int) -> Sums:
    """The orders that bonuses have first paid from one moment to the one before another."""
    found: Sums = defaultdict(lambda: [0, 0, 0])
    table = models.BonusSum
    in_time = (table.starts_at >= clock.from_micros(start)) & (
        table.starts_at < clock.from_micros(end)
    )
    group, values = (table.currency, table.campaign_id), ("orders", "sales_minor", "brought_minor")
    sums = [fn.SUM(getattr(table, name)).cast("BIGINT") for name in values]
    for currency, campaign, *sum_of in (
        table.select(*group, *sums).where(in_time).group_by(*group).tuples()
    ):
        _add(found[Group(currency, campaign)], sum_of)
    due = _due()
    for worth, sign in ((_counted(due), -1), (_worth(due), 1)):
        for each in worth.values():
            if start <= each.at < end:
                _add(found[Group(each.currency, each.campaign_id)], _values(each, sign))
    return dict(found)


@transactional
def write() -> int:
    """Count a portion of the orders again that have changed; whether there may be more."""
    due = _due(limit=_PORTION)
    if not due:
        return 0
    table = models.BonusDue
    table.delete().where(table.order.in_(due)).execute()
    was, now = _counted(due), _worth(due)
    order = models.BonusOrder
    order.delete().where(order.order.in_(due)).execute()
    changes: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    if now:
        order.insert_many([_row(order_id, worth) for order_id, worth in now.items()]).execute()
    for found, sign in ((was, -1), (now, 1)):
        for each in found.values():
            _add(changes[_key(each)], _values(each, sign))
    for key, values in sorted(changes.items()):
        database.execute(_ADDED, *key, *values)
    return len(due) == _PORTION


_ADDED = (
    "INSERT INTO bonus_sum (starts_at, currency, campaign_id, orders, sales_minor, brought_minor)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (starts_at, currency, campaign_id) DO UPDATE SET"
    " orders = bonus_sum.orders + excluded.orders,"
    " sales_minor = bonus_sum.sales_minor + excluded.sales_minor,"
    " brought_minor = bonus_sum.brought_minor + excluded.brought_minor"
)


def _due(limit: int | None = None) -> list[str]:
    table = models.BonusDue
    return [row[0] for row in table.select(table.order).order_by(table.order).limit(limit).tuples()]


def _counted(order_ids: Sequence[str]) -> dict[str, Worth]:
    """What these orders count for in the sums."""
    found: dict[str, Worth] = {}
    for some in _portions(order_ids):
        marks = database.placeholders(some)
        rows = database.rows(
            "SELECT order_id, at, currency, campaign_id, sales_minor, brought_minor"
            f" FROM bonus_order WHERE order_id IN ({marks})",
            *some,
        )
        found |= {row[0]: Worth(*row[1:]) for row in rows}
    return found


def _worth(order_ids: Sequence[str]) -> dict[str, Worth]:
    """What they are worth now."""
    found: dict[str, Worth] = {}
    for some in _portions(order_ids):
        for row in database.rows(_PAYMENTS.format(database.placeholders(some)), *some):
            order_id, currency, paid, on_card, bonus, amount, at, campaign = row
            known = found.get(order_id, _NOTHING)._replace(currency=currency)
            if campaign is not None and not known.at:
                known = known._replace(at=at, campaign_id=campaign)
            # The bonus is in the card's currency, the payment in the order's.
            by_bonus = min(paid, int(bonus) * amount // on_card) if campaign is not None else 0
            sales, brought = known.sales + paid, known.brought + paid - by_bonus
            found[order_id] = known._replace(sales=sales, brought=brought)
    return {order_id: worth for order_id, worth in found.items() if worth.at}


_NOTHING = Worth(0, "", "", 0, 0)


def _portions(order_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(order_ids), _PORTION):
        yield order_ids[start : start + _PORTION]


def _key(worth: Worth) -> tuple[int, str, str]:
    return worth.at - worth.at % QUARTER, worth.currency, worth.campaign_id


def _values(worth: Worth, sign: int) -> tuple[int, int, int]:
    return sign, sign * worth.sales, sign * worth.brought


def _row(order_id: str, worth: Worth) -> dict[str, Any]:
    return {
        "order": order_id,
        "at": clock.from_micros(worth.at),
        "currency": worth.currency,
        "campaign_id": worth.campaign_id,
        "sales_minor": worth.sales,
        "brought_minor": worth.brought,
    }


def _add(found: list[int], more: Sequence[int]) -> None:
    for place, value in enumerate(more):
        found[place] += int(value)


# The audit

_EVERY = (
    "SELECT id FROM (SELECT order_id AS id FROM transfer WHERE kind = 'capture'"
    " AND promotions_minor > 0 AND NOT is_test UNION SELECT order_id FROM bonus_order) every"
    " WHERE id > ? AND NOT EXISTS (SELECT 1 FROM bonus_due d WHERE d.order_id = id)"
    " ORDER BY id LIMIT ?"
)
_STORED = (
    "SELECT starts_at, currency, campaign_id, orders, sales_minor, brought_minor FROM bonus_sum"
)


def breaches() -> Iterator[tuple[str, str, str]]:
    """(check, row, what is wrong): orders that do not count for what their payments come to, and
    sums that are not those of the orders."""
    expected: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for some in _every():
        counted, worth = _counted(some), _worth(some)
        for order_id in some:
            if counted.get(order_id) != worth.get(order_id):
                yield CHECK, order_id, "bonus_order does not say what its payments come to"
    table = models.BonusOrder
    columns = (table.currency, table.campaign_id, table.sales_minor, table.brought_minor)
    for at, *values in table.select(table.at, *columns).tuples().iterator():
        each = Worth(clock.to_micros(at), *values)
        _add(expected[_key(each)], _values(each, 1))
    stored = {tuple(row[:3]): list(row[3:]) for row in database.rows(_STORED)}
    for key in sorted({*expected, *stored}):
        found, wanted = stored.get(key, [0, 0, 0]), expected.get(key, [0, 0, 0])
        if found != wanted:
            row = " ".join(map(str, filter(None, key)))
            yield CHECK, row, f"bonus_sum says {found}, its orders come to {wanted}"


def _every() -> Iterator[list[str]]:
    """Every order that counts or ought to, but those that are counted again soon."""
    last = ""
    while some := [row[0] for row in database.rows(_EVERY, last, _PORTION)]:
        yield some
        last = some[-1]
