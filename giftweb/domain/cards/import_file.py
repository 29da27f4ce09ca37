"""Cards from a file and back: all of a file or nothing of it (B8). See docs/import.md."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from giftweb import codes, database, keys
from giftweb.database import constraints
from giftweb.domain import audit, csv_sheets, idempotency
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import exported, import_rows, import_sheet, receivers, values
from giftweb.domain.cards.import_odds import Odds
from giftweb.domain.cards.import_ready import ReadyCards
from giftweb.domain.cards.import_sheet import Sheet
from giftweb.domain.cards.import_terms import Terms
from giftweb.domain.cards.import_values import Imported, Portion
from giftweb.domain.csv_sheets import BadCell
from giftweb.domain.idempotency import Answer
from giftweb.domain.sheet_files import SheetFile
from giftweb.errors import Refused
from giftweb.language import gettext
from giftweb.models import GiftCard, KeyVersion

SCOPE = "card_file"
_PORTION = 1000
_INDEXES_A_QUERY = 500
_PLAIN = Terms()

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done and how much there is."""


class FileImportedBefore(Refused):
    """This very file was imported on {day}: {cards} cards. Nothing was imported again."""


class CodeTaken(Refused):
    """Somebody else has just brought a card with a code of this file. Nothing was imported."""


class KeysChanged(Refused):
    """The keys were changed while this file was read. Nothing was imported; import it again."""


constraints.declare("gift_card_code_index", CodeTaken)


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""


# In


def check_file(
    content: bytes | Path, *, terms: Terms = _PLAIN, progress: Progress = _silent
) -> Imported:
    """What ``import_file`` would import. Nothing is written.

    Raises: as ``import_file``.
    """
    return check_content(SheetFile(content), terms=terms, progress=progress)


def import_file(
    content: bytes | Path, *, by: Actor, terms: Terms = _PLAIN, progress: Progress = _silent
) -> Imported:
    """Issue every card of a file, or none; rows without a code get one of ours.

    Raises: RowsRefused naming each bad cell, FileImportedBefore, Invalid when it is no such file,
    NotFound (campaign), CodeTaken when another import has brought one of its codes meanwhile,
    KeysChanged, CodesGuessable.
    Source: B8, D9, I25, I28.
    """
    with prepare_content(SheetFile(content), by=by, terms=terms, progress=progress) as prepared:
        return prepared.write(progress)


def check_content(
    file: SheetFile,
    *,
    terms: Terms,
    by: Actor = audit.SYSTEM,
    progress: Progress = _silent,
) -> Imported:
    """What ``prepare_content`` would import for somebody. Nothing is written.

    Raises: as ``import_file``.
    """
    sheet = Sheet(file, terms)
    require_unknown(file.digest())
    return _read(sheet, "Checking", by=by, write=lambda portion: None, progress=progress)


@contextmanager
def prepare_content(
    file: SheetFile, *, by: Actor, terms: Terms, progress: Progress = _silent
) -> Iterator["Prepared"]:
    """Everything that ``import_file`` would write, of a file wherever it lies. Staff give no money
    to one another. Others write meanwhile: no transaction may be open.

    Raises: as ``import_file``.
    """
    sheet, digest, audit_id = Sheet(file, terms), file.digest(), audit.new_id()
    oldest = keys.ring().current
    require_unknown(digest)
    with ReadyCards() as cards:
        found = _read(
            sheet,
            "Importing",
            by=by,
            write=lambda portion: cards.add(import_rows.ready(portion.rows, audit_id=audit_id)),
            progress=progress,
        )
        yield Prepared(found, digest, terms, by, audit_id, cards, oldest)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The cards of a file, ready to be written. ``key_version``: they are sealed under this one of
    the keys, or a later one."""

    found: Imported
    digest: str
    terms: Terms
    by: Actor
    audit_id: str
    cards: ReadyCards
    key_version: int

    def write(self, progress: Progress = _silent) -> Imported:
        """Write all of them, in one transaction.

        Raises: FileImportedBefore, CodeTaken, KeysChanged.
        """
        answer = idempotency.once(
            lambda: Answer(201, self._written(progress)),
            scope=SCOPE,
            key=self.digest,
            fingerprint=self.digest,
        )
        if answer.is_replay:
            raise _imported_before(answer)
        return self.found

    def _written(self, progress: Progress) -> dict[str, Any]:
        audit.record(
            by=self.by,
            action="gift_card.imported",
            subject=f"file_{self.digest[:32]}",
            data={
                "source": self.terms.source or import_sheet.ORIGINS[0],
                "campaign": self.terms.campaign_id,
            },
            entry_id=self.audit_id,
        )
        for number, portion in enumerate(self.cards, start=1):
            import_rows.write(portion, by=self.by)
            progress("Writing", number, len(self.cards))
        self._require_keys()
        return asdict(self.found)

    def _require_keys(self) -> None:
        """Asked last: from the first card on, a rotation of the keys waits for this transaction."""
        if not KeyVersion.select().where(KeyVersion.version == self.key_version).exists():
            raise KeysChanged


def require_unknown(digest: str) -> None:
    """Refuse a file that was imported before.

    Raises: FileImportedBefore.
    """
    before = idempotency.answer_of(scope=SCOPE, key=digest)
    if before is not None:
        raise _imported_before(before)


def _imported_before(answer: Answer) -> FileImportedBefore:
    day = answer.created_at.date().isoformat()
    return FileImportedBefore(day=day, cards=answer.body["cards"])


def _read(
    sheet: Sheet,
    step: str,
    *,
    by: Actor,
    write: Callable[[Portion], None],
    progress: Progress,
) -> Imported:
    """Check a file and ``write`` it, portion by portion, up to the first row that is here."""
    found, odds, size, bad = Imported(), Odds(), sheet.file.count(), list[BadCell]()
    colleagues = receivers.colleagues_of(by)
    progress(step, 0, size)
    for portion in sheet.portions(size=_PORTION):
        bad += _taken(portion) + _here(portion) + _of_staff(portion, by, colleagues)
        if not bad:
            write(portion)
        found.add(portion.rows)
        odds.add(row.code for row in portion.rows)
        progress(step, portion.numbers[-1], size)
    csv_sheets.refuse(bad)
    if not sheet.terms.accepts_guessable:
        odds.require_hard()
    found.left_out, found.masked = dict(sorted(sheet.left_out.items())), sheet.masked
    found.strangers = sheet.strangers
    return found


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
            BadCell(rows[bytes(index)], "code", gettext("a card has this code already"))
            for (index,) in taken.tuples()
        ]
    return bad


def _here(portion: Portion) -> list[BadCell]:
    """The rows that this very house has exported: importing them would double their money."""
    rows = {
        row.old_id: number
        for row, number in zip(portion.rows, portion.numbers, strict=True)
        if row.old_id is not None
    }
    here = gettext("this card is here already: the file was exported from this very database")
    bad = []
    for some in _portions(rows, _INDEXES_A_QUERY):
        found = GiftCard.select(GiftCard.id).where(GiftCard.id.in_(some))
        bad += [BadCell(rows[card_id], "id", here) for (card_id,) in found.tuples()]
    return bad


def _of_staff(portion: Portion, by: Actor, colleagues: frozenset[str]) -> list[BadCell]:
    """The rows that would give money to whoever imports, or to a colleague."""
    if by.kind != "staff":
        return []
    refused = [
        (number, receivers.refusal(row.holder_email, by, colleagues=colleagues))
        for row, number in zip(portion.rows, portion.numbers, strict=True)
        if row.holder_email
    ]
    return [BadCell(number, "holder_email", why.sentence) for number, why in refused if why]


def _portions(items: Iterable, size: int) -> Iterator[list]:
    waiting = iter(items)
    while portion := list(islice(waiting, size)):
        yield portion


# Out


def export_file(file: TextIO, *, progress: Progress = _silent) -> int:
    """Write every card as it stands at one moment as CSV; how many. Never a code (I28)."""
    with database.snapshot():
        lines = csv_sheets.written(exported.COLUMNS, _rows(progress))
        file.write(next(lines))
        return sum(1 for line in lines if file.write(line))


def export_workbook(file: BinaryIO, *, progress: Progress = _silent) -> int:
    """The same as XLSX."""
    # Loaded here: few processes ever write a workbook.
    from giftweb.domain import xlsx_sheets

    with database.snapshot():
        return xlsx_sheets.write(file, "Gift cards", exported.COLUMNS, _rows(progress))


def _rows(progress: Progress) -> Iterator[tuple[object, ...]]:
    total = GiftCard.select().count()
    for done, card in enumerate(chain.from_iterable(_pages()), start=1):
        yield exported.row_of(card)
        if done % _PORTION == 0 or done == total:
            progress("Writing", done, total)


def _pages() -> Iterator[list[values.Card]]:
    after = ""
    while portion := list(
        values.select().where(GiftCard.id > after).order_by(GiftCard.id).limit(_PORTION)
    ):
        yield portion
        after = portion[-1].id
