"""A program of its own: reads a spreadsheet from its standard input, and writes the rows of its
first sheet as CSV.

A small file may lay out a sheet of a million rows and 16,000 columns, and what reads it takes
memory for every cell. Here that ends this process, and no other. ``xlsx_rows`` runs it; it imports
nothing of ours, so that it starts at once.
"""

import csv
import io
import resource
import sys
import zipfile
from typing import Any

MOST_ROWS = 200_000
"""Beside the header."""
MOST_CELLS = 10_000_000
MOST_CHARACTERS = 500_000
"""Of a row, which whoever asked for it keeps as a whole."""
MOST_BYTES = 400 * 1024 * 1024
"""Unpacked: a spreadsheet is read as a whole, and a small file may unpack to a large one."""
MOST_MEMORY = 1024 * 1024 * 1024
MOST_SECONDS = 60
"""Of the processor."""

BROKEN, TOO_MANY_ROWS, TOO_LARGE = 3, 4, 5
"""What it ends with; a signal ends it when it takes too much."""


def main() -> int:
    """Write the rows; what the program ends with."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    from python_calamine import CalamineWorkbook

    file = io.BytesIO(sys.stdin.buffer.read())
    try:
        if sum(part.file_size for part in zipfile.ZipFile(file).infolist()) > MOST_BYTES:
            return TOO_LARGE
        file.seek(0)
        sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
    except MemoryError:
        return TOO_LARGE
    except Exception:
        return BROKEN
    last_row, last_column = sheet.end or (0, 0)
    if last_row > MOST_ROWS:
        return TOO_MANY_ROWS
    if (last_row + 1) * (last_column + 1) > MOST_CELLS:
        return TOO_LARGE
    output = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    writer = csv.writer(output)
    for cells in sheet.iter_rows():
        row = [_text(value) for value in cells]
        if sum(map(len, row)) > MOST_CHARACTERS:
            return TOO_LARGE
        writer.writerow(row)
    output.flush()
    return 0


def _text(value: Any) -> str:
    """A cell as it would stand in a CSV file; a number without an exponent."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if hasattr(value, "isoformat"):
        return (
            value.isoformat(" ")
            if hasattr(value, "hour") and hasattr(value, "year")
            else value.isoformat()
        )
    if hasattr(value, "is_integer"):
        return f"{value:.0f}" if value.is_integer() else f"{value:.10f}".rstrip("0")
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
