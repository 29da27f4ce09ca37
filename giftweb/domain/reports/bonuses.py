"""What bonuses cost in a period, and what the orders brought that were paid with them."""

from collections import defaultdict

from giftweb import clock, days
from giftweb.domain import audit
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


def bonuses(wanted: Wanted) -> Report:
    """By campaign of the bonus: what was issued, less what was withdrawn or has expired; ``cost``:
    what was spent of it, less refunds; ``left`` at the end.

    ``orders`` were first paid with any of it in the period; ``sales`` is what they are worth after
    refunds, and ``brought`` the part of that which no bonus has paid, in the order's currency. An
    order that was paid with bonuses of two campaigns counts with the first of them.
    """
    found: dict[tuple[str, str], Row] = defaultdict(
        lambda: dict.fromkeys(_AMOUNTS, 0) | {"orders": 0}
    )
    books = Books(wanted.zone)
    moved = books.sums(
        *("currency", "campaign_id", "source", "kind"), first=wanted.first_on, last=wanted.last_on
    )
    for (currency, campaign, source, kind), (amount, _) in moved.items():
        if source == SOURCE and kind in _COLUMN_OF:
            column, sign = _COLUMN_OF[kind]
            found[currency, campaign][column] += sign * amount
    held = books.sums("currency", "campaign_id", "source", last=wanted.last_on)
    for (currency, campaign, source), (amount, _) in held.items():
        if source == SOURCE:
            found[currency, campaign]["left"] += amount
    for (currency, campaign), (orders, sales, brought) in _orders(wanted).items():
        row = found[currency, campaign]
        row["orders"] += orders
        row["sales"] += sales
        row["brought"] += brought
    rows = [
        named({"currency": currency, "campaign_id": campaign}) | row
        for (currency, campaign), row in sorted(found.items())
        if any(row.values()) and wanted.campaign_id in (None, campaign)
    ]
    of_currency: dict[str, int] = defaultdict(int)
    for row in rows:
        of_currency[row["currency"]] += row["orders"]
    return Report(
        "bonuses",
        wanted,
        True,
        _COLUMNS,
        _AMOUNTS,
        rows,
        totals(rows, _AMOUNTS, orders=of_currency),
    )


def _orders(wanted: Wanted) -> audit.checkpoints_of_orders.Sums:
    first = days.start_of(wanted.first_on, wanted.zone)
    end = days.end_of(wanted.last_on, wanted.zone)
    return audit.checkpoints_of_orders.between(clock.to_micros(first), clock.to_micros(end))
