"""Finance reads nine days of a shop in a browser: what is owed as of each of those days, what moved
it, the journal, and who owes whom, against the table written by hand (B10, B11, B19)."""

import re

import pytest
from playwright.sync_api import Page, expect

from giftweb.money import Money, money_text
from tests.browser.test_sign_in import sign_in
from tests.domain.reports.test_story import JOURNAL, MOVED, OWED, ZONE, day, tell
from tests.factories import make_campaign, make_staff

pytestmark = pytest.mark.proves("B10", "B11", "B19", "B30", "D25", "D29")

SOURCES = {"sales": "Sold", "goodwill": "Given", "promotions": "Given to promote sales"}


@pytest.fixture
def desk(page) -> Page:
    """The desk, opened by Finance; the story has happened."""
    issuer, acceptor = (make_campaign(name, time_zone=ZONE) for name in ("Issuer", "Acceptor"))
    tell(issuer.id, acceptor.id)
    sign_in(page, make_staff("finance"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    return page


def text_of(minor: int) -> str:
    return money_text(Money(minor, "USD"))


def rows_of(desk: Page) -> list[list[str]]:
    """The cells of the report's table, without its totals."""
    rows = desk.locator("#report tbody tr").all()
    return [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in rows]


def test_what_is_owed_is_right_to_the_cent_on_each_day(desk, check_axe):
    for number, owed in OWED.items():
        desk.goto(f"/staff/reports/liability?as_of={day(number)}")
        found = {row[2]: (row[3], row[4]) for row in rows_of(desk)}
        assert found == {
            SOURCES[source]: (str(cards), text_of(minor)) for source, (cards, minor) in owed.items()
        }, number
        total = text_of(sum(minor for _, minor in owed.values()))
        expect(desk.locator("#report tfoot")).to_contain_text(total)
    check_axe(desk)


def test_the_movements_tie_and_lead_to_their_transfers(desk, check_axe):
    desk.goto(f"/staff/reports/movements?from={day(4)}&until={day(4)}")
    spent = text_of(MOVED[4]["sales"]["redeemed"])
    (sold,) = [row for row in rows_of(desk) if row[1] == "Sold"]
    assert sold[2:] == ["$50.00", spent, "$20.00"]
    desk.get_by_role("link", name=spent).first.click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Transfers behind a figure")
    expect(desk.locator("#transfers tbody tr")).to_have_count(1)
    check_axe(desk)


def test_the_journals_debits_are_its_credits(desk):
    desk.goto(f"/staff/reports/journal?from={day(1)}&until={day(9)}")
    amounts = sorted(row[4] for row in rows_of(desk))
    assert amounts == sorted(text_of(minor) for *_, minor in JOURNAL)


def test_the_settlement_says_thirty_and_each_shop_gets_its_statement(desk, check_axe):
    desk.goto(f"/staff/reports/settlement?from={day(1)}&until={day(6)}")
    assert [row[1:] for row in rows_of(desk)] == [["Issuer", "Acceptor", "$30.00", "–", "$30.00"]]
    check_axe(desk)
    desk.locator(".statement-list").get_by_role("link", name="Acceptor").click()
    expect(desk.get_by_text("Issuer owes Acceptor $30.00.")).to_be_visible()
    check_axe(desk)
    href = desk.get_by_role("link", name="PDF to hand over").get_attribute("href")
    answer = desk.request.get(href)
    assert answer.headers["content-type"] == "application/pdf"
    assert re.search(r"from=\d{4}-\d\d-\d\d", href)


@pytest.mark.parametrize("name", ["bonuses", "campaigns", "life"])
def test_the_other_reports_are_readable_by_everybody(desk, check_axe, name):
    desk.goto(f"/staff/reports/{name}?from={day(1)}&until={day(9)}")
    expect(desk.locator("#report tbody tr").first).to_be_visible()
    check_axe(desk)
