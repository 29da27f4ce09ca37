"""`flask gift-card issue`, `import` and `export`."""

import json

import pytest

from giftweb.domain import cards
from tests.factories import make_campaign


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
    message = flask(*ISSUE).stdout
    assert "$50.00" in message
    assert "ann@example.com" in message


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
def test_a_bad_option_is_reported_and_nothing_is_issued(flask, option, value, mailbox):
    failed = flask(*ISSUE, option, value)
    assert failed.exit_code == 1
    assert "Error: " in failed.stderr
    assert failed.stdout == ""
    assert mailbox.all() == []


def test_one_card_in_a_file_is_named_as_one(flask, tmp_path):
    cards, exported = tmp_path / "cards.csv", tmp_path / "exported.csv"
    cards.write_text("amount,currency\n50.00,USD\n")
    dry = flask("import", str(cards), "--dry-run").stdout
    assert dry == "Would import 1 card, worth 50.00 USD.\n"
    assert flask("import", str(cards)).stdout == "Imported 1 card, worth 50.00 USD.\n"
    assert flask("export", str(exported)).stdout == f"Exported 1 card to {exported}.\n"


SHOPIFY = (
    "Id,Last Characters,Email,Expires On,Initial Balance,Current Balance,Currency,Expired?,Enabled?"
)


@pytest.mark.proves("B8")
def test_a_shops_export_is_imported_as_it_is_and_says_what_was_left_out(flask, tmp_path):
    file = tmp_path / "gift_cards_export.csv"
    rows = ["1,3rqb,ann@example.com,,50.00,20.00,USD,false,true", "2,9xyz,,,50,0,USD,false,true"]
    file.write_text("\n".join([SHOPIFY, *rows]))
    dry = flask("import", str(file), "--dry-run")
    assert (dry.exit_code, list(cards.select())) == (0, [])
    assert dry.stdout.startswith("Would import 1 card, worth 20.00 USD.")
    message = flask("import", str(file), "--format", "shopify").stdout
    assert "Left out, used up: 1 card." in message
    assert "the old codes do not work here" in message


@pytest.mark.proves("B8")
def test_columns_are_mapped_by_a_line(flask, tmp_path):
    file = tmp_path / "cards.csv"
    file.write_text('Karte;"Rest, jetzt";W\nKARTE-0001-2345;5,00;EUR\n')
    mapping = 'Karte=code,"Rest, jetzt=balance",W=currency'
    assert flask("import", str(file), "--map", mapping).exit_code == 0
    (card,) = cards.select()
    assert str(card.balance) == "5.00 EUR"
    assert flask("import", str(file), "--map", "Karte").exit_code == 1


@pytest.mark.proves("B8", "E46")
@pytest.mark.parametrize("name", ["cards.csv", "cards.xlsx"])
def test_an_export_is_read_by_the_import(flask, tmp_path, name, make_card):
    make_card("50.00 USD")
    file = tmp_path / name
    assert flask("export", str(file)).stdout == f"Exported 1 card to {file}.\n"
    assert file.stat().st_mode & 0o777 == 0o600
    refused = flask("import", str(file))
    assert refused.exit_code == 1
    assert "this card is here already" in refused.stderr


@pytest.mark.proves("B8")
def test_a_whole_file_belongs_to_a_campaign(flask, tmp_path):
    campaign = make_campaign()
    file = tmp_path / "cards.csv"
    file.write_text("code,balance\nKARTE-0001-2345,5.00\n")
    assert flask("import", str(file), "--campaign", campaign.id).exit_code == 0
    (card,) = cards.select()
    assert (card.campaign_id, str(card.balance)) == (campaign.id, "5.00 USD")
