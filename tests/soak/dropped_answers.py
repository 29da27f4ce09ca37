"""The answer to a COMMIT is lost on its way: what is asked again has one effect."""

import collections
import tempfile
import threading
import time
from pathlib import Path

from giftweb import keys
from tests import engines
from tests.proxy import DroppingProxy
from tests.soak import storms
from tests.soak.shop import Shop

CHANCE = 0.25
"""Of each answer to be lost."""


def run(seconds: int) -> dict[str, int]:
    """Storms on PostgreSQL behind a way that drops answers; raises at the first breach."""
    counts: collections.Counter = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        keys_path = Path(folder) / "keys.json"
        keys.use(keys.create(keys_path))
        engine = engines.Postgres()
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            counts += storm(engine, keys_path, min(left, storms.ROUND_SECONDS))
        engine.remove()
    return dict(counts)


def storm(engine: engines.Engine, keys_path: Path, seconds: float) -> collections.Counter:
    """One round; the shops ask the program again, the program does not know what was done."""
    proxy = DroppingProxy(engine.url)

    def begin(caller: Shop, stop: threading.Event, counts: collections.Counter) -> None:
        # A program that cannot reach its database does not start at all.
        proxy.chance = CHANCE

    try:
        counts = storms.storm(engine, keys_path, seconds, begin, url=proxy.url)
    finally:
        proxy.close()
    counts["dropped answers"] = proxy.dropped
    return counts
