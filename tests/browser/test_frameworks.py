"""docs/frameworks.md in real builds of React and Vue, drawn by browsers and by servers."""

import html
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import carts
from tests.browser.test_element import STRICT
from tests.browser.test_widget import shop
from tests.factories import goods, make_campaign, make_card, make_checkout

__all__ = ["shop"]

pytestmark = pytest.mark.proves("E40")

PAGES = Path(__file__).parents[1] / "frameworks"
FRAMEWORKS = ("react", "vue")


def run(*command: str) -> str:
    """What a program of the pages' folder prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which(command[0], path=path)
    if program is None or not (PAGES / "node_modules").is_dir():
        pytest.fail("The tests need Node and the frameworks: make test", pytrace=False)
    done = subprocess.run(
        [program, *command[1:]],
        cwd=PAGES,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """The folder with the builds."""
    folder = tmp_path_factory.mktemp("frameworks")
    run("node", "build.mjs", str(folder))
    return folder


@pytest.fixture
def tokens(shop) -> list[str]:
    """Of a cart of 49.00 and one of 29.00."""
    campaign = make_campaign(origins=(shop.origin,))
    opened = [
        make_checkout(goods(price), campaign_id=campaign.id) for price in ("40.00 USD", "20.00 USD")
    ]
    return [carts.client_token(each) for each in opened]


@pytest.fixture
def complaints(page) -> list[str]:
    """What the browser's console holds against the page."""
    found: list[str] = []
    page.on("console", lambda line: line.type in ("error", "warning") and found.append(line.text))
    return found


def show(page: Page, shop, site: str, tokens: list[str], *, script: Path, drawn: str = "") -> None:
    shop.files["/app.js"] = script.read_bytes()
    shop.headers["Content-Security-Policy"] = STRICT.format(site=site)
    names = html.escape(" ".join(tokens))
    shop.page = f"""<!doctype html><html lang="en"><title>Shop</title>
        <script src="{site}/widget.js" async></script>
        <div id="app" data-tokens="{names}">{drawn}</div>
        <script src="/app.js" defer></script>"""
    page.goto(shop.origin)


def expect_a_working_shop(page: Page, tokens: list[str]) -> None:
    frame = page.frame_locator("giftweb-checkout iframe")
    due, own = page.locator("#due"), page.locator("giftweb-checkout > p")
    expect(frame.get_by_text("You still pay $49.00")).to_be_visible()
    expect(due).to_have_text("Due: 4900 USD")
    frame.get_by_label("Gift Card", exact=True).fill(make_card("30.00 USD").code)
    expect(due).to_have_text("Due: 1900 USD")
    expect(own).to_have_text("Cart 0, due 1900 USD")
    page.get_by_role("button", name="Other cart").click()
    expect(frame.get_by_text("You still pay $29.00")).to_be_visible()
    expect(due).to_have_text("Due: 2900 USD")
    expect(own).to_have_text("Cart 1, due 2900 USD")
    page.get_by_role("button", name="Show or hide").click()
    expect(page.locator("giftweb-checkout")).to_have_count(0)
    page.get_by_role("button", name="Show or hide").click()
    expect(frame.get_by_text("You still pay $29.00")).to_be_visible()
    expect(page.locator("giftweb-checkout")).to_have_attribute("token", tokens[1])


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_page_that_the_browser_draws(page, shop, site, tokens, built, complaints, framework):
    show(page, shop, site, tokens, script=built / f"{framework}.js")
    expect_a_working_shop(page, tokens)
    assert complaints == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("first", ["the widget", "the framework"])
def test_a_page_that_the_server_has_drawn(
    page, shop, site, tokens, built, complaints, framework, first
):
    """In its development build a framework complains of whatever does not match."""
    drawn = run("node", "render.mjs", str(built / f"{framework}-server.cjs"), *tokens)
    assert f'<giftweb-checkout token="{tokens[0]}">' in drawn
    late = "**/app.js" if first == "the widget" else "**/widget.js"

    def wait(route):
        page.wait_for_timeout(500)
        route.continue_()

    page.route(late, wait)
    show(page, shop, site, tokens, script=built / f"{framework}-dev.js", drawn=drawn)
    expect_a_working_shop(page, tokens)
    assert [text for text in complaints if "ydration" in text or "did not match" in text] == []


def test_the_typings_hold_in_a_strict_program():
    run("node", "node_modules/typescript/bin/tsc", "--project", ".")


def test_the_docs_show_what_is_tested():
    docs = (PAGES.parents[1] / "docs" / "frameworks.md").read_text()
    for name in ("GiftCards.tsx", "GiftCards.vue"):
        assert (PAGES / name).read_text().rstrip() in docs, name
