"""How soon a shopper can type a code on a shop's page, in a Chromium four times slower than it is.

The shop is on another origin and keeps the widget's space, as docs/embedding.md says. Nothing is in
the browser's cache. All frames are in one process, so that all of them are slowed down.

The widget can do something from its tag on, so its time begins there. Beside it stand the time from
the start of the navigation, which holds the shop's own page, and both times of a bare frame: a
script of three lines that inserts a frame with an `<input>`. That is what the browser takes for any
widget in a frame of its own.

The pages tell when the field is there, by a line on the console. A wait for an element,
as playwright offers it, brings 330 kB of script into the slowed page while it loads, and 100 ms of
what it measures are its own. The empty tab's first picture is waited for, too.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from bench import databases, shops
from bench.databases import Engine
from bench.figures import ROUNDS, Figure, single
from giftweb.domain import campaigns, carts
from giftweb.domain.audit.log import SYSTEM
from tests.browser import chromium
from tests.postgres import free_port
from tests.served import serving

SLOWER = 4
AT_MOST_MS = 300
ARGUMENTS = (*chromium.ARGUMENTS, "--disable-site-isolation-trials")

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<style>giftweb-checkout {{ display: block; min-height: 176px }}</style>
<h1>Checkout</h1>
<script src="{script}" async></script>
<giftweb-checkout token="{token}"></giftweb-checkout>
<p>After the widget</p>"""

BARE_SCRIPT = """const frame = document.createElement("iframe");
frame.src = "{site}/frame";
frame.style.cssText = "display:block;width:100%;height:176px;border:0";
document.querySelector("giftweb-checkout").replaceChildren(frame);"""
BARE_FRAME = '<!doctype html><title>Field</title><label>Code <input id="code"></label>'

WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
const look = () => {
  if (!document.getElementById("code")) return requestAnimationFrame(look);
  window.usable = performance.timeOrigin + performance.now();
  console.log("usable");
};
requestAnimationFrame(look);
"""
"""In each frame: how much moved, and from which picture on the field for the code is there."""

START = "performance.timeOrigin"
TAG = "performance.getEntriesByType('resource').find((e) => e.initiatorType === 'script').startTime"
DRAWN = f"{START} + performance.getEntriesByName('first-contentful-paint')[0].startTime"


@dataclass(frozen=True)
class Opened:
    """Milliseconds from the start of the navigation: to the tag, the field, its first picture."""

    tag: float
    usable: float
    drawn: float
    shift: float


def run() -> list[Figure]:
    """Milliseconds until the field is there, and how much of the page moved."""
    with databases.engines() as both:
        return measure(both[0])


def measure(engine: Engine) -> list[Figure]:
    """Open the shop's pages in fresh profiles, in turn; the first round is not counted."""
    url, shop_port, bare_port = engine.make(), free_port(), free_port()
    origin, bare = f"http://localhost:{shop_port}", f"http://127.0.0.1:{bare_port}"
    with databases.used(url):
        shop = shops.open_shop()
        campaign = campaigns.find(shop.campaign_id)
        framed = replace(campaign.settings, origins=(origin,))
        campaigns.change(shop.campaign_id, settings=framed, by=SYSTEM)
        token = carts.client_token(shops.open_cart(shop))
    with serving(url, engine.keys_path) as site:
        pages = {
            "/": PAGE.format(script=f"{site}/widget.js", token=token),
            "/bare": PAGE.format(script=f"{bare}/script.js", token=token),
        }
        files = {"/script.js": BARE_SCRIPT.format(site=bare), "/frame": BARE_FRAME}
        with server_at(shop_port, pages), server_at(bare_port, files), chromium_slowed() as browser:
            rounds = [
                (opened(browser, origin), opened(browser, f"{origin}/bare"))
                for _ in range(ROUNDS + 1)
            ]
    return figures(*zip(*rounds[1:], strict=True))


def figures(found: Sequence[Opened], bare: Sequence[Opened]) -> list[Figure]:
    """What was found, beside a bare frame."""
    return [
        single(
            f"the widget on a shop's page, CPU {SLOWER} times slower: usable from its tag on",
            [one.usable - one.tag for one in found],
            at_most=AT_MOST_MS,
            unit="ms",
            absolute={
                "a bare frame": _ms(one.usable - one.tag for one in bare),
                "from the navigation on": _ms(one.usable for one in found),
                "a bare frame from there": _ms(one.usable for one in bare),
                "on the screen, from the tag on": _ms(one.drawn - one.tag for one in found),
            },
        ),
        single(
            "the widget on a shop's page: layout shift",
            [one.shift for one in found],
            at_most=0,
            unit="",
        ),
    ]


def _ms(times: Iterable[float]) -> str:
    return f"{median(times):.0f} ms"


def opened(browser: Browser, address: str) -> Opened:
    """Open a page in a fresh profile and wait for the field."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(WATCH)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.wait_for_timeout(300)
    with page.expect_console_message(lambda message: message.text == "usable"):
        page.goto(address, wait_until="commit")
    page.wait_for_timeout(800)
    top, frame = page.frames
    start = top.evaluate(START)
    found = Opened(
        tag=top.evaluate(TAG),
        usable=frame.evaluate("usable") - start,
        drawn=frame.evaluate(DRAWN) - start,
        shift=sum(one.evaluate("shift") for one in page.frames),
    )
    context.close()
    return found


@contextmanager
def chromium_slowed() -> Iterator[Browser]:
    """A Chromium whose frames share one process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def server_at(port: int, files: Mapping[str, str]) -> Iterator[None]:
    """A server of these files alone."""

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = files.get(self.path)
            self.send_response(404 if text is None else 200)
            kind = "javascript" if self.path.endswith(".js") else "html"
            self.send_header("Content-Type", f"text/{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write((text or "").encode())

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
