"""A file of rows as shops have it: CSV however a spreadsheet saved it, or XLSX (B8).

Rows are read one after the other, so that a large file takes no memory. XLSX is read by
``xlsx_rows``; writing is in ``csv_sheets`` and ``xlsx_sheets``.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from giftweb.domain import xlsx_rows
from giftweb.errors import Invalid
from giftweb.language import gettext

Row = tuple[int, list[str]]
"""A row and its number as a spreadsheet counts; the first one with anything in it is the header."""

SEPARATORS = ",;\t|"
_CHUNK = 1024 * 1024
_ZIP = b"PK\x03\x04"


class SheetFile:
    """The rows of a file, read again as often as they are wanted."""

    def __init__(self, source: bytes | Path | Callable[[], BinaryIO]):
        self._source = source

    def open(self) -> BinaryIO:
        """The file from its beginning."""
        if isinstance(self._source, bytes):
            return io.BytesIO(self._source)
        return self._source.open("rb") if isinstance(self._source, Path) else self._source()

    @property
    def is_xlsx(self) -> bool:
        """Whether it is a spreadsheet and no text."""
        with self.open() as file:
            return file.read(len(_ZIP)) == _ZIP

    def digest(self) -> str:
        """By which the same file is known again."""
        found = hashlib.sha256()
        with self.open() as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
        return found.hexdigest()

    def count(self) -> int:
        """About how many rows there are: the lines of a text."""
        if self.is_xlsx:
            return sum(1 for _ in self.rows())
        lines, last = 0, b"\n"
        with self.open() as file:
            while chunk := file.read(_CHUNK):
                lines, last = lines + chunk.count(b"\n"), chunk[-1:]
        return lines + (last != b"\n" or not lines)

    def rows(self) -> Iterator[Row]:
        """Each row, without the columns at the edge that have no heading and nothing in them.

        Raises: Invalid when it is neither CSV nor XLSX.
        """
        return _trimmed(self._xlsx() if self.is_xlsx else self._csv())

    def _csv(self) -> Iterator[list[str]]:
        with self.open() as file:
            encoding = _encoding(file.read(4))
            file.seek(0)
            text = io.TextIOWrapper(file, encoding=encoding, newline="")
            try:
                yield from csv.reader(text, delimiter=_separator(text), strict=True)
            except UnicodeError as error:
                raise Invalid(
                    gettext("The file is not UTF-8 text. Save it as CSV UTF-8.")
                ) from error
            except csv.Error as error:
                raise Invalid(
                    gettext("The file is not CSV as we read it: {error}.", error=error)
                ) from error

    def _xlsx(self) -> Iterator[list[str]]:
        with self.open() as file:
            content = file.read()
        return xlsx_rows.read(content)


def _encoding(start: bytes) -> str:
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if len(start) == 4 and start[1] == start[3] == 0:
        return "utf-16-le"
    if len(start) == 4 and start[0] == start[2] == 0:
        return "utf-16-be"
    return "utf-8-sig"


def _separator(text: io.TextIOWrapper) -> str:
    """What parts the cells: named in a line ``sep=;`` of its own or found in the heading."""
    first = text.readline()
    named = first.strip().lower()
    if named.startswith("sep=") and len(first.rstrip("\r\n")) == len("sep=") + 1:
        return first.rstrip("\r\n")[-1]
    while first and not first.strip():
        first = text.readline()
    text.seek(0)
    plain = "".join(part for part in first.split('"')[::2])
    return max(SEPARATORS, key=plain.count)


def _trimmed(rows: Iterator[list[str]]) -> Iterator[Row]:
    """The rows from the header on, cut to the columns that it names."""
    first = last = 0
    for number, cells in enumerate(rows, start=1):
        if last:
            yield number, _within(cells, first, last)
        elif any(cell.strip() for cell in cells):
            named = [place for place, cell in enumerate(cells) if cell.strip()]
            first, last = named[0], named[-1] + 1
            yield number, cells[first:last]


def _within(cells: list[str], first: int, last: int) -> list[str]:
    """A row's cells under the headings; all of it where something stands beside them."""
    beside = cells[:first] + cells[last:]
    return cells if any(cell.strip() for cell in beside) else cells[first:last]
