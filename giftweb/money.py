"""Money: whole minor units and a currency. No floats, no rounding by accident (I9).

Amounts are read and printed here alone. ISO 4217 says how many decimals a currency has; the
locale (CLDR) of the reader's language says its symbol, where that stands, and how digits are
grouped. CLDR has decimals of its own, for cash: it prints no cents of a kip, which are there all
the same.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from unicodedata import category

from babel import Locale
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol
from iso4217 import Currency

from giftweb import language
from giftweb.errors import Invalid
from giftweb.language import gettext, ngettext

LIMIT_MINOR = 10**12
"""The largest amount any column or request may carry, in minor units."""

_MARKS = re.compile("[.,'’ \u00a0\u202f]")
"""What parts thousands, or decimals: points and commas either, apostrophes and spaces thousands."""
_SHAPE = re.compile(rf"[0-9]+(?:{_MARKS.pattern}[0-9]+)*")
_ONE_GROUP = re.compile("[1-9][0-9]{0,2},[0-9]{3}")
_LONGEST = 40
"""Digits beyond are too many in any currency, and are not counted."""


class Ambiguous(Invalid):
    """A typed amount has a mark that could part thousands as well as decimals (D28)."""


class CurrenciesDiffer(ValueError):
    """Two amounts in different currencies were mixed: a fault of the program."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """``minor`` whole minor units (cents) of the ISO 4217 ``currency``; may be negative."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")

    def _same(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise CurrenciesDiffer(f"{self.currency} and {other.currency}")
        return other

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        """For programs and logs: ``10.50 USD``."""
        return f"{decimal_text(self.minor, self.currency)} {self.currency}"

    def __format__(self, spec: str) -> str:
        """For people: ``f"{amount}"`` in a sentence is ``$10.50``."""
        return money_text(self)


@cache
def exponent(currency: str) -> int:
    """How many decimals the currency has (2 for USD, 0 for JPY, 3 for KWD).

    Raises: Invalid when no such ISO 4217 currency is in use for payments.
    """
    try:
        found = Currency(currency).exponent
    except ValueError:
        found = None
    if found is None:
        raise Invalid(
            gettext("{typed} is not a currency. Use a code such as USD.", typed=repr(currency)),
            field="currency",
        )
    return found


CURRENCIES = tuple(sorted(each.code for each in Currency if each.exponent is not None))
"""The codes of all currencies that amounts can have."""


def is_currency(code: str) -> bool:
    """Whether it is the code of a currency that amounts can have."""
    try:
        exponent(code)
    except Invalid:
        return False
    return True


def decimal_text(minor: int, currency: str) -> str:
    """``1050, "USD"`` as ``"10.50"``: plain digits for CSV, mail subjects and input fields."""
    places = exponent(currency)
    sign, digits = "-" if minor < 0 else "", str(abs(minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def typed_text(minor: int, currency: str) -> str:
    """The same as one types it in the language now: ``10,50`` in German."""
    digits, mark = decimal_text(minor, currency), decimal_mark()
    return digits if mark == "." else digits.replace(".", mark)


def decimal_mark() -> str:
    """What parts the decimals in the language now: ``.``, in German ``,``."""
    return _decimal_symbol(language.locale())


@cache
def _decimal_symbol(locale: str) -> str:
    return get_decimal_symbol(locale)


def example(currency: str) -> str:
    """What an amount of the currency looks like: ``25.00``, ``25`` yen, ``25.000`` dinars; in
    another language ``25,00``."""
    return typed_text(25 * 10 ** exponent(currency), currency)


def parse(text: str, currency: str, *, field: str = "amount", least: int = 1) -> Money:
    """Read what a person typed, by the marks of any language: ``25``, ``25,00``, ``1,250.00``.

    A mark that could part thousands as well as decimals is refused with both readings, so that no
    amount is off by a thousand; our own way of writing in the language now (``typed_text``) is
    always read. At least ``least`` minor units.

    Raises: Invalid on ``field`` with a sentence that names the way out; Ambiguous, which is one,
    with both readings. Source: D28.
    """
    places = exponent(currency)
    typed = text.strip()
    if not _SHAPE.fullmatch(typed):
        raise too_little(currency, field=field, least=least)
    decimal_mark = _decimal_mark(typed, places, field=field)
    whole, _, part = typed.rpartition(decimal_mark) if decimal_mark else (typed, "", "")
    digits = _ungrouped(whole)
    if not digits:
        raise too_little(currency, field=field, least=least)
    if len(part) > places:
        raise Invalid(_too_exact(places, currency), field=field)
    minor = int(digits[:_LONGEST] + part.ljust(places, "0"))
    if minor < least:
        raise too_little(currency, field=field, least=least)
    if minor > LIMIT_MINOR:
        raise too_much(currency, field=field)
    return Money(minor, currency)


def too_little(currency: str, *, field: str = "amount", least: int = 1) -> Invalid:
    """The refusal of an amount below ``least`` minor units, or of none: what the least is."""
    smallest = typed_text(max(least, 1), currency)
    return Invalid(
        gettext(
            "Enter an amount of {smallest} or more, such as {example}.",
            smallest=smallest,
            example=example(currency),
        ),
        field=field,
    )


def too_much(currency: str, *, field: str = "amount") -> Invalid:
    """The refusal of an amount over the limit: what the most is."""
    most = typed_text(LIMIT_MINOR, currency)
    return Invalid(gettext("Enter an amount of {most} or less.", most=most), field=field)


def _decimal_mark(typed: str, places: int, *, field: str) -> str:
    """The mark that parts the decimals; "" when every mark parts thousands.

    Raises: Invalid when the only mark could do either.
    """
    marks = _MARKS.findall(typed)
    if not marks or marks[-1] not in ".," or marks.count(marks[-1]) > 1:
        return ""
    mark, locale = marks[-1], language.locale()
    whole, _, part = typed.rpartition(mark)
    parts_thousands = len(marks) == 1 and _ONE_GROUP.fullmatch(f"{whole},{part}")
    if not parts_thousands or (mark == _decimal_symbol(locale) and places == 3):
        return mark
    if not places or (mark == get_group_symbol(locale) and places < 3):
        return ""
    raise _ambiguous(typed, whole, part, places, field=field)


def _ambiguous(typed: str, whole: str, part: str, places: int, *, field: str) -> Ambiguous:
    mark = decimal_mark()
    thousands, decimals = f"{whole}{part}", f"{whole}{mark}{part}"
    sentence = gettext(
        "{typed} can mean {thousands} or {decimals}. Enter {thousands} or {exact}.",
        typed=typed,
        thousands=thousands,
        decimals=decimals,
        exact=f"{whole}{mark}{part[:places]}".removesuffix(mark),
    )
    return Ambiguous(sentence, field=field)


def _ungrouped(whole: str) -> str:
    """The digits without the marks that part thousands, leading zeros gone but one; "" when the
    marks stand elsewhere or are of two kinds."""
    marks = set(_MARKS.findall(whole))
    groups = _MARKS.split(whole)
    is_grouped = len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    if marks and (len(marks) > 1 or not is_grouped):
        return ""
    return "".join(groups).lstrip("0") or "0"


def _too_exact(places: int, currency: str) -> str:
    if not places:
        return gettext(
            "{currency} has no decimals. Enter a whole amount, such as {example}.",
            currency=currency,
            example=example(currency),
        )
    return ngettext(
        "Enter at most {count} decimal, such as {example}.",
        "Enter at most {count} decimals, such as {example}.",
        places,
        example=example(currency),
    )


def share(minor: int, hundredths_of_percent: int) -> int:
    """A percentage of an amount, rounded down to the minor unit (D4). 10% is 1000."""
    return minor * hundredths_of_percent // 10_000


def added_tax(minor: int, hundredths_of_percent: int) -> int:
    """The tax of so many percent on an amount, rounded to the nearest minor unit."""
    return (2 * minor * hundredths_of_percent + 10_000) // 20_000


def included_tax(minor: int, hundredths_of_percent: int) -> int:
    """The tax of so many percent that is in an amount, rounded to the nearest minor unit."""
    whole = 10_000 + hundredths_of_percent
    return (2 * minor * hundredths_of_percent + whole) // (2 * whole)


# Printed for people


_NO_BREAK_SPACE = "\xa0"
_SIGN = "¤"
"""Where the currency's symbol stands in a pattern of CLDR."""

_PART = tuple(f"{number:02}" for number in range(100))
"""Two digits each: pages print many amounts, and formatting takes three times as long."""


class _Format(NamedTuple):
    """How a currency is written in a locale: ``("$", "", ",", ".", 2, 100)``."""

    before: str
    after: str
    group: str
    decimal: str
    places: int
    unit: int


@cache
def _format(currency: str, locale: str) -> _Format:
    places, pattern = exponent(currency), Locale.parse(locale).currency_formats["standard"]
    symbol = get_currency_symbol(currency, locale)
    before = pattern.prefix[0].replace(_SIGN, symbol)
    after = pattern.suffix[0].replace(_SIGN, symbol)
    return _Format(
        before + _NO_BREAK_SPACE if _needs_space(before[-1:]) else before,
        _NO_BREAK_SPACE + after if _needs_space(after[:1]) else after,
        get_group_symbol(locale),
        get_decimal_symbol(locale),
        places,
        10**places,
    )


def _needs_space(letter: str) -> bool:
    """Whether a digit beside it would be hard to read (CLDR: currencySpacing)."""
    return letter != "" and category(letter)[0] not in "SZ"


def money_text(amount: Money) -> str:
    """``$1,075.00``, ``-CA$5.00``, ``LAK 1,500.00``; in German ``1.075,00 $``."""
    return minor_text(amount.minor, amount.currency)


def minor_text(minor: int, currency: str, plus: str = "") -> str:
    """The same for minor units; ``plus`` goes before what is positive."""
    before, after, group, decimal, places, unit = _format(currency, language.locale())
    whole, part = divmod(abs(minor), unit)
    sign = "-" if minor < 0 else plus if minor else ""
    decimals = f"{decimal}{_PART[part]}" if places == 2 else ""
    if places and not decimals:
        decimals = f"{decimal}{part:0{places}}"
    digits = f"{whole:,}" if group == "," else f"{whole:,}".replace(",", group)
    return f"{sign}{before}{digits}{decimals}{after}"
