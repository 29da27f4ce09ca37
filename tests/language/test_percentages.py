"""Percentages as they are typed, kept and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftweb import language, percentages
from giftweb.errors import Invalid
from giftweb.percentages import Percentage

pytestmark = [pytest.mark.no_database, pytest.mark.proves("S32", "D4")]


@pytest.mark.parametrize(
    ("typed", "hundredths"),
    [
        ("10", 1000),
        ("12.5", 1250),
        ("12,5", 1250),
        (" 12.05 % ", 1205),
        ("0.01%", 1),
        ("0", 0),
        ("999.99", 99_999),
    ],
)
def test_it_is_read_with_a_point_or_a_comma_and_with_its_sign_or_without(typed, hundredths):
    assert percentages.parse(typed) == hundredths


@pytest.mark.parametrize(
    "typed",
    ["", "%", "ten", "-1", "+1", "1e3", "１０", "1.234", "1.", ".5", "1,000.5", "10%%", "1 0"],
)
def test_what_is_no_percentage_is_refused_on_its_field(typed):
    with pytest.raises(Invalid) as refused:
        percentages.parse(typed, field="rate")
    assert refused.value.errors == [("rate", "Enter a percentage such as 10 or 12.5.")]


@given(st.integers(0, 99_999), st.sampled_from(list(language.LANGUAGES)))
def test_what_is_written_is_read_again(hundredths, spoken):
    with language.use(spoken):
        written = percentages.typed_text(hundredths), percentages.percent_text(hundredths)
    assert [percentages.parse(text) for text in written] == [hundredths] * 2
    assert percentages.parse(percentages.decimal_text(hundredths)) == hundredths


@pytest.mark.parametrize(
    ("spoken", "typed", "read"),
    [("en", "12.5", "12.5%"), ("de", "12,5", "12,5\xa0%"), ("pt", "12,5", "12,5%")],
)
def test_it_is_written_as_its_reader_writes_it(spoken, typed, read):
    with language.use(spoken):
        assert percentages.typed_text(1250) == typed
        assert f"{Percentage(1250)}" == percentages.percent_text(1250) == read
        assert percentages.decimal_text(1250) == "12.5"
