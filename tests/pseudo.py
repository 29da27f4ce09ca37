"""The language for tests, ``tools.pseudo``, in place of every other."""

from types import SimpleNamespace

import pytest

from giftweb import language
from giftweb.web.pages import prepared
from tools.pseudo import BEGIN, END, Pseudo

NAME = "pseudo"


def speak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the test ends every text is in this language, whatever the reader asks for."""
    found = Pseudo()
    monkeypatch.setattr(language, "_catalogue", lambda _spoken: found)
    # A page prepared earlier, in the reader's language, is not taken for one in this language.
    monkeypatch.setattr(prepared, "language", SimpleNamespace(current=lambda: NAME))


def without_texts(shown: str) -> str:
    """What is left when every translated text is taken out, whatever lies within."""
    left, depth = [], 0
    for letter in shown:
        depth += letter == BEGIN
        if not depth:
            left.append(letter)
        depth -= letter == END
    return "".join(left)
