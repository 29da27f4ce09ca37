"""What has changed what is owed, in a period (B11): opening, every kind of movement, closing."""

from collections import defaultdict

from giftweb import days
from giftweb.domain.reports.books import Books
from giftweb.domain.reports.values import Report, Wanted, named, totals

MOVEMENTS = {
    "issued": ("issue",),
    "recharged": ("top_up",),
    "redeemed": ("capture",),
    "refunded": ("refund",),
    "cancelled": ("cancel",),
    "clawed_back": ("claw_back",),
    "expired": ("expire",),
    "adjusted": ("adjust", "replace"),
    "cashed_out": ("cash_out",),
}
"""Column -> the kinds of transfers in it. What leaves a card that is replaced comes onto the next:
it shows where the two are of different campaigns, and nowhere else."""

_COLUMN_OF = {kind: column for column, kinds in MOVEMENTS.items() for kind in kinds}
AMOUNTS = ("opening", *MOVEMENTS, "closing")


def movements(wanted: Wanted) -> Report:
    """Each row's opening and movements, signed by their effect, are its closing (I2, I8).

    The closing is the liability of the last day, the opening that of the day before the first.
    """
    books = Books(wanted.zone, campaign_id=wanted.campaign_id)
    found: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys(AMOUNTS, 0))
    before = days.later(wanted.first_on, -1)
    for key, (amount, _) in books.sums(*wanted.keys, last=before).items():
        found[key]["opening"] = found[key]["closing"] = amount
    moved = books.sums(*wanted.keys, "kind", first=wanted.first_on, last=wanted.last_on)
    for (*names, kind), (amount, _) in moved.items():
        row = found[tuple(names)]
        row[_COLUMN_OF[kind]] += amount
        row["closing"] += amount
    rows = [
        named(dict(zip(wanted.keys, key, strict=True))) | row
        for key, row in sorted(found.items())
        if any(row.values())
    ]
    columns = (*wanted.keys, *AMOUNTS)
    return Report("movements", wanted, True, columns, AMOUNTS, rows, totals(rows, AMOUNTS))
