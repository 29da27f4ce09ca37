"""From ``import app`` to a worker that answers, and the memory such a worker keeps."""

import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from bench import databases
from bench.databases import Engine
from bench.figures import Figure, interleave, single
from bench.processes import worker_megabytes
from tests.served import serving

ROOT = Path(__file__).parent.parent
AT_MOST_MS = 650
AT_MOST_MB = 60
REQUESTS = 50
TIMED = """
import gc, time
gc.disable()  # As a web process starts: see giftweb.serving.web.
start = time.perf_counter()
import wsgi
answer = wsgi.app.test_client().get("/readyz")
assert answer.status_code == 200, answer.text
print(time.perf_counter() - start)
"""


def run() -> list[Figure]:
    """Milliseconds to the first answer; PSS of a worker that has served pages."""
    with databases.engines() as both:
        urls = {engine.name: engine.make() for engine in both}
        samples = interleave(
            {
                engine.name: lambda engine=engine: milliseconds(engine, urls[engine.name])
                for engine in both
            }
        )
        memory = {engine.name: megabytes(engine, urls[engine.name]) for engine in both}
    return [
        single(f"import app to ready, {name}", found, at_most=AT_MOST_MS, unit="ms")
        for name, found in samples.items()
    ] + [
        single(f"memory (PSS) of a worker, {name}", found, at_most=AT_MOST_MB, unit="MB")
        for name, found in memory.items()
    ]


def milliseconds(engine: Engine, url: str) -> float:
    """From the import to the first answer that says ready, in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", TIMED],
        cwd=ROOT,
        env=databases.environ(engine, url),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(ran.stdout) * 1000


def megabytes(engine: Engine, url: str) -> list[float]:
    """PSS of each web process after some pages, staff and public."""
    with serving(url, engine.keys_path) as address:
        for _ in range(REQUESTS):
            for page in ("/", "/login", "/healthz"):
                urlopen(address + page).read()
        return worker_megabytes()
