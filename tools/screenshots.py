"""Take the pictures of the README and of docs/ from a running `make run`.

    .venv/bin/python -m tools.screenshots 9KMDY-2K61J-VR8X1 dx94-2kct-ht6x-qtfn

The code is that of the half spent card, the password that of Customer Service; `make run` printed
both. ADDRESS and SHOP name other ports.
"""

import argparse
import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import chromium

IMAGES = Path(__file__).parent.parent / "docs/images"
ADDRESS = os.environ.get("ADDRESS", "http://127.0.0.1:8000")
SHOP = os.environ.get("SHOP", "http://127.0.0.1:8001")
ORDER = 10016
"""Of the demo: paid by a gift card and a credit card, not shipped yet."""


def reader() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots")
    parser.add_argument("code", help="of the half spent card")
    parser.add_argument("password", help="of Customer Service")
    return parser


def main() -> int:
    """Take all pictures."""
    wanted = reader().parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        take_balance(page, wanted.code)
        take_desk(page, wanted.password)
        take_widget(page, wanted.code)
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


def take_desk(page: Page, password: str) -> None:
    """An order at the desk: who bought what, how it was paid, what can be done."""
    page.set_viewport_size({"width": 1280, "height": 960})
    page.goto(f"{ADDRESS}/login")
    page.get_by_label("Email").fill("customer-service@giftweb.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").first.click()
    page.goto(f"{ADDRESS}/staff/orders/{ORDER}")
    page.get_by_role("heading", name="Payment History").wait_for()
    page.screenshot(path=IMAGES / "desk.png")


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
    frame.get_by_label("Gift Card", exact=True).fill(code)
    frame.get_by_role("button", name="Remove").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(300)
    page.screenshot(path=IMAGES / "widget.png")


if __name__ == "__main__":
    sys.exit(main())
