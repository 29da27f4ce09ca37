"""A passkey in a real browser, with an authenticator that Chromium plays."""

import pytest
from playwright.sync_api import Page, expect

from giftweb.config import Config, from_environment
from giftweb.domain import staff
from tests import factories
from tests.browser.test_sign_in import sign_in


@pytest.fixture
def config(engine, keys_path, port) -> Config:
    """The program under a name: browsers know no passkeys for bare addresses."""
    return from_environment(
        {
            "DATABASE_URL": engine.url,
            "GIFTWEB_KEYS": str(keys_path),
            "BASE_URL": f"http://localhost:{port}",
        }
    )


@pytest.fixture
def desk(page: Page, port: int) -> Page:
    """A page whose addresses start at that name, with a phone that holds passkeys."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    phone = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    chromium.send("WebAuthn.addVirtualAuthenticator", {"options": phone})
    under_name = page.goto
    page.goto = lambda path: under_name(f"http://localhost:{port}{path}")
    return page


@pytest.mark.proves("B16")
def test_a_passkey_is_added_used_and_removed(desk, check_axe):
    person = factories.make_staff("root")
    sign_in(desk, person)
    desk.goto("/staff/account")
    desk.get_by_role("link", name="Add a passkey").click()
    check_axe(desk)
    desk.get_by_label("Name").fill("Work laptop")
    desk.get_by_role("button", name="Make the passkey").click()
    expect(desk.get_by_text("The passkey is added.")).to_be_visible()
    check_axe(desk)
    assert [one.name for one in staff.passkeys.all_of(person.id)] == ["Work laptop"]
    desk.get_by_role("button", name="Sign out").first.click()
    desk.goto("/staff/people/")
    check_axe(desk)
    desk.get_by_role("button", name="Sign in with a passkey").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("People")
    desk.goto("/staff/account")
    desk.get_by_role("link", name="Remove the passkey Work laptop").click()
    desk.get_by_role("button", name="Remove passkey").click()
    expect(desk.get_by_text("The passkey is removed.")).to_be_visible()
    desk.get_by_role("button", name="Sign out").first.click()
    desk.get_by_role("button", name="Sign in with a passkey").click()
    expect(desk.get_by_text("This passkey does not open the desk.").first).to_be_visible()


def test_one_device_gets_one_passkey(desk):
    person = factories.make_staff("root")
    sign_in(desk, person)
    desk.goto("/staff/account/passkeys/new")
    desk.get_by_label("Name").fill("Laptop")
    desk.get_by_role("button", name="Make the passkey").click()
    expect(desk.get_by_text("The passkey is added.")).to_be_visible()
    desk.goto("/staff/account/passkeys/new")
    desk.get_by_label("Name").fill("Laptop again")
    desk.get_by_role("button", name="Make the passkey").click()
    expect(desk.get_by_text("This device has a passkey already.")).to_be_visible()


def test_without_script_no_passkey_is_offered(plain_page, port):
    plain_page.goto(f"http://localhost:{port}/login")
    expect(plain_page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(plain_page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
