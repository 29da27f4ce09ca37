"""Pages in another language in a real browser: German is long, and a made-up one longer still."""

import re

import pytest

from giftweb import language
from tests import factories, pseudo
from tests.browser.server import enter, running
from tests.web.test_outline import ENDS_THE_SIGN_IN, PARTS_OF_PAGES
from tests.web.test_rights_matrix import everything
from tests.web.test_unreadable import Things, built

pytestmark = pytest.mark.proves("B17")

PHONE = {"width": 320, "height": 640}
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(params=["de", "pseudo"])
def spoken(request, monkeypatch) -> str:
    """German, or every text in the pseudo-language."""
    if request.param == "pseudo":
        pseudo.speak(monkeypatch)
    return request.param


def addresses(things):
    """Every address that may be a page."""
    for rule in running().app.url_map.iter_rules():
        is_page = "GET" in rule.methods and rule.rule not in PARTS_OF_PAGES
        if is_page and rule.endpoint not in ENDS_THE_SIGN_IN | {"static", "auth.login"}:
            yield built(rule, things)


def test_no_page_is_wider_than_a_phone_in_another_language(page, spoken):
    things = Things(everything())
    page.set_extra_http_headers({"Accept-Language": "de"})
    enter(page, factories.make_staff("root"))
    page.set_viewport_size(PHONE)
    wide, seen = [], 0
    for address in addresses(things):
        answer = page.request.get(address)
        if answer.status != 200 or not answer.body().startswith(b"<!doctype html>"):
            continue
        page.goto(address)
        seen += 1
        if page.evaluate(TOO_WIDE) > 0:
            wide.append(address)
        page.evaluate("document.documentElement.dir = 'rtl'")
        if spoken == "pseudo" and page.evaluate(TOO_WIDE) > 0:
            wide.append(f"{address}, from right to left")
    assert seen > 60
    assert not wide, "\n".join(wide)


@pytest.mark.parametrize("name", list(language.LANGUAGES))
def test_the_pages_of_strangers_are_accessible_in_every_language(page, check_axe, name):
    campaign = factories.make_campaign(brand_name="Corner Shop", language=name)
    code = factories.make_card("1250.00 USD", campaign_id=campaign.id).code
    page.set_viewport_size(PHONE)
    for address in (f"/balance?lang={name}", f"/shop/{campaign.id}/?lang={name}", "/account/"):
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == name
        check_axe(page)
        assert page.evaluate(TOO_WIDE) <= 0, address
    page.goto(f"/balance?lang={name}")
    page.locator("[name=code]").fill(code)
    page.locator("main form button[type=submit]").first.click()
    page.locator("#found").wait_for()
    assert page.locator("html").get_attribute("lang") == name
    assert re.search(r"1\D?250", page.locator("#found").inner_text())
    check_axe(page)
    assert page.evaluate(TOO_WIDE) <= 0
