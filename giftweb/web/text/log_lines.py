"""Lines in the log that nobody but the program can begin."""

import logging
import sys
import time
from typing import Any


class OneLine(logging.Formatter):
    """An entry is one line, whatever a path or a header had in it; what follows a fault is
    indented, so that no text in it looks like another entry. Its time is in UTC."""

    converter = staticmethod(time.gmtime)
    default_msec_format = "%s,%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = escape(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        return _indent(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:
        return _indent(super().formatStack(stack_info))


def escape(text: str) -> str:
    """The text in one line: a line break becomes ``\\n``, a NUL ``\\x00``."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _indent(text: str) -> str:
    return "\n".join(f"    {escape(line)}" for line in text.split("\n"))


def install(level: int = logging.WARNING) -> None:
    """Log to standard error in such lines, unless whoever embeds the program has chosen already."""
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(OneLine())
        root.addHandler(handler)
    if any(isinstance(handler.formatter, OneLine) for handler in root.handlers):
        root.setLevel(level)
