"""What a request asks for beside its amount, in rows of a label and a text.

A row is kept in English with its request, and read in the language of whoever decides.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from giftweb import days
from giftweb.language import LazyText, gettext, lazy_gettext
from giftweb.money import Money, money_text
from giftweb.percentages import Percentage, percent_text

WITH_OLD = lazy_gettext("{new} (now: {old})")
"""Of something that takes the place of another."""

Text = str | LazyText | Money | Percentage | date

Kept = str | dict[str, Any]
"""A text that is the same in every language, a message and what its placeholders hold, several
texts, or what each language writes in its own way: money, a percentage, a day."""


def row(label: Text, text: Text | Sequence[Text], **values: Text) -> list[Kept]:
    """A row as a request keeps it; ``values`` are for the placeholders of ``text``."""
    return [_kept(label), _kept(text, values)]


def read(label: Kept, text: Kept) -> tuple[str, str]:
    """The label and the text of a row, in the language now."""
    return _read(label), _read(text)


def _kept(text: Text | Sequence[Text], values: dict[str, Text] | None = None) -> Kept:
    if isinstance(text, str):
        return text
    if isinstance(text, Money):
        return {"minor": text.minor, "currency": text.currency}
    if isinstance(text, Percentage):
        return {"hundredths": text.hundredths}
    if isinstance(text, date):
        return {"day": text.isoformat()}
    if isinstance(text, Sequence):
        return {"texts": [_kept(each) for each in text]}
    filled = {name: _kept(value) for name, value in (values or {}).items()}
    return {"message": text.message, "values": filled}


def _read(text: Kept) -> str:
    if isinstance(text, str):
        return text
    if "currency" in text:
        return money_text(Money(**text))
    if "hundredths" in text:
        return percent_text(text["hundredths"])
    if "day" in text:
        return days.day_text(date.fromisoformat(text["day"]))
    if "texts" in text:
        return "; ".join(map(_read, text["texts"]))
    message, values = text["message"], text["values"]
    return gettext(message, **{name: _read(value) for name, value in values.items()})
