"""A real browser on a real server: the application on this test's database, over HTTP.

``site`` is the server's address, ``page`` a fresh Chromium page, ``plain_page`` a page with
script off, ``phone_page`` one on a telephone, ``check_axe(page)`` the WCAG check, and
``check_layout(page)`` all widths and themes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe, AxeResults
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import app as application
from giftweb import gateways
from giftweb.config import Config, from_environment
from giftweb.domain import payments
from tests.browser import chromium, server, slow

expect.set_options(timeout=15_000)

HERE = Path(__file__).parent
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast"]}
RUN_AXE = "options => axe.run(document, options).then(({violations}) => ({violations}))"
FADED = """() => new Promise(requestAnimationFrame).then(() => Promise.all(
    document.getAnimations()
        .filter(each => each.effect.getComputedTiming().endTime < Infinity)
        .map(each => each.finished.catch(() => null))
)).then(() => null)"""
AXE = Axe()
CheckAxe = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How slow server and pages are: see tests/browser/slow.py."""
    parser.addoption(slow.OPTION, type=int, default=0, metavar="MILLISECONDS")


@pytest.fixture(scope="session")
def http_server(pytestconfig) -> Iterator[server.Server]:
    """The server of this pytest worker."""
    server.running().delay = pytestconfig.getoption(slow.OPTION, 0)
    yield server.running()
    server.running().stop()


@pytest.fixture
def port(http_server) -> int:
    """The port that ``site`` listens on."""
    return http_server.port


@pytest.fixture
def config(engine, keys_path, port) -> Config:
    """The program's settings, with links that lead to ``site``."""
    return from_environment(
        {
            "DATABASE_URL": engine.url,
            "GIFTWEB_KEYS": str(keys_path),
            "BASE_URL": f"http://127.0.0.1:{port}",
        }
    )


@pytest.fixture(scope="session")
def served_apps() -> dict[Config, Flask]:
    """The applications that this pytest worker has built so far, with CSRF tokens and all."""
    return {}


@pytest.fixture
def site(engine, config, http_server, served_apps, compiled_templates) -> Iterator[str]:
    """The address of the application, served by threads of this process."""
    if config not in served_apps:
        served_apps[config] = application.create_app(config)
        served_apps[config].jinja_env.bytecode_cache = compiled_templates
        engine.use()
    payments.providers.use_gateways(gateways.available(config))
    http_server.app = served_apps[config]
    yield http_server.address
    http_server.wait_until_idle()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a pytest worker."""
    path = chromium.find()
    if path is None:
        pytest.fail(
            "The tests need Chromium. As root: apt-get install chromium-headless-shell",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture
def page(browser, site) -> Iterator[Page]:
    """A page in a fresh profile; an error in a script, or a broken policy, fails the test."""
    yield from _page(browser, site)


@pytest.fixture
def plain_page(browser, site) -> Iterator[Page]:
    """A page with script off."""
    yield from _page(browser, site, java_script_enabled=False)


@pytest.fixture
def phone_page(browser, site) -> Iterator[Page]:
    """A page on a telephone."""
    for page in _page(browser, site, has_touch=True, is_mobile=True):
        page.set_viewport_size({"width": 360, "height": 780})
        yield page


@contextmanager
def chromium_context(browser: Browser, site: str, **options: object) -> Iterator[BrowserContext]:
    """A fresh profile."""
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900}, **options)
    context.set_default_timeout(20_000)
    if delay := server.running().delay:
        slow.hold_answers(context, delay)
    yield context
    context.close()


def _page(browser: Browser, site: str, **options: object) -> Iterator[Page]:
    faults: list[str] = []
    with chromium_context(browser, site, **options) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: _note_refusal(message.text, faults))
        yield page
    assert not faults, faults


def _note_refusal(text: str, faults: list[str]) -> None:
    if "Content Security Policy" in text:
        faults.append(text)


def violations(page: Page, rules: Mapping[str, object] = WCAG) -> str:
    """Which of these rules of WCAG 2.2 AA the page breaks, and where; empty if none."""
    # A colour in the middle of its fade is nobody's choice.
    page.evaluate(FADED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    # A frame that runs no script, such as a mail's, would be waited for in vain.
    options = {"runOnly": rules, "resultTypes": ["violations"], "iframes": False}
    results = AxeResults(page.evaluate(RUN_AXE, options))
    return results.generate_report() if results.violations_count else ""


@pytest.fixture(scope="session")
def check_axe() -> CheckAxe:
    """``check_axe(page)``: the page breaks no rule of WCAG 2.2 AA that a machine can check.

    ``check_axe(page, rules=COLOURS)`` asks for some rules alone: for what another theme changes.
    """

    def check(page: Page, *, rules: Mapping[str, object] = WCAG) -> None:
        found = violations(page, rules)
        assert not found, f"{page.url}\n{found}"

    return check


@pytest.fixture(scope="session")
def check_layout(check_axe) -> Callable[[Page], None]:
    """``check_layout(page)``: at no width the page is wider than the window, and axe has no word.

    A page is loaded once and its window pulled: axe sees it on a light phone and on a dark desk.
    """

    def check(page: Page) -> None:
        for width, scheme in ((320, "light"), (360, None), (1280, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            if scheme:
                page.emulate_media(color_scheme=scheme)
            too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert too_wide <= 0, f"{page.url} at {width}"
            if scheme:
                check_axe(page)

    return check
