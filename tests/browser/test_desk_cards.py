"""Gift cards and customers in a browser: keyboard alone, panels, no script, axe, every width."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from giftweb.domain import cards, carts, checkout, customers
from giftweb.domain.audit.log import SYSTEM
from tests import factories
from tests.browser.server import enter
from tests.browser.waiting import opened_panel
from tests.factories import AGENT, goods, make_card, make_checkout

LIST, NEW = "/staff/gift-cards/", "/staff/gift-cards/new"


@pytest.fixture
def ann(site) -> customers.Customer:
    customers.register(email="bob@example.com", name="Bob Jones", by=AGENT)
    return customers.register(email="ann@example.com", name="Ann Smith", by=AGENT)


@pytest.fixture
def desk(page, ann) -> Page:
    """The desk, opened by a customer service admin."""
    return entered(page)


def entered(page: Page, role: str = "customer_service_admin") -> Page:
    enter(page, factories.make_staff(role))
    return page


def tab_to(page: Page, goal: Locator) -> None:
    """Press Tab until the element has the focus."""
    expect(goal).to_be_visible()
    for _ in range(80):
        if goal.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {goal}")


def suggestions(page: Page) -> Locator:
    """The customers that Holder Email offers."""
    return page.locator("#holder_email-options [role=option]")


def newest() -> cards.Card:
    return cards.search.search(cards.search.Query()).items[0]


@pytest.mark.proves("S13", "S14", "S17", "S27", "S28", "B17")
def test_a_card_is_issued_with_the_keyboard_alone(desk, check_axe):
    desk.goto(LIST)
    check_axe(desk)
    desk.keyboard.press("n")
    expect(desk).to_have_title("New Gift Card – giftweb")
    desk.wait_for_load_state()
    tab_to(desk, desk.get_by_label("Is Customer"))
    desk.keyboard.press("Space")
    holder = desk.get_by_label("Holder Email")
    tab_to(desk, holder)
    desk.keyboard.type("ann")
    expect(suggestions(desk)).to_have_text(re.compile("Ann Smith"))
    check_axe(desk)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(holder).to_have_value("ann@example.com")
    expect(desk.get_by_label("Holder Name")).to_have_value("Ann Smith")
    tab_to(desk, desk.get_by_label("Amount"))
    desk.keyboard.type("50.00")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Check the gift card")
    check_axe(desk)
    tab_to(desk, desk.get_by_role("button", name="Create"))
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Gift Cards")
    row = desk.get_by_role("row").filter(has_text=newest().last4)
    expect(row).to_contain_text("Ann Smith")
    expect(row).to_contain_text("$50.00")


@pytest.mark.proves("E31", "S28")
def test_back_after_a_check_shows_it_again_and_a_refused_form_is_not_the_list(desk):
    desk.goto(NEW)
    desk.get_by_role("button", name="Create").click()
    expect(desk.get_by_text("There is a problem")).to_be_visible()
    assert desk.url.endswith(f"{NEW}/cards")
    desk.goto(f"{NEW}/cards")
    expect(desk).to_have_title("New Gift Card – giftweb")
    desk.get_by_label("Holder Email").fill("carl@example.com")
    desk.get_by_label("Amount").fill("20.00")
    desk.get_by_role("button", name="Check first").last.click()
    heading = desk.get_by_role("heading", level=1)
    expect(heading).to_have_text("Check the gift card")
    desk.get_by_role("button", name="Create").click()
    expect(heading).to_have_text("Gift Cards")
    desk.go_back()
    expect(heading).to_have_text("Check the gift card")
    expect(desk.locator("main")).to_contain_text("carl@example.com")


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("S9", "S10", "S11", "S12", "S53")
def test_a_card_is_recharged_by_the_dollar_and_its_holder_sees_it(desk, ann, check_axe):
    issued = make_card("50.00 USD")
    desk.goto(f"/staff/customers/{ann.id}")
    four = f"•••• {issued.card.last4}"
    desk.get_by_role("button", name=f"Details of {four}").click()
    expect(desk.get_by_role("dialog", name=f"Details of {four}")).to_contain_text("Issued with")
    check_axe(desk)
    desk.keyboard.press("Escape")
    dollar = desk.get_by_role("button", name=f"$ Recharge {four}")
    dollar.focus()
    desk.keyboard.press("Space")
    panel = opened_panel(desk)
    expect(panel.get_by_label("Amount")).to_be_focused()
    check_axe(desk)
    desk.keyboard.type("25.00")
    desk.keyboard.press("Enter")
    row = desk.get_by_role("row").filter(has_text=issued.card.last4)
    expect(row).to_contain_text("$75.00")
    expect(desk.locator("#worth")).to_contain_text("$75.00")
    expect(desk.get_by_text("Recharged with $25.00.")).to_be_visible()
    expect(desk.locator("#panel")).not_to_be_visible()
    expect(dollar).to_be_focused()
    desk.goto("/")
    desk.locator("#code").fill(cards.holder.open_code(issued.card.id).lower())
    desk.locator("#code").press("Enter")
    expect(desk.get_by_text("$75.00").first).to_be_visible()
    expect(desk.get_by_text("Recharged")).to_be_visible()


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("S18", "S23", "D10")
def test_a_batch_is_gathered_by_add_and_by_a_list(desk, check_axe):
    desk.goto(NEW)
    add = desk.get_by_role("button", name="Add", exact=True)
    expect(add).not_to_be_visible()
    desk.get_by_label("Is Batch Card").check()
    holder = desk.get_by_label("Holder Email")
    holder.fill("ann@example.com")
    add.click()
    expect(desk.get_by_text("1 address on the list", exact=True)).to_be_visible()
    expect(holder).to_have_value("")
    expect(holder).to_be_focused()
    desk.get_by_label("Or paste a list").fill("bob@\nbob@example.com, ann@example.com")
    add.click()
    expect(desk.get_by_text("4 addresses on the list", exact=True)).to_be_visible()
    desk.get_by_label("Amount").fill("20")
    desk.get_by_role("button", name="Check first").click()
    expect(desk.get_by_role("alert").first).to_contain_text("Row 2, bob@:")
    check_axe(desk)
    desk.get_by_role("button", name="Take bob@ off the list").click()
    expect(desk.get_by_text("3 addresses on the list", exact=True)).to_be_visible()
    desk.get_by_role("button", name="Create").click()
    expect(desk.get_by_text("ann@example.com: 2 times")).to_be_visible()
    create = desk.get_by_role("button", name="Create")
    expect(desk.get_by_role("alert").first).to_contain_text("repeated addresses")
    check_axe(desk)
    desk.get_by_label("One card for each address").check()
    create.dblclick()
    expect(desk.get_by_text("2 gift cards of $20.00 issued.").first).to_be_visible()
    expect(desk.get_by_text("2 gift cards", exact=True)).to_be_visible()
    assert cards.search.search(cards.search.Query()).count == 2


@pytest.mark.proves("S17")
def test_holder_email_suggests_nobody_while_is_customer_is_off(desk):
    desk.goto(NEW)
    holder = desk.get_by_label("Holder Email")
    with desk.expect_response(re.compile("/options")):
        holder.press_sequentially("ann")
    expect(holder).to_have_attribute("aria-expanded", "false")
    expect(suggestions(desk)).to_have_count(0)


@pytest.mark.proves("S44", "D5", "D19")
def test_a_used_card_is_not_cancelled_and_is_frozen_instead(desk, check_axe):
    issued = make_card("50.00 USD")
    opened = make_checkout(goods("20.00 USD"), shipping="0.00 USD")
    carts.apply(opened.id, code=issued.code)
    checkout.capture(opened.id, tenders=(), by=SYSTEM)
    desk.goto(f"{LIST}{issued.card.id}/cancellation")
    expect(desk.get_by_text("This card has been used, so it cannot be cancelled.")).to_be_visible()
    check_axe(desk)
    desk.goto(f"{LIST}{issued.card.id}")
    check_axe(desk)
    desk.get_by_role("link", name="freeze it").click()
    panel = opened_panel(desk)
    check_axe(desk)
    panel.get_by_role("button", name="Freeze").click()
    expect(desk.get_by_text("Frozen.", exact=True)).to_be_visible()
    expect(desk.locator(".badge", has_text="Frozen")).to_be_visible()
    assert cards.find(issued.card.id).status == "frozen"


@pytest.mark.proves("I30")
def test_the_menu_leads_to_panels_and_the_code_is_shown_in_one(desk, check_axe):
    issued = make_card("50.00 USD")
    desk.goto(f"{LIST}{issued.card.id}")
    desk.get_by_role("button", name="More actions").click()
    desk.get_by_role("link", name="Show code").click()
    panel = opened_panel(desk)
    panel.get_by_label("Reason").fill("To write on the card")
    panel.get_by_role("button", name="Show code").click()
    code = "-".join((issued.code[:5], issued.code[5:10], issued.code[10:]))
    expect(panel.get_by_text(code)).to_be_visible()
    check_axe(desk)
    panel.get_by_role("link", name="Done").click()
    expect(desk.locator("#panel")).not_to_be_visible()
    expect(desk.get_by_text(code)).to_have_count(0)


def test_an_adjustment_is_confirmed_in_the_panel(desk):
    card = make_card("50.00 USD").card
    desk.goto(f"{LIST}{card.id}")
    desk.get_by_role("button", name="More actions").click()
    desk.get_by_role("link", name="Adjust balance").click()
    panel = opened_panel(desk)
    panel.get_by_label("Amount").fill("60")
    panel.get_by_label("Reason").fill("Sent twice")
    panel.get_by_role("button", name="Continue").click()
    expect(panel.get_by_role("alert").first).to_contain_text("$50.00 left")
    panel.get_by_label("Amount").fill("30")
    panel.get_by_role("button", name="Continue").click()
    expect(panel).to_contain_text("goes from $50.00 to $20.00")
    panel.get_by_role("button", name="Adjust by -$30.00").click()
    expect(desk.get_by_text("Balance adjusted by -$30.00.")).to_be_visible()
    expect(desk.locator(".money-big-amount")).to_have_text("$20.00")


@pytest.mark.proves("E24")
def test_a_code_typed_into_the_search_opens_its_card_and_is_in_no_address(desk):
    issued = make_card()
    requested = []
    desk.on("request", lambda request: requested.append(request.url))
    desk.goto(LIST)
    desk.get_by_label("Search", exact=True).press_sequentially(issued.code)
    expect(desk).to_have_url(re.compile(issued.card.id))
    assert not [url for url in requested if issued.code in url.upper()]


@pytest.mark.proves("S13")
def test_the_list_is_searched_in_place_and_its_address_holds_the_search(desk):
    first, second = make_card().card, make_card(holder="bob@example.com").card
    desk.goto(LIST)
    desk.keyboard.press("f")
    desk.keyboard.type("ann")
    expect(desk.get_by_role("status").first).to_have_text("1 gift card")
    expect(desk.get_by_label("Search", exact=True)).to_be_focused()
    desk.get_by_label("Status").select_option("Active")
    expect(desk).to_have_url(re.compile(r"q=ann.*status=active"))
    desk.reload()
    expect(desk.get_by_role("link", name=first.last4)).to_be_visible()
    expect(desk.get_by_role("link", name=second.last4)).to_have_count(0)
    desk.get_by_role("link", name="Search: ann").click()
    expect(desk.get_by_role("link", name=second.last4)).to_be_visible()
    desk.get_by_role("link", name="Balance").click()
    expect(desk.get_by_role("columnheader", name="Balance")).to_have_attribute(
        "aria-sort", "ascending"
    )
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Download CSV").click()
    assert download.value.suggested_filename.endswith(".csv")


@pytest.mark.proves("S11", "S12", "S16", "S18", "B17")
def test_without_script_cards_are_issued_and_recharged(plain_page, ann):
    desk = entered(plain_page, "customer_service")
    desk.goto(NEW)
    desk.get_by_label("Is Customer").check()
    desk.get_by_label("Is Card Test").check()
    expect(desk.get_by_text("Test cards pay test orders only")).to_be_visible()
    desk.get_by_label("Is Batch Card").check()
    for email in ("nobody@example.com", "ann@example.com"):
        desk.get_by_label("Holder Email").fill(email)
        desk.get_by_role("button", name="Add", exact=True).click()
        refused = desk.get_by_role("link", name="This address belongs to no registered customer.")
        expect(refused).to_have_count(1 if email.startswith("nobody") else 0)
    desk.get_by_label("Amount").fill("50")
    desk.get_by_role("button", name="Create").click()
    expect(desk.get_by_text("Gift card of $50.00 issued.")).to_be_visible()
    desk.goto(f"/staff/customers/{ann.id}")
    desk.get_by_role("button", name="$ Recharge").click()
    desk.get_by_label("Amount").fill("ten")
    desk.get_by_role("button", name="Recharge").click()
    expect(desk.get_by_role("link", name="Enter an amount of 0.01 or more")).to_be_visible()
    desk.get_by_label("Amount").fill("25")
    desk.get_by_role("button", name="Recharge").click()
    expect(desk.get_by_text("Recharged with $25.00.")).to_be_visible()
    expect(desk.get_by_role("row").filter(has_text="TEST")).to_contain_text("$75.00")
    desk.get_by_role("button", name="Details of").click()
    desk.get_by_role("link", name="History and more").click()
    desk.get_by_role("button", name="More actions").click()
    desk.get_by_role("link", name="Freeze").click()
    desk.get_by_role("button", name="Freeze").click()
    expect(desk.locator(".badge", has_text="Frozen")).to_be_visible()


LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Maximiliane Theodora"


def test_no_page_is_wider_than_the_window(desk, ann, check_layout):
    card = make_card(
        "1250.00 USD", holder_name=LONG, is_test=True, message="A" * 200, note="x " * 50
    ).card
    make_card("9999999999.99 USD", holder=f"{'long' * 15}@{'sub.' * 10}example.com")
    own = f"{LIST}{card.id}"
    for address in (
        *(LIST, f"{LIST}?q=ann&status=active&from=2020-01-01", f"{LIST}?q=zzz", NEW, own),
        *(f"{own}/recharge", f"{own}/adjustment", f"{own}/cancellation", f"{own}/holder"),
        *("/staff/customers/", f"/staff/customers/{ann.id}", "/staff/customers/new"),
    ):
        desk.goto(address)
        check_layout(desk)


@pytest.mark.parametrize("width", [1024, 1280])
def test_the_money_is_in_sight_however_long_names_and_addresses_are(desk, width):
    make_card("1250.00 USD", holder=f"{'long' * 15}@{'sub.' * 10}example.com", holder_name=LONG)
    desk.set_viewport_size({"width": width, "height": 800})
    desk.goto(LIST)
    amount = desk.get_by_text("$1,250.00", exact=True)
    expect(amount).to_be_in_viewport(ratio=1)
    frame, seen = desk.locator(".table-frame").bounding_box(), amount.bounding_box()
    assert frame is not None
    assert seen is not None
    assert seen["x"] + seen["width"] <= frame["x"] + frame["width"]


def test_the_latest_news_takes_the_place_of_older_news(desk):
    desk.goto(NEW)
    desk.get_by_label("Is Batch Card").check()
    holder = desk.get_by_label("Holder Email")
    for count, address in ((1, "ann@example.com"), (2, "bob@example.com")):
        holder.fill(address)
        desk.get_by_role("button", name="Add", exact=True).click()
        expect(desk.locator("#rows")).to_contain_text(f"{count} address")
        expect(holder).to_be_focused()
    expect(desk.locator(".toast")).to_have_count(1)
    expect(desk.locator(".toast")).to_contain_text("2 addresses on the list.")
