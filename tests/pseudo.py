"""A language for tests: accented, longer, and marked, so that what is not wrapped shows."""

import gc
import gettext
import re

import pytest

from giftweb import language
from giftweb.web.pages.prepared import Prepared

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


def speak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the test ends every text is in this language, whatever the reader asks for."""
    found = Pseudo()
    monkeypatch.setattr(language, "_catalogue", lambda _spoken: found)
    for page in gc.get_objects():
        if isinstance(page, Prepared):  # What was prepared in English before is not it.
            monkeypatch.setattr(page, "_patterns", {})
            monkeypatch.setattr(page, "_rows", {})


def translated(message: str) -> str:
    """``Pay {due}`` as ``⟦Påý {due}~~⟧``; placeholders and tags stay."""
    parts = _KEPT.split(message)
    words = "".join(part if _KEPT.fullmatch(part) else part.translate(_ACCENTS) for part in parts)
    return f"{BEGIN}{words}{_filling(round(len(message) * _LONGER))}{END}"


def _filling(count: int) -> str:
    """So many letters more, in words that a line can break between."""
    return "~" * count if count <= _WORD else " ~~~~" * round(count / _WORD)


def without_texts(shown: str) -> str:
    """What is left when every translated text is taken out, whatever lies within."""
    left, depth = [], 0
    for letter in shown:
        depth += letter == BEGIN
        if not depth:
            left.append(letter)
        depth -= letter == END
    return "".join(left)
