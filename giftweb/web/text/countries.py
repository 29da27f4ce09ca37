"""The countries of an address, by name, as a shopper chooses one."""

from babel import Locale
from wtforms.fields.choices import SelectChoice

NOT_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})

NAMES: dict[str, str] = {
    code: name
    for code, name in sorted(Locale("en").territories.items(), key=lambda item: item[1])
    if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
}
"""Code of ISO 3166-1 -> name, by name."""

CHOICES = [SelectChoice("", "Choose a country"), *map(SelectChoice, NAMES, NAMES.values())]
