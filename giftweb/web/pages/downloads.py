"""A list as a CSV file: sent row by row, and safe to open in a spreadsheet."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence

from flask import Response, stream_with_context

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def download(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The answer that a browser saves as ``name``."""
    return Response(
        stream_with_context(_lines(header, rows)),
        mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def cell(value: object) -> str:
    """The text of a cell. What a spreadsheet would run as a formula gets a quote before it."""
    if value is None:
        return ""
    text = str(value)
    is_number = isinstance(value, int) or text.removeprefix("-").replace(".", "", 1).isdigit()
    return f"'{text}" if text.startswith(_FORMULA) and not is_number else text


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO("\ufeff")
    buffer.seek(1)
    writer = csv.writer(buffer)
    for row in itertools.chain((header,), rows):
        writer.writerow([cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
