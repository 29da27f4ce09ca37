"""Imported cards as rows: what ``issue`` writes, many at once (B8)."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from giftweb import clock, codes, ids
from giftweb.database import bulk
from giftweb.domain import audit, ledger, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import locking, new_card, values
from giftweb.domain.cards.import_sheet import Row
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Issued
from giftweb.domain.ledger import Movement, Position
from giftweb.models import FUNDING, CodeFormat

ORIGIN = "import"
_OTHERS_MONEY = "imports"
"""What money is here that another house had corrected upwards."""


def write(rows: list[Row], *, by: Actor, audit_id: str) -> None:
    """Issue a card for each row, queue the mails and register the formats of foreign codes."""
    openings = [_opening(row, audit_id) for row in rows]
    zone_of = cache(time_zones.of_campaign)
    issued = [
        _issued(row, position, zone_of) for row, (position, _) in zip(rows, openings, strict=True)
    ]
    bulk.insert("account", (ledger.account_row(position) for position, _ in openings))
    bulk.insert("transfer", (transfer for _, moved in openings for transfer in moved))
    bulk.insert("gift_card", _card_rows(rows, issued))
    for row, each in zip(rows, issued, strict=True):
        if row.is_frozen:
            _note_freeze(each.card, by)
        if row.send_email:
            locking.mail_holder("card_issued", each.card)
    register_formats(row.code for row in rows)


def _card_rows(rows: list[Row], issued: list[Issued]) -> Iterator[dict[str, Any]]:
    for row, each in zip(rows, issued, strict=True):
        yield locking.row_of(each.card, each.code, row.pin)


def _opening(row: Row, audit_id: str) -> tuple[Position, list[dict[str, Any]]]:
    """The account of a row's card, and a transfer for each source of its money."""
    (source, minor), *others = _sources_of(row)
    position, transfer = ledger.opening(
        ids.new("gc"),
        currency=row.amount.currency,
        is_test=row.is_test,
        movement=Movement("issue", source, ledger.CARD, minor, audit_id),
    )
    transfers = [transfer]
    for source, minor in others:
        more = Movement("top_up", source, ledger.CARD, minor, audit_id)
        position, transfer = ledger.following(position, more)
        transfers.append(transfer)
    return position, transfers


def _sources_of(row: Row) -> list[tuple[str, int]]:
    if row.parts is None:
        return [(row.source, row.amount.minor)]
    parts = dict(zip(FUNDING, row.parts, strict=True))
    parts[_OTHERS_MONEY] += parts.pop("adjustments")
    return [(source, minor) for source, minor in parts.items() if minor]


def _issued(row: Row, position: Position, zone_of: Callable[[str | None], str]) -> Issued:
    code = row.code or codes.generate()
    new = _new_card(row, _sources_of(row)[0][0])
    card = new_card.issued_card(new, position, code, zone=zone_of(row.campaign_id))
    # What came first is what it was issued with.
    return Issued(
        card._replace(
            initial_minor=_sources_of(row)[0][1],
            state=values.FROZEN if row.is_frozen else card.state,
        ),
        code,
    )


def _new_card(row: Row, source: str) -> NewCard:
    return NewCard(
        amount=row.amount,
        holder_email=row.holder_email,
        holder_name=row.holder_name,
        is_test=row.is_test,
        source=source,
        origin=ORIGIN,
        campaign_id=row.campaign_id,
        message=row.message,
        note=row.note,
        expires_on=row.expires_on,
        send_email=row.send_email,
        bound_to_holder=row.is_bound,
        needs_pin=row.pin is not None,
        tags=row.tags,
    )


def _note_freeze(card: values.Card, by: Actor) -> None:
    audit.record(
        by=by,
        action="gift_card.frozen",
        subject=card.id,
        reason="It was frozen where it was imported from",
        is_test=card.is_test,
    )


def register_formats(found: Iterable[str | None]) -> None:
    """Let codes be typed that are not ours, in the formats of these."""
    foreign = {codes.format_of(code) for code in found if code and not codes.is_ours(code)}
    formats = [{"format": name, "created_at": clock.micros()} for name in sorted(foreign)]
    if formats:
        CodeFormat.insert_many(formats).on_conflict_ignore().execute()
