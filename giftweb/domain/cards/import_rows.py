"""Imported cards as rows: what ``issue`` writes, many at once (B8)."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from giftweb import clock, codes, ids
from giftweb.database import bulk
from giftweb.domain import audit, ledger, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import locking, new_card, values
from giftweb.domain.cards.import_values import Row
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Card, Issued
from giftweb.domain.ledger import Movement, Position
from giftweb.models import CodeFormat

ORIGIN = "import"


class Rows(NamedTuple):
    """The new rows of a table."""

    table: str
    columns: tuple[str, ...]
    values: list[tuple]


class Ready(NamedTuple):
    """Some cards as the rows that ``issue`` would write.

    ``mailed``: those whose holders get a mail. ``formats``: of the codes that are not ours.
    """

    rows: tuple[Rows, ...]
    frozen: list[Card]
    mailed: list[Card]
    formats: set[str]


def ready(rows: list[Row], *, audit_id: str) -> Ready:
    """A card for each row. Nothing is written."""
    openings = [_opening(row, audit_id) for row in rows]
    zone_of = cache(time_zones.of_campaign)
    issued = [
        _issued(row, position, zone_of) for row, (position, _) in zip(rows, openings, strict=True)
    ]
    each = list(zip(rows, issued, strict=True))
    return Ready(
        rows=(
            _rows("account", (ledger.account_row(position) for position, _ in openings)),
            _rows("transfer", (transfer for _, moved in openings for transfer in moved)),
            _rows("gift_card", (locking.row_of(new.card, new.code, row.pin) for row, new in each)),
        ),
        frozen=[new.card for row, new in each if row.is_frozen],
        mailed=[new.card for row, new in each if row.send_email],
        formats=_foreign(row.code for row in rows),
    )


def _rows(table: str, found: Iterable[dict[str, Any]]) -> Rows:
    rows = list(found)
    return Rows(table, tuple(rows[0]), [tuple(row.values()) for row in rows])


def write(cards: Ready, *, by: Actor) -> None:
    """Write the cards, queue the mails and register the formats of foreign codes."""
    for rows in cards.rows:
        bulk.insert_values(*rows)
    for card in cards.frozen:
        _note_freeze(card, by)
    for card in cards.mailed:
        locking.mail_holder("card_issued", card)
    _register(cards.formats)


def _opening(row: Row, audit_id: str) -> tuple[Position, list[dict[str, Any]]]:
    """The account of a row's card, and a transfer for each source of its money."""
    (source, minor), *others = row.sources
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


def _issued(row: Row, position: Position, zone_of: Callable[[str | None], str]) -> Issued:
    code = row.code or codes.generate()
    source, first_minor = row.sources[0]
    new, zone = _new_card(row, source), zone_of(row.campaign_id)
    card = new_card.issued_card(new, position, code, zone=zone, tax=row.voucher_tax)
    if row.is_frozen or first_minor != card.initial_minor:
        # What came first is what it was issued with.
        state = values.FROZEN if row.is_frozen else card.state
        card = card._replace(initial_minor=first_minor, state=state)
    return Issued(card, code)


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


def _note_freeze(card: Card, by: Actor) -> None:
    audit.record(
        by=by,
        action="gift_card.frozen",
        subject=card.id,
        reason="It was frozen where it was imported from",
        is_test=card.is_test,
    )


def register_formats(found: Iterable[str | None]) -> None:
    """Let codes be typed that are not ours, in the formats of these."""
    _register(_foreign(found))


def _foreign(found: Iterable[str | None]) -> set[str]:
    return {codes.format_of(code) for code in found if code and not codes.is_ours(code)}


def _register(names: Iterable[str]) -> None:
    formats = [{"format": name, "created_at": clock.micros()} for name in sorted(names)]
    if formats:
        CodeFormat.insert_many(formats).on_conflict_ignore().execute()
