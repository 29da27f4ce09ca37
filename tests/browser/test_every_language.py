"""Every page of the desk and the shop on the narrowest phone, in every language."""

import itertools

import pytest
from playwright.sync_api import Page

from giftweb import language
from giftweb.demo import load
from giftweb.demo.load import Demo
from giftweb.demo.world import address_of
from giftweb.domain import customers
from tests import factories, pseudo
from tests.browser import pages
from tests.browser.conftest import COLOURS, violations
from tests.browser.server import enter
from tests.browser.test_languages import PHONE, TOO_WIDE, addresses
from tests.browser.test_store import fill_in_details
from tests.web.test_account import mailed_token
from tests.web.test_every_text import ENGLISH_PAGES
from tests.web.test_rights_matrix import everything
from tests.web.test_unreadable import Things

pytestmark = [pytest.mark.proves("B17"), pytest.mark.soak]

IN_DARK_TOO = ("de", pseudo.NAME)
"""The languages with the longest words. What differs in the dark are the colours, which are those
of the theme in every language."""


def faults(page: Page, address: str, spoken: str) -> list[str]:
    """What is wrong with a page, in words."""
    page.goto(address)
    wide = page.evaluate(TOO_WIDE)
    found = [f"{wide} pixels too wide" if wide > 0 else "", violations(page)]
    if spoken in IN_DARK_TOO:
        page.emulate_media(color_scheme="dark")
        found.append(violations(page, COLOURS))
        page.emulate_media(color_scheme="light")
    return [f"{address}: {fault}" for fault in found if fault]


def is_page(page: Page, address: str) -> bool:
    answer = page.request.get(address)
    return answer.status == 200 and answer.body().startswith(b"<!doctype html>")


def enter_as_customer(page: Page, email: str) -> None:
    """Sign in at the shop, beside the sign-in at the desk, by a mailed link."""
    customers.sign_in.request_link(email)
    page.goto(f"/account/sign-in?token={mailed_token()}")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/account/")


def go_shopping(page: Page, campaign_id: str) -> list[str]:
    """Order a mug and begin to order another; return the pages from the cart to the thanks."""
    page.goto(f"/shop/{campaign_id}/?test=0")  # One of the links leads to test money.
    to_payment(page, campaign_id)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/thanks/*")
    thanks = page.url
    to_payment(page, campaign_id)
    shop = f"/shop/{campaign_id}/"
    return [f"{shop}cart", f"{shop}checkout", f"{shop}checkout/pay", thanks]


def to_payment(page: Page, campaign_id: str) -> None:
    page.goto(f"/shop/{campaign_id}/products/MUG-BLUE")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/cart")
    page.goto(f"/shop/{campaign_id}/checkout")
    fill_in_details(page)


def stand_at_counter(page: Page) -> None:
    page.goto("/staff/counter/shop")
    page.locator("main [type=radio]").first.check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/counter/")


def every_page(page: Page, demo: Demo) -> list[str]:
    """All pages that links lead ``page``, signed in as root, to, and those of every route."""
    things = Things(everything())
    enter_as_customer(page, address_of("Liam Byrne"))
    stand_at_counter(page)
    links = pages.every_kind(page, demo)
    paying = go_shopping(page, demo.campaign_id)
    routes = [address for address in addresses(things) if is_page(page, address)]
    found = dict.fromkeys(itertools.chain(paying, links, routes))
    # They are the same in every language, and axe takes a minute for the largest.
    return [address for address in found if address not in ENGLISH_PAGES]


@pytest.mark.parametrize("spoken", [*language.LANGUAGES, pseudo.NAME])
def test_every_page_fits_the_narrowest_phone(page, spoken, monkeypatch):
    demo = load.load()
    enter(page, factories.make_staff("root"))
    every = every_page(page, demo)
    assert len(every) > 150
    if spoken == pseudo.NAME:
        pseudo.speak(monkeypatch)
    page.set_extra_http_headers({"Accept-Language": spoken})
    page.set_viewport_size(PHONE)
    found = [fault for address in every for fault in faults(page, address, spoken)]
    assert not found, "\n".join(found)
