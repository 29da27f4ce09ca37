"""How soon a shopper can type a code on a shop's page, in a Chromium four times slower than it is.

The shop is on another origin and keeps the widget's space, as docs/embedding.md says. Nothing is in
the browser's cache. All frames are in one process, so that all of them are slowed down.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from bench import databases, shops
from bench.databases import Engine
from bench.figures import ROUNDS, Figure, single
from giftweb.domain import campaigns
from giftweb.domain import checkout_values as values
from giftweb.domain.audit import SYSTEM
from tests.browser import chromium
from tests.postgres import free_port
from tests.serving import serving

SLOWER = 4
AT_MOST_MS = 300
ARGUMENTS = (*chromium.ARGUMENTS, "--disable-site-isolation-trials")

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<style>giftweb-checkout {{ display: block; min-height: 176px }}</style>
<h1>Checkout</h1>
<script src="{site}/widget.js" async></script>
<giftweb-checkout token="{token}"></giftweb-checkout>
<p>After the widget</p>"""

WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
const look = () => {
  if (document.getElementById("code")) window.usable = performance.timeOrigin + performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
"""In each frame: how much moved, and at which moment the field for the code was drawn."""

TAG = "performance.getEntriesByType('resource').find((e) => e.name.includes('widget.js')).startTime"


@dataclass(frozen=True)
class Opened:
    """Milliseconds from the start of the navigation: to the widget's tag, to its field."""

    tag: float
    usable: float
    shift: float


def run() -> list[Figure]:
    """Milliseconds until the field is there, and how much of the page moved."""
    with databases.engines() as both:
        return measure(both[0])


def measure(engine: Engine) -> list[Figure]:
    """Open the shop's page in fresh profiles; the first one is not counted."""
    url, port = engine.make(), free_port()
    origin = f"http://localhost:{port}"
    with databases.used(url):
        shop = shops.open_shop()
        campaign = campaigns.find(shop.campaign_id)
        framed = replace(campaign.settings, origins=(origin,))
        campaigns.change(shop.campaign_id, settings=framed, by=SYSTEM)
        token = values.client_token(shops.open_cart(shop))
    with (
        serving(url, engine.keys_path) as site,
        shop_at(port, site, token),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=list(ARGUMENTS))
        found = [opened(browser, origin) for _ in range(ROUNDS + 1)][1:]
        browser.close()
    return [
        single(
            f"the widget on a shop's page, CPU {SLOWER} times slower: usable after",
            [one.usable for one in found],
            at_most=AT_MOST_MS,
            unit="ms",
            absolute={"from the tag on": f"{median(one.usable - one.tag for one in found):.0f} ms"},
        ),
        single(
            "the widget on a shop's page: layout shift",
            [one.shift for one in found],
            at_most=0,
            unit="",
        ),
    ]


def opened(browser: Browser, origin: str) -> Opened:
    """Open the shop's page in a fresh profile and wait for the field."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(WATCH)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(origin)
    page.frame_locator("iframe").locator("#code").wait_for()
    page.wait_for_timeout(300)
    found = Opened(
        tag=page.evaluate(TAG),
        usable=page.frames[1].evaluate("usable") - page.evaluate("performance.timeOrigin"),
        shift=sum(frame.evaluate("shift") for frame in page.frames),
    )
    context.close()
    return found


@contextmanager
def shop_at(port: int, site: str, token: str) -> Iterator[None]:
    """A shop's own server, which answers the page at every address."""
    text = PAGE.format(site=site, token=token).encode()

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Shop)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
