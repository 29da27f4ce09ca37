"""CSV files: read as text, every bad cell named by its row and column (B8); written such that a
spreadsheet opens them as they are meant, and runs nothing."""

import csv
import io
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from giftweb import money
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.money import Money

# Reading


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be used. ``row`` counts as a spreadsheet does: the header is row 1."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.reason}"


class RowsRefused(Invalid):
    """Nothing was imported: {count} cells cannot be used."""

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Every bad cell: where it is, and the reason."""
        return [(f"row {bad.row}, {bad.column}", bad.reason) for bad in self.details["cells"]]


def refuse(cells: list[BadCell]) -> None:
    """Raise for the bad cells, if there are any, in the order of the file."""
    if cells:
        ordered = sorted(cells, key=lambda bad: bad.row)
        raise RowsRefused(count=len(ordered), cells=ordered)


def header(
    cells: Sequence[str], *, required: Sequence[str], optional: Sequence[str] = ()
) -> list[str]:
    """The names of a file's columns.

    Raises: RowsRefused for a strange, a repeated or a missing one.
    """
    names = [cell.strip().lower() for cell in cells]
    bad = [
        BadCell(1, name or gettext("a column"), gettext("there is no such column"))
        for name in names
        if name not in (*required, *optional)
    ]
    bad += [
        BadCell(1, name, gettext("the column stands there twice"))
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    missing = gettext("the column is missing")
    bad += [BadCell(1, name, missing) for name in required if name not in names]
    refuse(bad)
    return names


# Writing

_BEGINNING = re.compile(r"[\s;,]*")
"""What a spreadsheet may skip, or part cells by, before it looks for a formula."""
_CHANGES_AS_NUMBER = re.compile(r"0[0-9][0-9.]*|[0-9.]+[eE][+-]?[0-9]+|[0-9]{16,}")
"""Text that a spreadsheet would take for another number, such as the last four of a card."""


def written(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a file, beginning with the mark by which Excel knows UTF-8."""
    buffer = io.StringIO("\ufeff")
    buffer.seek(1)
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    for row in itertools.chain((header,), rows):
        writer.writerow([cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def cell(value: object) -> str:
    """The text of a cell: nothing for None, a number for Money and integers, yes or no, a day as
    2027-01-31, a moment in UTC as spreadsheets read one. Other text that a spreadsheet would run as
    a formula, or change into another number, has a quote before it.

    Source: E23, E46, X23.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Money):
        return money.decimal_text(value.minor, value.currency)
    text = str(value)
    if isinstance(value, int) or not (_may_be_formula(text) or _CHANGES_AS_NUMBER.fullmatch(text)):
        return text
    return f"'{text}"


def meant(text: str) -> str:
    """What somebody wrote, from a cell as ``cell`` writes it: without the quote that it adds."""
    bare = text[1:]
    return bare if text[:1] == "'" and cell(bare) == text else text


def _may_be_formula(text: str) -> bool:
    start = _BEGINNING.match(text)
    first = text[start.end() : start.end() + 1] if start else ""
    # NFKC makes plain signs of full-width and small ones.
    return text[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", first) in (
        "=",
        "+",
        "-",
        "@",
    )
