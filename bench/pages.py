"""How soon the largest part of each page of the demo shop is drawn, in a Chromium four times slower
than it is, and whether anything moves under the reader.

Pages of the desk are opened by a browser that has the style sheet and the scripts already, as a
person has at work; public pages in fresh profiles, as a shopper opens them. The figures are those
of the slowest page of each kind, which stands beside them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from bench import databases
from bench.databases import Engine
from bench.figures import ROUNDS, Figure, single
from giftweb.demo import load
from giftweb.demo.load import Demo
from tests.browser import chromium, pages
from tests.served import serving

SLOWER = 4
LISTS_MS, PUBLIC_MS = 700, 500

Measured = dict[str, list[tuple[float, float]]]
"""By address: milliseconds until the largest part is drawn, and how much moved."""


def run() -> list[Figure]:
    """The slowest page of the desk and of the public, and the most that moves on any."""
    with databases.engines() as both:
        return measure(both[0])


def measure(engine: Engine) -> list[Figure]:
    """Open every page a few times."""
    url = engine.make()
    with databases.used(url):
        demo = load.load()
    with serving(url, engine.keys_path) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        public, desk = opened(browser, site, demo)
        browser.close()
    return [
        *slowest("the desk's pages", desk, LISTS_MS),
        *slowest("public pages", public, PUBLIC_MS),
    ]


def opened(browser: Browser, site: str, demo: Demo) -> tuple[Measured, Measured]:
    """What was measured on the pages of the public, and on those of the desk."""
    with window(browser, site) as page:
        pages.enter(page, demo)
        found = pages.addresses(page, demo)
        slow_down(page)
        desk = {
            address: [at(page, address) for _ in range(ROUNDS + 1)][1:] for address in found.desk
        }
    public: Measured = {address: [] for address in found.public}
    for _ in range(ROUNDS):
        for address, samples in public.items():
            with window(browser, site) as page:
                slow_down(page)
                samples.append(at(page, address))
    return public, desk


@contextmanager
def window(browser: Browser, site: str) -> Iterator[Page]:
    """A page of a fresh profile that watches itself."""
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(pages.WATCH)
    yield page
    context.close()


def slow_down(page: Page) -> None:
    """From now on the processor is slower."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def at(page: Page, address: str) -> tuple[float, float]:
    """Open a page, and let it settle."""
    page.goto(address)
    page.wait_for_timeout(400)
    largest, shift = page.evaluate("[window.largest, window.shift]")
    return largest, shift


def slowest(kind: str, measured: Measured, at_most: int) -> list[Figure]:
    """The page that is slowest in the median, and the most that moved."""
    name = max(measured, key=lambda address: median(largest for largest, _ in measured[address]))
    shifts = [max(shift for _, shift in samples) for samples in measured.values()]
    return [
        single(
            f"{kind}, CPU {SLOWER} times slower: the largest part drawn on the slowest",
            [largest for largest, _ in measured[name]],
            at_most=at_most,
            unit="ms",
            absolute={"slowest": name, "pages": str(len(measured))},
        ),
        single(f"{kind}: how much moves under the reader", [max(shifts)], at_most=0, unit=""),
    ]
