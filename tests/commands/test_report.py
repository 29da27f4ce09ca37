"""`flask report`: the document of docs/reports.md, and the same as CSV and XLSX."""

import io
import json

import pytest
from python_calamine import CalamineWorkbook

from giftweb import days
from giftweb.domain import reports
from tests.factories import goods, make_campaign, make_card
from tests.orders import place

pytestmark = pytest.mark.proves("B10", "B11", "B19", "B30", "D29")

COLUMNS = {
    "liability": {"currency", "campaign_id", "source", "cards", "amount"},
    "ageing": {"currency", "campaign_id", "source", "age", "cards", "amount"},
    "movements": {
        *("currency", "campaign_id", "source", "opening", "issued", "recharged", "redeemed"),
        *("refunded", "cancelled", "clawed_back", "expired", "adjusted", "cashed_out", "closing"),
    },
    "breakage": {"currency", "cohort", "issued", "redeemed", "expired", "left", "expected"},
    "bonuses": {
        *("currency", "campaign_id", "issued", "withdrawn", "expired", "cost", "left"),
        *("orders", "sales", "brought"),
    },
    "campaigns": {
        *("currency", "campaign_id", "cards", "sold", "given", "bonus"),
        *("redeemed", "accepted", "left"),
    },
    "life": {"currency", "cohort", "cards", "ended", "days_to_end", "used", "days_to_use"},
    "settlement": {
        *("currency", "issuer_campaign_id", "acceptor_campaign_id"),
        *("redeemed", "refunded", "owed"),
    },
    "journal": {
        *("number", "at", "debit", "credit", "amount", "currency"),
        *("transaction_id", "order_reference"),
    },
}
OF_A_DAY = ("liability", "ageing", "breakage", "life")


@pytest.fixture
def flask(app):
    """Run the command."""
    return lambda *arguments: app.test_cli_runner().invoke(args=["report", *arguments])


@pytest.fixture
def shop():
    """A card of 50.00 of one campaign, of which another took 30.00."""
    issuer = make_campaign("Issuer", time_zone="America/New_York")
    acceptor = make_campaign("Acceptor", time_zone="America/New_York")
    card = make_card("50.00 USD", source="sales", campaign_id=issuer.id)
    place(goods("30.00 USD"), cards=[card], campaign_id=acceptor.id, reference="R-1")
    bonus = make_card("4.00 USD", source="promotions", campaign_id=acceptor.id)
    place(goods("4.00 USD"), cards=[bonus], campaign_id=acceptor.id, shipping="0.00 USD")
    make_card("7.00 USD")
    return issuer, acceptor


@pytest.mark.parametrize("name", reports.NAMES)
def test_the_document_is_as_described(flask, shop, name):
    ran = flask(name)
    assert ran.exit_code == 0
    found = json.loads(ran.stdout)
    today = days.today("America/New_York").isoformat()
    when = {"as_of"} if name in OF_A_DAY else {"from", "to"}
    assert set(found) == {"report", "time_zone", "rows", "totals", *when}
    assert found["report"] == name
    assert found["time_zone"] == "America/New_York"
    assert found["as_of" if name in OF_A_DAY else "to"] == today
    assert found["rows"]
    for row in found["rows"]:
        assert set(row) == COLUMNS[name]
    assert [total["currency"] for total in found["totals"]] == ["USD"]


def test_figures_are_minor_units_and_a_card_of_no_campaign_has_null(flask, shop):
    issuer, acceptor = shop
    assert json.loads(flask("liability").stdout)["rows"] == [
        {
            "currency": "USD",
            "campaign_id": None,
            "source": "goodwill",
            "cards": 1,
            "amount": 7_00,
        },
        {
            "currency": "USD",
            "campaign_id": issuer.id,
            "source": "sales",
            "cards": 1,
            "amount": 20_00,
        },
    ]
    assert json.loads(flask("settlement").stdout)["rows"] == [
        {
            "currency": "USD",
            "issuer_campaign_id": issuer.id,
            "acceptor_campaign_id": acceptor.id,
            "redeemed": 30_00,
            "refunded": 0,
            "owed": 30_00,
        }
    ]


def test_rows_are_told_apart_by_what_is_wanted(flask, shop):
    issuer, _ = shop
    by_source = json.loads(flask("liability", "--by", "source").stdout)["rows"]
    assert by_source == [
        {"currency": "USD", "source": "goodwill", "cards": 1, "amount": 7_00},
        {"currency": "USD", "source": "sales", "cards": 1, "amount": 20_00},
    ]
    by_campaign = json.loads(flask("liability", "--by", "campaign").stdout)["rows"]
    assert [row["campaign_id"] for row in by_campaign] == [None, issuer.id]
    (only,) = json.loads(flask("liability", "--campaign", issuer.id).stdout)["rows"]
    assert only["amount"] == 20_00


def test_the_files_hold_the_same(flask, shop):
    issuer, _ = shop
    lines = flask("liability", "--format", "csv").stdout.splitlines()
    assert lines[0].lstrip("\ufeff") == '"currency","campaign_id","source","cards","amount"'
    assert lines[2] == f'"USD","{issuer.id}","sales","1","20.00"'
    workbook = CalamineWorkbook.from_filelike(
        io.BytesIO(flask("liability", "--format", "xlsx").stdout_bytes)
    )
    rows = workbook.get_sheet_by_name("liability").to_python()
    assert rows[2] == ["USD", issuer.id, "sales", 1, 20]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (("--campaign", "cmp_none"), "There is no campaign cmp_none."),
        (("--by", "colour"), "source and campaign, not colour"),
        (("--from", "2027-02-01", "--to", "2027-01-31"), "ends before it begins"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(flask, asked, problem):
    ran = flask("movements", *asked)
    assert ran.exit_code == 1
    assert problem in ran.stderr
