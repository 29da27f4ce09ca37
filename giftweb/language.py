"""The language that a person reads: which one it is, and texts in it.

Below everything that has texts, and without Flask: the web sets the language of a request, the
worker that of a mail, and whatever makes a sentence calls ``gettext``. Without a language it is
English, whose texts are the keys of the catalogues. A catalogue is read from its ``.po`` file when
its language is first used (decision 28).
"""

import gettext as catalogues
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.lists import format_list
from babel.numbers import format_decimal, get_group_symbol

ENGLISH = "en"
LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
}
"""The languages that there are, each by its own name."""

_LOCALES = {"en": "en_US", "pt": "pt_PT"}
"""Where amounts and dates are not written as everywhere that the language is spoken."""

ADDED: dict[str, catalogues.NullTranslations] = {}
"""Languages that a tool has beside ours, to look at pages in them; no reader can choose one."""

_TRANSLATIONS = Path(__file__).parent / "translations"
_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


def current() -> str:
    """The language now: ``de``."""
    return _current.get()


def locale() -> str:
    """The locale (CLDR) by which amounts and dates are written now: ``en_US``."""
    language = _current.get()
    return _LOCALES.get(language, language)


def switch_to(language: str) -> None:
    """Use the language from now on, in this thread."""
    _current.set(language)


@contextmanager
def use(language: str) -> Iterator[None]:
    """Use the language in the block."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def known(text: str | None) -> str | None:
    """The language of a locale or a language tag such as ``de-AT`` or ``pt_BR``, if we have it."""
    language = (text or "").strip().replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else None


# Texts


def gettext(message: str, /, **values: Any) -> str:
    """The message in the language now, its ``{name}`` filled in with ``values``."""
    text = _catalogue(_current.get()).gettext(message)
    return text.format(**values) if values else text


def ngettext(one: str, many: str, number: int, /, **values: Any) -> str:
    """The message for so many; ``{count}`` is the number as the language writes it."""
    return plural(one, many, number).format(count=count_text(number), **values)


def plural(one: str, many: str, number: int) -> str:
    """The message for so many, not filled in."""
    return _catalogue(_current.get()).ngettext(one, many, number)


def pgettext(context: str, message: str, /, **values: Any) -> str:
    """The message where its words mean different things: ``pgettext("verb", "Order")``."""
    text = _catalogue(_current.get()).pgettext(context, message)
    return text.format(**values) if values else text


class LazyText:
    """A text that is defined when a module is imported, and translated each time it is read."""

    __slots__ = ("message",)

    def __init__(self, message: str):
        self.message = message

    def __str__(self) -> str:
        return gettext(self.message)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def format(self, *parts: Any, **values: Any) -> str:
        """The text, its placeholders filled in."""
        return str(self).format(*parts, **values)

    def __mod__(self, values: Any) -> str:
        """WTForms fills its own placeholders in so."""
        return str(self) % values

    def __repr__(self) -> str:
        return f"lazy_gettext({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, str | LazyText) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.message)


def lazy_gettext(message: str, /) -> LazyText:
    """For labels of forms and tables of words: ``gettext`` when it is read."""
    return LazyText(message)


def count_text(number: int) -> str:
    """A whole number as the language writes it: ``12,500``."""
    digits = f"{number:,}"
    mark = _group_mark(locale())
    return digits if mark == "," else digits.replace(",", mark)


def seconds_text(milliseconds: int) -> str:
    """Seconds to a tenth as the language writes them: ``0.1``, in German ``0,1``."""
    return str(format_decimal(Decimal(milliseconds).scaleb(-3), format="#,##0.0", locale=locale()))


@cache
def _group_mark(written_as: str) -> str:
    return get_group_symbol(written_as)


def list_text(parts: Sequence[str]) -> str:
    """The parts as one says them: ``shipping, cards and fees``."""
    written_as = "en_GB" if _current.get() == ENGLISH else locale()
    return format_list([str(part) for part in parts], locale=written_as)


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    """The texts of a language; of English none, because its texts are the keys."""
    if language == ENGLISH:
        return catalogues.NullTranslations()
    if language in ADDED:
        return ADDED[language]
    # Reading takes 90 ms and these modules 50: neither is needed by who reads English alone.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    path = _TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)
