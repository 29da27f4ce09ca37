"""Texts in the reader's language: found, filled in, counted."""

import threading

import pytest

from giftweb import errors, language
from giftweb.errors import CardNotUsable, Invalid
from giftweb.language import gettext, lazy_gettext, ngettext
from giftweb.money import Money, parse, typed_text

pytestmark = pytest.mark.no_database


@pytest.fixture(autouse=True)
def in_english_again():
    with language.use("en"):
        yield


@pytest.mark.proves("B17")
def test_a_text_is_in_the_language_of_whoever_reads_it():
    label = lazy_gettext("Frozen")
    assert (gettext("Frozen"), str(label)) == ("Frozen", "Frozen")
    with language.use("de"):
        assert (gettext("Frozen"), str(label), f"{label}") == ("Gesperrt",) * 3
    assert str(label) == "Frozen"


@pytest.mark.proves("B17")
@pytest.mark.parametrize("spoken", list(language.LANGUAGES))
def test_a_refusal_is_a_sentence_in_the_language_with_its_amounts(spoken):
    error = errors.InsufficientBalance
    with language.use(spoken):
        sentence = error(available=Money(1200, "EUR"), asked=Money(1500, "EUR")).sentence
        assert f"{Money(1200, 'EUR')}" in sentence
    assert (sentence == error(available="€12.00", asked="€15.00").sentence) == (spoken == "en")


@pytest.mark.proves("B17")
def test_a_text_without_a_translation_stays_english():
    with language.use("de"):
        assert gettext("No catalogue has {this}.", this=1) == "No catalogue has 1."


@pytest.mark.proves("B17")
@pytest.mark.parametrize(
    ("spoken", "number", "text"),
    [("en", 1, "1 card"), ("en", 0, "0 cards"), ("en", 12500, "12,500 cards")],
)
def test_numbers_have_their_plural_form(spoken, number, text):
    with language.use(spoken):
        assert ngettext("{count} card", "{count} cards", number) == text


@pytest.mark.proves("B17")
@pytest.mark.parametrize(
    ("text", "found"),
    [("de", "de"), ("de-AT", "de"), ("pt_BR", "pt"), ("EN-gb", "en"), ("it", None), ("", None)],
)
def test_a_locale_is_of_one_of_our_languages_or_none(text, found):
    assert language.known(text) == found


@pytest.mark.proves("B17")
def test_a_thread_has_a_language_of_its_own():
    found = []
    with language.use("de"):
        thread = threading.Thread(target=lambda: found.append(language.current()))
        thread.start()
        thread.join()
    assert found == ["en"]


@pytest.mark.proves("D28", "B17")
@pytest.mark.parametrize("spoken", list(language.LANGUAGES))
@pytest.mark.parametrize("minor", [1, 100, 2550, 125_000, 123_456_700])
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_what_a_field_shows_is_read_back_the_same_in_every_language(spoken, minor, currency):
    with language.use(spoken):
        amount = parse(typed_text(minor, currency), currency)
    assert amount == Money(minor, currency)


@pytest.mark.proves("D28")
@pytest.mark.parametrize(
    ("spoken", "typed", "minor"),
    [
        *((spoken, "25,00", 2500) for spoken in language.LANGUAGES),
        *((spoken, "25.00", 2500) for spoken in language.LANGUAGES),
        ("de", "1.250", 125_000),
        ("en", "1,250", 125_000),
        ("de", "1.250,00", 125_000),
        ("fr", "1\u202f250,50", 125_050),
    ],
)
def test_an_amount_is_read_by_the_marks_of_any_language(spoken, typed, minor):
    with language.use(spoken):
        assert parse(typed, "EUR").minor == minor


@pytest.mark.proves("D28")
@pytest.mark.parametrize(("spoken", "typed"), [("en", "1.250"), ("de", "1,250"), ("fr", "1.250")])
def test_a_mark_that_is_no_thousands_mark_of_the_language_is_refused(spoken, typed):
    with language.use(spoken), pytest.raises(Invalid):
        parse(typed, "EUR")


@pytest.mark.proves("B17")
def test_every_error_has_its_sentence_in_the_catalogues():
    with language.use("de"):
        sentence = CardNotUsable().sentence
    assert sentence.startswith("Dieser Gutschein")
