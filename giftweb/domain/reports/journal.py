"""The ledger as an accountant reads it: each transfer as a debit and an equal credit (B30)."""

from giftweb import clock, database, days
from giftweb.domain import json_values
from giftweb.domain.reports.values import Report, Row, Wanted, totals

GIFT_CARDS = "gift_cards"
"""The account of what is owed on cards; the others have the names of docs/ledger.md."""

_COLUMNS = (
    *("number", "at", "debit", "credit", "amount", "currency"),
    *("transaction_id", "order_reference"),
)
_TRANSFERS = (
    "SELECT t.number, t.created_at, CASE WHEN t.from_account = t.card_id THEN '{cards}'"
    " ELSE t.from_account END, CASE WHEN t.to_account = t.card_id THEN '{cards}'"
    " ELSE t.to_account END, t.amount_minor, t.currency, t.id, o.reference FROM transfer t"
    " JOIN gift_card g ON g.id = t.card_id LEFT JOIN orders o ON o.id = t.order_id"
    " WHERE t.created_at >= ? AND t.created_at < ? AND NOT t.is_test{more} ORDER BY t.number"
)


def journal(wanted: Wanted) -> Report:
    """Every transfer of a period: what it takes from is debited, what it goes to credited.

    So what is owed stands on the credit side of ``gift_cards``. ``number`` is the transfer's place
    in the ledger: it has gaps where test money moved.
    """
    rows = [_entry(row) for row in _transfers(wanted)]
    columns = _COLUMNS
    sums = [
        {"currency": each["currency"], "debit": each["amount"], "credit": each["amount"]}
        for each in totals(rows, ("amount",))
    ]
    return Report("journal", wanted, True, columns, ("amount",), rows, sums)


def _transfers(wanted: Wanted) -> list[tuple]:
    params: list[object] = [
        clock.to_micros(days.start_of(wanted.first_on, wanted.zone)),
        clock.to_micros(days.end_of(wanted.last_on, wanted.zone)),
    ]
    more = ""
    if wanted.campaign_id is not None:
        more = " AND g.campaign_id = ?"
        params.append(wanted.campaign_id)
    return list(database.rows(_TRANSFERS.format(cards=GIFT_CARDS, more=more), *params))


def _entry(row: tuple) -> Row:
    entry = dict(zip(_COLUMNS, row, strict=True))
    return entry | {"at": json_values.instant(clock.from_micros(row[1]))}
