"""The widget on another origin in Firefox and in WebKit: `make test-browsers`."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from giftweb.domain import carts
from tests.browser.firefox import firefox
from tests.browser.test_widget import opened, shop  # noqa: F401 - fixtures
from tests.browser.webkit import WIDGET_FRAME, webkit
from tests.factories import make_card

pytestmark = pytest.mark.other_browsers

HAS_FRAME = "!!document.querySelector('giftweb-checkout').shadowRoot?.querySelector('iframe')"


@pytest.fixture(params=[firefox, webkit], ids=["firefox", "webkit"])
def browsing(request):
    """A browser that is not Chromium."""
    with request.param() as running:
        yield running


def wait_for(ask: Callable[[], Any], wanted: Any) -> None:
    deadline, found = time.monotonic() + 15, None
    while time.monotonic() < deadline:
        found = ask()
        if found == wanted:
            return
        time.sleep(0.1)
    raise AssertionError(f"{found!r} is not {wanted!r}")


@pytest.mark.proves("S36", "B4")
def test_a_code_that_is_typed_pays_its_part(browsing, site, shop, opened):  # noqa: F811
    card = make_card("100.00 USD")
    shop.show(site, carts.client_token(opened))
    browsing.open(shop.origin)
    wait_for(lambda: browsing.run(HAS_FRAME), True)
    browsing.enter_frame()
    wait_for(lambda: browsing.run("!!document.querySelector('#code')"), True)
    browsing.type_into("#code", card.code.lower())
    wait_for(lambda: browsing.run("document.querySelectorAll('.gift-line').length"), 1)
    browsing.leave_frame()
    heard = {
        "giftCardAmount": 4000,
        "amountDue": 900,
        "currency": "USD",
        "coverage": "full",
    }
    wait_for(lambda: browsing.run("window.heard"), heard)
    tall = f"{WIDGET_FRAME}.getBoundingClientRect().height > 176"
    wait_for(lambda: browsing.run(tall), True)


@pytest.mark.proves("B4")
def test_no_cookie_is_kept(browsing, site, shop, opened):  # noqa: F811
    shop.show(site, carts.client_token(opened))
    browsing.open(shop.origin)
    wait_for(lambda: browsing.run(HAS_FRAME), True)
    browsing.enter_frame()
    wait_for(lambda: browsing.run("!!document.querySelector('#code')"), True)
    assert browsing.run("document.cookie") == ""
