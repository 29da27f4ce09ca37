"""Every page of the demo shop, at four widths in both themes: nothing moves, nothing is wider than
the window, nothing is too small for a finger, and no rule of accessibility is broken.

The short form opens each page of a sample at each width. The long one opens every page there is
on a phone and at a desk, and pulls the window of the desk to the other widths.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page

from giftweb.demo import load
from giftweb.demo.load import Demo
from tests.browser import pages
from tests.browser.conftest import COLOURS, chromium_context, violations
from tests.browser.test_every_language import every_page

pytestmark = pytest.mark.proves("B17")

WINDOWS = {"phone": (360,), "desk": (1280, 768, 1920)}
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
    found = open_still(page, address) + misplaced(page, address, width)
    if report := violations(page):
        found.append(f"{address}: {report}")
    return found


def open_still(page: Page, address: str) -> list[str]:
    """Open a page; what moves under the reader."""
    page.goto(address)
    page.wait_for_timeout(150)
    if moved := page.evaluate("window.shift"):
        return [f"{address} moves by {moved}: {page.evaluate('window.moved')}"]
    return []


def misplaced(page: Page, address: str, width: int) -> list[str]:
    """What does not fit at a width."""
    found = []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        found.append(f"{address} is {wide} pixels too wide at {width}")
    if width < 600:
        found += [f"{address} is too small to press: {tag}" for tag in page.evaluate(pages.SMALL)]
    crossing = page.evaluate(pages.CROSSES)
    return found + [f"{address}: {text!r} leaves its cell at {width}" for text in crossing]


def faults_at_all(page: Page, address: str, widths: tuple[int, ...]) -> list[str]:
    """What is wrong at any of these widths in either theme; the page is opened at the first."""
    found = open_still(page, address)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        found += misplaced(page, address, width)
        broken = violations(page)
        page.emulate_media(color_scheme="dark")
        broken += violations(page, COLOURS)
        page.emulate_media(color_scheme="light")
        found += [f"{address} at {width}: {broken}"] if broken else []
    page.set_viewport_size({"width": widths[0], "height": 900})
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
@pytest.mark.parametrize("widths", WINDOWS.values(), ids=WINDOWS)
def test_every_page_stands_still_and_fits(browser, site, demo, widths):
    with opened(browser, site, demo, widths[0], "light") as page:
        every = every_page(page, demo)
        assert len(every) > 150
        found = [fault for address in every for fault in faults_at_all(page, address, widths)]
        assert not found, "\n".join(found)
