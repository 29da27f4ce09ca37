"""Money: exact, of one currency, read and written without a loss."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftweb import money
from giftweb.errors import Invalid
from giftweb.money import LIMIT_MINOR, CurrenciesDiffer, Money

pytestmark = pytest.mark.no_database

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD"])
MINORS = st.integers(1, LIMIT_MINOR)


@pytest.mark.proves("I9")
@given(MINORS, CURRENCIES)
@settings(max_examples=300)
def test_what_is_written_is_read_back_to_the_cent(minor, currency):
    text = money.decimal_text(minor, currency)
    assert money.parse(text, currency) == Money(minor, currency)
    whole, dot, part = text.partition(".")
    assert money.parse(f" {int(whole):,}{dot}{part} ", currency).minor == minor


@pytest.mark.proves("I9")
@given(st.text(max_size=24), CURRENCIES)
@settings(max_examples=500)
def test_whatever_is_typed_is_an_amount_in_bounds_or_refused(text, currency):
    try:
        read = money.parse(text, currency)
    except Invalid:
        return
    assert 1 <= read.minor <= LIMIT_MINOR


@pytest.mark.proves("I9")
@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("25", "USD", 2500),
        ("25.5", "USD", 2550),
        ("0.01", "USD", 1),
        ("25,00", "USD", 2500),
        ("25,5", "USD", 2550),
        ("1,250.00", "USD", 125000),
        ("1.250,00", "EUR", 125000),
        ("1,250", "USD", 125000),
        ("1 250,00", "EUR", 125000),
        ("1\u202f250,00", "EUR", 125000),
        ("1'250.00", "CHF", 125000),
        ("1’250’000", "CHF", 125000000),
        ("1.234.567", "EUR", 123456700),
        ("1.250", "JPY", 1250),
        ("12,5", "KWD", 12500),
        ("1234,567", "KWD", 1234567),
        ("12.500", "KWD", 12500),
        ("0,001", "KWD", 1),
        ("1,234,567", "USD", 123456700),
        ("25", "JPY", 25),
        ("0.001", "KWD", 1),
        ("10000000000.00", "USD", LIMIT_MINOR),
    ],
)
def test_an_amount_is_read_as_a_person_writes_it(text, currency, minor):
    assert money.parse(text, currency).minor == minor


@pytest.mark.proves("I9")
@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "0", "0.00", "-1", "+1", "1e3", "1_000", "NaN", "inf", "True", ".5", "1.", "$1"),
        *(
            "1.001",
            "1,2345",
            "1 00",
            "1.0.0",
            "1.000,0,0",
            "1'000 000",
            "0x10",
            "１",
            "٣",
            "1\u200b",
        ),
        *("10000000000.01", "99999999999999", "1" * 400, "1,25.00", "1234.567,00", "½", "0.001"),
    ],
    ids=ascii,
)
def test_anything_else_is_refused_with_a_sentence(text):
    with pytest.raises(Invalid, match=r"Enter .*") as refused:
        money.parse(text, "USD")
    assert refused.value.errors[0][0] == "amount"


@pytest.mark.proves("D28", "E20")
@pytest.mark.parametrize(
    ("text", "currency", "readings"),
    [
        ("12,500", "KWD", "12,500 can mean 12500 or 12.500. Enter 12500 or 12.500."),
        ("1.250", "USD", "1.250 can mean 1250 or 1.250. Enter 1250 or 1.25."),
        ("12,567", "BHD", "12,567 can mean 12567 or 12.567. Enter 12567 or 12.567."),
        ("50.001", "USD", "50.001 can mean 50001 or 50.001. Enter 50001 or 50.00."),
        ("250.000", "EUR", "250.000 can mean 250000 or 250.000. Enter 250000 or 250.00."),
    ],
)
def test_a_mark_that_could_part_thousands_or_decimals_is_refused_with_both_readings(
    text, currency, readings
):
    with pytest.raises(Invalid) as refused:
        money.parse(text, currency)
    assert refused.value.errors == [("amount", readings)]


@pytest.mark.proves("D28", "E20")
@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"), CURRENCIES)
def test_no_amount_is_off_by_a_thousand(whole, part, mark, currency):
    """What is read of a lone mark and three digits has no other reading in this currency."""
    text, places = f"{whole}{mark}{part:03}", money.exponent(currency)
    try:
        read = money.parse(text, currency).minor
    except Invalid:
        return
    if places < 3:
        assert read == (whole * 1000 + part) * 10**places
        assert mark == "," or places == 0
    else:
        assert (mark, read) == (".", whole * 1000 + part)


@pytest.mark.proves("E20")
@pytest.mark.parametrize(
    "text", ["10000000000.01", "99999999999999", "1" * 400, "9,999,999,999,999"]
)
def test_too_much_is_not_reported_like_too_little(text):
    with pytest.raises(Invalid, match=r"Enter an amount of 10000000000\.00 or less\."):
        money.parse(text, "USD")


@pytest.mark.proves("D28")
@pytest.mark.parametrize("text", ["1 00", "12,345,67", "", "x"])
def test_marks_that_make_no_number_are_refused_where_nothing_is_enough_too(text):
    with pytest.raises(Invalid, match="Enter an amount of"):
        money.parse(text, "USD", least=0)


@pytest.mark.proves("I9")
def test_half_a_yen_is_refused():
    with pytest.raises(Invalid, match=r"JPY has no decimals\. Enter a whole amount, such as 25\."):
        money.parse("25.5", "JPY")


@pytest.mark.parametrize("currency", ["usd", "XXX", "ABC", "", "USDX", "XAU"])
def test_a_currency_that_nobody_pays_in_is_refused(currency):
    with pytest.raises(Invalid) as refused:
        money.exponent(currency)
    assert refused.value.errors[0][0] == "currency"


@pytest.mark.proves("I3")
@pytest.mark.parametrize(
    "mix",
    [
        lambda one, other: one + other,
        lambda one, other: one - other,
        lambda one, other: one < other,
        lambda one, other: one <= other,
    ],
    ids=["+", "-", "<", "<="],
)
def test_two_currencies_are_never_mixed(mix):
    with pytest.raises(CurrenciesDiffer):
        mix(Money(1, "USD"), Money(1, "EUR"))


def test_the_same_number_in_two_currencies_is_not_the_same():
    assert Money(1, "USD") != Money(1, "EUR")


@pytest.mark.proves("I9")
@pytest.mark.parametrize("minor", [1.0, True, "1", None])
def test_minor_units_are_whole_numbers(minor):
    with pytest.raises(TypeError, match="whole numbers"):
        Money(minor, "USD")


def test_arithmetic_is_that_of_whole_numbers():
    one, other = Money(1050, "USD"), Money(995, "USD")
    assert (one + other, one - other, -one) == (
        Money(2045, "USD"),
        Money(55, "USD"),
        Money(-1050, "USD"),
    )
    assert other < one
    assert one <= one
    assert not one < one
    assert not Money(0, "USD")
    assert one


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1050, "USD", "10.50 USD"),
        (5, "USD", "0.05 USD"),
        (-5, "USD", "-0.05 USD"),
        (0, "USD", "0.00 USD"),
        (7, "JPY", "7 JPY"),
        (7, "KWD", "0.007 KWD"),
    ],
)
def test_it_is_written_plainly(minor, currency, text):
    assert str(Money(minor, currency)) == text


@pytest.mark.proves("S32", "D4")
@given(st.integers(0, LIMIT_MINOR), st.integers(1, 10_000))
@settings(max_examples=300)
def test_a_percentage_is_rounded_down_to_the_minor_unit(minor, hundredths):
    part = money.share(minor, hundredths)
    assert part * 10_000 <= minor * hundredths < (part + 1) * 10_000


@pytest.mark.proves("S32")
def test_ten_percent_of_180_dollars_is_18():
    assert money.share(180_00, 1000) == 18_00


@pytest.mark.parametrize(
    ("text", "currency", "least", "sentence"),
    [
        ("0", "USD", 1, "Enter an amount of 0.01 or more, such as 25.00."),
        ("x", "USD", 0, "Enter an amount of 0.01 or more, such as 25.00."),
        ("499", "JPY", 500, "Enter an amount of 500 or more, such as 25."),
        ("x", "KWD", 5, "Enter an amount of 0.005 or more, such as 25.000."),
        ("1.0005", "KWD", 1, "Enter at most 3 decimals, such as 25.000."),
        ("10000000000.01", "USD", 1, "Enter an amount of 10000000000.00 or less."),
    ],
)
def test_a_refusal_names_the_way_out_in_the_currency_that_is_typed(text, currency, least, sentence):
    with pytest.raises(Invalid) as refused:
        money.parse(text, currency, field="price", least=least)
    assert refused.value.errors == [("price", sentence)]


def test_an_amount_is_a_value_that_nobody_changes():
    five = Money(5, "USD")
    with pytest.raises(AttributeError):
        five.minor = 6
    assert {five: 1}[Money(5, "USD")] == 1
