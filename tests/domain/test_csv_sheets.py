"""What we write to a CSV file opens in a spreadsheet as it is meant, and nothing in it runs."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from giftweb.domain import csv_sheets
from giftweb.domain.sheet_files import SheetFile
from tests.factories import amount_of

pytestmark = [pytest.mark.no_database, pytest.mark.proves("E23", "X23")]


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1+1", "@SUM(A1)", "-5.00", "\t=1", "\r=1", "\n=1", "\tplain"),
        *("＝1+1", "＋1", "－1", "＠SUM(A1)", "﹣1"),
        *("  =1+1", "\u3000=1", "\u00a0=1", " ＝1", ";=1", ",=1", "; \t=1"),
    ],
)
def test_what_may_be_a_formula_has_a_quote_before_it(text):
    assert csv_sheets.cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["12E5", "1e9", "0123", "0042", "1.5E+3", "1234567890123456"])
def test_text_that_would_become_another_number_has_a_quote_before_it(text):
    assert csv_sheets.cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    ["", "Müller", "a=b", "ann@example.com", "7K2Q", "E5", "10045", "0", "2027-01-31", "O'Hara"],
)
def test_other_text_stays_as_it_is(text):
    assert csv_sheets.cell(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (-3, "-3"),
        (0, "0"),
        (amount_of("50.00 USD"), "50.00"),
        (-amount_of("0.05 USD"), "-0.05"),
        (amount_of("700 JPY"), "700"),
        (True, "yes"),
        (False, "no"),
        (date(2027, 1, 31), "2027-01-31"),
        (datetime(2027, 1, 31, 23, 5, 9, 123456, UTC), "2027-01-31 23:05:09"),
        (
            datetime(2027, 1, 31, 23, 5, 9, tzinfo=timezone(timedelta(hours=-2))),
            "2027-02-01 01:05:09",
        ),
    ],
)
@pytest.mark.proves("E46")
def test_our_own_numbers_stay_numbers(value, text):
    assert csv_sheets.cell(value) == text


def test_a_file_is_known_as_utf8_and_every_field_is_quoted():
    lines = list(csv_sheets.written(["name", "amount"], [['"Ann"; Müller', amount_of("1.00 USD")]]))
    assert lines == ['\ufeff"name","amount"\r\n', '"""Ann""; Müller","1.00"\r\n']
    assert list(SheetFile("".join(lines).encode()).rows()) == [
        (1, ["name", "amount"]),
        (2, ['"Ann"; Müller', "1.00"]),
    ]
    assert list(csv.reader(io.StringIO(lines[1]))) == [['"Ann"; Müller', "1.00"]]
