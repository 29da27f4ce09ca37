"""People are merged and forgotten, and many cards are changed at once, from a browser."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import audit, cards, customers, orders, outbox
from tests import factories
from tests.browser.test_sign_in import sign_in
from tests.domain.privacy.test_erasure import ADDRESS, EMAIL, NAME, WORDS, places_of, sums
from tests.orders import gift_card_item, place

pytestmark = pytest.mark.proves("B29", "D18")


@pytest.fixture
def lead(page, site) -> Page:
    factories.no_limits("USD")
    sign_in(page, factories.make_staff("customer_service_admin"))
    return page


def open_menu(page: Page, action: str) -> None:
    page.locator("#customer-more").locator("..").get_by_role("button").first.click()
    page.get_by_role("link", name=action).click()


def exported(page: Page) -> list[list[str]]:
    """Every line of every list that the desk exports."""
    lines = []
    for name in (
        "gift-cards/gift-cards",
        "gift-cards/transfers",
        "orders/orders",
        "customers/customers",
    ):
        answer = page.request.get(f"/staff/{name}.csv")
        assert answer.ok, name
        lines += list(csv.reader(io.StringIO(answer.text())))
    return lines


def test_who_asks_to_be_forgotten_is_found_nowhere_and_every_sum_stays(lead, check_axe):
    person = customers.register(email=EMAIL, name=NAME, by=factories.AGENT)
    own = factories.make_card("30.00 USD", holder=EMAIL, holder_name=NAME, note=f"For {NAME}")
    cards.freeze(own.card.id, by=factories.AGENT, reason=f"{NAME} has lost it")
    cards.unfreeze(own.card.id, by=factories.AGENT)
    order = place(
        gift_card_item("20.00 USD", sender_name=NAME, sender_email=EMAIL, message=f"Love, {NAME}"),
        customer_email=EMAIL,
        customer_name=NAME,
        shipping_address=ADDRESS,
    )
    before, rows = sums(), len(exported(lead))
    assert all(places_of(word) for word in WORDS)
    lead.goto(f"/staff/customers/{person.id}")
    open_menu(lead, "Erase")
    panel = lead.locator("#panel")
    expect(panel).to_contain_text("This cannot be undone")
    check_axe(lead)
    panel.get_by_label("Reason").fill("Asked by letter")
    panel.get_by_role("button", name="Erase").click()
    expect(panel).to_contain_text("50.00 USD")
    panel.get_by_label("Also while gift cards hold money, or an order is not done").check()
    panel.get_by_role("button", name="Erase").click()
    expect(lead).to_have_url(re.compile(r"/staff/customers/$"))
    assert {word: found for word in WORDS if (found := places_of(word))} == {}
    assert outbox.mails.of_address(EMAIL) == []
    lines = exported(lead)
    assert [word for word in WORDS if any(word in cell for line in lines for cell in line)] == []
    assert len(lines) == rows
    assert sums() == before
    assert audit.checks.run() == []
    assert orders.find(order.id).total == order.total
    expect(lead.get_by_text(NAME)).to_have_count(0)


def test_two_records_of_one_person_are_merged_after_a_look(lead, check_axe):
    ann = customers.register(email="ann@example.com", name="Ann Smith", by=factories.AGENT)
    customers.register(email="ann.old@example.com", name="Ann Old", by=factories.AGENT)
    card = factories.make_card("30.00 USD", holder="ann.old@example.com").card
    lead.goto(f"/staff/customers/{ann.id}")
    open_menu(lead, "Merge with another")
    panel = lead.locator("#panel")
    panel.get_by_label("Email of the other record").fill("ann.old@example.com")
    panel.get_by_label("Reason").fill("The same person")
    panel.get_by_role("button", name="Continue").click()
    expect(panel).to_contain_text("1 gift card goes to ann@example.com.")
    expect(panel).to_contain_text("$30.00")
    check_axe(lead)
    panel.get_by_role("button", name="Merge").click()
    expect(lead.locator("#gift-cards")).to_contain_text(card.last4)
    assert cards.find(card.id).holder_email == "ann@example.com"


def test_chosen_cards_are_frozen_after_a_check_in_numbers_and_exported(lead, check_axe):
    found = [factories.make_card("10.00 USD").card for _ in range(3)]
    lead.goto("/staff/gift-cards/")
    for card in found[:2]:
        lead.locator(f'input[name="card"][value="{card.id}"]').check()
    expect(lead.get_by_text("2 chosen")).to_be_visible()
    with lead.expect_download() as taken:
        lead.get_by_role("button", name="Export as CSV").click()
    text = taken.value.path().read_text()
    assert [card.id in text for card in found] == [True, True, False]
    lead.locator("#cards-chosen").get_by_role("button", name="Freeze").click()
    expect(lead.get_by_text("$20.00")).to_be_visible()
    check_axe(lead)
    lead.get_by_label("Reason").fill("A stolen parcel")
    lead.get_by_role("button", name="Freeze gift cards").click()
    expect(lead.get_by_text("Done with 2 gift cards.")).to_be_visible()
    assert [cards.find(card.id).status for card in found] == ["frozen", "frozen", "active"]
    lead.get_by_role("button", name="Undo").click()
    expect(lead.get_by_text("Taken back from 2 gift cards.")).to_be_visible()
    assert [cards.find(card.id).status for card in found] == ["active"] * 3
