"""Take the pictures of the README and of docs/ from a running `make run`.

    .venv/bin/python -m tools.screenshots 9KMDY-2K61J-VR8X1

The code is that of the half spent card, which `make run` printed. ADDRESS and SHOP name other
ports.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import chromium

IMAGES = Path(__file__).parent.parent / "docs/images"
ADDRESS = os.environ.get("ADDRESS", "http://127.0.0.1:8000")
SHOP = os.environ.get("SHOP", "http://127.0.0.1:8001")


def main() -> int:
    """Take all pictures; 0, or 1 when no code is given."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 1
    code = sys.argv[1]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        take_balance(page, code)
        take_widget(page, code)
        browser.close()
    return 0


def take_balance(page: Page, code: str) -> None:
    """The balance page with its history."""
    page.goto(f"{ADDRESS}/balance")
    page.get_by_label("Gift card code").fill(code)
    page.get_by_role("button", name="Check").click()
    page.get_by_role("heading", name="History").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=IMAGES / "balance.png")


def take_widget(page: Page, code: str) -> None:
    """The widget in the checkout of the example shop, a card applied."""
    page.set_viewport_size({"width": 720, "height": 720})
    page.goto(SHOP)
    page.locator("summary").first.click()
    for label, text in (
        ("Email", "ann@example.com"),
        ("Name", "Ann Smith"),
        ("Street", "1 High Street"),
        ("City", "Springfield"),
        ("Postal code", "12345"),
    ):
        page.get_by_label(label, exact=True).first.fill(text)
    page.get_by_role("button", name="Buy").first.click()
    frame = page.frame_locator("giftweb-checkout iframe")
    frame.get_by_label("Gift card", exact=True).fill(code)
    frame.get_by_role("button", name="Remove").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(300)
    page.screenshot(path=IMAGES / "widget.png")


if __name__ == "__main__":
    sys.exit(main())
