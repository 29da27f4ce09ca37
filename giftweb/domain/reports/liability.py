"""What the company owes at the end of a day: money on live cards, by its source (I33, B11)."""

from giftweb.domain.reports.books import Books
from giftweb.domain.reports.values import Report, Wanted, named, totals


def liability(wanted: Wanted) -> Report:
    """What was owed, by campaign and source (D29), and how many cards held any of it.

    A card counts in each source that it holds money of, and once in the totals. Test money is left
    out (D16).
    """
    books = Books(wanted.zone, campaign_id=wanted.campaign_id)
    found = books.sums(*wanted.keys, last=wanted.as_of)
    rows = [
        named(dict(zip(wanted.keys, key, strict=True))) | {"cards": cards, "amount": amount}
        for key, (amount, cards) in sorted(found.items())
        if amount
    ]
    held = books.sums("currency", last=wanted.as_of)
    cards_by_currency = {currency: cards for (currency,), (_, cards) in held.items()}
    return Report(
        "liability",
        wanted,
        False,
        (*wanted.keys, "cards", "amount"),
        ("amount",),
        rows,
        totals(rows, ("amount",), cards=cards_by_currency),
    )
