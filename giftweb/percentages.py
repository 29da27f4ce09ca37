"""Percentages, kept in whole hundredths of a percent: 19% is 1900.

What so many percent of an amount are is reckoned in ``money``.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_decimal, format_percent

from giftweb import language
from giftweb.errors import Invalid
from giftweb.language import gettext

_TYPED = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?\s*%?")


@dataclass(frozen=True, slots=True)
class Percentage:
    """``hundredths`` of a percent, to stand in a sentence."""

    hundredths: int

    def __format__(self, spec: str) -> str:
        """For people: ``12.5%``, in German ``12,5 %``."""
        return percent_text(self.hundredths)


def parse(text: str, *, field: str | None = None) -> int:
    """What a person typed, in hundredths of a percent: ``12.5``, ``12,5``, ``12.5 %`` are 1250.

    Raises: Invalid (``field``) on what is no percentage, and on more than two places. Whether it is
    too high is for the caller to say.
    """
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        raise Invalid(gettext("Enter a percentage such as 10 or 12.5."), field=field)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def decimal_text(hundredths: int) -> str:
    """For programs and files: ``19``, ``5.5``."""
    return f"{Decimal(hundredths).scaleb(-2).normalize():f}"


def typed_text(hundredths: int) -> str:
    """The same as one types it in the language now: ``5,5`` in German."""
    return str(format_decimal(Decimal(hundredths).scaleb(-2), locale=language.locale()))


def percent_text(hundredths: int) -> str:
    """With its sign, as the language now writes it: ``5.5%``, in German ``5,5 %``."""
    share = Decimal(hundredths).scaleb(-4)
    return str(format_percent(share, locale=language.locale(), decimal_quantization=False))
