"""A mail's headers: what a person typed stays text, whatever it looks like (D26).

Python's own header classes read a value before they write it, and decode what looks like an
encoded word: a name such as ``=?utf-8?q?Sam=0D=0ABcc:...?=`` became a header of its own. So the
headers that hold somebody's text are encoded here, once, and handed over as they are sent.
"""

import re
import unicodedata
from email.header import Header
from email.policy import EmailPolicy
from email.utils import quote
from typing import Any

SUBJECT_LIMIT = 150
NAME_LIMIT = 80
_LINE = 76
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""They turn what stands beside them around, in the list of mails and in the address line."""


class Encoded(str):
    """A header's value as it goes over the line: encoded, folded, not to be read again."""

    __slots__ = ()


class LiteralPolicy(EmailPolicy):
    """Writes an ``Encoded`` value as it is."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if isinstance(value, Encoded):
            return name, value
        return super().header_store_parse(name, value)

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        return value if isinstance(value, Encoded) else super().header_fetch_parse(name, value)

    def fold(self, name: str, value: Any) -> str:
        if isinstance(value, Encoded):
            return f"{name}: {value}{self.linesep}"
        return super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        if isinstance(value, Encoded):
            return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii")
        return super().fold_binary(name, value)


def subject(text: str) -> Encoded:
    """A subject of one line."""
    return _encoded(shortened(text, SUBJECT_LIMIT), "Subject")


def address(email: str, *, name: str = "") -> Encoded:
    """``name <email>``; the address alone when there is no name."""
    name = shortened(name, NAME_LIMIT)
    if not name:
        return Encoded(email)
    is_plain = name.isascii() and "=?" not in name
    return Encoded(f'"{quote(name)}" <{email}>' if is_plain else f"{_encoded(name)} <{email}>")


def _encoded(text: str, header: str = "From") -> Encoded:
    if text.isascii() and "=?" not in text and len(text) + len(header) + 2 <= _LINE:
        return Encoded(text)
    encoded = Header(text, "utf-8", maxlinelen=_LINE, header_name=header)
    return Encoded(encoded.encode(linesep="\r\n"))


def shortened(text: str, limit: int) -> str:
    """One line of at most ``limit`` characters, cut at a word where there is one; no controls."""
    seen = "".join(
        " " if unicodedata.category(character) in _UNSEEN else character
        for character in _DIRECTIONS.sub("", text)
    )
    line = " ".join(seen.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 3]
    at_a_word = cut.rpartition(" ")[0]
    return f"{at_a_word if len(at_a_word) > limit // 2 else cut}..."
