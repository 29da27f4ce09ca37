"""Mails and webhooks in a browser: the letter in its frame, panels, no script, axe, dark."""

import pytest
from playwright.sync_api import Page, expect

from giftweb import codes
from giftweb.domain import outbox
from giftweb.domain.mail.letters import gather
from giftweb.web.mail import letters
from tests import factories
from tests.browser.server import enter
from tests.browser.waiting import opened_panel
from tests.factories import ROOT, make_campaign


@pytest.fixture
def root(site):
    return factories.make_staff("root")


@pytest.fixture
def issued(site, make_card):
    campaign = make_campaign(brand_name="Tea House", brand_colour="teal")
    return make_card(
        "50.00 USD",
        holder_name="Ann Smith",
        sender_name="محمد عبد الله",
        message="Happy birthday!\n" + "long" * 60,
        campaign_id=campaign.id,
    )


@pytest.mark.proves("S14", "B17")
def test_the_code_of_a_kept_mail_is_read_and_works_on_the_balance_page(
    page: Page, root, issued, check_axe
):
    enter(page, root)
    page.goto("/staff/outbox")
    check_axe(page)
    page.get_by_role("link", name="Card issued").click()
    letter = page.frame_locator("iframe.letter")
    expect(letter.get_by_text("$50.00", exact=True)).to_be_visible()
    expect(letter.get_by_text(f"•••••-•••••-•{issued.code[-4:]}")).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name="Show with its code").click()
    panel = opened_panel(page)
    panel.get_by_role("button", name="Show it").click()
    shown = page.get_by_role("dialog").locator("code").first
    expect(shown).to_have_text(codes.grouped(issued.code))
    check_axe(page)
    page.goto("/balance")
    page.get_by_label("code").first.fill(codes.grouped(issued.code))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("$50.00").first).to_be_visible()


def test_without_script_a_mail_is_read_as_well(plain_page: Page, root, issued):
    enter(plain_page, root)
    plain_page.goto("/staff/outbox?q=ann")
    plain_page.get_by_role("link", name="Card issued").click()
    plain_page.get_by_role("link", name="Show with its code").click()
    plain_page.get_by_label("Reason").fill("She cannot find it")
    plain_page.get_by_role("button", name="Show it").click()
    expect(plain_page.locator("code").first).to_have_text(codes.grouped(issued.code))


@pytest.mark.proves("B5", "B17")
def test_an_endpoint_is_added_in_a_panel_and_stands_in_the_list(page: Page, root, check_axe):
    campaign = make_campaign()
    outbox.endpoints.create(campaign.id, url="https://old.example/hooks", by=ROOT)
    enter(page, root)
    page.goto(f"/staff/campaigns/{campaign.id}/webhooks")
    check_axe(page)
    page.get_by_role("link", name="+ Add an endpoint").click()
    panel = opened_panel(page)
    panel.get_by_label("Address").fill("http://shop.example/hooks")
    panel.get_by_label("Reason").fill("The new shop")
    panel.get_by_role("button", name="Add").click()
    expect(panel.get_by_role("alert").first).to_contain_text("https://")
    panel.get_by_label("Address").fill("https://shop.example/hooks")
    panel.get_by_role("button", name="Add").click()
    expect(panel.locator("#endpoint-secret")).to_contain_text("whsec_")
    check_axe(page)
    panel.get_by_role("link", name="Done").click()
    row = page.get_by_role("row").filter(has_text="https://shop.example/hooks")
    row.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("It waits for another person's approval.")).to_be_visible()
    old = page.get_by_role("row").filter(has_text="https://old.example/hooks")
    old.get_by_role("button", name="Switch off").click()
    expect(old.get_by_text("Switched off")).to_be_visible()


def test_a_test_event_is_seen_without_script(plain_page: Page, root):
    campaign = make_campaign()
    outbox.endpoints.create(campaign.id, url="https://shop.example/hooks", by=ROOT)
    enter(plain_page, root)
    plain_page.goto(f"/staff/campaigns/{campaign.id}/webhooks")
    plain_page.get_by_role("button", name="Send a test event").click()
    plain_page.get_by_role("link", name="webhook.test").click()
    expect(plain_page.get_by_text("Your endpoint can hear us.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 720])
def test_a_mail_is_readable_wherever_it_is_read(
    app, browser, engine, issued, check_axe, scheme, width
):
    mail = outbox.mails.of_card(issued.card.id)[0]
    with app.app_context():
        written = letters.write(gather(mail))
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=True
    )
    page = context.new_page()
    page.set_content(written.html)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    code = page.get_by_text(codes.grouped(issued.code))
    assert code.bounding_box()["height"] < 60, "the code is on one line"
    background = page.evaluate("getComputedStyle(document.querySelector('.page')).backgroundColor")
    assert background == {"light": "rgb(245, 246, 247)", "dark": "rgb(17, 19, 22)"}[scheme]
    check_axe(page)
    context.close()
