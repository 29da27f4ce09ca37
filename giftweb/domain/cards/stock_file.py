"""A printer's own codes taken into stock: all of a file or nothing of it (B22)."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from giftweb import codes, keys
from giftweb.domain import csv_sheets, idempotency
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import import_cells, import_rows, pins, stock
from giftweb.domain.cards.import_file import SCOPE, require_unknown
from giftweb.domain.cards.import_odds import Odds
from giftweb.domain.cards.import_seen import SeenCodes
from giftweb.domain.cards.stock import Batch, Printed
from giftweb.domain.csv_sheets import BadCell
from giftweb.domain.idempotency import Answer
from giftweb.domain.sheet_files import SheetFile
from giftweb.errors import CodeMalformed, Invalid
from giftweb.language import count_text, gettext
from giftweb.models import GiftCard

SHORTEST = 8
_INDEXES_A_QUERY = 500


class Row(NamedTuple):
    """A printed card of a file; ``currency`` is empty where the file names none."""

    number: int
    printed: Printed
    currency: str


def check(content: bytes | Path, *, accepts_guessable: bool = False) -> list[Row]:
    """The cards of a file with the columns ``code`` and perhaps ``pin`` and ``currency``. Nothing
    is written.

    Raises: RowsRefused naming each bad cell; Invalid when it is no such file; CodesGuessable, where
    no PIN stands beside the codes; FileImportedBefore.
    """
    file, bad = SheetFile(content), list[BadCell]()
    require_unknown(file.digest())
    found = list(_rows(file, bad))
    csv_sheets.refuse(bad + _taken(found))
    if not found:
        raise Invalid(gettext("The file has no cards: only a header, or nothing at all."))
    if len(found) > stock.MOST:
        raise Invalid(
            gettext("A file of stock has at most {count} cards.", count=count_text(stock.MOST))
        )
    odds = Odds()
    odds.add(row.printed.code for row in found if row.printed.pin is None)
    if not accepts_guessable:
        odds.require_hard()
    return found


def take_in(
    content: bytes | Path, *, batch: Batch, by: Actor, accepts_guessable: bool = False
) -> int:
    """Put the printed cards of a file into stock; how many. Those whose row names no currency are
    in the batch's.

    Raises: as ``check``; Invalid (currency).
    """
    digest = SheetFile(content).digest()
    found = check(content, accepts_guessable=accepts_guessable)

    def write() -> Answer:
        import_rows.register_formats(row.printed.code for row in found)
        for currency, rows in groupby(found, lambda row: row.currency or batch.currency):
            of_it = batch._replace(currency=currency)
            stock.take_in([row.printed for row in rows], batch=of_it, by=by)
        return Answer(201, {"cards": len(found)})

    idempotency.once(write, scope=SCOPE, key=digest, fingerprint=digest)
    return len(found)


def _rows(file: SheetFile, bad: list[BadCell]) -> Iterator[Row]:
    rows, seen = file.rows(), SeenCodes()
    _, cells = next(rows, (1, []))
    header = csv_sheets.header(cells, required=("code",), optional=("pin", "currency"))
    for number, row in rows:
        if not any(row):
            continue
        named = dict(zip(header, row, strict=False))
        faults = import_cells.Faults(number, bad)
        code = faults.tried("code", _code, named.get("code", ""))
        pin = faults.tried("pin", pins.read, named["pin"]) if named.get("pin") else None
        if code and (first := seen.first_row(code, number)) != number:
            faults.add("code", gettext("the same code stands in row {first}", first=first))
        if not faults.any:
            yield Row(number, Printed(code, pin), named.get("currency", "").strip().upper())


def _code(text: str) -> str:
    try:
        code = codes.normalise(text)
    except CodeMalformed:
        code = ""
    if len(code) < SHORTEST:
        raise Invalid(
            gettext(
                "a code has {shortest} to 64 letters and digits, spaces and dashes",
                shortest=SHORTEST,
            )
        )
    return code


def _taken(found: Sequence[Row]) -> list[BadCell]:
    """The codes that a card has already, under any version of the keys."""
    rows = {
        codes.index(row.printed.code, version): row.number
        for row in found
        for version in keys.ring().newest_first
    }
    indexes, bad = list(rows), []
    for start in range(0, len(indexes), _INDEXES_A_QUERY):
        some = indexes[start : start + _INDEXES_A_QUERY]
        taken = GiftCard.select(GiftCard.code_index).where(GiftCard.code_index.in_(some))
        for (index,) in taken.tuples():
            bad.append(BadCell(rows[bytes(index)], "code", gettext("a card has this code already")))
    return bad
