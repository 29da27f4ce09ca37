"""Money that has not come, successors and corrected addresses: the stories, at the desk and over
the API."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

import app as application
from giftweb import clock, database, models
from giftweb.domain import cards
from tests.browser.test_order_desk import at_order, heading
from tests.browser.test_sign_in import sign_in
from tests.browser.waiting import opened_panel
from tests.factories import AGENT, goods, make_campaign, make_card, make_staff
from tests.orders import balance, gift_card_item, now, place, sheet

pytestmark = pytest.mark.engines("sqlite", "postgresql")

PEOPLE = ("lena@example.com", "max@example.com", "rita@example.com")


@pytest.fixture
def campaign():
    """Orders are cancelled by themselves when they are not paid within a week."""
    return make_campaign(payment_days=7)


def presents(campaign, *more, **how):
    """An order of three gift cards for three people, of which nothing but cards has paid."""
    items = [gift_card_item("50.00 USD", recipient_email=email) for email in PEOPLE]
    tender = {"method": "bank_transfer", "state": "pending", "paid_as": "W-1"}
    return place(*items, *more, shipping="0.00 USD", campaign_id=campaign.id, **tender, **how)


def over_the_api(api, order) -> dict:
    return api(order.campaign_id).get(f"/orders/{order.id}").json


def mailed_codes(mailbox) -> list[str]:
    return sorted(mail.to for mail in mailbox.all() if mail.kind == "cards_purchased")


@pytest.mark.proves("D21", "E1", "I34")
def test_three_gift_cards_by_transfer_exist_and_are_mailed_once_it_is_received(
    page, campaign, api, mailbox
):
    order = presents(campaign)
    at_order(page, order, "finance")
    waiting = page.locator("#items").get_by_text("Waiting for payment")
    expect(waiting).to_have_count(3)
    assert models.GiftCard.select().count() == 0
    seen = over_the_api(api, order)
    assert (seen["payment_status"], seen["purchased_gift_cards"]) == ("awaited", [])
    page.get_by_role("link", name="Payment received").click()
    opened_panel(page).get_by_label("Reference").press("Enter")
    expect(page.get_by_text("Bought in this order")).to_be_visible()
    expect(waiting).to_have_count(0)
    assert mailed_codes(mailbox) == [*PEOPLE]
    seen = over_the_api(api, order)
    assert (seen["payment_status"], len(seen["purchased_gift_cards"])) == ("paid", 3)


@pytest.mark.proves("D21", "E1", "I34")
def test_what_is_not_received_gives_the_card_that_paid_a_part_its_money_back(
    page, campaign, api, mailbox
):
    card, other = make_card("30.00 USD"), make_card("30.00 USD").card
    order = presents(campaign, goods("91.00 USD"), cards=[card])
    at_order(page, order, "finance")
    page.get_by_role("link", name="Not received").click()
    panel = opened_panel(page)
    panel.get_by_label("Reason").fill("Never came")
    panel.get_by_role("button", name="Not received").click()
    expect(heading(page)).to_contain_text("Cancelled")
    assert (balance(card.card), balance(other)) == ("30.00 USD", "30.00 USD")
    assert mailed_codes(mailbox) == []
    assert mailbox.kinds().count("order_cancelled") == 1
    seen = over_the_api(api, order)
    assert (seen["status"], seen["payment_status"]) == ("cancelled", "cancelled")
    assert models.GiftCard.select().count() == 2


@pytest.mark.proves("D21", "E1", "I34")
def test_what_has_not_come_in_time_is_given_up_by_the_worker(page, config, campaign, api, mailbox):
    card = make_card("30.00 USD")
    order = presents(campaign, goods("91.00 USD"), cards=[card])
    with clock.moved(timedelta(days=9)):
        worker = application.create_app(config).test_cli_runner()
        assert worker.invoke(args=["worker", "--once"]).exit_code == 0
    at_order(page, order)
    expect(heading(page)).to_contain_text("Cancelled")
    assert balance(card.card) == "30.00 USD"
    assert mailbox.kinds().count("order_cancelled") == 1
    assert mailed_codes(mailbox) == []
    assert over_the_api(api, order)["payment_status"] == "cancelled"


@pytest.mark.proves("D23", "I39", "E7")
def test_a_frozen_card_that_is_replaced_stays_frozen(page, api):
    campaign = make_campaign()
    card = make_card("50.00 USD", campaign_id=campaign.id).card
    cards.freeze(card.id, by=AGENT)
    at_card(page, card, "customer_service_admin")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Replace", exact=True).click()
    panel = opened_panel(page)
    panel.get_by_label("Reason").fill("Lost")
    panel.get_by_role("button", name="Replace").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".page-head").get_by_text("Frozen")).to_be_visible()
    successor = cards.current_replacement(cards.find(card.id))
    assert (successor.id != card.id, successor.status) == (True, "frozen")
    shop = api(campaign.id)
    again = shop.post(f"/gift-cards/{successor.id}/replacement").json
    assert (again["status"], again["balance"]) == ("frozen", 5000)


@pytest.mark.proves("D24", "E2", "I37")
def test_a_discounted_card_that_is_withdrawn_gives_its_share_and_leaves_the_other(page, api):
    item = gift_card_item("50.00 USD", quantity=2)
    order = place(item, shipping="0.00 USD", discount_minor=5000)
    gone, kept = sheet(order).purchased
    at_order(page, order, "customer_service_admin")
    page.locator("#cards li").filter(has_text=gone.last4).get_by_role(
        "link", name="Delete", exact=True
    ).click()
    panel = opened_panel(page)
    expect(panel).to_contain_text("$25.00")
    panel.get_by_label("Reason").fill("One too many")
    panel.get_by_role("button", name="Delete the card").click()
    expect(page.locator("#notes")).to_contain_text("deleted")
    assert (now(gone).status, now(kept).status) == ("cancelled", "active")
    seen = over_the_api(api, order)
    assert [paid["refunded"] for paid in seen["payments"]] == [2500]
    assert (seen["status"], seen["payment_status"]) == ("placed", "partly_refunded")


@pytest.mark.proves("D26", "E17")
def test_the_waiting_mail_of_a_corrected_address_goes_to_the_new_one_alone(page, api, mailbox):
    campaign = make_campaign()
    card = make_card(holder="ann@example.com", campaign_id=campaign.id).card
    at_card(page, card, "customer_service_admin")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Correct address").click()
    panel = opened_panel(page)
    panel.get_by_label("Email").fill("Anne@Example.com")
    panel.get_by_label("Reason").fill("Misheard")
    panel.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("anne@example.com")
    assert with_codes(card) == [("anne@example.com", "card_issued")]
    shop = api(campaign.id)
    changed = {"holder": {"email": "ANNA@example.com"}}
    assert shop.patch(f"/gift-cards/{card.id}", changed).status_code == 200
    assert with_codes(card) == [("anna@example.com", "card_issued")]


def at_card(page: Page, card, role: str) -> None:
    sign_in(page, make_staff(role))
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    page.goto(f"/staff/gift-cards/{card.id}")


def with_codes(card) -> list[tuple[str, str]]:
    """(address, kind) of the mails with the card's code."""
    return database.rows(
        "SELECT to_email, kind FROM mail WHERE card_id = ? AND kind <> 'holder_changed'", card.id
    )
