"""What a request asks for beside an amount, in rows of a label and a text.

A row is kept in English with its request, and read in the language of whoever decides.
"""

from typing import Any

from giftweb.language import LazyText, gettext, lazy_gettext

WITH_OLD = lazy_gettext("{new} (now: {old})")
"""Of something that takes the place of another."""

Kept = str | dict[str, Any]
"""A text that is the same in every language, or a message and what its placeholders hold."""


def row(label: str | LazyText, text: str | LazyText, **values: str | LazyText) -> list[Kept]:
    """A row as a request keeps it; ``values`` are for the placeholders of ``text``."""
    return [_kept(label), _kept(text, values)]


def read(label: Kept, text: Kept) -> tuple[str, str]:
    """The label and the text of a row, in the language now."""
    return _read(label), _read(text)


def _kept(text: str | LazyText, values: dict[str, str | LazyText] | None = None) -> Kept:
    if not isinstance(text, LazyText):
        return text
    filled = {name: _kept(value) for name, value in (values or {}).items()}
    return {"message": text.message, "values": filled}


def _read(text: Kept) -> str:
    if isinstance(text, str):
        return text
    message, values = text["message"], text["values"]
    return gettext(message, **{name: _read(value) for name, value in values.items()})
