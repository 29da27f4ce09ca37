"""The balance page over HTTP: a card of 20 lines, two processes, eight connections.

Against a bare Flask view that answers as many bytes under the same server; and how long a visitor
waits when half as many come as could.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from statistics import median

from bench import databases
from bench.databases import Engine
from bench.figures import ROUNDS, Figure, interleave, ratio, single
from bench.pressing import CONNECTIONS, FORM, press
from giftweb.domain import campaigns, cards
from giftweb.domain.audit import SYSTEM
from giftweb.domain.campaign_settings import Settings
from giftweb.money import Money
from giftweb.server import THREADS_PER_PROCESS, WAITING_PER_PROCESS
from tests.postgres import free_port
from tests.serving import ROOT, serving

LINES = 20
PROCESSES = 2
AT_LEAST = 0.30
TIMES_THE_MEDIAN = 5


def run() -> list[Figure]:
    """The ratio and the late ones, on each engine."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Press both servers in turn, then ours alone at half the pace."""
    url = engine.make()
    with databases.used(url):
        body = f"code={card_with_history()}"
    with serving(url, engine.keys_path, processes=PROCESSES) as page:
        with bare_view(len(post(page, body))) as bare:
            samples = interleave(
                {
                    "page": lambda: press(page, body).rate,
                    "bare view": lambda: press(bare, body).rate,
                }
            )
        pause = round(2000 * CONNECTIONS / median(samples["page"]))
        calm = [press(page, body, pause=pause) for _ in range(ROUNDS)]
    told = {
        "median": f"{median(one.median for one in calm):.2f} ms",
        "p99": f"{median(one.p99 for one in calm):.2f} ms",
        "at": f"{median(one.rate for one in calm):,.0f}/s",
    }
    return [
        ratio(
            f"balance page, {engine.name}: page / bare view",
            samples,
            of="page",
            to="bare view",
            at_least=AT_LEAST,
        ),
        single(
            f"balance page, {engine.name}: p99 / median at half load",
            [one.p99 / one.median for one in calm],
            at_most=TIMES_THE_MEDIAN,
            unit="",
            absolute=told,
        ),
    ]


def card_with_history() -> str:
    """The code of a shop's card with LINES lines."""
    shop = campaigns.create(
        Settings(name="Bench", currency="USD", brand_name="Bench", brand_colour="teal"), by=SYSTEM
    )
    new = cards.NewCard(
        amount=Money(5000, "USD"), holder_email="ann@example.com", campaign_id=shop.id
    )
    issued = cards.issue(new, by=SYSTEM)
    for _ in range(LINES - 1):
        cards.top_up(issued.card.id, amount=Money(2500, "USD"), by=SYSTEM)
    return issued.code


def post(address: str, body: str) -> bytes:
    """What the page answers."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.request("POST", "/balance", body, {"Content-Type": FORM})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{address} answered {answer.status}")
    return text


@contextmanager
def bare_view(size: int) -> Iterator[str]:
    """The address of the bare view, under granian as the program is."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(PROCESSES)]
    command += ["--blocking-threads", str(THREADS_PER_PROCESS), "--log-level", "error"]
    command += ["--backpressure", str(WAITING_PER_PROCESS), "bench.bare:app"]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "BARE_BYTES": str(size)})
    try:
        for _ in range(200):
            with suppress(OSError):
                post(address, "")
                break
            time.sleep(0.05)
        yield address
    finally:
        server.terminate()
        server.wait(15)
