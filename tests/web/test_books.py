"""Months are closed at the desk, the journal is exported, accounts get their names (B30)."""

import re
from datetime import UTC, datetime

import pytest

from giftweb import clock
from giftweb.domain import books
from tests.factories import make_campaign, make_card

pytestmark = pytest.mark.proves("B30", "I42")


@pytest.fixture
def february():
    """A card was sold in January; it is February now."""
    make_campaign(currency="EUR", time_zone="Europe/Berlin")
    with clock.moved(datetime(2027, 1, 20, 12, tzinfo=UTC) - clock.now()):
        make_card("50.00 EUR", source="sales")
    with clock.moved(datetime(2027, 2, 3, 12, tzinfo=UTC) - clock.now()):
        yield


def test_a_month_is_closed_after_a_page_that_says_what_it_means(february, staff_client):
    finance = staff_client("finance")
    page = finance.get("/staff/reports/months").text
    assert "No month is closed yet" in page
    assert "Close January 2027" in page
    assert "its sums are sealed" in finance.get("/staff/reports/months/close").text
    assert books.closing.closed() == []
    done = finance.post("/staff/reports/months/close")
    assert done.status_code == 303
    page = finance.get(done.headers["Location"]).text
    assert "January 2027 is closed." in page
    assert finance.person.name in page
    assert "Close January" not in page
    assert "Close February" not in page
    nothing = finance.get("/staff/reports/months/close").text
    assert "No month is over that is not closed" in nothing
    assert finance.post("/staff/reports/months/close").status_code == 409


def test_files_are_taken_and_listed(february, staff_client):
    finance = staff_client("finance")
    for kind in ("journal", "ledger"):
        file = finance.get(f"/staff/reports/months/2027-01/{kind}.csv")
        assert file.status_code == 200
        assert b"2027-01-20" in file.data
    page = finance.get("/staff/reports/months").text
    assert "General ledger (CSV)" in page
    refused = finance.get("/staff/reports/months/2027-01/datev.csv")
    assert refused.status_code == 422
    assert "consultant and the client first" in refused.text
    for nonsense in ("2027-13/journal", "2027-1/journal", "x/journal", "2027-01/pdf"):
        assert finance.get(f"/staff/reports/months/{nonsense}.csv").status_code == 404
    assert finance.get("/staff/reports/months/2027-01/journal.csv?by=x").status_code == 404


def test_accounts_get_their_names(february, staff_client):
    finance = staff_client("finance")
    assert "What is owed on gift cards" in finance.get("/staff/reports/accounts").text
    wrong = finance.post("/staff/reports/accounts", data={"client": "abc", "first_month": "1"})
    assert wrong.status_code == 422
    assert "client&#39;s number of 1 to 5 digits" in wrong.text
    typed = {
        **{"gift_cards": "3250", "sales": "1200", "consultant": "29098", "client": "55003"},
        "first_month": "1",
    }
    assert finance.post("/staff/reports/accounts", data=typed).status_code == 303
    assert 'value="3250"' in finance.get("/staff/reports/accounts").text
    file = finance.get("/staff/reports/months/2027-01/datev.csv")
    assert "EXTF_Buchungsstapel-2027-01.csv" in file.headers["Content-Disposition"]
    assert b"1200;3250" in file.data


def test_only_finance_and_root_see_the_books(staff_client):
    for role, status in (("customer_service_admin", 403), ("marketing", 403), ("root", 200)):
        client = staff_client(role)
        for page in ("months", "months/close", "accounts"):
            assert client.get(f"/staff/reports/{page}").status_code == status, (role, page)
    assert books.exports.newest() == []


def test_a_file_has_a_row_a_day_or_a_row_a_transfer_and_the_list_says_which(february, staff_client):
    finance = staff_client("finance")
    page = finance.get("/staff/reports/months").text
    for by in books.entries.BY:
        (link,) = set(re.findall(rf'href="([^"]*2027-01/journal.csv[?]by={by})"', page))
        assert finance.get(link).status_code == 200
    assert [each.grouped_by for each in books.exports.newest()] == ["transfer", "day"]
    listed = finance.get("/staff/reports/months").text.partition("Files that were taken")[2]
    assert listed.index("by transfer") < listed.index("by day")
