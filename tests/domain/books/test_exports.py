"""The journal for the accountant: our CSV, DATEV, a general ledger (B30)."""

import csv
import io
from datetime import UTC, datetime

import pytest

from giftweb import clock, days
from giftweb.domain import books
from giftweb.domain.books.accounts import Accounts
from giftweb.errors import Invalid
from tests.factories import ROOT, goods, make_campaign, make_card
from tests.orders import place

pytestmark = pytest.mark.proves("B30")

NUMBERS = {"gift_cards": "3250", "sales": "1200", "redemptions": "8400", "goodwill": "4630"}


@pytest.fixture
def january():
    """Two cards are sold and one is spent in January; a third is sold in February."""
    campaign = make_campaign(currency="EUR", time_zone="Europe/Berlin")
    moved = datetime(2027, 1, 20, 12, tzinfo=UTC) - clock.now()
    with clock.moved(moved):
        card = make_card("50.00 EUR", source="sales", campaign_id=campaign.id)
        make_card("25.50 EUR", source="sales", campaign_id=campaign.id)
        place(
            goods("30.00 EUR"),
            cards=[card],
            campaign_id=campaign.id,
            shipping="0.00 EUR",
            reference="Bestellung „Ş 7“",
        )
    with clock.moved(datetime(2027, 2, 2, 12, tzinfo=UTC) - clock.now()):
        make_card("99.00 EUR", source="sales", campaign_id=campaign.id)
        yield "2027-01"


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_our_own_file_has_a_row_a_transfer_or_a_day(january):
    each = rows_of(books.exports.export(january, "journal", grouped_by="transfer", by=ROOT).content)
    assert each[0] == ["number", "date", "debit", "credit", "amount", "currency", "order"]
    assert [row[1:6] for row in each[1:]] == [
        ["2027-01-20", "sales", "gift_cards", "50.00", "EUR"],
        ["2027-01-20", "sales", "gift_cards", "25.50", "EUR"],
        ["2027-01-20", "gift_cards", "redemptions", "30.00", "EUR"],
    ]
    by_day = rows_of(books.exports.export(january, "journal", grouped_by="day", by=ROOT).content)
    assert [row[1:6] for row in by_day[1:]] == [
        ["2027-01-20", "gift_cards", "redemptions", "30.00", "EUR"],
        ["2027-01-20", "sales", "gift_cards", "75.50", "EUR"],
    ]


def test_accounts_have_the_names_that_the_shop_gave_them(january):
    books.accounts.put(Accounts(names={"sales": "Bank", "goodwill": " "}), by=ROOT)
    file = books.exports.export(january, "ledger", grouped_by="day", by=ROOT)
    rows = rows_of(file.content)
    assert rows[0][:5] == ["*JournalNo", "*JournalDate", "*AccountName", "*Debits", "*Credits"]
    assert [row[2:5] for row in rows[3:]] == [["Bank", "75.50", ""], ["gift_cards", "", "75.50"]]
    debits = sum(int(row[3].replace(".", "")) for row in rows[1:] if row[3])
    credits = sum(int(row[4].replace(".", "")) for row in rows[1:] if row[4])
    assert debits == credits == 105_50


def test_datev_gets_a_buchungsstapel(january):
    named = Accounts(names=NUMBERS, consultant="29098", client="55003", first_month=1)
    books.accounts.put(named, by=ROOT)
    file = books.exports.export(january, "datev", grouped_by="transfer", by=ROOT)
    assert file.name == "EXTF_Buchungsstapel-2027-01.csv"
    text = file.content.decode("cp1252")
    assert text.count("\r\n") == text.count("\n") == 5
    head, columns, *lines = [line.split(";") for line in text.rstrip("\r\n").split("\r\n")]
    assert head[:5] == ['"EXTF"', "700", "21", '"Buchungsstapel"', "13"]
    assert head[5] == "20270202130000000"
    assert head[10:16] == ["29098", "55003", "20270101", "4", "20270101", "20270131"]
    assert head[18:22] == ["1", "0", "0", '"EUR"']
    assert len(head) == 31
    assert len(columns) == len(lines[0]) == 125
    assert lines[0][:3] == ["50,00", '"S"', '"EUR"']
    assert [line[6:8] for line in lines] == [["1200", "3250"], ["1200", "3250"], ["3250", "8400"]]
    assert lines[2][columns.index("Belegdatum")] == "2001"
    assert lines[2][columns.index("Belegfeld 2")] == '"Bestellung7"'
    assert lines[2][columns.index("Buchungstext")].startswith('"gift_cards > redemptions')


def test_a_closed_month_is_written_as_fixed_and_the_year_begins_where_the_shop_says(january):
    named = Accounts(names=NUMBERS, consultant="29098", client="1", first_month=7)
    books.accounts.put(named, by=ROOT)
    assert books.closing.close_next(by=ROOT).month == january
    text = books.exports.export(january, "datev", grouped_by="day", by=ROOT).content.decode(
        "cp1252"
    )
    head, columns, line, *_ = [line.split(";") for line in text.split("\r\n")]
    assert head[12] == "20260701"
    assert head[20] == "1"
    assert line[columns.index("Festschreibung")] == "1"


def test_datev_needs_numbers_of_accounts_and_one_currency(january):
    with pytest.raises(Invalid, match="consultant and the client first"):
        books.exports.export(january, "datev", grouped_by="day", by=ROOT)
    books.accounts.put(Accounts(consultant="29098", client="1"), by=ROOT)
    with pytest.raises(Invalid, match="gift_cards, redemptions, sales"):
        books.exports.export(january, "datev", grouped_by="day", by=ROOT)
    books.accounts.put(
        Accounts(names=NUMBERS | {"sales": "12000"}, consultant="29098", client="1"), by=ROOT
    )
    with pytest.raises(Invalid, match="same length"):
        books.exports.export(january, "datev", grouped_by="day", by=ROOT)
    books.accounts.put(Accounts(names=NUMBERS, consultant="29098", client="1"), by=ROOT)
    with clock.moved(datetime(2027, 1, 21, 12, tzinfo=UTC) - clock.now()):
        make_card("5.00 USD", source="sales")
    assert books.exports.currencies() == ["EUR", "USD"]
    with pytest.raises(Invalid, match="Choose a currency"):
        books.exports.export(january, "datev", grouped_by="day", by=ROOT)
    file = books.exports.export(january, "datev", grouped_by="day", currency="USD", by=ROOT)
    assert b'"USD"' in file.content
    assert b'"EUR"' not in file.content


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"consultant": "12"}, "4 to 7 digits"),
        ({"client": "0"}, "1 to 5 digits"),
        ({"first_month": 13}, "Choose a month"),
        ({"names": {"sales": "x" * 61}}, "at most 60"),
    ],
)
def test_what_cannot_be_an_account_is_refused(wrong, problem):
    with pytest.raises(Invalid, match=problem):
        books.accounts.put(Accounts(**wrong), by=ROOT)
    assert books.accounts.find() == Accounts()


def test_what_was_exported_is_kept(january):
    file = books.exports.export(january, "journal", grouped_by="day", by=ROOT)
    (kept,) = books.exports.newest()
    assert (kept.form, kept.entries, kept.by) == ("journal", 2, ROOT.id)
    assert (kept.first_on.isoformat(), kept.last_on.isoformat()) == ("2027-01-01", "2027-01-31")
    again = books.exports.export(january, "journal", grouped_by="day", by=ROOT)
    assert again.content == file.content
    assert {each.digest for each in books.exports.newest()} == {kept.digest}


@pytest.mark.parametrize(("amount", "written"), [("500 JPY", "500,00"), ("1.500 KWD", "")])
def test_an_amount_for_datev_has_two_decimals(amount, written):
    books.accounts.put(Accounts(names=NUMBERS, consultant="29098", client="1"), by=ROOT)
    make_card(amount, source="sales")
    month = days.today("UTC").isoformat()[:7]
    if not written:
        with pytest.raises(Invalid, match="has two decimals"):
            books.exports.export(month, "datev", grouped_by="day", by=ROOT)
        return
    line = books.exports.export(month, "datev", grouped_by="day", by=ROOT).content.split(b"\r\n")[2]
    assert line.split(b";")[0].decode() == written
