"""Which campaigns sold and took the most in a period."""

from collections import defaultdict

from giftweb.domain.reports.books import Books
from giftweb.domain.reports.values import Report, Row, Wanted, named, totals

_AMOUNTS = ("sold", "given", "bonus", "redeemed", "accepted", "left")
_COLUMNS = ("currency", "campaign_id", "cards", *_AMOUNTS)
_OF_SOURCE = {"sales": "sold", "goodwill": "given", "promotions": "bonus"}
_BROUGHT = ("issue", "top_up")
_TAKEN_BACK = ("cancel", "claw_back")
_SPENT = ("capture", "refund")


def campaigns(wanted: Wanted) -> Report:
    """Each campaign, the one that sold the most first, in a currency.

    ``cards`` were issued; ``sold``, ``given`` and ``bonus``: what came onto its cards. All of them
    less what was withdrawn. ``redeemed``: what its cards paid, anywhere; ``accepted``: what any
    cards paid in its shop; both less refunds. ``left``: what its cards hold at the end.
    """
    found: dict[tuple[str, str], Row] = defaultdict(
        lambda: {"cards": 0} | dict.fromkeys(_AMOUNTS, 0)
    )
    books = Books(wanted.zone)
    first, last = wanted.first_on, wanted.last_on
    keys = ("currency", "campaign_id", "acceptor_id", "source", "kind")
    moved = books.sums(*keys, first=first, last=last)
    for (currency, issuer, acceptor, source, kind), (amount, _) in moved.items():
        if kind in _SPENT:
            found[currency, issuer]["redeemed"] -= amount
            found[currency, acceptor]["accepted"] -= amount
        elif kind in (*_BROUGHT, *_TAKEN_BACK) and source in _OF_SOURCE:
            found[currency, issuer][_OF_SOURCE[source]] += amount
    kinds = ("issue", *_TAKEN_BACK)
    issued = books.sums("currency", "campaign_id", first=first, last=last, kinds=kinds)
    for (currency, campaign), (_, cards) in issued.items():
        found[currency, campaign]["cards"] += cards
    held = books.sums("currency", "campaign_id", last=last)
    for (currency, campaign), (amount, _) in held.items():
        found[currency, campaign]["left"] += amount
    rows = [
        named({"currency": currency, "campaign_id": campaign}) | row
        for (currency, campaign), row in sorted(found.items(), key=_place)
        if any(row.values()) and wanted.campaign_id in (None, campaign)
    ]
    return Report("campaigns", wanted, True, _COLUMNS, _AMOUNTS, rows, _totals(rows))


def _place(found: tuple[tuple[str, str], Row]) -> tuple:
    (currency, campaign), row = found
    return currency, -row["sold"], -row["accepted"], campaign


def _totals(rows: list[Row]) -> list[Row]:
    cards: dict[str, int] = defaultdict(int)
    for row in rows:
        cards[row["currency"]] += row["cards"]
    return totals(rows, _AMOUNTS, cards=cards)
