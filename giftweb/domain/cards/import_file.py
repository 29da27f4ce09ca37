"""Cards from a CSV file and back: all of a file or nothing of it (B8). See docs/import.md."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from itertools import chain, islice
from typing import TextIO

from giftweb import codes, database, keys
from giftweb.database import constraints
from giftweb.domain import audit, csv_sheets, idempotency
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import exported, import_rows, import_sheet, values
from giftweb.domain.cards.import_odds import Odds
from giftweb.domain.cards.import_sheet import Imported, Portion
from giftweb.domain.csv_sheets import BadCell
from giftweb.domain.idempotency import Answer
from giftweb.errors import Refused
from giftweb.models import GiftCard

SCOPE = "card_file"
_PORTION = 1000
_INDEXES_A_QUERY = 500

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done and how much there is."""


class FileImportedBefore(Refused):
    """This very file was imported on {day}: {cards} cards. Nothing was imported again."""


class CodeTaken(Refused):
    """Somebody else has just brought a card with a code of this file. Nothing was imported."""


constraints.declare("gift_card_code_index", CodeTaken)


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""


# In


def check_file(
    content: bytes, *, accepts_guessable: bool = False, progress: Progress = _silent
) -> Imported:
    """What ``import_file`` would import. Nothing is written.

    Raises: as ``import_file``.
    """
    _require_unknown(content)
    found, odds = _read(content, "Checking", write=lambda portion: None, progress=progress)
    if not accepts_guessable:
        odds.require_hard()
    return found


def import_file(
    content: bytes,
    *,
    by: Actor,
    source: str = import_rows.SOURCES[0],
    accepts_guessable: bool = False,
    progress: Progress = _silent,
) -> Imported:
    """Issue every card of a CSV file, or none; rows without a code get one of ours.

    ``source``: what its money comes from, for all of it (D29). ``accepts_guessable``: codes that
    guessing finds too soon are imported all the same.

    Raises: RowsRefused naming each bad cell, FileImportedBefore, Invalid when it is no such file,
    CodeTaken when another import has brought one of its codes meanwhile, CodesGuessable.
    Source: B8, D9, I25, I28.
    """
    _require_unknown(content)
    digest = _digest(content)
    answer = idempotency.once(
        lambda: Answer(
            201,
            asdict(
                _import(
                    content,
                    digest,
                    source=source,
                    by=by,
                    accepts_guessable=accepts_guessable,
                    progress=progress,
                )
            ),
        ),
        scope=SCOPE,
        key=digest,
        fingerprint=digest,
    )
    if answer.is_replay:
        raise _imported_before(answer)
    return Imported(**answer.body)


def _line_count(content: bytes) -> int:
    return content.count(b"\n") + (not content.endswith(b"\n"))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _require_unknown(content: bytes) -> None:
    before = idempotency.answer_of(scope=SCOPE, key=_digest(content))
    if before is not None:
        raise _imported_before(before)


def _imported_before(answer: Answer) -> FileImportedBefore:
    day = answer.created_at.date().isoformat()
    return FileImportedBefore(day=day, cards=answer.body["cards"])


def _import(
    content: bytes,
    digest: str,
    *,
    source: str,
    by: Actor,
    accepts_guessable: bool,
    progress: Progress,
) -> Imported:
    audit_id = audit.record(
        by=by,
        action="gift_card.imported",
        subject=f"file_{digest[:32]}",
        data={"source": source},
    )
    found, odds = _read(
        content,
        "Importing",
        write=lambda portion: import_rows.write(portion.rows, source=source, audit_id=audit_id),
        progress=progress,
    )
    if not accepts_guessable:
        odds.require_hard()
    return found


def _read(
    content: bytes, step: str, *, write: Callable[[Portion], None], progress: Progress
) -> tuple[Imported, Odds]:
    """Check a file and ``write`` it, portion by portion, up to the first code that is taken."""
    found, odds, size, bad = Imported(), Odds(), _line_count(content), list[BadCell]()
    progress(step, 0, size)
    for portion in import_sheet.portions(content, size=_PORTION):
        bad += _taken(portion)
        if not bad:
            write(portion)
        found.add(portion.rows)
        odds.add(row.code for row in portion.rows)
        progress(step, portion.numbers[-1], size)
    csv_sheets.refuse(bad)
    return found, odds


# Codes


def _taken(portion: Portion) -> list[BadCell]:
    """The codes that a card has already, under any version of the keys."""
    rows = {
        codes.index(row.code, version): number
        for row, number in zip(portion.rows, portion.numbers, strict=True)
        if row.code is not None
        for version in keys.ring().newest_first
    }
    bad = []
    for indexes in _portions(rows, _INDEXES_A_QUERY):
        taken = GiftCard.select(GiftCard.code_index).where(GiftCard.code_index.in_(indexes))
        bad += [
            BadCell(rows[bytes(index)], "code", "a card has this code already")
            for (index,) in taken.tuples()
        ]
    return bad


def _portions(items: Iterable, size: int) -> Iterator[list]:
    waiting = iter(items)
    while portion := list(islice(waiting, size)):
        yield portion


# Out


def export_file(file: TextIO, *, progress: Progress = _silent) -> int:
    """Write every card as it stands at one moment; how many. Never a code (I28)."""
    done = 0
    with database.snapshot():
        total = GiftCard.select().count()
        rows = map(exported.row_of, chain.from_iterable(_pages()))
        for done, line in enumerate(csv_sheets.written(exported.COLUMNS, rows)):
            file.write(line)
            if done % _PORTION == 0 or done == total:
                progress("Writing", done, total)
    return done


def _pages() -> Iterator[list[values.Card]]:
    after = ""
    while portion := list(
        values.select().where(GiftCard.id > after).order_by(GiftCard.id).limit(_PORTION)
    ):
        yield portion
        after = portion[-1].id
