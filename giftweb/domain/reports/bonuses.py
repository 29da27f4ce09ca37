"""What bonuses cost in a period, and what the orders brought that were paid with them."""

from collections import defaultdict
from collections.abc import Iterator

from giftweb import clock, database, days
from giftweb.domain.reports.books import Books
from giftweb.domain.reports.values import Report, Row, Wanted, named, totals

SOURCE = "promotions"

_AMOUNTS = ("issued", "withdrawn", "expired", "cost", "left", "sales", "brought")
_COLUMNS = (
    *("currency", "campaign_id", "issued", "withdrawn", "expired", "cost", "left"),
    *("orders", "sales", "brought"),
)
_COLUMN_OF = {
    "issue": ("issued", 1),
    "top_up": ("issued", 1),
    "cancel": ("withdrawn", -1),
    "claw_back": ("withdrawn", -1),
    "expire": ("expired", -1),
    "capture": ("cost", -1),
    "refund": ("cost", -1),
    "cash_out": ("cost", -1),
}
"""Kind -> its column, and whether what is owed grows with it."""

_BONUS = (
    "SELECT t.order_id FROM transfer t WHERE t.kind = 'capture' AND t.promotions_minor > 0"
    " AND t.created_at >= ? AND t.created_at < ? AND NOT t.is_test"
)
_PAYMENTS = (
    "SELECT p.order_id, o.currency, p.amount_minor - p.refunded_minor - p.charged_back_minor,"
    " p.card_minor, t.promotions_minor - COALESCE((SELECT SUM(r.promotions_minor) FROM transfer r"
    " WHERE r.parent_id = t.id AND r.kind = 'refund'), 0), p.amount_minor,"
    " CASE WHEN t.promotions_minor > 0 THEN COALESCE(g.campaign_id, '') END"
    " FROM payment p JOIN orders o ON o.id = p.order_id"
    " LEFT JOIN transfer t ON t.id = p.transfer_id LEFT JOIN gift_card g ON g.id = t.card_id"
    f" WHERE p.state = 'captured' AND p.order_id IN ({_BONUS}) ORDER BY p.order_id, p.id"
)


def bonuses(wanted: Wanted) -> Report:
    """By campaign of the bonus: what was issued, less what was withdrawn or has expired; ``cost``:
    what was spent of it, less refunds; ``left`` at the end.

    ``orders`` were paid with any of it in the period; ``sales`` is what they are worth after
    refunds, and ``brought`` the part of that which no bonus has paid, in the order's currency. An
    order that was paid with bonuses of two campaigns counts with the first of them.
    """
    found: dict[tuple[str, str], Row] = defaultdict(
        lambda: dict.fromkeys(_AMOUNTS, 0) | {"orders": 0}
    )
    books = Books(wanted.zone)
    sums = books.sums(
        *("currency", "campaign_id", "source", "kind"), first=wanted.first_on, last=wanted.last_on
    )
    for (currency, campaign, source, kind), (amount, _) in sums.items():
        if source == SOURCE and kind in _COLUMN_OF:
            column, sign = _COLUMN_OF[kind]
            found[currency, campaign][column] += sign * amount
    held = books.sums("currency", "campaign_id", "source", last=wanted.last_on)
    for (currency, campaign, source), (amount, _) in held.items():
        if source == SOURCE:
            found[currency, campaign]["left"] += amount
    for currency, campaign, sales, brought in _orders(wanted):
        row = found[currency, campaign]
        row["orders"] += 1
        row["sales"] += sales
        row["brought"] += brought
    rows = [
        named({"currency": currency, "campaign_id": campaign}) | row
        for (currency, campaign), row in sorted(found.items())
        if any(row.values()) and wanted.campaign_id in (None, campaign)
    ]
    orders: dict[str, int] = defaultdict(int)
    for row in rows:
        orders[row["currency"]] += row["orders"]
    return Report(
        "bonuses", wanted, True, _COLUMNS, _AMOUNTS, rows, totals(rows, _AMOUNTS, orders=orders)
    )


def _orders(wanted: Wanted) -> Iterator[tuple[str, str, int, int]]:
    """Currency, campaign of the first bonus, sales, and what of them no bonus has paid."""
    between = (
        clock.to_micros(days.start_of(wanted.first_on, wanted.zone)),
        clock.to_micros(days.end_of(wanted.last_on, wanted.zone)),
    )
    orders: dict[str, tuple[str, list[str], list[int]]] = {}
    for order, currency, paid, on_card, bonus, amount, campaign in database.rows(
        _PAYMENTS, *between
    ):
        _, campaigns, sums = orders.setdefault(order, (currency, [], [0, 0]))
        sums[0] += paid
        sums[1] += paid
        if campaign is not None:
            campaigns.append(campaign)
            # The bonus is in the card's currency, the payment in the order's.
            sums[1] -= min(paid, int(bonus) * amount // on_card) if on_card else 0
    for currency, campaigns, (sales, brought) in orders.values():
        yield currency, campaigns[0], sales, brought
