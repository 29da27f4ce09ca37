"""Cards from a CSV file and back: all or nothing, every bad row named."""

import csv
import io

import pytest

from giftweb import clock, codes, database
from giftweb.domain import audit, cards, csv_sheets
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.import_terms import Terms
from giftweb.domain.cards.import_values import Imported
from giftweb.domain.sheet_files import SheetFile
from giftweb.errors import IdempotencyInProgress, Invalid, UnknownCode
from giftweb.models import CodeFormat, GiftCard
from tests.factories import amount_of
from tests.factories import make_card as make_a_card
from tests.races import at_once

BY = Actor(kind="cli", id="cli", name="Command line")
HEADER = "amount,currency,code,holder_email,holder_name,expires_on,note,message,test,send_email"


def sheet(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def imported(*rows: str, header: str = HEADER) -> Imported:
    return cards.import_file.import_file(sheet(*rows, header=header), by=BY)


def bad_cells(*rows: str, header: str = HEADER) -> list[str]:
    with pytest.raises(csv_sheets.RowsRefused) as refused:
        imported(*rows, header=header)
    return [str(cell) for cell in refused.value.details["cells"]]


def count(table: str) -> int:
    return database.scalar(f'SELECT COUNT(*) FROM "{table}"')


# What a file becomes


@pytest.mark.proves("B8", "D9", "I28")
def test_a_row_without_a_code_gets_one_of_ours_that_opens():
    imported("25.00,USD,,ann@example.com,Ann,2099-01-31,from the old shop,Enjoy!,,")
    (card,) = cards.select()
    code = cards.holder.open_code(card.id)
    assert codes.is_ours(code)
    assert cards.find_by_code(code).id == card.id
    assert (card.balance, card.origin, card.source) == (amount_of("25.00 USD"), "import", "imports")
    assert (card.holder_email, card.holder_name) == ("ann@example.com", "Ann")
    assert (card.note, card.message) == ("from the old shop", "Enjoy!")
    assert card.expires_on.isoformat() == "2099-01-31"


@pytest.mark.proves("B8")
def test_what_a_cell_says_arrives_as_it_stands_there():
    note, name = "\\N \\x41 100 %s\tor so\nand more\\", "Ann 'Æther' \\."
    imported(f'25.00,USD,,,{name},,"{note}",\\N,,')
    (card,) = cards.select()
    assert (card.note, card.message, card.holder_name) == (note, "\\N", name)


@pytest.mark.proves("B8", "I4", "I7")
def test_an_imported_card_is_what_issue_would_have_written():
    imported("25.00,USD,,ann@example.com,Ann,2099-01-31,note,message,,")
    issued = cards.issue(
        cards.NewCard(
            amount=amount_of("25.00 USD"),
            holder_email="ann@example.com",
            holder_name="Ann",
            source="imports",
            origin="import",
            expires_on=clock.now().date().replace(2099, 1, 31),
            note="note",
            message="message",
            send_email=False,
        ),
        by=BY,
    ).card
    own = {"number", "id", "card_id", "to_account", "moved_at", "created_at", "audit_id", "seal"}
    own |= {"code_index", "code_sealed", "last4"}
    for table, column in (("account", "id"), ("gift_card", "id"), ("transfer", "card_id")):
        cursor = database.db.execute_sql(f"SELECT * FROM {table}")
        names = [part[0] for part in cursor.description]
        one, other = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
        assert {one[column], other[column]} > {issued.id}
        assert {name: one[name] for name in names if name not in own} == {
            name: other[name] for name in names if name not in own
        }
        assert all(type(one[name]) is type(other[name]) for name in names)


@pytest.mark.proves("D9")
def test_a_code_of_another_shop_keeps_its_own_format():
    imported("10,USD,6006 4912 3456 7890,,,,,,,", "10,USD,summer-sale-77,,,,,,,")
    assert cards.find_by_code("6006-4912-3456-7890").balance == amount_of("10.00 USD")
    assert cards.find_by_code("SUMMER SALE 77").last4 == "LE77"
    assert {each.format for each in CodeFormat.select()} == {"digits:16", "alphanumeric:12"}
    with pytest.raises(UnknownCode):
        cards.find_by_code("6006491234567891")


@pytest.mark.proves("D29", "E9", "B8")
@pytest.mark.parametrize("source", ["imports", "sales", "goodwill", "promotions"])
def test_an_imported_card_is_sold_or_given_as_whoever_imports_it_knows(source):
    cards.import_file.import_file(
        b"amount,currency\n25.00,USD\n", by=BY, terms=Terms(source=source)
    )
    (card,) = cards.select()
    assert [(part.source, str(part.amount)) for part in card.funding] == [(source, "25.00 USD")]
    (reported,) = database.rows("SELECT data FROM audit_entry WHERE action = 'gift_card.imported'")
    assert source in str(reported)


@pytest.mark.proves("B8", "S14", "I30")
def test_one_audit_row_tells_of_the_whole_import_and_no_mail_goes_out_unasked():
    imported("10,USD,,ann@example.com,,,,,,", "20,USD,,bob@example.com,,,,,,yes")
    (entry,) = database.rows("SELECT id, action, data, reason FROM audit_entry")
    assert entry[1] == "gift_card.imported"
    assert "@" not in entry[2]
    assert database.rows("SELECT DISTINCT audit_id FROM transfer") == [(entry[0],)]
    assert database.rows("SELECT kind, to_email FROM mail") == [("card_issued", "bob@example.com")]


@pytest.mark.proves("S19", "S20", "I20")
def test_a_row_may_be_a_test_card():
    summary = imported("10,USD,,,,,,,yes,", "20,USD,,,,,,,no,", "5,EUR,,,,,,,,")
    assert (summary.cards, summary.test_cards) == (3, 1)
    assert summary.totals == {"EUR": 500, "USD": 2000}
    assert [card.is_test for card in cards.select().order_by(GiftCard.initial_minor)] == [
        False,
        True,
        False,
    ]


@pytest.mark.proves("S44", "I21")
def test_an_imported_card_can_be_cancelled_like_any_other():
    imported("10,USD,,,,,,,,")
    (card,) = cards.select()
    assert cards.endings.cancel(card.id, by=BY).balance_minor == 0


def test_columns_may_stand_in_any_order_and_a_spreadsheet_may_use_semicolons():
    imported("USD;1,250.00;\n", header="\ufeffCurrency;Amount;note")
    (card,) = cards.select()
    assert card.balance == amount_of("1250.00 USD")


def test_the_holders_columns_may_be_called_as_the_command_and_the_api_call_them():
    imported("25.00,USD,ann@example.com,Ann", header="amount,currency,Email,name")
    (card,) = cards.select()
    assert (card.holder_email, card.holder_name) == ("ann@example.com", "Ann")


def test_a_large_file_is_imported_in_portions(monkeypatch):
    monkeypatch.setattr(cards.import_file, "_PORTION", 3)
    reported = []
    content = sheet(*["10,USD,,ann@example.com,,,,,,yes"] * 10)
    cards.import_file.import_file(content, by=BY, progress=lambda *step: reported.append(step))
    assert (count("account"), count("transfer"), count("gift_card")) == (10, 10, 10)
    assert count("mail") == 10
    assert reported == [
        *(("Importing", row, 11) for row in (0, 4, 7, 10, 11)),
        *(("Writing", portion, 4) for portion in (1, 2, 3, 4)),
    ]


def test_a_bad_cell_far_down_a_large_file_takes_back_what_was_written(monkeypatch):
    monkeypatch.setattr(cards.import_file, "_PORTION", 3)
    imported("10,USD,GIFT-2020-0001,,,,,,,")
    rows = ["10,USD,,,,,,,,"] * 7
    assert bad_cells(*rows, "ten,USD,,,,,,,,") == [
        "row 9, amount: Enter an amount of 0.01 or more, such as 25.00."
    ]
    assert bad_cells(*rows, "10,USD,GIFT-2020-0001,,,,,,,", *rows) == [
        "row 9, code: a card has this code already"
    ]
    assert count("gift_card") == 1


# What is refused


@pytest.mark.proves("B8", "D10", "I25")
def test_every_bad_cell_is_named_and_nothing_is_imported():
    found = bad_cells(
        "ten,USD,,,,,,,,",
        "10,USD,,ann@example.com,,,,,,",
        "10.005,USD,,not-an-address,,,,,,",
        "10,XXQ,,,,,,,,",
        "10,USD,short,,,,,,,",
        "10,USD,,,Ann\tSmith,,,,,",
        "10,USD,,,,31.12.2099,,,,",
        "10,USD,,,,2001-01-01,,,,",
        "10,USD,,,,,,,perhaps,",
        "10,USD,,,,,,,,yes",
        "10,USD,,,",
        "-1,USD,,,,,,,,",
    )
    assert [cell.partition(":")[0] for cell in found] == [
        "row 2, amount",
        "row 4, amount",
        "row 4, holder_email",
        "row 5, currency",
        "row 6, code",
        "row 7, holder_name",
        "row 8, expires_on",
        "row 9, expires_on",
        "row 10, test",
        "row 11, send_email",
        "row 12, the row",
        "row 13, amount",
    ]
    assert found[0].endswith("Enter an amount of 0.01 or more, such as 25.00.")
    assert (count("gift_card"), count("audit_entry"), count("idempotency_key")) == (0, 0, 0)


@pytest.mark.proves("B8", "D9")
def test_a_code_that_stands_there_twice_or_is_known_already_is_refused():
    imported("10,USD,GIFT-2020-0001,,,,,,,")
    assert bad_cells("10,USD,ABCD1234EF,,,,,,,", "", "10,USD,abcd 1234 ef,,,,,,,") == [
        "row 4, code: the same code stands in row 2"
    ]
    assert bad_cells("10,USD,,,,,,,,", "11,USD,gift20200001,,,,,,,") == [
        "row 3, code: a card has this code already"
    ]
    assert count("gift_card") == 1


@pytest.mark.proves("B8", "D10", "I27")
def test_the_same_file_twice_is_refused():
    imported("10,USD,,,,,,,,")
    for again in (
        lambda: imported("10,USD,,,,,,,,"),
        lambda: cards.import_file.check_file(sheet("10,USD,,,,,,,,")),
    ):
        with pytest.raises(cards.import_file.FileImportedBefore) as refused:
            again()
        assert "1 cards" in refused.value.sentence
    assert count("gift_card") == 1


@pytest.mark.proves("B8")
def test_a_dry_run_writes_nothing():
    summary = cards.import_file.check_file(sheet("10,USD,,,,,,,,"))
    assert summary.cards == 1
    assert (count("gift_card"), count("audit_entry"), count("code_format")) == (0, 0, 0)
    assert imported("10,USD,,,,,,,,") == summary


def test_a_header_with_a_strange_a_missing_or_a_repeated_column_is_refused():
    assert bad_cells("1", header="amount,currenzy,note,note") == [
        "row 1, currenzy: there is no such column",
        "row 1, note: the column stands there twice",
        "row 1, currency: the column is missing",
    ]


@pytest.mark.parametrize(
    "content", [b"", HEADER.encode(), b"amount,currency\n\xff\xfe,USD", b'amount,currency\n"1,USD']
)
def test_what_is_no_such_file_is_refused_in_words(content):
    with pytest.raises(Invalid):
        cards.import_file.import_file(content, by=BY)


# While others write


SHOPS = "amount,currency,code\n20.00,USD,SHOP-0000-7919-0001\n30.00,USD,SHOP-0001-5838-0002"


@pytest.mark.proves("B8", "I20")
def test_a_file_is_read_while_others_write_and_its_rows_are_written_at_once(monkeypatch):
    """What another process writes meanwhile waits for no row of the file."""
    monkeypatch.setattr(cards.import_file, "_PORTION", 1)
    steps = []

    def others_write(step: str, done: int, total: int) -> None:
        steps.append((step, database.db.in_transaction(), count("gift_card")))
        if step == "Importing":
            at_once(lambda: make_a_card("5.00 USD"))

    cards.import_file.import_file(sheet(SHOPS, header="").strip(), by=BY, progress=others_write)
    assert [step for step in steps if step[1]] == [("Writing", True, 4), ("Writing", True, 5)]
    assert [step for step in steps if not step[1]] == [
        ("Importing", False, number) for number in range(3)
    ]
    assert audit.checks.run() == []


@pytest.mark.proves("B8", "I28")
def test_a_code_that_somebody_else_brings_meanwhile_stops_the_whole_file():
    content, other = SheetFile(SHOPS.encode()), sheet("7.00,USD,SHOP000158380002,,,,,,,")
    with cards.import_file.prepare_content(content, by=BY, terms=Terms()) as prepared:
        cards.import_file.import_file(other, by=BY)
        with pytest.raises(cards.import_file.CodeTaken):
            prepared.write()
    (card,) = cards.select()
    assert card.balance == amount_of("7.00 USD")
    assert count("account") == 1
    assert audit.checks.run() == []


@pytest.mark.proves("B8", "I27")
def test_a_file_that_is_imported_twice_at_once_is_imported_once():
    def bring():
        return cards.import_file.import_file(SHOPS.encode(), by=BY).cards

    first, second = sorted(at_once(bring, bring), key=str)
    refused = cards.import_file.FileImportedBefore, cards.import_file.CodeTaken
    assert first == 2
    assert isinstance(second, (*refused, IdempotencyInProgress, csv_sheets.RowsRefused))
    assert len(list(cards.select())) == 2


# Out


def exported() -> list[dict[str, str]]:
    file = io.StringIO()
    cards.import_file.export_file(file)
    file.seek(1)
    return list(csv.DictReader(file))


@pytest.mark.proves("B8", "I28")
def test_an_export_holds_every_card_and_no_code(make_card):
    issued = make_card("50.00 USD", holder_name="Ann")
    cards.freeze(issued.card.id, by=BY)
    other = make_card("7 JPY", is_test=True)
    first, second = exported()
    assert (first["id"], first["status"], first["balance"]) == (issued.card.id, "frozen", "50.00")
    assert (second["test"], second["amount"], second["currency"]) == ("yes", "7", "JPY")
    for one in (issued, other):
        assert one.code not in str((first, second))


def test_no_cell_of_an_export_is_run_as_a_formula(make_card):
    make_card(holder_name='=HYPERLINK("http://evil.example")', note="@SUM(A1)", message="-1+1")
    (row,) = exported()
    assert row["holder_name"].startswith("'=")
    assert row["note"].startswith("'@")
    assert row["message"].startswith("'-")


def test_an_export_of_more_than_a_page_misses_nobody(make_card, monkeypatch):
    monkeypatch.setattr(cards.import_file, "_PORTION", 2)
    made = [make_card().card.id for _ in range(5)]
    assert [row["id"] for row in exported()] == made
