"""The stories of customer service, in a browser: refunds, cards on an order, campaigns."""

import re

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import cards, carts, checkout, refunds
from giftweb.domain.audit.log import SYSTEM
from tests.browser.server import enter
from tests.browser.waiting import opened_panel, redrawn
from tests.factories import (
    AGENT,
    amount_of,
    goods,
    make_campaign,
    make_card,
    make_checkout,
    make_staff,
)
from tests.orders import balance, gift_card_item, notes_of, now, paid_by, place, provider, sheet


def at_order(page: Page, order, role: str = "customer_service") -> None:
    """Signed in, at the order's page."""
    enter(page, make_staff(role))
    page.goto(f"/staff/orders/{order.number}")


def mixed(**more):
    """An order of 100.00, of which a gift card paid 40.00."""
    card = make_card("40.00 USD")
    return card.card, place(cards=[card], **more)


def refund(page: Page, name: str, amount: str | None = None) -> None:
    """**Refund** one transaction, in both steps."""
    row = page.locator("#payments > ul > li").filter(has_text=name)
    row.get_by_role("link", name="Refund", exact=True).click()
    panel = opened_panel(page)
    if amount:
        panel.get_by_label("Amount").fill(amount)
    panel.get_by_label("Reason").fill("Broken")
    panel.get_by_role("button", name="Continue").click()
    panel.locator("#refund-check").get_by_role("button", name="Refund").click()


def heading(page: Page):
    return page.locator("main .page-head")


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("S41", "S46", "S47", "S48", "S49", "S50", "S51")
def test_each_transaction_is_refunded_in_place_until_shipping_is_denied(page, check_axe):
    card, order = mixed()
    at_order(page, order)
    expect(page.locator(".money-big-amount")).to_have_text("$100.00")
    check_axe(page)
    address = page.url
    refund(page, "Gift card")
    expect(page.get_by_text("$40.00 went back to gift card")).to_be_visible()
    assert balance(card) == "40.00 USD"
    refund(page, "Visa 4242")
    expect(heading(page)).to_contain_text("Shipping Denied")
    expect(page.locator("#notes")).to_contain_text("the fulfilment was cancelled")
    assert page.url == address
    assert sheet(order).order.fulfilment == "cancelled"
    page.get_by_role("link", name="View Details").first.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("Transaction Details")
    expect(panel).to_contain_text("Captured")
    check_axe(page)


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("S47", "I18")
def test_everything_is_refunded_and_pressing_again_finishes_it(page):
    with provider("unknown"):
        card, order = mixed(gateway="stripe", method="stripe")
        at_order(page, order)
        for number in range(2):
            page.get_by_role("link", name="Refund everything").click()
            panel = opened_panel(page)
            if number == 0:
                expect(panel).to_contain_text(f"$40.00 goes back to card •••• {card.last4}.")
                expect(panel).to_contain_text("$60.00 goes back to Visa 4242.")
            panel.get_by_label("Reason").fill("Broken")
            panel.get_by_role("button", name="Refund everything").click()
            if number == 0:
                expect(page.locator("main")).to_contain_text("has not answered: the line is dead")
                assert balance(card) == "40.00 USD"
        expect(heading(page)).to_contain_text("Shipping Denied")
    assert balance(card) == "40.00 USD"
    assert str(sheet(order).refunded) == "100.00 USD"


@pytest.mark.proves("S46", "I9")
def test_an_amount_that_cannot_be_is_reported_on_its_field(page):
    card = make_card("10.00 USD")
    order = place(goods("10.00 USD"), shipping="0.00 USD", cards=[card])
    at_order(page, order)
    page.locator("#payments").get_by_role("link", name="Refund", exact=True).click()
    panel = opened_panel(page)
    panel.get_by_label("Reason").fill("Broken")
    for typed in ("10.01", "-1", "1e3", "ten", "10.005"):
        panel.get_by_label("Amount").fill(typed)
        with redrawn(panel.locator("form.form")):
            panel.get_by_role("button", name="Continue").click()
        expect(panel.locator("#amount")).to_have_attribute("aria-invalid", "true")
        expect(panel.locator("#amount")).to_have_value(typed)
    assert balance(card.card) == "0.00 USD"


def overdrawn():
    """An order of 50.00 with 35.00 refunded."""
    order = place(goods("50.00 USD"), shipping="0.00 USD")
    part = amount_of("35.00 USD")
    refunds.refund(paid_by(order, "credit_card").id, amount=part, by=AGENT)
    return order


def issue(page: Page, amount: str):
    page.get_by_role("button", name="Issue New Gift Card").click()
    panel = opened_panel(page)
    panel.get_by_label("Amount").press_sequentially(amount)
    panel.get_by_label("Reason").fill("Late parcel")
    return panel


@pytest.mark.proves("S1", "S2", "S3", "S5", "S7", "S8")
def test_an_agent_is_stopped_at_the_orders_total(page):
    order = overdrawn()
    at_order(page, order)
    panel = issue(page, "20.00")
    expect(panel.locator("#arithmetic")).to_contain_text("-$5.00")
    panel.get_by_role("button", name="Send").click()
    expect(panel.locator(".error-summary")).to_contain_text("Contact the manager")
    assert sheet(order).issued == ()
    opened_panel(page)
    panel.get_by_label("Amount").fill("15.00")
    panel.get_by_role("button", name="Send").click()
    expect(page.locator("#cards")).to_contain_text("$15.00")
    expect(page.locator("#notes")).to_contain_text("of $15.00 was issued by")


@pytest.mark.proves("S6", "I23")
def test_an_admin_is_warned_cancels_and_then_proceeds(page, check_axe):
    order = overdrawn()
    at_order(page, order, "customer_service_admin")
    panel = issue(page, "20.00")
    panel.get_by_role("button", name="Send").click()
    expect(panel).to_contain_text("Refunds plus gift cards would exceed the order's total by $5.00")
    check_axe(page)
    panel.get_by_role("link", name="Cancel").click()
    expect(panel).to_be_hidden()
    assert sheet(order).issued == ()
    panel = issue(page, "20.00")
    panel.get_by_role("button", name="Send").click()
    panel.get_by_role("button", name="Proceed").click()
    expect(page.locator("#cards")).to_contain_text("$20.00")
    assert "issued by Customer Service Admin" in notes_of(order)


@pytest.mark.proves("S44", "S45", "D5")
def test_a_used_card_cannot_be_deleted_but_frozen_and_that_undone(page):
    order = place(goods("50.00 USD"), gift_card_item("30.00 USD"), shipping="0.00 USD")
    (bought,) = sheet(order).purchased
    opened = make_checkout(goods("10.00 USD"), shipping="0.00 USD")
    carts.apply(opened.id, code=cards.holder.open_code(bought.id))
    checkout.capture(opened.id, tenders=[], by=SYSTEM)
    at_order(page, order)
    expect(page.locator("#cards").get_by_role("link", name="Delete")).to_have_count(0)
    page.locator("#cards").get_by_role("link", name="Freeze").click()
    panel = opened_panel(page)
    panel.get_by_label("Reason").fill("Looks stolen")
    panel.get_by_role("button", name="Freeze").click()
    expect(page.locator("#cards")).to_contain_text("Frozen")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#cards")).to_contain_text("Active")
    assert now(bought).status == "active"


@pytest.mark.proves("S73")
def test_the_bought_cards_of_a_refunded_order_are_withdrawn_and_the_rest_is_on_the_work_list(page):
    order = place(gift_card_item("50.00 USD", quantity=2), shipping="0.00 USD")
    unused, used = sheet(order).purchased
    opened = make_checkout(goods("20.00 USD"), shipping="0.00 USD")
    carts.apply(opened.id, code=cards.holder.open_code(used.id))
    checkout.capture(opened.id, tenders=[], by=SYSTEM)
    at_order(page, order)
    page.get_by_role("link", name="Refund everything").click()
    panel = opened_panel(page)
    expect(panel).to_contain_text(f"•••• {used.last4}, bought here, is frozen: $20.00 of it")
    panel.get_by_label("Reason").fill("Changed their mind")
    panel.get_by_role("button", name="Refund everything").click()
    expect(heading(page)).to_contain_text("Cancelled")
    assert (now(unused).status, now(used).status) == ("cancelled", "frozen")
    page.goto("/staff/")
    shortfalls = page.get_by_role("region", name="Shortfalls")
    expect(shortfalls).to_contain_text("$20.00")
    shortfalls.get_by_role("button", name=re.compile("More actions: Shortfalls")).click()
    shortfalls.get_by_role("button", name="Mark as seen").click()
    expect(shortfalls).to_be_hidden()


@pytest.mark.proves("S5")
def test_notes_keys_and_shipping_stay_on_the_page(page):
    _, order = mixed()
    at_order(page, order)
    page.keyboard.press("w")
    expect(page.get_by_label("New note")).to_be_focused()
    page.keyboard.type("Called twice")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#notes ol")).to_contain_text("Called twice")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notes ol")).not_to_contain_text("Called twice")
    page.locator("h1").click()
    page.keyboard.press("s")
    panel = opened_panel(page)
    panel.get_by_label("Tracking number").fill("1Z999")
    panel.get_by_role("button", name="Mark shipped").click()
    expect(page.locator("#fulfilment")).to_contain_text("1Z999")
    assert sheet(order).order.fulfilment == "shipped"


@pytest.mark.proves("S46", "S47")
def test_without_script_every_step_is_a_page(plain_page):
    card, order = mixed()
    at_order(plain_page, order)
    plain_page.locator("#payments").get_by_role("link", name="Refund", exact=True).first.click()
    plain_page.get_by_label("Reason").fill("Broken")
    plain_page.get_by_role("button", name="Continue").click()
    plain_page.get_by_role("button", name="Refund $40.00").click()
    expect(plain_page.locator("main")).to_contain_text("$40.00 went back to gift card")
    assert balance(card) == "40.00 USD"
    plain_page.get_by_role("button", name="Issue New Gift Card").click()
    plain_page.get_by_label("Amount").fill("5.00")
    plain_page.get_by_label("Reason").fill("Sorry")
    plain_page.get_by_role("button", name="Send").click()
    expect(plain_page.locator("#cards")).to_contain_text("$5.00")


def has_focus(page: Page, selector: str) -> None:
    expect(page.locator(f"{selector}:focus")).to_have_count(1)


@pytest.mark.proves("B17")
def test_the_focus_is_never_lost_when_a_part_is_drawn_again(page):
    _, order = mixed()
    at_order(page, order)
    place_of = page.locator("#payments > ul > li").last
    place_of.get_by_role("link", name="Refund", exact=True).press("Enter")
    opened_panel(page)
    has_focus(page, "#amount")
    page.keyboard.type("60.00")  # in place of what was proposed
    page.keyboard.press("Tab")
    page.keyboard.type("Broken")
    page.keyboard.press("Enter")
    has_focus(page, "#refund-check h2")
    opened_panel(page)
    page.get_by_role("button", name="Refund $60.00").press("Enter")
    expect(place_of).to_contain_text("Refunded")
    has_focus(page, "#payments > ul > li:last-child")
    page.keyboard.press("w")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#notes")).to_contain_text("Write a note.")
    has_focus(page, "#text")
    page.keyboard.type("Called twice")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#notes ol")).to_contain_text("Called twice")
    has_focus(page, "#notes button")


# Campaigns


@pytest.mark.proves("S29", "S30", "S31", "S32", "S33", "S34")
def test_a_campaign_gives_a_bonus_and_its_example_follows_what_is_typed(page, check_axe):
    enter(page, make_staff("root"))
    page.goto("/staff/")
    page.get_by_role("navigation", name="Main", exact=True).get_by_role(
        "link", name="Settings"
    ).click()
    page.get_by_role("link", name="+ Create a new").first.click()
    page.wait_for_load_state()
    page.get_by_label("Name", exact=True).fill("Winter")
    page.get_by_text("Issue After Sales", exact=True).click()
    page.get_by_label("Relative Percentage").press_sequentially("10")
    expect(page.locator("#example")).to_contain_text("10% of $180.00 = $18.00")
    check_axe(page)
    page.locator("#absolute_amount").press_sequentially("25")
    page.locator(".toggle-label").filter(has_text="Absolute Amount").click()
    expect(page.locator("#example")).to_contain_text("the absolute amount wins")
    page.locator(".toggle-label").filter(has_text="Absolute Amount").click()
    expect(page.locator("#example")).to_contain_text("$18.00")
    page.get_by_label("Currency").select_option("EUR")
    expect(page.locator("#example")).to_contain_text("€18.00")
    page.get_by_label("Currency").select_option("USD")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    campaign_id = page.url.rpartition("/")[2]
    order = place(goods("180.00 USD"), shipping="0.00 USD", campaign_id=campaign_id)
    page.goto(f"/staff/orders/{order.number}")
    expect(page.locator("#cards")).to_contain_text("$18.00")
    expect(page.locator("#notes")).to_contain_text("of $18.00 was issued")
    (bonus,) = sheet(order).issued
    refunds.refund_all(order.id, by=AGENT)
    page.goto(f"/staff/gift-cards/{bonus.id}")
    expect(page.locator("main")).to_contain_text("Cancelled")
    assert balance(bonus) == "0.00 USD"


def test_a_campaign_is_set_without_script(plain_page):
    made = make_campaign()
    enter(plain_page, make_staff("marketing"))
    plain_page.goto(f"/staff/campaigns/{made.id}")
    plain_page.get_by_text("Issue After Sales", exact=True).click()
    plain_page.get_by_label("Relative Percentage").fill("10")
    plain_page.get_by_role("button", name="Show the example").click()
    expect(plain_page.locator("#example")).to_contain_text("10% of $180.00 = $18.00")
    plain_page.get_by_label("Reason").fill("The winter sale")
    plain_page.get_by_role("button", name="Save").click()
    expect(plain_page.locator("main")).to_contain_text("waits for another person's approval")


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("D21", "E1")
def test_finance_records_a_transfer_with_the_keyboard_and_the_cards_are_there(page, check_axe):
    item = gift_card_item("50.00 USD", quantity=3)
    tender = {"method": "bank_transfer", "state": "pending", "paid_as": "W-1"}
    order = place(item, shipping="0.00 USD", **tender)
    at_order(page, order, "finance")
    expect(heading(page).get_by_text("Waiting for payment")).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name="Payment received").press("Enter")
    panel = opened_panel(page)
    expect(panel.get_by_text("3 gift cards are issued and mailed now.")).to_be_visible()
    check_axe(page)
    panel.get_by_label("Reference").press("Enter")
    expect(page.get_by_text("Bought in this order")).to_be_visible()
    expect(heading(page).get_by_text("Waiting for payment")).to_have_count(0)
    assert len(sheet(order).purchased) == 3


@pytest.mark.proves("E1", "E11")
def test_a_refund_by_hand_is_sent_or_fails_in_place(page, check_axe):
    order = place(method="bank_transfer", paid_as="W-1")
    refunds.refund(paid_by(order, "bank_transfer").id, amount=amount_of("10.00 USD"), by=AGENT)
    refunds.refund(paid_by(order, "bank_transfer").id, amount=amount_of("20.00 USD"), by=AGENT)
    at_order(page, order)
    returned = page.locator("#payments .entry-below")
    expect(returned.get_by_text("To be sent")).to_have_count(2)
    returned.first.get_by_role("button", name="Sent").click()
    expect(returned.first.get_by_text("Refunded")).to_be_visible()
    returned.last.get_by_role("link", name="It failed").click()
    panel = opened_panel(page)
    panel.get_by_label("Reason").fill("The account is closed")
    check_axe(page)
    panel.get_by_role("button", name="It failed").click()
    expect(returned.last.get_by_text("Failed: The account is closed")).to_be_visible()
    check_axe(page)


@pytest.mark.proves("E12", "D24", "S46")
def test_the_check_of_a_refund_leads_to_taking_the_bought_cards_back_instead(page, check_axe):
    whole, used = gift_card_item("25.00 USD"), gift_card_item("30.00 USD")
    order = place(goods("40.00 USD"), whole, used, shipping="0.00 USD")
    kept, spent = sheet(order).purchased
    opened = make_checkout(goods("10.00 USD"), shipping="0.00 USD")
    opened = carts.apply(opened.id, code=cards.holder.open_code(spent.id))
    checkout.capture(opened.id, tenders=[], by=SYSTEM)
    at_order(page, order)
    row = page.locator("#payments > ul > li").filter(has_text="Visa 4242")
    row.get_by_role("link", name="Refund", exact=True).click()
    panel = opened_panel(page)
    panel.get_by_label("Amount").fill("25.00")
    panel.get_by_label("Reason").fill("Changed their mind")
    panel.get_by_role("button", name="Continue").click()
    staying = page.locator("#staying")
    expect(staying.get_by_role("listitem")).to_have_count(2)
    expect(staying.get_by_role("link", name="Freeze it instead")).to_be_visible()
    check_axe(page)
    staying.get_by_role("link", name="Take it back instead").click()
    panel = opened_panel(page)
    expect(panel).to_contain_text("$25.00")
    panel.get_by_label("Reason").fill("Changed their mind")
    panel.get_by_role("button", name="Delete the card").click()
    expect(page.locator("#notes")).to_contain_text("deleted")
    assert cards.find(kept.id).status == "cancelled"
    assert cards.find(spent.id).balance_minor == 2000
    assert sheet(order).refunded == amount_of("25.00 USD")


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("D22", "D24", "S46")
def test_an_item_is_taken_off_in_place_and_its_share_goes_back(page, check_axe):
    order = place(goods("60.00 USD"), gift_card_item("25.00 USD"), discount_minor=1200)
    at_order(page, order)
    row = page.get_by_role("row").filter(has_text="A mug")
    row.get_by_role("link", name="Take off").click()
    panel = opened_panel(page)
    expect(panel).to_contain_text("$48.00 goes back to Visa 4242.")
    expect(panel).to_contain_text("Nothing else is to be shipped")
    check_axe(page)
    panel.get_by_label("Reason").fill("Out of stock")
    panel.get_by_role("button", name="Take it off").click()
    expect(row).to_contain_text("Taken off")
    expect(heading(page)).to_contain_text("Nothing to ship")
    expect(page.locator("#notes")).to_contain_text("A mug was taken off the order by")
    assert sheet(order).refunded == amount_of("48.00 USD")
