"""A real browser on a real server: the application on this test's database, over HTTP.

``site`` is the server's address, ``page`` a fresh Chromium page, ``check_axe(page)`` the WCAG
check, and ``plain_page`` a page with script off.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

import app as application
from giftweb.config import Config, from_environment
from tests import postgres
from tests.browser import chromium

expect.set_options(timeout=15_000)

HERE = Path(__file__).parent
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser that shares its processors with others may stumble: each test has a second try.

    The report names whatever needed it.
    """
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.flaky(reruns=1))


class Quiet(WSGIRequestHandler):
    """Serves without a line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> int:
    """The port that ``site`` listens on."""
    return postgres.free_port()


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


@pytest.fixture
def site(engine, config, port) -> Iterator[str]:
    """The address of the application, served by threads of this process, CSRF tokens and all."""
    served = application.create_app(config)
    engine.use()
    server = make_server("127.0.0.1", port, served, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a pytest worker."""
    path = chromium.find()
    if path is None:
        pytest.fail("The tests need Chromium. As root: apt-get install chromium", pytrace=False)
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


@contextmanager
def chromium_context(browser: Browser, site: str, **options: object) -> Iterator[BrowserContext]:
    """A fresh profile."""
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900}, **options)
    context.set_default_timeout(20_000)
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


@pytest.fixture
def check_axe() -> Callable[[Page], None]:
    """``check_axe(page)``: the page breaks no rule of WCAG 2.2 AA that a machine can check."""

    def check(page: Page) -> None:
        # A colour in the middle of its fade is nobody's choice.
        page.wait_for_timeout(300)
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        assert results.violations_count == 0, results.generate_report()

    return check
