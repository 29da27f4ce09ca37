"""`flask gift-card issue`, `import` and `export`."""

import json

import pytest

from giftweb.domain import cards


@pytest.fixture
def flask(app):
    """Run a command of the group."""

    def run(*arguments: str):
        return app.test_cli_runner().invoke(args=["gift-card", *arguments])

    return run


ISSUE = ("issue", "--amount", "50.00", "--currency", "USD", "--email", "ann@example.com")


@pytest.mark.proves("S14")
def test_issue_prints_the_card_with_its_code(flask):
    printed = json.loads(flask(*ISSUE, "--json").stdout)
    card = cards.find_by_code(printed["code"])
    assert printed == cards.payload.GiftCard.of(card) | {"code": printed["code"]}
    assert (printed["balance"], printed["livemode"]) == (5000, True)
    assert printed["holder"] == {"email": "ann@example.com"}


def test_issue_without_json_shows_no_code(flask):
    said = flask(*ISSUE).stdout
    assert "$50.00" in said
    assert "ann@example.com" in said


@pytest.mark.proves("S19", "S25")
def test_a_test_card_with_a_date(flask):
    options = ("--test", "--expires-on", "2099-01-31", "--name", "Ann", "--json")
    printed = json.loads(flask(*ISSUE, *options).stdout)
    assert printed["livemode"] is False
    assert printed["expires_on"] == "2099-01-31"
    assert printed["holder"]["name"] == "Ann"


@pytest.mark.proves("D29", "E9", "B8")
@pytest.mark.parametrize(("options", "source"), [((), "imports"), (("--source", "sales"), "sales")])
def test_an_import_says_where_the_money_comes_from(flask, tmp_path, options, source):
    file = tmp_path / "cards.csv"
    file.write_text("amount,currency\n25.00,USD\n")
    assert flask("import", str(file), *options).exit_code == 0
    (card,) = cards.select()
    assert [part.source for part in card.funding] == [source]
    assert flask("import", str(file), "--source", "adjustments").exit_code == 2


def test_the_card_is_mailed(flask, mailbox):
    flask(*ISSUE)
    assert mailbox.kinds() == ["card_issued"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--amount", "ten"),
        ("--currency", "XXQ"),
        ("--email", "ann"),
        ("--expires-on", "2020-01-01"),
    ],
)
def test_a_bad_option_is_told_and_nothing_is_issued(flask, option, value, mailbox):
    failed = flask(*ISSUE, option, value)
    assert failed.exit_code == 1
    assert "Error: " in failed.stderr
    assert failed.stdout == ""
    assert mailbox.all() == []


def test_one_card_in_a_file_is_told_as_one(flask, tmp_path):
    cards, exported = tmp_path / "cards.csv", tmp_path / "exported.csv"
    cards.write_text("amount,currency\n50.00,USD\n")
    dry = flask("import", str(cards), "--dry-run").stdout
    assert dry == "Would import 1 card, worth 50.00 USD.\n"
    assert flask("import", str(cards)).stdout == "Imported 1 card, worth 50.00 USD.\n"
    assert flask("export", str(exported)).stdout == f"Exported 1 card to {exported}.\n"
