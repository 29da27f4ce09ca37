"""Codes that a spreadsheet has had in its hands: the column gives it away."""

import pytest

from giftweb import database
from giftweb.domain import cards
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.import_terms import Terms
from giftweb.domain.csv_sheets import RowsRefused
from tests.factories import make_card

pytestmark = pytest.mark.proves("E43")

CURE = "format the column as text before the codes are put into it."


def file(*codes: str) -> bytes:
    rows = [f'10.00,USD,"{code}"' for code in codes]
    return "\n".join(["amount,currency,code", *rows]).encode()


def check_it(content: bytes) -> None:
    cards.import_file.check_file(content, terms=Terms(accepts_guessable=True))


def import_it(content: bytes) -> None:
    cards.import_file.import_file(content, by=SYSTEM, terms=Terms(accepts_guessable=True))


def faults(*codes: str) -> list[str]:
    """What the dry run holds against a file with these codes; the import holds the same."""
    found = []
    for read in (
        cards.import_file.check_file,
        lambda content: cards.import_file.import_file(content, by=SYSTEM),
    ):
        try:
            read(file(*codes))
        except RowsRefused as refused:
            found.append([f"{place}: {reason}" for place, reason in refused.errors])
        else:
            found.append([])
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("code", ["4.71E+15", "4,71235E+15", "6E+15", "4.71e+15"])
def test_a_number_in_scientific_notation_is_no_code(code):
    (fault,) = faults("4712345678901234", code)
    assert fault.startswith("row 3, code: a spreadsheet has rounded this code.")
    assert fault.endswith(CURE)


@pytest.mark.parametrize(
    "codes",
    [
        ("4712345678901230", "4712345678901240", "4712345678901250"),
        ("4712345678901230000",),
        ("47123456789012300", "47123456789012400"),
    ],
)
def test_codes_that_all_end_in_zeros_after_the_fifteenth_digit_were_rounded(codes):
    (fault,) = faults(*codes)
    assert fault.startswith("row 2, code: a spreadsheet has rounded the codes")
    assert fault.endswith(CURE)


@pytest.mark.parametrize(
    "codes",
    [
        ("4712345678901230", "4712345678901241", "4712345678901250"),
        ("4712345678901230",),
        ("4712345678901230", "4712345678901240"),
        ("471234567890100", "471234567890200", "471234567890300"),
        ("4712-3456-7890-1230", "4712-3456-7890-1240", "4712-3456-7890-1250"),
        ("A712345678901230", "A712345678901240", "A712345678901250"),
    ],
)
def test_a_zero_at_the_end_may_be_chance_or_no_number_at_all(codes):
    assert faults(*codes) == []


@pytest.mark.parametrize(
    ("codes", "row"),
    [
        (("4712345678901234", "471234567890123"), 3),
        (("471234567890123", "4712345678901234", "4712345678901239"), 2),
        (("12345678", "1234567", "12345679", "123456", "12345670"), 3),
    ],
)
def test_codes_that_lack_a_digit_or_two_have_lost_their_zeros(codes, row):
    (found,) = [fault for fault in faults(*codes) if "dropped the zeros" in fault]
    assert found.startswith(f"row {row}, code: the codes have several lengths")
    assert "write each with a dash" in found


@pytest.mark.parametrize(
    "codes",
    [
        ("4712345678901234", "471234567890123", "0712345678901234"),
        ("4712345678901234", "4712345678901235"),
        ("4712345678901234", "1234567890"),
        ("4712345678901234", "471234567890123", "471234567890124"),
        ("4712-3456-7890-1234", "4712-3456-7890-123"),
        ("4712345678901234", "GIFTCARD2024"),
        ("471234567890123",),
    ],
)
def test_codes_of_several_lengths_may_be_just_that(codes):
    assert faults(*codes) == []


def test_nothing_of_such_a_file_is_imported():
    faults("4712345678901234", "471234567890123")
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 0


def test_our_own_codes_are_left_alone():
    code = make_card().code
    taken = faults("ABCD-EFGH-JKMN", code)
    assert taken == ["row 3, code: a card has this code already"]
