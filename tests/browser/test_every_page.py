"""Every page of the demo shop, at four widths in both themes: nothing moves, nothing is wider than
the window, nothing is too small for a finger, and no rule of accessibility is broken."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page

from giftweb.demo import load
from giftweb.demo.load import Demo
from tests.browser import pages
from tests.browser.conftest import chromium_context, violations

pytestmark = pytest.mark.proves("B17")

WIDTHS = (360, 768, 1280, 1920)
THEMES = ("light", "dark")
ALL = [(width, theme) for width in WIDTHS for theme in THEMES]
SAMPLE = [(360, "dark"), (768, "light"), (1920, "light")]
PHONE = {"has_touch": True, "is_mobile": True}


@pytest.fixture
def demo(site) -> Demo:
    return load.load()


@contextmanager
def opened(browser: Browser, site: str, demo: Demo, width: int, theme: str) -> Iterator[Page]:
    """A window of a width, signed in as root; up to the width of a telephone it has a finger."""
    options = PHONE if width < 600 else {}
    with chromium_context(browser, site, color_scheme=theme, **options) as context:
        page = context.new_page()
        page.add_init_script(pages.WATCH)
        page.set_viewport_size({"width": width, "height": 900})
        pages.enter(page, demo)
        yield page


def faults(page: Page, address: str, width: int) -> list[str]:
    """What is wrong with a page, in words."""
    page.goto(address)
    page.wait_for_timeout(150)
    found = []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        found.append(f"{address} is {wide} pixels too wide")
    if moved := page.evaluate("window.shift"):
        found.append(f"{address} moves by {moved}: {page.evaluate('window.moved')}")
    if width < 600:
        found += [f"{address} is too small to press: {tag}" for tag in page.evaluate(pages.SMALL)]
    found += [f"{address}: {text!r} leaves its cell" for text in page.evaluate(pages.CROSSES)]
    if report := violations(page):
        found.append(f"{address}: {report}")
    return found


def faults_of(page: Page, addresses: Iterable[str], width: int) -> list[str]:
    return [fault for address in addresses for fault in faults(page, address, width)]


def is_in_sample(address: str) -> bool:
    """The lists, one of what is in them, and the shop's gift card."""
    return address.startswith(("/staff/orders/", "/staff/gift-cards/gc_")) or "GIFT" in address


@pytest.mark.parametrize(("width", "theme"), SAMPLE)
def test_the_pages_of_an_order_and_a_card_stand_still_and_fit(browser, site, demo, width, theme):
    with opened(browser, site, demo, width, theme) as page:
        every = pages.addresses(page, demo)
        sample = filter(is_in_sample, (*every.public, *every.desk))
        assert faults_of(page, sample, width) == []


@pytest.mark.soak
@pytest.mark.parametrize(("width", "theme"), ALL)
def test_every_page_stands_still_and_fits(browser, site, demo, width, theme):
    with opened(browser, site, demo, width, theme) as page:
        assert faults_of(page, pages.every_kind(page, demo), width) == []
