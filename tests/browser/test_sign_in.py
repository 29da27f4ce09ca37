"""Signing in, the account and the people in a browser: keyboard, panel, no script, axe."""

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from giftweb import clock
from giftweb.domain import staff
from tests import factories
from tests.browser.server import enter
from tests.browser.waiting import opened_panel
from tests.factories import PASSWORD
from tests.web.test_auth import actor_of, secret_of
from tests.web.test_people import token_for


@pytest.fixture
def root(site) -> staff.Person:
    return factories.make_staff("root")


def sign_in(page: Page, person: staff.Person, password: str = PASSWORD) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.proves("B17")
def test_one_signs_in_and_out_with_the_keyboard_alone(page, root, check_axe):
    page.goto("/staff/people/")
    expect(page).to_have_title("Sign in – giftweb")
    check_axe(page)
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.type(root.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    out = page.get_by_role("button", name="Sign out").first
    for _ in range(30):
        if out.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto("/staff/people/")
    expect(page).to_have_title("Sign in – giftweb")


def test_an_error_takes_the_focus_and_leads_to_the_field(page, root, check_axe):
    sign_in(page, root, "not the password")
    expect(page).to_have_title("Error: Sign in – giftweb")
    summary = page.get_by_role("alert").first
    expect(summary).to_be_focused()
    check_axe(page)
    summary.get_by_role("link").click()
    expect(page.get_by_label("Email")).to_be_focused()
    expect(page.get_by_label("Email")).to_have_value(root.email)
    expect(page.get_by_label("Password")).to_have_value("")


@pytest.mark.proves("B16")
def test_an_authenticator_is_set_up_and_asked_for(page, root, check_axe):
    sign_in(page, root)
    page.get_by_role("link", name=root.name).first.click()
    check_axe(page)
    page.get_by_role("link", name="Set up an authenticator").click()
    picture = page.get_by_role("img", name="QR code for your authenticator app")
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => image.naturalWidth > 100")
    check_axe(page)
    page.get_by_text("It cannot be scanned?").click()
    secret = page.locator("details code").inner_text().replace(" ", "")
    page.get_by_label("Code that the app shows now").fill(pyotp.TOTP(secret).at(clock.now()))
    page.get_by_role("button", name="Turn on").click()
    codes = page.locator("#recovery-codes").inner_text().split()
    assert len(codes) == 10
    check_axe(page)
    page.get_by_role("button", name="Sign out").first.click()
    sign_in(page, root)
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    check_axe(page)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[0].lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    assert staff.authenticator.recovery_codes_left(root.id) == 9


def test_a_person_is_deactivated_in_a_panel_over_the_page(page, root, check_axe):
    person = factories.make_staff("finance")
    enter(page, root)
    page.goto("/staff/people/")
    check_axe(page)
    page.get_by_role("link", name=person.name).click()
    check_axe(page)
    opener = page.get_by_role("link", name="Deactivate")
    opener.press("Enter")
    panel = opened_panel(page)
    panel.get_by_role("button", name="Deactivate").press("Enter")
    expect(panel.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
    check_axe(page)
    panel.get_by_label("Reason").fill("Left the house")
    page.keyboard.press("Enter")
    expect(panel).to_be_hidden()
    expect(page.get_by_role("status").filter(has_text="cannot sign in any more")).to_be_visible()
    expect(page.get_by_text("Deactivated", exact=True)).to_be_visible()
    assert not staff.find(person.id).is_active


@pytest.mark.proves("X8")
def test_a_new_person_chooses_a_password_by_a_mailed_link(page, root, check_axe):
    sign_in(page, root)
    page.goto("/staff/people/new")
    page.get_by_label("Name", exact=True).fill("Nia New")
    page.get_by_label("Email").fill("nia@giftweb.test")
    page.get_by_role("radio", name=re.compile("^Marketing")).check()
    page.get_by_label("Reason").fill("Joins us")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("kept in the outbox").first).to_be_visible()
    check_axe(page)
    page.get_by_role("button", name="Sign out").first.click()
    page.goto(f"/login/link?token={token_for('nia@giftweb.test')}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose your password")
    check_axe(page)
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Choose password").click()
    expect(page.get_by_text("Use 10 characters or more").first).to_be_visible()
    page.get_by_label("Password").fill("nine herons over the harbour")
    page.get_by_role("button", name="Choose password").click()
    expect(page.get_by_text("Your password is chosen.")).to_be_visible()
    nia = factories.person_with("nia@giftweb.test")
    sign_in(page, nia, "nine herons over the harbour")
    expect(page.get_by_text("Nia New").first).to_be_visible()


def test_in_the_panel_the_password_is_asked_again_and_the_panel_goes_on(page, root):
    from datetime import timedelta

    person = factories.make_staff("finance")
    sign_in(page, root)
    with clock.moved(timedelta(minutes=6)):
        page.goto(f"/staff/people/{person.id}")
        page.get_by_role("link", name="Reset password").click()
        panel = opened_panel(page)
        panel.get_by_label("Password").fill("wrong")
        panel.get_by_role("button", name="Go on").click()
        expect(panel.get_by_text("This is not your password.").first).to_be_visible()
        panel.get_by_label("Password").fill(PASSWORD)
        panel.get_by_role("button", name="Go on").click()
        panel.get_by_label("Reason").fill("Forgot it")
        panel.get_by_role("button", name="Mail a link").click()
        expect(panel).to_be_hidden()
    assert not staff.find(person.id).has_password


def test_the_audit_log_filters_in_place(page, root, check_axe):
    person = factories.make_staff("finance")
    staff.deactivate(person.id, by=actor_of(root), reason="Left the house")
    sign_in(page, root)
    page.goto("/staff/audit")
    check_axe(page)
    expect(page.locator("tbody tr")).to_have_count(4)
    page.get_by_label("Who").select_option(label="The system itself")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page).to_have_url(re.compile("actor=system"))
    page.get_by_label("About").fill(person.email)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator("tbody tr")).to_have_count(4)


@pytest.mark.proves("B17")
def test_without_script_everything_about_people_works(plain_page, root):
    page = plain_page
    person = factories.make_staff("finance")
    secret = secret_of(root)
    sign_in(page, root)
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(clock.now()))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/staff/people/")
    page.get_by_label("Search", exact=True).fill(person.email)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=person.name).click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("radio", name=re.compile("^Marketing")).check()
    page.get_by_label("Reason").fill("Moves")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert staff.find(person.id).role == "marketing"
    page.goto("/staff/account")
    page.get_by_role("link", name="Remove authenticator").click()
    page.get_by_role("button", name="Remove authenticator").click()
    expect(page.get_by_text("The authenticator is removed.")).to_be_visible()
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_no_page_is_wider_than_the_window(page, root, check_layout):
    enter(page, root)
    pages = ("/staff/", "/staff/account", "/staff/people/", "/staff/people/new", "/staff/audit")
    for address in (*pages, f"/staff/people/{root.id}", "/staff/account/authenticator"):
        page.goto(address)
        check_layout(page)
