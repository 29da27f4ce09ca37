"""A language that nobody speaks: accented, longer, and marked, so that what is not wrapped shows.

The tests look for texts that are not in it; the style guide shows pages in it from right to left.
"""

import gettext
import re

BEGIN, END = "⟦", "⟧"
_KEPT = re.compile(r"(\{[^{}]*\}|<[^<>]*>|&[a-z#0-9]+;)")
_ACCENTS = str.maketrans("aceinouyACEINOUY", "åçéîñöûýÅÇÉÎÑÖÛÝ")
_LONGER = 0.4
_WORD = 5


class Pseudo(gettext.NullTranslations):
    """Translates every text, so that it is known by its marks."""

    def gettext(self, message: str) -> str:
        return translated(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return translated(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return translated(message)


def translated(message: str) -> str:
    """``Pay {due}`` as ``⟦Påý {due}~~⟧``; placeholders and tags stay."""
    parts = _KEPT.split(message)
    words = "".join(part if _KEPT.fullmatch(part) else part.translate(_ACCENTS) for part in parts)
    return f"{BEGIN}{words}{_filling(round(len(message) * _LONGER))}{END}"


def _filling(count: int) -> str:
    """So many letters more, in words that a line can break between."""
    return "~" * count if count <= _WORD else " ~~~~" * round(count / _WORD)
