"""Codes: every typing error is told as one, and a sealed copy opens with its own card alone."""

import hmac
import itertools
import secrets

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from giftweb import codes, keys
from giftweb.errors import CodeMalformed

pytestmark = pytest.mark.no_database

BODIES = st.text(codes.ALPHABET, min_size=codes.LENGTH - 1, max_size=codes.LENGTH - 1)
CODES = BODIES.map(lambda body: body + codes.check_character(body))
PLACES = range(codes.LENGTH)


@pytest.fixture
def ring():
    """Keys of two versions, of this test alone; the worker's are put back after it."""
    before = keys._ring
    versions = {
        number: keys.CodeKeys(number, secrets.token_bytes(32), secrets.token_bytes(32))
        for number in (1, 2)
    }
    ring = keys.KeyRing("session", b"chain", 2, versions)
    keys.use(ring)
    yield ring
    keys._ring = before


def is_refused(text: str, formats: tuple[str, ...] = ()) -> bool:
    try:
        codes.read(text, formats)
    except CodeMalformed:
        return True
    return False


@pytest.mark.proves("S35", "D9")
def test_a_code_has_15_characters_and_no_two_are_alike():
    made = [codes.generate() for _ in range(2_000)]
    assert all(len(code) == 15 and set(code) <= set(codes.ALPHABET) for code in made)
    assert len(set(made)) == 2_000
    assert not set("ILOU") & set(codes.ALPHABET)
    assert {code[place] for code in made for place in PLACES} == set(codes.ALPHABET)


@pytest.mark.proves("D9")
@given(CODES)
@settings(max_examples=30)
def test_every_single_wrong_character_is_found(code):
    for place, wrong in itertools.product(PLACES, codes.ALPHABET):
        if wrong != code[place]:
            assert is_refused(code[:place] + wrong + code[place + 1 :])


@pytest.mark.proves("D9")
@given(CODES)
@settings(max_examples=50)
def test_every_swap_of_two_characters_is_found_neighbours_or_not(code):
    for here, there in itertools.combinations(PLACES, 2):
        if code[here] != code[there]:
            swapped = list(code)
            swapped[here], swapped[there] = swapped[there], swapped[here]
            assert is_refused("".join(swapped))


@pytest.mark.proves("D9")
@given(CODES, st.data())
@settings(max_examples=100)
def test_a_character_too_few_or_too_many_is_found(code, data):
    place = data.draw(st.integers(0, 14))
    assert is_refused(code[:place] + code[place + 1 :])
    assert is_refused(code[:place] + data.draw(st.sampled_from(codes.ALPHABET)) + code[place:])


@pytest.mark.proves("D9")
@given(CODES, st.data())
@settings(max_examples=200)
def test_a_code_is_read_in_any_case_with_spaces_and_dashes_and_look_alikes(code, data):
    alike = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(alike.get(each, each + each.lower())))
        + data.draw(st.sampled_from(("", "", "", " ", "-", "\t", "\u00a0", "–", "—", "−", ".")))
        for each in code
    )
    assert codes.read(typed) == [code]
    assert codes.read(codes.grouped(code)) == [code]


UNSEEN = (
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202a", "\u202e", "\u2066"),
    *("\u034f", "\u115f", "\u17b4", "\u180b", "\u180f", "\u3164", "\uffa0", "\U000e0fff"),
    *("\ufe0e", "\ufe0f", "\U000e0100", "\U000e0061", "\u3000", "\u2009", "\u202f", "\u1680"),
    *("\u2010", "\u2011", "\u2212", "\u30a0", "\uff0d", "\ufe63", "\u2e3a", "\uff0e"),
)


@pytest.mark.proves("D27", "E21")
@given(CODES, st.data())
@settings(max_examples=200)
def test_what_cannot_be_seen_and_full_width_forms_are_read_generously(code, data):
    typed = "".join(
        data.draw(st.sampled_from((each, each.lower(), chr(ord(each) + 0xFEE0))))
        + data.draw(st.sampled_from(("", "", *UNSEEN)))
        for each in code
    )
    assert codes.read(typed) == [code]


@pytest.mark.proves("D9")
def test_it_is_shown_in_groups_of_five():
    assert codes.grouped("0123456789ABCDE") == "01234-56789-ABCDE"
    assert codes.grouped("1234567890123456") == "1234-5678-9012-3456"


@pytest.mark.proves("D9")
@pytest.mark.parametrize(
    "wrong",
    ["А", "О", "٠", "ı", "ſ", "ß", "𝟎", "é", "①", "\0", "\x7f", "'", "_", "/", "%", "％", "＿"],
    ids=ascii,
)
def test_look_alike_letters_of_other_alphabets_and_signs_are_refused(wrong):
    code = codes.generate()
    for place in PLACES:
        assert is_refused(code[:place] + wrong + code[place + 1 :])
    assert is_refused(code + wrong)


@pytest.mark.proves("D9")
@given(st.text(max_size=400))
@settings(max_examples=500)
def test_whatever_is_typed_is_read_as_a_code_or_refused(text):
    try:
        found = codes.read(text, ("digits:4", "alphanumeric:15"))
    except CodeMalformed:
        return
    for code in found:
        assert codes.is_ours(code) or codes.matches_format(code, "digits:4") or len(code) == 15
        assert code.isascii()
        assert code.isalnum()


@pytest.mark.proves("D9")
@pytest.mark.parametrize(
    ("code", "known", "others"),
    [
        ("1234567890123456", "digits:16", ("123456789012345A", "123456789012345")),
        ("KLOPFER", "letters:7", ("KLOPFE1", "KLOPFERS")),
        ("X1Y2Z3I0", "alphanumeric:8", ("X1Y2Z3I0A",)),
    ],
)
def test_an_imported_code_is_read_once_its_format_is_known(code, known, others):
    assert codes.format_of(code) == known
    assert is_refused(code)
    assert codes.read(f" {code[:3].lower()}-{code[3:]}", (known,)) == [code]
    assert all(is_refused(other, (known,)) for other in others)


@pytest.mark.proves("D9")
def test_a_text_may_be_one_of_ours_and_an_imported_one():
    ours = codes.generate()
    while "0" not in ours:
        ours = codes.generate()
    typed = ours.replace("0", "O")
    assert codes.read(typed, ("alphanumeric:15",)) == [ours, typed]


@pytest.mark.proves("I28")
def test_a_sealed_copy_opens_with_its_card_alone(ring):
    code = codes.generate()
    sealed = codes.seal(code, "gc_one")
    assert code.encode() not in sealed
    assert codes.unseal(sealed, "gc_one") == code
    assert codes.seal(code, "gc_one") != sealed
    with pytest.raises(InvalidTag):
        codes.unseal(sealed, "gc_two")
    for place in range(2, len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(InvalidTag):
            codes.unseal(bytes(broken), "gc_one")


@pytest.mark.proves("I28")
def test_a_copy_whose_key_version_is_gone_says_so(ring):
    sealed = (9).to_bytes(2, "big") + codes.seal(codes.generate(), "gc_one")[2:]
    gone = r"^The key version that sealed this code is gone from the keys file\.$"
    with pytest.raises(keys.KeysUnusable, match=gone):
        codes.unseal(sealed, "gc_one")


@pytest.mark.proves("I28")
def test_a_code_is_looked_up_under_every_key_version_the_current_one_first(ring):
    code = codes.generate()
    found = codes.indexes(codes.grouped(code).lower())
    assert found == [codes.index(code, ring.versions[2]), codes.index(code, ring.versions[1])]
    assert codes.index(code) == found[0]
    assert len({*found, codes.index(codes.generate())}) == 3
    assert all(len(index) == 32 for index in found)


def test_each_random_character_has_five_bits_of_its_own():
    number = sum(place << (5 * place) for place in range(14))
    assert codes._from_number(number)[:-1] == codes.ALPHABET[:14]
    assert codes._from_number(2**70 - 1)[:-1] == "Z" * 14


@pytest.mark.proves("I28")
def test_the_index_is_a_keyed_digest_of_the_code_under_the_newest_key(ring):
    code, key = codes.generate(), keys.ring().newest.index
    assert codes.index(code) == hmac.new(key, code.encode(), "sha256").digest()


def test_a_text_of_64_characters_is_looked_at_and_no_longer_one():
    assert codes.normalise("a" * 64) == "A" * 64
    for text in ("a" * 65, "", "é", "a_b"):
        with pytest.raises(CodeMalformed) as refused:
            codes.normalise(text)
        assert [field for field, _ in refused.value.errors] == ["code"]
    with pytest.raises(CodeMalformed) as refused:
        codes.read("WRONG")
    assert [field for field, _ in refused.value.errors] == ["code"]


def test_a_check_character_is_made_of_fourteen():
    with pytest.raises(ValueError, match="zip"):
        codes.check_character("ABC")


def test_the_codes_that_people_have_stay_codes():
    for body, check in (("0123456789ABCD", "F"), ("ZYXWVTSRQPNMKJ", "8"), ("1" + "0" * 13, "2")):
        assert codes.check_character(body) == check


def test_every_place_of_a_code_may_be_any_character():
    made = [codes.generate() for _ in range(1000)]
    assert all({code[place] for code in made} == set(codes.ALPHABET) for place in PLACES)
