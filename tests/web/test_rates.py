"""The page of currency rates: the newest of each pair, their history, and none yet (S66)."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest

from giftweb import clock
from giftweb.domain import catalogue, desk
from giftweb.domain.catalogue.rates import NewRate
from tests.factories import ROOT

pytestmark = pytest.mark.proves("S66")


def test_the_newest_rate_of_each_pair_and_its_history(staff_client):
    today = clock.today()
    before = today - timedelta(days=1)
    catalogue.rates.set_rates(
        [
            NewRate(before, "EUR", "USD", "1.0837"),
            NewRate(today, "EUR", "USD", "1.0901"),
            NewRate(before, "EUR", "GBP", "0.84"),
        ],
        by=ROOT,
    )
    finance = staff_client("finance")
    page = finance.get("/staff/reports/rates").text
    assert "1.0901" in page
    assert "1.0837" not in page
    assert "0.84" in page
    assert "The newest rate is of" not in page
    history = finance.get("/staff/reports/rates/EUR-USD").text
    assert history.index("1.0901</td>") < history.index("1.0837</td>")
    assert 'class="chart"' in history
    assert finance.get("/staff/reports/rates/EUR-CHF").status_code == 404
    assert staff_client("marketing").get("/staff/reports/rates").status_code == 403


def test_an_old_rate_is_pointed_out(staff_client):
    old = clock.today() - timedelta(days=6)
    catalogue.rates.set_rates([NewRate(old, "EUR", "USD", "1.0837")], by=ROOT)
    assert "The newest rate is of" in staff_client("finance").get("/staff/reports/rates").text


def test_without_rates_the_page_says_how_to_get_some(staff_client):
    page = staff_client("root").get("/staff/reports/rates").text
    assert "No rates yet" in page
    assert "RATES_SOURCE is not set" in page


def upload(client, text: str):
    """The response to a file of rates."""
    file = (io.BytesIO(text.encode()), "rates.csv")
    return client.post("/staff/reports/rates/import", data={"file": file})


def confirmed(client, page: str):
    """The response to the button below what a file would do."""
    (rates,) = re.findall(r'name="rates" type="hidden" value="([^"]*)"', page)
    return client.post("/staff/reports/rates/import/store", data={"rates": unescape(rates)})


FILE = "date,base,quote,rate\n2026-11-02,EUR,USD,1.0837\n2026-11-03,EUR,USD,1.0901\n"


def test_a_file_is_stored_after_a_look_at_what_it_does(staff_client):
    finance = staff_client("finance")
    catalogue.rates.set_rates([NewRate(date(2026, 11, 2), "EUR", "USD", "1.08370")], by=ROOT)
    assert "Import rates" in finance.get("/staff/reports/rates").text
    assert finance.get("/staff/reports/rates/import").status_code == 200
    page = upload(finance, f"{FILE}2026-11-02,EUR,GBP,0.84\n").text
    assert "2 rates are new" in page
    assert "1 rate is stored already" in page
    assert [each.quote for each in catalogue.rates.pairs()] == ["USD"]
    done = confirmed(finance, page)
    assert done.status_code == 303
    assert "3 rates are stored." in finance.get(done.headers["Location"]).text
    assert catalogue.rates.rate("EUR", "USD") == "1.0901"
    again = upload(finance, FILE.replace("1.0901", "1.0902")).text
    assert "1 rate of a stored day changes" in again


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("2026-11-31,EUR,USD,1.08", "Row 4, date: Enter a date"),
        ("2026-11-04,EUR,EUR,1.08", "Row 4, quote: a rate is between two currencies"),
        ("2026-11-04,EUR,USD,-1", "Row 4, rate: Enter a decimal number above zero"),
        ("2026-11-02,EUR,USD,1.5", "Row 4, date: the same day and currencies"),
    ],
)
def test_each_bad_row_is_named_and_nothing_is_stored(staff_client, line, fault):
    answer = upload(staff_client("finance"), f"{FILE}{line}\n")
    assert answer.status_code == 422
    assert fault in answer.text
    assert catalogue.rates.pairs() == []


def test_what_is_no_file_of_rates_is_refused(staff_client):
    finance = staff_client("finance")
    none = finance.post("/staff/reports/rates/import", data={})
    assert none.status_code == 422
    assert "Choose a file first." in none.text
    assert upload(finance, "name,price\nx,1\n").status_code == 422
    lines = "".join(
        f"{date(2000, 1, 1) + timedelta(days=day)},EUR,USD,1.1\n" for day in range(5001)
    )
    many = upload(finance, f"date,base,quote,rate\n{lines}")
    assert "at most 5,000 rates" in many.text or "at most 5000 rates" in many.text
    assert finance.post("/staff/reports/rates/import/store", data={}).status_code == 422
    assert upload(staff_client("marketing"), FILE).status_code == 403


def test_a_missing_day_takes_the_rate_of_the_last_day_that_has_one(staff_client):
    """The 7th and 8th of November 2026 are a weekend."""
    new = [
        NewRate(date(2026, 11, day), "EUR", "USD", rate)
        for day, rate in ((5, "1.05"), (6, "1.06"), (9, "1.09"), (11, "1.11"))
    ]
    catalogue.rates.set_rates(new, by=ROOT)
    assert catalogue.rates.rate("EUR", "USD", on=date(2026, 11, 8)) == "1.06"
    with clock.moved(datetime(2026, 11, 11, 12, tzinfo=UTC) - clock.now()):
        page = staff_client("finance").get("/staff/reports/rates/EUR-USD").text
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.S)[1:]
    assert ["2026-11-06" in row and "7 Nov 2026 to 8 Nov 2026" in row for row in rows] == [
        *(False, False, True, False),
    ]
    assert "10 Nov 2026" in rows[1]


@pytest.mark.proves("X5", "X12")
def test_who_asked_for_rates_takes_the_request_back(staff_client):
    finance, root = staff_client("finance"), staff_client("root")
    catalogue.rates.set_rates([NewRate(date(2026, 11, 2), "EUR", "USD", "1.08370")], by=ROOT)
    confirmed(finance, upload(finance, "date,base,quote,rate\n2026-11-03,EUR,USD,108.37\n").text)
    (waiting,) = desk.approvals.waiting()
    assert "Take it back" in finance.get(f"/staff/approvals/{waiting.id}").text
    assert finance.post(f"/staff/approvals/{waiting.id}/refusal").status_code in (200, 303)
    assert desk.approvals.waiting() == []
    assert "108.37" not in root.get("/staff/reports/rates").text
