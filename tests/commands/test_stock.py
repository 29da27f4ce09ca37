"""`flask gift-card stock` and `cancel-stock` (B22)."""

import csv
import stat

import pytest

from giftweb import codes
from giftweb.domain import cards
from giftweb.domain.cards.activation import Activation
from tests.factories import ADMIN, amount_of, make_campaign


@pytest.fixture
def flask(app):
    """Run a command of the group."""

    def run(*arguments: str):
        return app.test_cli_runner().invoke(args=["gift-card", *arguments])

    return run


def made(flask, file, *options: str) -> list[dict[str, str]]:
    """The rows of a new file of stock."""
    done = flask("stock", str(file), "--currency", "USD", *options)
    assert done.exit_code == 0, done.output
    with file.open(newline="") as text:
        return list(csv.DictReader(text))


@pytest.mark.proves("B22", "I40")
def test_a_file_of_codes_is_written_once_for_its_owner_alone(flask, tmp_path):
    file = tmp_path / "stock.csv"
    rows = made(flask, file, "--count", "3")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [list(row) for row in rows] == [["code"]] * 3
    found = [cards.find_by_code(row["code"]) for row in rows]
    assert [card.id for card in found] == sorted(card.id for card in found)
    assert {(card.status, card.origin, card.balance_minor) for card in found} == {
        ("inactive", "stock", 0)
    }
    before = file.read_bytes()
    again = flask("stock", str(file), "--currency", "USD", "--count", "1")
    assert again.exit_code == 1
    assert "is there already" in again.output
    assert file.read_bytes() == before
    assert cards.select().count() == 3


@pytest.mark.proves("B22", "B23")
def test_pins_stand_in_the_file_and_belong_to_a_campaign_and_a_book(flask, tmp_path):
    campaign = make_campaign()
    options = ("--count", "2", "--pins", "--test", "--campaign", campaign.id)
    rows = made(flask, tmp_path / "stock.csv", *options)
    assert [list(row) for row in rows] == [["code", "pin"]] * 2
    for row in rows:
        card = cards.find_by_code(row["code"])
        assert codes.is_ours(row["code"])
        assert (card.is_test, card.campaign_id, card.needs_pin) == (True, campaign.id, True)
        assert cards.pins.find(card) == row["pin"]
        assert (len(row["pin"]), row["pin"].isdigit()) == (6, True)


@pytest.mark.parametrize(
    "options",
    [
        ("--count", "0", "--currency", "USD"),
        ("--count", "100001", "--currency", "USD"),
        ("--count", "1", "--currency", "XXQ"),
        ("--count", "1", "--currency", "USD", "--campaign", "cmp_unknown"),
    ],
)
def test_what_cannot_be_made_leaves_no_file(flask, tmp_path, options):
    file = tmp_path / "stock.csv"
    assert flask("stock", str(file), *options).exit_code == 1
    assert not file.exists()
    assert cards.select().count() == 0


def test_nothing_is_in_stock_when_the_file_cannot_be_written(flask, tmp_path):
    file = tmp_path / "no folder" / "stock.csv"
    done = flask("stock", str(file), "--count", "1", "--currency", "USD")
    assert done.exit_code == 1
    assert "cannot be written" in done.output
    assert cards.select().count() == 0


@pytest.mark.proves("B22")
def test_lost_cards_are_cancelled_by_range_and_activated_ones_stay(flask, tmp_path):
    rows = made(flask, tmp_path / "stock.csv", "--count", "5")
    first, second, third, last, _ = (row["code"] for row in rows)
    activation = Activation(amount=amount_of("20.00 USD"))
    cards.activation.activate(cards.find_by_code(third).id, activation=activation, by=ADMIN)
    reason = ("--reason", "box 3 was stolen")
    swapped = flask("cancel-stock", "--from", last, "--to", first, *reason)
    assert (swapped.exit_code, "Swap them" in swapped.output) == (1, True)
    done = flask("cancel-stock", "--from", first, "--to", last, *reason)
    assert done.output == "Cancelled 3 cards. 1 of this range were activated before and stay.\n"
    found = [cards.find_by_code(row["code"]).status for row in rows]
    assert found == ["cancelled", "cancelled", "active", "cancelled", "inactive"]
    assert cards.find_by_code(second).balance_minor == 0


def test_a_range_needs_stock_of_one_kind(flask, tmp_path):
    ours = made(flask, tmp_path / "ours.csv", "--count", "1")[0]["code"]
    theirs = made(flask, tmp_path / "theirs.csv", "--count", "1", "--test")[0]["code"]
    done = flask("cancel-stock", "--from", ours, "--to", theirs, "--reason", "lost")
    assert done.exit_code == 1
    assert "not made for stock together" in done.output


# A printer's own codes


PRINTED = "code,pin\nSUN-0001-7781-9934,4711\nSUN-0002-1180-2211,0815\n"


@pytest.mark.proves("B22", "B23", "B8")
def test_a_printers_own_codes_are_taken_into_stock(flask, tmp_path):
    file, campaign = tmp_path / "printer.csv", make_campaign()
    file.write_text(PRINTED)
    options = ("--as", "stock", "--campaign", campaign.id)
    assert flask("import", str(file), *options, "--dry-run").output == (
        "Would take 2 cards into stock.\n"
    )
    assert cards.select().count() == 0
    done = flask("import", str(file), *options)
    assert done.exit_code == 0, done.output
    card = cards.find_by_code("sun 0001 7781 9934")
    assert (card.status, card.currency, card.campaign_id) == ("inactive", "USD", campaign.id)
    assert (card.origin, cards.pins.find(card)) == ("stock", "4711")
    again = flask("import", str(file), *options)
    assert (again.exit_code, "imported on" in again.output) == (1, True)


@pytest.mark.proves("B22", "B8")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("code\nSHORT\n", "row 2, code: a code has 8"),
        ("code\nAAAABBBB1\nAAAABBBB1\n", "row 3, code: the same code stands in row 2"),
        ("code,pin\nAAAABBBB1,12\n", "row 2, pin: A PIN has 4 to 12 digits."),
        ("code,price\nAAAABBBB1,12\n", "there is no such column"),
        ("code\n", "no cards"),
        ("code\n12345678\n", "too easy to guess"),
    ],
)
def test_a_bad_file_of_stock_is_refused_as_a_whole(flask, tmp_path, content, says):
    file = tmp_path / "printer.csv"
    file.write_text(content)
    done = flask("import", str(file), "--as", "stock", "--currency", "USD")
    assert done.exit_code == 1
    assert says in done.output
    assert cards.select().count() == 0


def test_stock_needs_a_currency_and_has_no_money(flask, tmp_path):
    file = tmp_path / "printer.csv"
    file.write_text(PRINTED)
    assert flask("import", str(file), "--as", "stock").exit_code == 1
    paid = ("--as", "stock", "--currency", "USD", "--source", "sales")
    assert "no money yet" in flask("import", str(file), *paid).output
    file.write_text("code,currency\nSUN-0001-7781-9934,eur\nSUN-0002-1180-2211,\n")
    assert flask("import", str(file), "--as", "stock", "--currency", "USD").exit_code == 0
    found = [cards.find_by_code(f"SUN-000{n}").currency for n in ("1-7781-9934", "2-1180-2211")]
    assert found == ["EUR", "USD"]
