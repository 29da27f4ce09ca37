"""Somebody at a browser who reads one language: at a desk, or with a phone in the hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect

from giftweb import language
from giftweb.language import gettext
from tests.browser.conftest import chromium_context

TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
PHONE = {"width": 360, "height": 740}


@dataclass(frozen=True)
class Reader:
    """A page, and the language that is read on it."""

    page: Page
    language: str

    def text(self, message: str, **values: Any) -> str:
        """The message in the reader's language."""
        with language.use(self.language):
            return gettext(message, **values)

    def sees(self, message: str, **values: Any) -> None:
        """It stands on the page, which is no wider than its window."""
        expect(self.page.locator("main")).to_contain_text(self.text(message, **values))
        assert self.page.evaluate(TOO_WIDE) <= 0, self.page.url

    def press(self, message: str, **values: Any) -> None:
        """The button with these words."""
        text = self.text(message, **values)
        self.page.get_by_role("button", name=text, exact=True).first.click()

    def fill(self, **fields: str) -> None:
        """Fields by their names."""
        for name, text in fields.items():
            self.page.locator(f"main [name={name}]:visible").first.fill(text)


@contextmanager
def reading(
    browser: Browser, site: str, spoken: str, *, on_phone: bool, **options: Any
) -> Iterator[Reader]:
    """A reader in a fresh profile."""
    locale = {"de": "de-DE", "en": "en-US"}[spoken]
    with chromium_context(browser, site, locale=locale, has_touch=on_phone, **options) as context:
        page = context.new_page()
        if on_phone:
            page.set_viewport_size(PHONE)
        yield Reader(page, spoken)
