"""The ledger as an accountant reads it: each transfer as a debit and an equal credit (B30)."""

from collections.abc import Iterator

from giftweb import clock, database, days, money
from giftweb.domain import json_values
from giftweb.domain.reports.values import Report, Row, Wanted, totals

GIFT_CARDS = "gift_cards"
"""The account of what is owed on cards; the others have the names of docs/ledger.md."""

SINGLE_PURPOSE, TAX_PAID_AHEAD, TAX_DUE = "single_purpose_cards", "tax_paid_ahead", "tax_due"
"""What is owed on single-purpose vouchers; their tax, which is due with their sale, and to whom.

``tax_paid_ahead`` is at any time the tax in what is left of the money such cards were sold for.
"""

_COLUMNS = (
    *("number", "at", "debit", "credit", "amount", "currency"),
    *("transaction_id", "order_reference"),
)
_CHANGE = "CASE WHEN {0}.to_account = {0}.card_id THEN {0}.sales_minor ELSE -{0}.sales_minor END"
_LEFT = (
    f"(SELECT CAST(SUM({_CHANGE.format('p')}) AS BIGINT) FROM transfer p"
    " WHERE p.card_id = t.card_id AND p.version <= t.version)"
)
"""What a transfer changes of the money that a card was sold for, and what is left of it then."""

_TRANSFERS = (
    "SELECT t.number, t.created_at, t.from_account, t.to_account, t.card_id, t.amount_minor,"
    " {change}, CASE WHEN g.voucher_tax_hundredths > 0 THEN {left} END, t.currency, t.kind,"
    " g.voucher_tax_hundredths, CASE WHEN g.voucher_tax_hundredths > 0 THEN (SELECT e.action"
    " FROM audit_entry e WHERE e.id = t.audit_id) END, t.id, o.reference"
    " FROM (SELECT t.* FROM transfer t{of_campaign} WHERE t.created_at >= ? AND t.created_at < ?"
    " AND NOT t.is_test{more} ORDER BY t.created_at, t.number{limit}) t"
    " JOIN gift_card g ON g.id = t.card_id LEFT JOIN orders o ON o.id = t.order_id"
    " ORDER BY t.created_at, t.number"
)
"""The transfers of a page are found before anything is joined to them, so that a longer ledger does
not make PostgreSQL start processes for it."""

_PAID = ("issue", "top_up", "cancel", "cash_out")
"""Kinds of transfers with which tax is due, or is due no more, as the buyer has the money back."""

_IMPORTED = "gift_card.imported"
"""What brings cards whose tax was due where they were sold: it comes from where their money
does."""


def journal(wanted: Wanted) -> Report:
    """Every transfer of a period: what it takes from is debited, what it goes to credited.

    So what is owed stands on the credit side of ``gift_cards``. ``number`` is the transfer's place
    in the ledger: it has gaps where test money moved. A transfer of a single-purpose voucher has a
    second entry of the same number for the tax in it: due with the sale, set off afterwards.
    """
    rows = [entry for row in _transfers(wanted) for entry in _entries(*row)]
    sums = [
        {"currency": each["currency"], "debit": each["amount"], "credit": each["amount"]}
        for each in totals(rows, ("amount",))
    ]
    return Report("journal", wanted, True, _COLUMNS, ("amount",), rows, sums)


def _transfers(wanted: Wanted) -> list[tuple]:
    params: list[object] = [
        clock.to_micros(days.start_of(wanted.first_on, wanted.zone)),
        clock.to_micros(days.end_of(wanted.last_on, wanted.zone)),
    ]
    of_campaign = more = ""
    if wanted.campaign_id is not None:
        of_campaign, more = " JOIN gift_card c ON c.id = t.card_id", " AND c.campaign_id = ?"
        params.append(wanted.campaign_id)
    limit = ""
    if wanted.most is not None:
        limit = " LIMIT ?"
        params.append(wanted.most)
    sql = _TRANSFERS.format(
        of_campaign=of_campaign, more=more, change=_CHANGE.format("t"), left=_LEFT, limit=limit
    )
    return list(database.rows(sql, *params))


def _entries(
    number: int,
    at: int,
    source: str,
    target: str,
    card_id: str,
    amount: int,
    change: int,
    left: int | None,
    currency: str,
    kind: str,
    rate: int | None,
    action: str | None,
    transfer_id: str,
    reference: str | None,
) -> Iterator[Row]:
    cards = GIFT_CARDS if rate is None else SINGLE_PURPOSE

    def entry(debit: str, credit: str, minor: int) -> Row:
        instant = json_values.instant(clock.from_micros(at))
        values = (number, instant, debit, credit, minor, currency, transfer_id, reference)
        return dict(zip(_COLUMNS, values, strict=True))

    debit, credit = (cards if side == card_id else side for side in (source, target))
    yield entry(debit, credit, amount)
    if left is None or rate is None:
        return
    tax = money.included_tax(left, rate) - money.included_tax(left - change, rate)
    is_due = kind in _PAID and action != _IMPORTED
    other = TAX_DUE if is_due else target if source == card_id else source
    if tax > 0:
        yield entry(TAX_PAID_AHEAD, other, tax)
    elif tax:
        yield entry(other, TAX_PAID_AHEAD, -tax)
