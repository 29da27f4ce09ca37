"""The leading PostgreSQL dies under load and its synchronous standby takes over.

Nothing that was acknowledged is lost, and how soon there is a good answer again is counted: at
least 95 of 100 times within ten seconds.
"""

import collections
import random
import tempfile
import threading
import time
from pathlib import Path

from giftweb import keys
from tests import engines
from tests.soak import storms
from tests.soak.shop import Shop, cart
from tests.standby import Pair

ENOUGH_SECONDS = 10
BOUNDS = (1, 2, 5, ENOUGH_SECONDS)


def run(seconds: int) -> dict[str, int]:
    """Storms on a pair of servers; raises at the first breach."""
    counts: collections.Counter = collections.Counter()
    pair = Pair()
    with tempfile.TemporaryDirectory() as folder:
        keys_path = Path(folder) / "keys.json"
        keys.use(keys.create(keys_path))
        until = time.monotonic() + seconds
        try:
            while (left := until - time.monotonic()) > 0:
                counts += storm(pair, keys_path, min(left, storms.ROUND_SECONDS))
        finally:
            pair.remove()
    late = counts["failovers"] - counts[label(ENOUGH_SECONDS)]
    assert 20 * late <= counts["failovers"] or late == 1, f"late answers: {dict(counts)}"
    return dict(counts)


def storm(pair: Pair, keys_path: Path, seconds: float) -> collections.Counter:
    """One round on a fresh database of the pair."""

    def fail_over_now_and_then(
        caller: Shop, stop: threading.Event, counts: collections.Counter
    ) -> None:
        while not stop.wait(random.uniform(0.5, 2)):
            lasted = fail_over(pair, caller)
            counts["failovers"] += 1
            counts.update(label(bound) for bound in BOUNDS if lasted <= bound)
            pair.renew()

    engine = engines.Postgres(pair.url)
    return storms.storm(engine, keys_path, seconds, fail_over_now_and_then)


def label(seconds: int) -> str:
    """What the answers within so many seconds are counted as."""
    return f"answered within {seconds} s"


def fail_over(pair: Pair, caller: Shop) -> float:
    """How long after the leader's end a shop that keeps asking has its good answer."""
    began = time.monotonic()
    pair.fail_over()
    status, answer = caller.post("/checkouts", cart(1_00))
    assert status == 201, answer
    return time.monotonic() - began
