"""The element in shops' pages: what it leaves alone, what it says, and what it does in trouble."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import campaigns, carts, checkout
from giftweb.domain.audit.log import SYSTEM
from tests.browser.conftest import chromium_context
from tests.browser.test_widget import opened, shop
from tests.factories import ROOT, goods, make_campaign, make_checkout

__all__ = ["opened", "shop"]

pytestmark = pytest.mark.proves("E40")

HEARD = """<script>
  window.all = [];
  for (const type of ["ready", "change", "error"])
    document.addEventListener(`giftweb:${type}`, (e) => all.push([type, e.detail, e.composed]));
</script>"""
STRICT = (
    "default-src 'none'; style-src 'self'; script-src 'self' {site}; frame-src {site};"
    " connect-src {site}"
)


def element(page: Page):
    return page.locator("giftweb-checkout")


def frame(page: Page):
    return page.frame_locator("giftweb-checkout iframe")


def heard(page: Page) -> list:
    return page.evaluate("window.all")


def error_of(page: Page) -> str:
    page.wait_for_function("window.all.some(([type]) => type === 'error')", timeout=15_000)
    (found,) = [detail["code"] for type, detail, _ in heard(page) if type == "error"]
    return found


def expect_words(page: Page) -> None:
    """A line that can be read, with a way on, and no frame of the browser's own."""
    expect(element(page).get_by_text("The gift card field cannot be loaded.")).to_be_visible()
    expect(element(page).get_by_role("button", name="Try again")).to_be_visible()
    expect(page.locator("giftweb-checkout iframe")).to_have_count(0)


def show(page: Page, shop, site: str, token: str, more: str = HEARD) -> None:
    shop.show(site, token, more)
    page.goto(shop.origin)


def test_it_says_when_it_is_ready_and_then_the_amounts(page, shop, site, opened):
    show(page, shop, site, carts.client_token(opened))
    expect(frame(page).get_by_text("You still pay $49.00")).to_be_visible()
    page.wait_for_function("window.all.length === 2")
    amounts = {"giftCardAmount": 0, "amountDue": 4900, "currency": "USD", "coverage": "none"}
    assert heard(page) == [["ready", None, True], ["change", amounts, True]]


def test_what_the_page_has_put_into_it_stays(page, shop, site, opened):
    shop.show(site, carts.client_token(opened), HEARD)
    shop.page = shop.page.replace("</giftweb-checkout>", "<b id=own>Ours</b></giftweb-checkout>")
    page.goto(shop.origin)
    expect(frame(page).get_by_text("You still pay $49.00")).to_be_visible()
    assert element(page).evaluate("(e) => [e.getAttributeNames(), e.innerHTML]") == [
        ["token"],
        '<b id="own">Ours</b>',
    ]
    page.evaluate("document.getElementById('own').remove()")
    expect(frame(page).get_by_text("You still pay $49.00")).to_be_visible()


def test_another_token_draws_another_checkout_and_none_draws_nothing(page, shop, site, opened):
    other = make_checkout(goods("20.00 USD"), campaign_id=opened.campaign_id)
    show(page, shop, site, carts.client_token(opened))
    expect(frame(page).get_by_text("You still pay $49.00")).to_be_visible()
    element(page).evaluate("(e, token) => { e.token = token }", carts.client_token(other))
    expect(frame(page).get_by_text("You still pay $29.00")).to_be_visible()
    assert element(page).get_attribute("token") == carts.client_token(other)
    element(page).evaluate("(e) => { e.token = null }")
    expect(page.locator("giftweb-checkout iframe")).to_have_count(0)
    page.wait_for_function("window.all.filter(([type]) => type === 'ready').length === 2")


def test_an_empty_token_draws_nothing_and_complains_of_nothing(page, shop, site, opened):
    show(page, shop, site, "")
    page.wait_for_function("!!customElements.get('giftweb-checkout')")
    page.wait_for_timeout(1500)
    assert element(page).evaluate("(e) => e.shadowRoot.childElementCount") == 0
    assert heard(page) == []
    element(page).evaluate("(e, token) => { e.token = token }", carts.client_token(opened))
    expect(frame(page).get_by_text("You still pay $49.00")).to_be_visible()


def test_a_property_that_was_set_before_the_script_came_counts(page, shop, site, opened):
    shop.page = f"""<!doctype html><title>Shop</title><body><script>
        const made = document.createElement("giftweb-checkout");
        made.token = "{carts.client_token(opened)}";
        document.body.append(made);
        </script><script src="{site}/widget.js" async></script>"""
    page.goto(shop.origin)
    expect(frame(page).get_by_text("You still pay $49.00")).to_be_visible()


@pytest.mark.parametrize(
    "tag",
    [
        '<script type="module" src="{site}/widget.js"></script>',
        '<script type="module">import "{site}/widget.js"</script>',
        '<script>import("{site}/widget.js")</script>',
        '<script src="{site}/widget-1.js" integrity="{hash}" crossorigin="anonymous"></script>',
    ],
)
@pytest.mark.proves("E41")
def test_it_is_a_module_too_and_has_an_address_with_a_hash(page, shop, site, opened, tag):
    listed = page.request.get(f"{site}/widget.json").json()["versions"][-1]
    tag = tag.format(site=site, hash=listed["integrity"])
    token = carts.client_token(opened)
    shop.page = f'<!doctype html><title>Shop</title>{tag}<giftweb-checkout token="{token}">'
    page.goto(shop.origin)
    expect(frame(page).get_by_text("You still pay $49.00")).to_be_visible()


@pytest.mark.proves("E41")
def test_a_script_with_another_hash_is_not_run(page, shop, site, opened):
    tag = f'<script src="{site}/widget-1.js" integrity="sha384-AAAA" crossorigin></script>'
    shop.page = f"<!doctype html><title>Shop</title>{tag}"
    page.goto(shop.origin)
    assert page.evaluate("customElements.get('giftweb-checkout') === undefined")


def test_a_page_with_a_strict_policy_needs_three_lines(page, shop, site, opened):
    """The policy of docs/frameworks.md; whatever it blocks fails the test, as in every page."""
    shop.headers["Content-Security-Policy"] = STRICT.format(site=site)
    shop.page = f"""<!doctype html><title>Shop</title><script src="{site}/widget.js" async></script>
        <giftweb-checkout token="{carts.client_token(opened)}"></giftweb-checkout>"""
    page.goto(shop.origin)
    expect(frame(page).get_by_text("You still pay $49.00")).to_be_visible()
    box = page.locator("giftweb-checkout iframe").bounding_box()
    assert box["height"] >= 176


def test_an_isolated_page_may_have_it(page, shop, site, opened):
    shop.headers |= {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
    }
    show(page, shop, site, carts.client_token(opened))
    expect(frame(page).get_by_text("You still pay $49.00")).to_be_visible()
    assert page.evaluate("crossOriginIsolated")


# When it cannot


@pytest.fixture
def quiet_page(browser, site):
    """A page whose browser may complain of what it blocks."""
    with chromium_context(browser, site) as context:
        yield context.new_page()


def test_a_campaign_that_nobody_knows(quiet_page, shop, site):
    show(quiet_page, shop, site, "cmp_00000000000000000000000000.secret")
    assert error_of(quiet_page) == "unknown_campaign"
    expect_words(quiet_page)


def test_an_origin_that_is_not_registered_then_is(quiet_page, shop, site):
    stranger = make_campaign(origins=("https://shop.example",))
    opened = make_checkout(goods("40.00 USD"), campaign_id=stranger.id)
    show(quiet_page, shop, site, carts.client_token(opened))
    assert error_of(quiet_page) == "origin_not_allowed"
    expect_words(quiet_page)
    settings = replace(stranger.settings, origins=(shop.origin,))
    campaigns.change(stranger.id, settings=settings, by=ROOT)
    element(quiet_page).get_by_role("button", name="Try again").click()
    expect(frame(quiet_page).get_by_text("You still pay $49.00")).to_be_visible()


def test_a_server_that_is_gone_and_comes_back(quiet_page, shop, site, opened):
    quiet_page.route("**/widget/**", lambda route: route.abort())
    show(quiet_page, shop, site, carts.client_token(opened))
    assert error_of(quiet_page) == "unreachable"
    expect_words(quiet_page)
    quiet_page.unroute("**/widget/**")
    element(quiet_page).get_by_role("button", name="Try again").click()
    expect(frame(quiet_page).get_by_text("You still pay $49.00")).to_be_visible()


def test_a_server_that_answers_nonsense(quiet_page, shop, site, opened):
    quiet_page.route(
        "**/widget/**", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>")
    )
    show(quiet_page, shop, site, carts.client_token(opened))
    assert error_of(quiet_page) == "unreachable"
    expect_words(quiet_page)
    expect(quiet_page.get_by_text("Bad gateway")).to_have_count(0)


def test_a_connection_lost_after_the_frame_has_come(page, shop, site, opened):
    show(page, shop, site, carts.client_token(opened))
    expect(frame(page).get_by_text("You still pay $49.00")).to_be_visible()
    page.context.set_offline(True)
    element(page).evaluate("(e) => e.refresh()")
    expect(frame(page).get_by_text("There is no connection")).to_be_visible()
    assert error_of(page) == "unreachable"
    page.context.set_offline(False)


def test_a_cart_that_is_over(page, shop, site, opened):
    checkout.void(opened.id, by=SYSTEM)
    show(page, shop, site, carts.client_token(opened))
    expect(frame(page).get_by_text("This order was abandoned.")).to_be_visible()
    assert error_of(page) == "checkout_closed"


def test_a_token_of_nothing(page, shop, site, opened):
    show(page, shop, site, f"{opened.campaign_id}.nothing")
    expect(frame(page).get_by_text("This cart has expired")).to_be_visible()
    assert error_of(page) == "checkout_closed"


def test_the_words_are_accessible(quiet_page, shop, site, check_axe):
    show(quiet_page, shop, site, "cmp_00000000000000000000000000.secret")
    expect_words(quiet_page)
    check_axe(quiet_page)
