"""A table as an XLSX file: text stays text, an amount is a number with its currency's decimals, and
nothing is a formula."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from giftweb import days, money
from giftweb.money import Money

_WIDTH = 16
_LONGEST_NAME = 31
MOST_ROWS = 1_048_576
"""Of a sheet, its heading among them."""
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def written(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The file, with one sheet of that name; its first row stays in sight."""
    file = io.BytesIO()
    write(file, name, header, rows)
    return file.getvalue()


def write(
    file: BinaryIO, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> int:
    """Write the file row by row, so that a long one takes no memory; how many rows there were.

    What does not fit on a sheet goes on to the next one.
    """
    count = 0
    with Workbook(file, _OPTIONS) as book:
        formats = _Formats(book)
        sheet = _begin(book, name, header, formats)
        for row in rows:
            place = count % (MOST_ROWS - 1) + 1
            if count and place == 1:
                sheet = _begin(book, f"{name} {count // (MOST_ROWS - 1) + 1}", header, formats)
            for column, value in enumerate(row):
                _write(sheet, place, column, value, formats)
            count += 1
    return count


def _begin(book: Workbook, name: str, header: Sequence[str], formats: "_Formats") -> Worksheet:
    sheet = book.add_worksheet(name[-_LONGEST_NAME:])
    sheet.set_column(0, max(len(header) - 1, 0), _WIDTH)
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(header):
        sheet.write_string(0, column, title, formats.of("bold"))
    return sheet


class _Formats:
    """Each way of showing a value, added to the workbook when it is first needed."""

    def __init__(self, book: Workbook) -> None:
        self._book, self._known = book, dict[str, Format]()

    def of(self, kind: str) -> Format:
        if kind not in self._known:
            shape = {"bold": True} if kind == "bold" else {"num_format": kind}
            self._known[kind] = self._book.add_format(shape)
        return self._known[kind]


def _write(sheet: Worksheet, row: int, column: int, value: object, formats: _Formats) -> None:
    if value is None:
        return
    if isinstance(value, Money):
        places = money.exponent(value.currency)
        shape = f"#,##0.{'0' * places}" if places else "#,##0"
        number = Decimal(money.decimal_text(value.minor, value.currency))
        sheet.write_number(row, column, number, formats.of(shape))
    elif isinstance(value, datetime):
        moment = days.local(value, days.WORLD).replace(tzinfo=None)
        sheet.write_datetime(row, column, moment, formats.of("yyyy-mm-dd hh:mm:ss"))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats.of("yyyy-mm-dd"))
    elif isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        sheet.write_string(row, column, text)
