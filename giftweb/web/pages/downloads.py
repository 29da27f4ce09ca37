"""A list as a CSV file, sent row by row."""

from collections.abc import Iterable, Sequence

from flask import Response, stream_with_context

from giftweb.domain import csv_sheets


def download(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The response that a browser saves as ``name``."""
    return Response(
        stream_with_context(csv_sheets.written(header, rows)),
        mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
