"""Codes of another shop that guessing finds too soon are refused, unless somebody accepts it."""

from fractions import Fraction

import pytest

from giftweb import codes
from giftweb.domain import cards
from giftweb.domain.cards.import_odds import CodesGuessable, Odds
from giftweb.domain.cards.import_terms import Terms
from giftweb.models import GiftCard
from tests.factories import ADMIN

pytestmark = pytest.mark.proves("X17")


def odds_of(*found: str) -> Fraction:
    odds = Odds()
    odds.add(found)
    return odds.of(codes.format_of(found[0]))


def sheet(*found: str) -> bytes:
    return "\n".join(["amount,currency,code", *(f"5.00,USD,{code}" for code in found)]).encode()


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("found", "odds"),
    [
        (["12345678"], Fraction(1, 10**8)),
        (["12345678", "22345679"], Fraction(2, 10**8)),
        (["ABCDEFGH"], Fraction(1, 26**8)),
        (["ABCD1234"], Fraction(1, 26**4 * 10**4)),
        (["A1CD1234", "1ACD1234"], Fraction(2, 36**2 * 26**2 * 10**4)),
        ([f"900000000000{number:04}" for number in range(100)], Fraction(100, 10**2)),
        ([f"GIFT{number:08}" for number in range(0, 99_999_999, 1_000_000)], Fraction(100, 100)),
    ],
)
def test_what_all_codes_agree_on_is_no_secret(found, odds):
    assert odds_of(*found) == odds


@pytest.mark.no_database
def test_our_own_codes_are_not_counted():
    odds = Odds()
    odds.add([codes.generate(), None])
    odds.require_hard()


@pytest.mark.no_database
@pytest.mark.parametrize(("cards_", "is_refused"), [(1, False), (2, True)])
def test_one_card_in_a_thousand_million_codes_is_the_most(cards_, is_refused):
    odds = Odds()
    odds.add(["123456789", "987654321"][:cards_])
    if is_refused:
        with pytest.raises(CodesGuessable):
            odds.require_hard()
    else:
        odds.require_hard()


def test_a_file_of_short_codes_is_refused_and_nothing_of_it_stays():
    with pytest.raises(CodesGuessable) as refusal:
        cards.import_file.import_file(sheet("12345678"), by=ADMIN)
    assert "the format digits:8" in refusal.value.sentence
    assert "of a thousand million tries 10 would" in refusal.value.sentence
    with pytest.raises(CodesGuessable):
        cards.import_file.check_file(sheet("12345678"))
    assert GiftCard.select().count() == 0


def test_whoever_accepts_it_imports_them():
    content = sheet("12345678")
    cards.import_file.check_file(content, terms=Terms(accepts_guessable=True))
    cards.import_file.import_file(content, by=ADMIN, terms=Terms(accepts_guessable=True))
    assert cards.find_by_code("1234 5678").origin == "import"


def test_long_codes_are_imported_without_a_word():
    cards.import_file.import_file(sheet("5512908834761027", "9012773465510293"), by=ADMIN)
    assert GiftCard.select().count() == 2
