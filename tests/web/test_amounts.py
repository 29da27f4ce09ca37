"""Money is printed by ISO 4217, as the reader's language has it, and reads back the same."""

import re

import iso4217
import pytest

from giftweb import language, money
from giftweb.errors import Invalid
from giftweb.money import Money, minor_text, money_text

pytestmark = pytest.mark.no_database


def is_payable(code: str) -> bool:
    try:
        money.exponent(code)
    except Invalid:
        return False
    return True


CURRENCIES = sorted(each.value for each in iso4217.Currency if is_payable(each.value))
DIGITS = re.compile(r"[0-9](?:[0-9,.]*[0-9])?")


@pytest.mark.proves("E19")
@pytest.mark.parametrize("currency", CURRENCIES)
def test_what_is_printed_of_any_currency_reads_back_the_same(currency):
    for minor in (1, 7, 99, 1000, 150_000, 123_456_789, money.LIMIT_MINOR):
        text = money_text(Money(minor, currency))
        (digits,) = DIGITS.findall(text)
        assert money.parse(digits, currency) == Money(minor, currency)
        assert text.startswith(digits) or not text[text.index(digits) - 1].isalnum()
        assert money_text(Money(-minor, currency)) == f"-{text}"
        assert money.parse(money.decimal_text(minor, currency), currency).minor == minor


@pytest.mark.proves("E19")
@pytest.mark.parametrize(
    ("currency", "text"),
    [
        ("LAK", "LAK\xa01,500.00"),
        ("ISK", "ISK\xa0150,000"),
        ("UGX", "UGX\xa0150,000"),
        ("XCG", "Cg.\xa01,500.00"),
        ("CLF", "CLF\xa015.0000"),
        ("IQD", "IQD\xa0150.000"),
    ],
)
def test_where_two_lists_disagree_the_decimals_are_those_that_are_stored(currency, text):
    assert minor_text(150_000, currency) == text


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        ("en", "-CHF\xa01,500.00"),
        ("de", "-1.500,00\xa0CHF"),
        ("fr", "-1\u202f500,00\xa0CHF"),
        ("es", "-1.500,00\xa0CHF"),
        ("pt", "-1\xa0500,00\xa0CHF"),
    ],
)
def test_the_readers_language_places_the_symbol_and_groups_the_digits(spoken, text):
    with language.use(spoken):
        assert minor_text(-150_000, "CHF") == text
