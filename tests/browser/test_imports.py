"""A file of 5,000 cards of another shop, moved in from a browser: mended, imported, spendable."""

import random

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import cards, imports
from tests import factories
from tests.browser.server import enter

HEAD = (
    "Code,Id,Last Characters,Customer Name,Email,Order Name,Created At,Expires On,"
    "Initial Balance,Current Balance,Currency,Expired?,Enabled?,Disabled At"
)
COUNT = 5000


def shopify(*extra: str) -> bytes:
    drawn = random.Random(7)
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    rows = []
    for number in range(COUNT):
        code = "".join(drawn.choices(letters, k=16))
        who = f"Ann {number},ann{number}@example.com"
        rows.append(
            f"{code},{number},{code[-4:]},{who},#{number},2024-01-01,,50.00,10.01,USD,false,true,"
        )
    return "\r\n".join([HEAD, *rows, *extra]).encode()


BAD = (
    "SHORT,1,HORT,,,,,,50.00,10.00,USD,false,true,",
    "GOODCODE12345678,2,5678,,,,,,50.00,ten,USD,false,true,",
    "GOODCODE87654321,3,4321,,nobody,,,,50.00,10.00,USD,false,true,",
)


@pytest.fixture
def lead(page, site) -> Page:
    factories.no_limits("USD")
    enter(page, factories.make_staff("customer_service_admin"))
    return page


def send(page: Page, content: bytes) -> None:
    page.goto("/staff/imports/")
    file = {"name": "gift_cards_export.csv", "mimeType": "text/csv", "buffer": content}
    page.get_by_label("CSV or XLSX file").set_input_files(files=[file])
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("It looks like a file of Shopify.")).to_be_visible(timeout=30_000)


@pytest.mark.proves("B8", "B17")
def test_a_shop_moves_in_with_the_file_that_its_old_system_wrote(lead, check_axe):
    send(lead, shopify(*BAD))
    check_axe(lead)
    lead.get_by_role("button", name="Check the file").click()
    expect(lead.get_by_text("It waits for the worker.")).to_be_visible()
    imports.work.next_file()
    expect(lead.get_by_text("3 cells cannot be used")).to_be_visible(timeout=30_000)
    for row in (COUNT + 2, COUNT + 3, COUNT + 4):
        expect(lead.get_by_role("rowheader", name=str(row), exact=True)).to_be_visible()

    send(lead, shopify())
    lead.get_by_role("button", name="Check the file").click()
    imports.work.next_file()
    start = lead.get_by_role("button", name="Import 5,000 gift cards")
    expect(start).to_be_visible(timeout=30_000)
    expect(lead.get_by_text("$50,050.00")).to_be_visible()
    check_axe(lead)
    start.click()
    imports.work.next_file()
    expect(lead.get_by_role("heading", name="Imported")).to_be_visible(timeout=30_000)
    check_axe(lead)

    first = shopify().decode().splitlines()[1].split(",")[0]
    assert str(cards.find_by_code(first).balance) == "10.01 USD"
    assert sum(card.balance_minor for card in cards.select()) == COUNT * 1001
