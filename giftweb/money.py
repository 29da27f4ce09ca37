"""Money: whole minor units and a currency. No floats, no rounding by accident (I9)."""

import re
from dataclasses import dataclass
from functools import cache

from iso4217 import Currency

from giftweb.errors import Invalid

LIMIT_MINOR = 10**12
"""The largest amount any column or request may carry, in minor units."""

AMOUNT = re.compile(r"(?P<whole>[0-9]{1,13})(?:[.](?P<part>[0-9]{1,4}))?")
GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:[.][0-9]{1,4})?")


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
        return f"{decimal_text(self.minor, self.currency)} {self.currency}"


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
        raise Invalid(f"{currency!r} is not a currency. Use a code such as USD.", field="currency")
    return found


def decimal_text(minor: int, currency: str) -> str:
    """``1050, "USD"`` as ``"10.50"``: plain digits for CSV, mail subjects and input fields."""
    places = exponent(currency)
    sign, digits = "-" if minor < 0 else "", str(abs(minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def parse(text: str, currency: str, *, field: str = "amount", least: int = 1) -> Money:
    """Read what a person typed: ``25``, ``25.00``, ``1,250.00``. At least ``least`` minor units.

    Raises: Invalid on ``field`` with a sentence that names the way out.
    """
    places = exponent(currency)
    typed = text.strip()
    plain = typed.replace(",", "") if GROUPED.fullmatch(typed) else typed
    smallest = decimal_text(max(least, 1), currency)
    example = decimal_text(25 * 10**places, currency)
    found = AMOUNT.fullmatch(plain)
    if not found or not plain.isascii():
        raise Invalid(f"Enter an amount of {smallest} or more, such as {example}.", field=field)
    part = found["part"] or ""
    if len(part) > places:
        raise Invalid(f"Enter at most {places} decimals, such as {example}.", field=field)
    minor = int(found["whole"]) * 10**places + int(part.ljust(places, "0") or 0)
    if minor < least:
        raise Invalid(f"Enter an amount of {smallest} or more, such as {example}.", field=field)
    if minor > LIMIT_MINOR:
        raise Invalid(
            f"Enter an amount of {decimal_text(LIMIT_MINOR, currency)} or less.", field=field
        )
    return Money(minor, currency)


def share(minor: int, hundredths_of_percent: int) -> int:
    """A percentage of an amount, rounded down to the minor unit (D4). 10% is 1000."""
    return minor * hundredths_of_percent // 10_000
