"""Who owes whom, where cards are taken by another campaign than the one that issued them (B19)."""

from collections import defaultdict

from giftweb.domain.reports.books import Books
from giftweb.domain.reports.values import Report, Row, Wanted, named, totals

_COLUMNS = ("currency", "issuer_campaign_id", "acceptor_campaign_id")
_AMOUNTS = ("redeemed", "refunded", "owed")


def settlement(wanted: Wanted) -> Report:
    """What each issuer owes each acceptor for its cards, in the cards' currency.

    The acceptor has handed over goods for what was redeemed there, and has it back for what was
    refunded onto the cards. An issuer of null is the house, whose cards belong to no campaign.
    """
    found: dict[tuple[str, ...], Row] = defaultdict(lambda: dict.fromkeys(_AMOUNTS, 0))
    sums = Books(wanted.zone).sums(
        *("currency", "campaign_id", "acceptor_id", "kind"),
        first=wanted.first_on,
        last=wanted.last_on,
        kinds=("capture", "refund"),
    )
    for (currency, issuer, acceptor, kind), (amount, _) in sums.items():
        if issuer == acceptor or wanted.campaign_id not in (None, issuer, acceptor):
            continue
        row = found[currency, issuer, acceptor]
        row["redeemed" if kind == "capture" else "refunded"] += abs(amount)
        row["owed"] -= amount
    rows = [
        named(dict(zip(_COLUMNS, key, strict=True))) | row
        for key, row in sorted(found.items())
        if row["redeemed"] or row["refunded"]
    ]
    columns = (*_COLUMNS, *_AMOUNTS)
    return Report("settlement", wanted, True, columns, _AMOUNTS, rows, totals(rows, _AMOUNTS))
