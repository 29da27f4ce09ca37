"""The countries that parcels go to: ISO 3166-1 alpha-2, and XK, which post knows as Kosovo."""

from babel import Locale

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
