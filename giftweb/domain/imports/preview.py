"""The beginning of a file, as it is read: its headings, what they mean, its first rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from giftweb.domain.cards import import_formats, import_sheet
from giftweb.domain.cards.import_sheet import Sheet
from giftweb.domain.csv_sheets import BadCell, RowsRefused
from giftweb.domain.imports import content
from giftweb.domain.imports.files import Upload
from giftweb.errors import DomainError, Invalid
from giftweb.language import gettext

ROWS = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A heading of the file with our column for it, empty when it is left out, and examples."""

    heading: str
    column: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """``format``: which shop wrote it. ``faults``: what is wrong with the first rows."""

    format: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    faults: tuple[BadCell, ...]
    problem: str = ""


def read(upload: Upload) -> Preview:
    """What the beginning of a file says. A file that is none has a ``problem``."""
    try:
        beginning = list(islice(content.sheet_of(upload.id).rows(), ROWS + 1))
    except Invalid as error:
        return Preview("", (), (), (), error.sentence)
    if not beginning:
        return Preview("", (), (), (), gettext("The file is empty."))
    (_, headings), *rows = beginning
    try:
        format = import_formats.recognised(headings, wanted=upload.format)
    except Invalid as error:
        return Preview("", (), (), (), error.sentence)
    meant = _meant(headings, upload, format)
    columns = tuple(
        Column(heading, column, tuple(row[place] for _, row in rows[:3] if place < len(row)))
        for place, (heading, column) in enumerate(zip(headings, meant, strict=True))
    )
    shown = tuple((number, tuple(cells)) for number, cells in rows)
    return Preview(format.title, columns, shown, tuple(_faults(upload, headings, rows)))


def _meant(headings: Sequence[str], upload: Upload, format: import_formats.Format) -> list[str]:
    """Our column for each heading, as was chosen or else recognised; none twice."""
    chosen = {import_formats.plain(name): column for name, column in (upload.mapping or {}).items()}
    plain = [import_formats.plain(heading) for heading in headings]
    return import_formats.of_what_is_left(
        [chosen.get(name, format.headings.get(name, "")) for name in plain]
    )


def _faults(
    upload: Upload, headings: Sequence[str], rows: Sequence[tuple[int, list[str]]]
) -> list[BadCell]:
    sheet = Sheet(content.sheet_of(upload.id), upload.terms)
    try:
        reader = import_sheet.Reader(sheet, list(headings))
    except RowsRefused as refused:
        return list(refused.details["cells"])
    except DomainError as error:
        return [BadCell(1, gettext("the file"), error.sentence)]
    bad: list[BadCell] = []
    for number, cells in rows:
        if any(cells):
            reader.read(list(cells), number, bad)
    return bad
