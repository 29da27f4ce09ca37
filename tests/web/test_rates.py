"""The page of currency rates: the newest of each pair, their history, and none yet (S66)."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import catalogue
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
