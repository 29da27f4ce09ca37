"""A list as a file: CSV, sent row by row, or XLSX."""

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


def document(name: str, text: str) -> Response:
    """The response that a browser saves as the JSON file ``name``."""
    return Response(
        text,
        mimetype="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def file(name: str, content: bytes) -> Response:
    """The response that a browser saves as ``name``, of bytes in an encoding of their own."""
    return Response(
        content,
        mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def workbook(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The response that a browser saves as the XLSX file ``name``."""
    # The library is heavy, and few requests write such a file.
    from giftweb.domain import xlsx_sheets

    return Response(
        xlsx_sheets.written(name.partition(".")[0], header, rows),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
