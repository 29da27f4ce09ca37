"""The field for a currency: every form has the same list, and nobody types a code (E36)."""

from iso4217 import Currency
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from giftweb.language import LazyText, lazy_gettext
from giftweb.money import is_currency
from giftweb.web.forms.fields import Form

OFTEN = (
    *("USD", "CAD", "EUR", "GBP", "AUD", "BRL", "CHF", "CNY", "CZK", "DKK", "HKD", "HUF", "ILS"),
    *("INR", "JPY", "KRW", "KWD", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD"),
    *("THB", "TRY", "TWD", "ZAR"),
)
"""What most shops need, the commonest first."""

_ALL = sorted(each.value for each in Currency if is_currency(each.value))
CHOICES = [
    *(SelectChoice(code, optgroup=lazy_gettext("Often used")) for code in OFTEN),
    *(
        SelectChoice(code, optgroup=lazy_gettext("All others"))
        for code in _ALL
        if code not in OFTEN
    ),
]

CURRENCY = lazy_gettext("Currency")


def currency_field(label: LazyText = CURRENCY) -> SelectField:
    """One of all the currencies that amounts can have."""
    return SelectField(label, choices=CHOICES)


class CurrencyForm(Form):
    """Another currency to look at."""

    currency = currency_field(lazy_gettext("Another currency"))
