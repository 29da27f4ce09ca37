"""The balance page over HTTP: cards of 20 lines, two processes, eight connections.

Against a bare Flask view that answers as many bytes under the same server: one card again and
again, in each language, and another one every time, of more than the processes keep. And how long a
visitor waits when half as many come as could.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from statistics import median

from bench import databases
from bench.databases import Engine
from bench.figures import ROUNDS, Figure, interleave, ratio, single
from bench.pressing import CONNECTIONS, Forms, Pressed, press
from giftweb import database, language
from giftweb.domain import campaigns, cards
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.campaigns.settings import Settings
from giftweb.money import Money
from giftweb.web.pages.balance import CACHED_PAGES
from tests.postgres import free_port
from tests.served import ROOT, serving

LINES = 20
PROCESSES = 2
CARDS = 3 * PROCESSES * CACHED_PAGES // 2
SECONDS, CALM_SECONDS = 1, 2
AT_LEAST = {"sqlite": 0.40, "postgresql": 0.26}
OTHERS_AT_LEAST = {"sqlite": 0.24, "postgresql": 0.18}
TIMES_THE_MEDIAN = 5
BRANDED = Settings(name="Bench", currency="USD", brand_name="Bench", brand_colour="teal")


def run() -> list[Figure]:
    """The ratio and the late ones, on each engine."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Press both servers in turn, then ours alone at half the pace."""
    url = engine.make()
    with databases.used(url), database.transaction():
        shop = campaigns.create(BRANDED, by=SYSTEM)
        forms = Forms([f"code={card_with_history(shop.id)}" for _ in range(CARDS)])
    one = Forms(forms.bodies[:1])
    with serving(url, engine.keys_path, processes=PROCESSES) as page:
        with bare_view(len(post(page, one))) as bare:
            samples = interleave(
                {
                    **{
                        name: lambda spoken=spoken: press(page, spoken, seconds=SECONDS).rate
                        for name, spoken in in_languages(one).items()
                    },
                    "other cards": lambda: press(page, forms, seconds=SECONDS).rate,
                    "bare view": lambda: press(bare, one, seconds=SECONDS).rate,
                }
            )
        pause = round(2000 * CONNECTIONS / median(samples["page"]))
        calm = [press(page, one, seconds=CALM_SECONDS, pause=pause) for _ in range(ROUNDS)]
    return _figures(engine.name, samples, calm)


def _figures(engine: str, samples: dict[str, list[float]], calm: list[Pressed]) -> list[Figure]:
    waits = {
        "median": f"{median(one.median for one in calm):.2f} ms",
        "p99": f"{median(one.p99 for one in calm):.2f} ms",
        "at": f"{median(one.rate for one in calm):,.0f}/s",
    }
    title = f"balance page, {engine}"
    late = [one.p99 / one.median for one in calm]
    return [
        *(
            ratio(
                f"{title}: {name} / bare view",
                samples,
                of=name,
                to="bare view",
                at_least=AT_LEAST[engine],
            )
            for name in samples
            if name.startswith("page")
        ),
        ratio(
            f"{title}: other cards / bare view",
            samples,
            of="other cards",
            to="bare view",
            at_least=OTHERS_AT_LEAST[engine],
        ),
        single(
            f"{title}: p99 / median at half load",
            late,
            at_most=TIMES_THE_MEDIAN,
            unit="",
            absolute=waits,
        ),
    ]


def in_languages(forms: Forms) -> dict[str, Forms]:
    """The forms as readers of each language send them; those of English as ``page``."""
    return {
        "page" if spoken == language.ENGLISH else f"page in {name}": replace(
            forms, headers={"Accept-Language": spoken}
        )
        for spoken, name in language.LANGUAGES.items()
    }


def card_with_history(campaign_id: str) -> str:
    """The code of a shop's card with LINES lines."""
    new = cards.NewCard(
        amount=Money(5000, "USD"), holder_email="ann@example.com", campaign_id=campaign_id
    )
    issued = cards.issue(new, by=SYSTEM)
    for _ in range(LINES - 1):
        cards.top_up(issued.card.id, amount=Money(2500, "USD"), by=SYSTEM)
    return issued.code


def post(address: str, forms: Forms) -> bytes:
    """What the first of the forms is answered."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.request("POST", forms.path, forms.bodies[0], forms.all_headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{address} answered {answer.status}")
    return text


@contextmanager
def bare_view(size: int, view: str = "bench.bare:app", **environ: str) -> Iterator[str]:
    """The address of the bare view, or of another one, behind the front that the program has."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "bench.served"]
    place = {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": str(PROCESSES)}
    settings = {**os.environ, **place, "BENCH_VIEW": view, "BARE_BYTES": str(size), **environ}
    server = subprocess.Popen(command, cwd=ROOT, env=settings)
    try:
        for _ in range(200):
            with suppress(OSError):
                post(address, Forms([""]))
                break
            time.sleep(0.05)
        yield address
    finally:
        server.terminate()
        server.wait(15)
