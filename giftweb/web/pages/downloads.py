"""A list as a file: CSV, sent row by row, or XLSX."""

from collections.abc import Iterable, Sequence
from tempfile import TemporaryFile

from flask import Response, request, stream_with_context
from werkzeug.wsgi import wrap_file

from giftweb import clock
from giftweb.domain import csv_sheets


def saved_as(name: str, *, disposition: str = "attachment") -> dict[str, str]:
    """The headers of a file with this name, which the browser is not to keep by itself: it saves an
    ``attachment`` and shows what is ``inline``."""
    return {
        "Content-Disposition": f'{disposition}; filename="{name}"',
        "Cache-Control": "no-store",
    }


def download(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The response that a browser saves as ``name``."""
    return Response(
        stream_with_context(csv_sheets.written(header, rows)),
        mimetype="text/csv",
        headers=saved_as(name),
    )


def of_list(
    name: str, suffix: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> Response:
    """A list of today, in the format of its suffix: csv or xlsx."""
    write = download if suffix == "csv" else workbook
    return write(f"{name}-{clock.today()}.{suffix}", header, rows)


def document(name: str, text: str) -> Response:
    """The response that a browser saves as the JSON file ``name``."""
    return Response(
        text,
        mimetype="application/json",
        headers=saved_as(name),
    )


def file(name: str, content: bytes) -> Response:
    """The response that a browser saves as ``name``, of bytes in an encoding of their own."""
    return Response(
        content,
        mimetype="text/csv",
        headers=saved_as(name),
    )


def workbook(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The response that a browser saves as the XLSX file ``name``."""
    # The library is heavy, and few requests write such a file.
    from giftweb.domain import xlsx_sheets

    written = TemporaryFile()  # noqa: SIM115 - closed by the response
    xlsx_sheets.write(written, name.partition(".")[0], header, rows)
    written.seek(0)
    return Response(
        wrap_file(request.environ, written),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers=saved_as(name),
    )
