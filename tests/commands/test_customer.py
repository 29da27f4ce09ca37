"""`flask customer export`, `flask customer erase` and `flask test-data purge`."""

import json

import pytest

from giftweb.domain import cards
from tests.factories import make_card


@pytest.fixture
def flask(app):
    """Run a command."""
    return lambda *arguments: app.test_cli_runner().invoke(args=arguments)


@pytest.mark.proves("D18", "B29")
def test_all_that_is_known_is_printed_as_json(flask):
    card = make_card(holder="ann@example.com").card
    printed = json.loads(flask("customer", "export", "--email", "Ann@Example.com").stdout)
    assert [each["id"] for each in printed["gift_cards"]] == [card.id]
    nobody = flask("customer", "export", "--email", "bob@example.com")
    assert (nobody.exit_code, nobody.stdout) == (1, "")


@pytest.mark.proves("D18", "B29")
def test_erasing_is_refused_while_a_card_holds_money_unless_it_is_forced(flask):
    card = make_card("50.00 USD", holder="ann@example.com").card
    refused = flask("customer", "erase", "--email", "ann@example.com")
    assert refused.exit_code == 1
    assert "still hold 50.00 USD" in refused.stderr
    done = flask("customer", "erase", "--email", "ann@example.com", "--force")
    assert (done.exit_code, done.stdout[:7]) == (0, "Erased.")
    assert cards.find(card.id).holder_email is None


@pytest.mark.proves("D16")
def test_purging_says_what_went(flask):
    make_card(is_test=True)
    real = make_card().card
    message = flask("test-data", "purge").output
    assert "gift cards: 1" in message
    assert [card.id for card in cards.select()] == [real.id]
    assert flask("test-data", "purge").stdout == "There is no test data.\n"
    assert flask("test-data", "purge", "--campaign", "cmp_nowhere").exit_code == 1
