"""Money as text for people: the one place where it is printed.

ISO 4217 says how many decimals a currency has, as for every amount that is stored; the reader's
locale (CLDR) says its symbol, where that stands, and how digits are grouped. CLDR has decimals of
its own, for cash: it prints no cents of a kip, which are there all the same.
"""

from functools import cache
from typing import NamedTuple
from unicodedata import category

from babel import Locale
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol
from markupsafe import Markup

from giftweb.money import Money, exponent

LOCALE = "en_US"
NOTHING = Markup('<span class="soft">–</span>')
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


def money_text(amount: Money, *, locale: str = LOCALE) -> str:
    """``$1,075.00``, ``-CA$5.00``, ``LAK 1,500.00``."""
    return minor_text(amount.minor, amount.currency, locale=locale)


def minor_text(minor: int, currency: str, plus: str = "", *, locale: str = LOCALE) -> str:
    """The same for minor units; ``plus`` goes before what is positive."""
    before, after, group, decimal, places, unit = _format(currency, locale)
    whole, part = divmod(abs(minor), unit)
    sign = "-" if minor < 0 else plus if minor else ""
    decimals = f"{decimal}{_PART[part]}" if places == 2 else ""
    if places and not decimals:
        decimals = f"{decimal}{part:0{places}}"
    digits = f"{whole:,}" if group == "," else f"{whole:,}".replace(",", group)
    return f"{sign}{before}{digits}{decimals}{after}"


def money(amount: Money | None) -> Markup:
    """The amount in a span that never breaks; a dash where there is none."""
    return NOTHING if amount is None else _span("money", money_text(amount))


def signed_money(amount: Money) -> Markup:
    """A movement: ``+$25.00`` or ``-$25.00``; the sign counts, the colour only helps."""
    tone = " money-in" if amount.minor > 0 else ""
    return _span(f"money{tone}", minor_text(amount.minor, amount.currency, "+"))


def _span(kind: str, text: str) -> Markup:
    """Text of ours (digits and a currency's symbol) that needs no escaping."""
    return Markup(f'<span class="{kind}">{text}</span>')  # noqa: S704
