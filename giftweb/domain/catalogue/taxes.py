"""Tax in the hosted shop: for each country a rate, which is in the prices or added to them.

Goods and their shipping are taxed. A gift card is not: its tax is due when it is redeemed, or is in
its price (docs/vouchers.md).
"""

import re
from typing import Any, NamedTuple

from giftweb import money, percentages
from giftweb.domain import countries
from giftweb.errors import Invalid
from giftweb.language import gettext

LONGEST = 4000
_LINE = re.compile(r"([A-Za-z]{2})\s*(\+?)\s*([0-9].*)")


class Tax(NamedTuple):
    """A rate in hundredths of a percent: 19% is 1900. ``is_included``: it is in the prices."""

    hundredths: int
    is_included: bool

    def added_minor(self, minor: int) -> int:
        """What is added to a price, in minor units."""
        return 0 if self.is_included else money.added_tax(minor, self.hundredths)

    def within_minor(self, minor: int) -> int:
        """What is in a price, in minor units; 0 where the tax is added."""
        return money.included_tax(minor, self.hundredths) if self.is_included else 0


def of_columns(hundredths: int | None, is_included: bool | None) -> Tax | None:
    """The tax of a cart or an order, from its columns; None: it knows no rate."""
    return None if hundredths is None else Tax(hundredths, bool(is_included))


def columns(tax: Tax | None) -> dict[str, Any]:
    """The columns of a cart or an order."""
    return {
        "tax_hundredths": tax.hundredths if tax else None,
        "tax_included": tax.is_included if tax else None,
    }


def read(text: str | None) -> dict[str, Tax]:
    """The tax of each country: ``DE 19`` is in the prices, ``US +8.25`` is added to them.

    Raises: Invalid (tax_rates) on a line that is no such thing, and on a country that comes twice.
    """
    found: dict[str, Tax] = {}
    for line in (line.strip() for line in (text or "").splitlines()):
        if not line:
            continue
        country, tax = _read_line(line)
        if country in found:
            sentence = gettext("{country} has two rates. Keep one.", country=country)
            raise Invalid(sentence, field="tax_rates")
        found[country] = tax
    return found


def _read_line(line: str) -> tuple[str, Tax]:
    parts = _LINE.fullmatch(line)
    country = parts[1].upper() if parts else ""
    hundredths = _rate(parts[3]) if parts else None
    if parts is None or hundredths is None or country not in countries.NAMES:
        sentence = gettext(
            "Enter a country's code and its rate, such as DE 19 or US +8.25, not {line}.", line=line
        )
        raise Invalid(sentence, field="tax_rates")
    return country, Tax(hundredths, is_included=not parts[2])


def _rate(text: str) -> int | None:
    try:
        hundredths = percentages.parse(text)
    except Invalid:
        return None
    return hundredths if hundredths <= 10_000 else None
