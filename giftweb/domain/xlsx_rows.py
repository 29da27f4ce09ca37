"""The rows of the first sheet of an XLSX file, read by a process of its own (``xlsx_program``)."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from giftweb.domain import xlsx_program
from giftweb.errors import Invalid
from giftweb.language import count_text, gettext

_PROGRAM = [sys.executable, "-I", str(Path(xlsx_program.__file__).resolve())]


def read(content: bytes) -> Iterator[list[str]]:
    """Each row as text, from the first one of the sheet.

    Raises: Invalid when it is no such file, or too large: before the first row, or after the last
    that could be read.
    """
    with subprocess.Popen(
        _PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield from _rows(process, content)
        finally:
            # Whoever wants the first rows alone does not wait for the others.
            process.kill()


def _rows(process: "subprocess.Popen[bytes]", content: bytes) -> Iterator[list[str]]:
    stdin, stdout = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    # It answers once it has read all of it, or has ended.
    with suppress(BrokenPipeError), stdin:
        stdin.write(content)
    output = io.TextIOWrapper(stdout, encoding="utf-8", newline="")
    try:
        yield from csv.reader(output)
    except csv.Error as error:
        raise Invalid(_why(xlsx_program.BROKEN)) from error
    if ended := process.wait():
        raise Invalid(_why(ended))


def _why(ended: int) -> str:
    if ended == xlsx_program.BROKEN:
        return gettext("The file is not XLSX as we read it. Save it as CSV UTF-8.")
    if ended == xlsx_program.TOO_MANY_ROWS:
        return gettext(
            "A spreadsheet may have {most_xlsx_rows} rows. Save more as CSV UTF-8.",
            most_xlsx_rows=count_text(xlsx_program.MOST_ROWS),
        )
    return gettext("This spreadsheet is too large. Save it as CSV UTF-8.")
