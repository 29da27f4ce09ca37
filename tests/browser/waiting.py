"""What a test in a browser waits for: an event, or what a page comes to say; never a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Frame, Locator, Page, expect

LONGEST = 15.0


def wait_until(frame: Page | Frame, expression: str, arg: object = None) -> None:
    """Until the expression is true in the page.

    Playwright's own ``wait_for_function`` asks again from within the page, whose policy allows no
    ``eval``: on our pages it fails unless the first answer is yes.
    """
    end = time.monotonic() + LONGEST
    while not frame.evaluate(expression, arg):
        assert time.monotonic() < end, expression
        frame.wait_for_timeout(20)


def wait_for_shortcut(page: Page, key: str) -> None:
    """Until htmx has made the link of a key its own; before, the link leads to a page."""
    link = f'#main [data-shortcut="{key}"]'
    has_htmx = "link => Boolean(document.querySelector(link)?.['htmx-internal-data']?.initHash)"
    wait_until(page, has_htmx, link)


def opened_panel(page: Page) -> Locator:
    """The panel, once it is open and has a form."""
    expect(page.locator("#panel[open]:not(.htmx-settling) form")).not_to_have_count(0)
    return page.get_by_role("dialog")


@contextmanager
def redrawn(part: Locator) -> Iterator[None]:
    """What is done within draws the part again: nothing that follows is asked of the old one.

    An answer that has come is not yet on the page, and what the old part says may be true of both.
    """
    part.evaluate("part => part.toggleAttribute('data-old', true)")
    yield
    expect(part.page.locator("[data-old]")).to_have_count(0)
