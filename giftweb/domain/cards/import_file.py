"""Cards from a CSV file and back: all of a file or nothing of it (B8). See docs/import.md."""

import csv
import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from itertools import islice
from typing import TextIO

from giftweb import clock, database
from giftweb.database import bulk
from giftweb.domain import audit, csv_sheets, idempotency, outbox
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import import_rows, import_sheet, values
from giftweb.domain.cards.ahead import ahead
from giftweb.domain.cards.import_rows import Made, Own
from giftweb.domain.cards.import_sheet import Imported
from giftweb.domain.csv_sheets import BadCell, RowsRefused
from giftweb.domain.idempotency import Answer
from giftweb.errors import Invalid, Refused
from giftweb.money import decimal_text

SCOPE = "card_file"
_PORTION = 1000
_ASKED_AT_ONCE = 500

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done and how much there is."""


class FileImportedBefore(Refused):
    """This very file was imported on {day}: {cards} cards. Nothing was imported again."""


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""


# In


def check_file(content: bytes, *, progress: Progress = _silent) -> Imported:
    """What ``import_file`` would import. Nothing is written.

    Raises: as ``import_file``.
    """
    _require_unknown(content)
    found, size, bad = Imported(), _line_count(content), list[BadCell]()
    for portion in import_sheet.portions(content, size=_PORTION):
        bad += _taken(import_rows.own_codes(portion))
        found.add(portion.rows)
        progress("Checking", portion.numbers[-1], size)
    csv_sheets.refuse(bad)
    return found


def import_file(content: bytes, *, by: Actor, progress: Progress = _silent) -> Imported:
    """Issue every card of a CSV file, or none; rows without a code get one of ours.

    Raises: RowsRefused naming each bad cell, FileImportedBefore, Invalid when it is no such file.
    Source: B8, D9, I25, I28.
    """
    _require_unknown(content)
    digest = _digest(content)
    with _collector_resting():
        answer = idempotency.once(
            lambda: Answer(201, asdict(_import(content, digest, by=by, progress=progress))),
            scope=SCOPE,
            key=digest,
            fingerprint=digest,
        )
    if answer.is_replay:
        raise _imported_before(answer)
    return Imported(**answer.body)


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Hundreds of thousands of rows are no cycles to look for: a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _line_count(content: bytes) -> int:
    return content.count(b"\n") + (not content.endswith(b"\n"))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _require_unknown(content: bytes) -> None:
    before = idempotency.answer_of(scope=SCOPE, key=_digest(content))
    if before is not None:
        raise _imported_before(before)


def _imported_before(answer: Answer) -> FileImportedBefore:
    day = clock.from_micros(answer.created_at).date().isoformat()
    return FileImportedBefore(day=day, cards=answer.body["cards"])


def _import(content: bytes, digest: str, *, by: Actor, progress: Progress) -> Imported:
    """Load the file, portion by portion, while another process reads and seals the next one."""
    audit_id = audit.record(
        by=by,
        action="gift_card.imported",
        subject=f"file_{digest[:32]}",
        data={"source": import_rows.SOURCE},
    )
    size, found, bad = _line_count(content), Imported(), list[BadCell]()
    made = import_rows.made(content, audit_id, size=_PORTION)
    with closing(ahead(made) if size > _PORTION else made) as parts:
        progress("Importing", 0, size)
        for part in map(Made._make, parts):
            if part.refused:
                raise _refusal(part.refused, part.bad)
            bad += _taken(part.own)
            if not bad:
                _load(part)
            found = Imported(*part.found)
            progress("Importing", part.row, size)
    csv_sheets.refuse(bad)
    return found


def _refusal(sentence: str, bad: list[tuple[int, str, str]]) -> Invalid:
    cells = [BadCell(*cell) for cell in bad]
    return RowsRefused(count=len(cells), cells=cells) if cells else Invalid(sentence)


def _load(part: Made) -> None:
    bulk.load("account", import_rows.ACCOUNT, part.accounts)
    bulk.load("transfer", import_rows.TRANSFER, part.transfers)
    bulk.load("gift_card", import_rows.GIFT_CARD, part.cards)
    for card_id, address, is_test in part.mails:
        outbox.mail("card_issued", to=address, card_id=card_id, is_test=is_test)
    for name in sorted({name for _, name, _ in part.own if name}):
        database.execute(
            "INSERT INTO code_format (format, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
            *(name, clock.micros()),
        )


# Codes


def _taken(own: list[Own]) -> list[BadCell]:
    """The codes that a card has already, under any version of the keys."""
    rows = {index: number for number, _, indexes in own for index in indexes}
    bad = []
    for asked in _portions(rows, _ASKED_AT_ONCE):
        found = database.rows(
            f"SELECT code_index FROM gift_card WHERE code_index IN ({database.marks(asked)})",
            *asked,
        )
        bad += [
            BadCell(rows[bytes(index)], "code", "a card has this code already")
            for (index,) in found
        ]
    return bad


def _portions(items: Iterable, size: int) -> Iterator[list]:
    waiting = iter(items)
    while portion := list(islice(waiting, size)):
        yield portion


# Out


EXPORTED = (
    *("id", "last4", "test", "status", "currency", "amount", "balance", "held"),
    *("origin", "source", "holder_email", "holder_name", "expires_on", "note", "message"),
    *("campaign_id", "created_at"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def export_file(file: TextIO, *, progress: Progress = _silent) -> int:
    """Write every card as it stands at one moment; how many. Never a code (I28)."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(EXPORTED)
    done = 0
    with database.snapshot():
        total = database.scalar("SELECT COUNT(*) FROM gift_card")
        for portion in _pages():
            writer.writerows([[_cell(cell) for cell in _exported(card)] for card in portion])
            done += len(portion)
            progress("Writing", done, total)
    return done


def _pages() -> Iterator[list[values.Card]]:
    after = ""
    while portion := values.select("WHERE g.id > ? ORDER BY g.id LIMIT ?", after, _PORTION):
        yield portion
        after = portion[-1].id


def _exported(card: values.Card) -> tuple[str | None, ...]:
    shown = card.to_object()
    return (
        *(card.id, card.last4, "yes" if card.is_test else "no", card.status, card.currency),
        *(
            decimal_text(minor, card.currency)
            for minor in (card.initial_minor, card.balance_minor, card.held_minor)
        ),
        *(card.origin, card.source, card.holder_email, card.holder_name, shown["expires_on"]),
        *(card.note, card.message, card.campaign_id, shown["created_at"]),
    )


def _cell(text: str | None) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return "" if text is None else "'" + text if text.startswith(_FORMULA) else text
