"""Imported cards as rows: what ``issue`` writes, many at once (B8)."""

from giftweb import clock, codes, ids
from giftweb.database import bulk
from giftweb.domain import ledger, time_zones
from giftweb.domain.cards import locking, new_card
from giftweb.domain.cards.import_sheet import Row
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Issued
from giftweb.models import CodeFormat

ORIGIN = "import"
SOURCES = ("imports", *new_card.SOURCES)
"""What imported money may come from; the first unless somebody knows better."""


def write(rows: list[Row], *, source: str, audit_id: str) -> None:
    """Issue a card for each row, queue the mails and register the formats of foreign codes."""
    openings = [
        ledger.opening(
            ids.new("gc"),
            currency=row.amount.currency,
            is_test=row.is_test,
            movement=ledger.Movement("issue", source, ledger.CARD, row.amount.minor, audit_id),
        )
        for row in rows
    ]
    zone = time_zones.of_campaign(None)
    issued = [
        _issued(_new_card(row, source), row.code, position, zone)
        for row, (position, _) in zip(rows, openings, strict=True)
    ]
    bulk.insert("account", (ledger.account_row(position) for position, _ in openings))
    bulk.insert("transfer", (transfer for _, transfer in openings))
    bulk.insert("gift_card", (locking.row_of(each.card, each.code) for each in issued))
    for row, each in zip(rows, issued, strict=True):
        if row.send_email:
            locking.mail_holder("card_issued", each.card)
    _register_formats(rows)


def _issued(new: NewCard, code: str | None, position: ledger.Position, zone: str) -> Issued:
    code = code or codes.generate()
    return Issued(new_card.issued_card(new, position, code, zone=zone), code)


def _new_card(row: Row, source: str) -> NewCard:
    return NewCard(
        amount=row.amount,
        holder_email=row.holder_email,
        holder_name=row.holder_name,
        is_test=row.is_test,
        source=source,
        origin=ORIGIN,
        message=row.message,
        note=row.note,
        expires_on=row.expires_on,
        send_email=row.send_email,
    )


def _register_formats(rows: list[Row]) -> None:
    foreign = {
        codes.format_of(row.code) for row in rows if row.code and not codes.is_ours(row.code)
    }
    formats = [{"format": name, "created_at": clock.micros()} for name in sorted(foreign)]
    if formats:
        CodeFormat.insert_many(formats).on_conflict_ignore().execute()
