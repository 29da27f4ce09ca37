"""docs/embedding.md, walked through: the example shop, another program on another port."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import app as application
from giftweb.domain import cards, orders
from tests import postgres
from tests.browser.test_widget import shop
from tests.factories import ADMIN, amount_of, make_api_key, make_campaign, make_card
from tests.orders import newest_order

ROOT = Path(__file__).parent.parent.parent
SHOP = ROOT / "examples" / "shop"

__all__ = ["shop"]


@pytest.fixture
def example(site) -> Iterator[str]:
    """The address of the example shop, with a key of a campaign of its own."""
    port = postgres.free_port()
    address = f"http://localhost:{port}"
    campaign = make_campaign(origins=(address,))
    environ = {"GIFTWEB_URL": site, "GIFTWEB_API_KEY": make_api_key(campaign.id)}
    command = [sys.executable, "-m", "flask", "--app", "shop", "run", "--port", str(port)]
    running = subprocess.Popen(
        command, cwd=SHOP, env={**os.environ, **environ}, stderr=subprocess.DEVNULL
    )
    try:
        _wait(f"http://127.0.0.1:{port}/")
        yield address
    finally:
        running.terminate()
        running.wait(10)


def _wait(address: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(address, timeout=1)
        except OSError:
            assert time.monotonic() < deadline, "the example shop did not start"
            time.sleep(0.1)
        else:
            return


def buy_a_kettle(page: Page, address: str):
    page.goto(address)
    page.get_by_text("Copper kettle").first.click()
    for label, text in (
        ("Email", "ann@example.com"),
        ("Name", "Ann Smith"),
        ("Street", "1 High Street"),
        ("City", "Springfield"),
        ("Postal code", "12345"),
    ):
        page.locator("details[open]").get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Buy Copper kettle").click()
    return page.frame_locator("giftweb-checkout iframe")


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("B4", "B5", "S36", "S40", "S42", "S64")
def test_a_shop_is_live_with_one_tag_and_three_requests(page, example):
    card = make_card("100.00 USD")
    frame = buy_a_kettle(page, example)
    frame.get_by_label("Gift Card", exact=True).fill(card.code)
    expect(page.locator("#due")).to_have_text("$9.00")
    assert str(cards.find(card.card.id).balance) == "100.00 USD"
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", name="Thank you, Ann Smith")).to_be_visible()
    assert str(cards.find(card.card.id).balance) == "30.00 USD"
    sheet = orders.sheet(newest_order())
    assert [payment.method for payment in sheet.payments] == ["gift_card", "cash"]


@pytest.mark.engines("sqlite", "postgresql")
def test_a_card_that_was_spent_meanwhile_is_reported_and_the_order_goes_on(page, example):
    card = make_card("100.00 USD")
    frame = buy_a_kettle(page, example)
    frame.get_by_label("Gift Card", exact=True).fill(card.code)
    expect(page.locator("#due")).to_have_text("$9.00")
    cards.adjust(card.card.id, change=-amount_of("80.00 USD"), reason="spent", by=ADMIN)
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("alert")).to_contain_text("$20.00 left")
    expect(page.locator("#due")).to_have_text("$59.00")
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", name="Thank you, Ann Smith")).to_be_visible()


def test_an_address_that_is_refused_is_reported_on_the_shelf(page, example):
    page.goto(example)
    page.evaluate("document.querySelectorAll('form').forEach((form) => form.noValidate = true)")
    page.get_by_text("Copper kettle").first.click()
    page.get_by_role("button", name="Buy Copper kettle").click()
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.engines("sqlite", "postgresql")
def test_a_second_click_on_place_order_finds_the_order(page, example):
    frame = buy_a_kettle(page, example)
    expect(frame.get_by_label("Gift Card", exact=True)).to_be_visible()
    page.get_by_role("button", name="Place order").dblclick()
    expect(page.get_by_role("heading", name="Thank you, Ann Smith")).to_be_visible()
    assert orders.values.select().count() == 1


def commands(language: str = "sh") -> list[str]:
    """The blocks of docs/embedding.md in a language, in order."""
    text = (ROOT / "docs" / "embedding.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.proves("B4", "B5")
def test_the_page_is_followed_word_for_word(page, site, config, shop):
    if shutil.which("curl") is None:
        pytest.fail("The documents' commands need curl: apt-get install curl")
    create, issue, start, authorise, capture, *_ = commands()
    made = flask(config, create.replace("http://localhost:3000", shop.origin))
    card = flask(config, issue.splitlines()[1])
    known = {"GIFTWEB": f"{site}/api/v1", "KEY": made["test_key"], "PATH": "/usr/bin:/bin"}
    opened = curl(start, known)
    known["CHECKOUT"] = opened["id"]
    tag = commands("html")[0].replace("http://127.0.0.1:8000", site)
    tag = tag.replace("CLIENT_TOKEN", opened["client_token"])
    shop.page = f"<!doctype html><title>Shop</title>{tag}"
    page.goto(shop.origin)
    frame = page.frame_locator("giftweb-checkout iframe")
    frame.get_by_label("Gift Card", exact=True).fill(card["code"])
    expect(frame.get_by_text("You still pay $9.00 for shipping")).to_be_visible()
    assert curl(authorise, known)["amount_due"] == 900
    first, again = curl(capture, known), curl(capture, known)
    assert first["status"] == "placed"
    assert first == again


def flask(config, command: str) -> dict:
    """Run a flask command of the page, on the test's database; what it printed."""
    arguments = shlex.split(command.partition("--app app ")[2])
    ran = application.create_app(config).test_cli_runner().invoke(args=arguments)
    return json.loads(ran.stdout)


def curl(command: str, known: dict[str, str]) -> dict:
    """Run a curl command of the page; the answer."""
    done = subprocess.run(
        ["sh", "-c", command], env=known, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


@pytest.mark.no_database
def test_the_page_names_what_the_example_does():
    found = (ROOT / "docs" / "embedding.md").read_text()
    code = (SHOP / "shop.py").read_text()
    for path in ("/checkouts", "/authorisation", "/capture"):
        assert path in found
        assert path in code
    page = (SHOP / "templates" / "checkout.html").read_text()
    assert re.search(r"<giftweb-checkout token=", page)
    style = (SHOP / "static" / "shop.css").read_text()
    for name in re.findall(r"--giftweb-[\w-]+", style):
        assert name in found
