"""The language for tests, ``tools.pseudo``, in place of every other."""

import gc

import pytest

from giftweb import language
from giftweb.web.pages.prepared import Prepared
from tools.pseudo import BEGIN, END, Pseudo


def speak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the test ends every text is in this language, whatever the reader asks for."""
    found = Pseudo()
    monkeypatch.setattr(language, "_catalogue", lambda _spoken: found)
    for page in gc.get_objects():
        if isinstance(page, Prepared):  # What was prepared in English before is not it.
            monkeypatch.setattr(page, "_patterns", {})
            monkeypatch.setattr(page, "_rows", {})


def without_texts(shown: str) -> str:
    """What is left when every translated text is taken out, whatever lies within."""
    left, depth = [], 0
    for letter in shown:
        depth += letter == BEGIN
        if not depth:
            left.append(letter)
        depth -= letter == END
    return "".join(left)
