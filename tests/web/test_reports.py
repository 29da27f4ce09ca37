"""What the company owes (I33, B11)."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import cards, ledger
from tests.factories import ADMIN, amount_of, make_card

pytestmark = pytest.mark.proves("I33", "B11")


def test_the_report_is_the_sum_of_live_balances_by_source():
    make_card("50.00 USD")
    make_card("20.00 USD", source="sales", origin="purchase")
    make_card("99.00 USD", is_test=True)
    make_card("5.00 EUR")
    found = {each.currency: each for each in ledger.liability.liability()}
    assert str(found["USD"].total) == "70.00 USD"
    assert [(owed.source, str(owed.amount)) for owed in found["USD"].by_source] == [
        ("goodwill", "50.00 USD"),
        ("sales", "20.00 USD"),
    ]
    assert str(found["EUR"].total) == "5.00 EUR"


def test_any_past_day_is_as_it_was():
    with clock.moved(-timedelta(days=10)):
        card = make_card("50.00 USD").card
    cards.adjust(card.id, change=-amount_of("30.00 USD"), reason="x", by=ADMIN)
    past = clock.today() - timedelta(days=5)
    assert str(ledger.liability.liability(on=past)[0].total) == "50.00 USD"
    assert str(ledger.liability.liability()[0].total) == "20.00 USD"
    assert ledger.liability.liability(on=clock.today() - timedelta(days=30)) == []


def test_finance_reads_it_and_takes_it_away(staff_client):
    make_card("50.00 USD")
    finance = staff_client("finance")
    assert "$50.00" in finance.get("/staff/reports/").text
    answer = finance.get("/staff/reports/liability.csv")
    assert '"goodwill","50.00","1"' in answer.text
    assert finance.get("/staff/reports/?on=nonsense").status_code == 200
    assert staff_client("marketing").get("/staff/reports/").status_code == 403
