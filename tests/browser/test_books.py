"""Finance in a browser: a month is closed, a correction goes into today's books, the files are
there (B30)."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from giftweb import clock, days
from giftweb.domain import audit, books, cards
from tests.browser.server import enter
from tests.factories import ADMIN, amount_of, make_campaign, make_card, make_staff

pytestmark = pytest.mark.proves("B11", "B30", "I42")


@pytest.fixture
def card():
    """A card of 50.00 that was sold in the middle of the month before this one."""
    campaign = make_campaign(time_zone="Europe/Berlin")
    first = days.today("Europe/Berlin").replace(day=1)
    before = days.later(first, -10)
    there = datetime(before.year, before.month, before.day, 12, tzinfo=UTC)
    with clock.moved(there - clock.now()):
        return make_card("50.00 USD", source="sales", campaign_id=campaign.id).card


@pytest.fixture
def desk(page) -> Page:
    """The desk, opened by Finance."""
    enter(page, make_staff("finance"))
    page.goto("/staff/")
    return page


def test_a_month_is_closed_and_stays_as_it_was(desk, card, check_axe):
    desk.get_by_role("link", name="Reports").first.click()
    desk.get_by_role("link", name="Months and files for the accountant").click()
    check_axe(desk)
    desk.get_by_role("link", name=re.compile(r"^Close \w+ 20")).click()
    expect(desk.get_by_text("its sums are sealed")).to_be_visible()
    check_axe(desk)
    desk.get_by_role("button", name=re.compile(r"^Close \w+ 20")).click()
    expect(desk.get_by_text("is closed.")).to_be_visible()
    (closed,) = books.closing.closed()
    cards.adjust(card.id, change=-amount_of("5.00 USD"), reason="too much", by=ADMIN)
    desk.get_by_role("link", name=days.month_text(closed.month), exact=True).click()
    expect(desk.get_by_role("cell", name="$50.00").first).to_be_visible()
    expect(desk.get_by_role("cell", name="Adjusted")).to_have_count(0)
    assert books.closing.closed() == [closed]
    assert audit.checks.run() == []


def test_the_journal_of_the_month_is_downloaded(desk, card, check_axe):
    desk.goto("/staff/reports/months")
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Journal").last.click()
    assert download.value.suggested_filename.startswith("journal-")
    desk.reload()
    expect(desk.get_by_text("Journal (CSV)")).to_be_visible()
    check_axe(desk)
    desk.get_by_role("link", name="Accounts").click()
    check_axe(desk)
    desk.get_by_label("Client's number").fill("abc")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("alert")).to_contain_text("1 to 5 digits")
    check_axe(desk)


def test_the_page_of_the_books_says_that_they_balance(desk, card, check_axe):
    audit.runs.run("full")
    desk.goto("/staff/audit")
    desk.get_by_role("link", name="Do the books balance?").click()
    expect(desk.get_by_text("The books balance")).to_be_visible()
    check_axe(desk)
    desk.goto("/staff/reports/breakage")
    desk.get_by_text("How much is expected to stay, and why").click()
    expect(desk.get_by_text("Rate = (left + expired)")).to_be_visible()
    check_axe(desk)
