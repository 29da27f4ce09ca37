"""The countries that parcels go to: ISO 3166-1 alpha-2, and XK, which post knows as Kosovo."""

from functools import cache
from unicodedata import combining, normalize

from babel import Locale
from babel.core import get_global

_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
_PARTS_OF_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "IC", "TA"})
"""Reserved codes of places whose parcels have the country's own code."""

NAMES: dict[str, str] = {
    code: name
    for code, name in sorted(Locale("en").territories.items(), key=lambda item: item[1])
    if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY | _PARTS_OF_COUNTRIES
}
"""Code -> name, in the order of the names."""

CODES = tuple(sorted(NAMES))


@cache
def names(language: str) -> dict[str, str]:
    """The same in another language, in the order of its own alphabet."""
    territories = Locale(language).territories
    found = {code: territories.get(code, name) for code, name in NAMES.items()}
    return dict(sorted(found.items(), key=lambda item: _plain(item[1])))


def _plain(name: str) -> str:
    """Without accents: Österreich stands at O."""
    return "".join(letter for letter in normalize("NFD", name) if not combining(letter)).lower()


def of_shop(*, time_zone: str, currency: str) -> str:
    """The country where a shop probably is: of its time zone, else of its currency; "" unknown."""
    for code in (get_global("zone_territories").get(time_zone, ""), currency[:2]):
        if code in NAMES:
            return code
    return ""
