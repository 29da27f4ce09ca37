"""PostgreSQL stopped at once under load and started again: nothing is lost, nothing doubled."""

import collections
import random
import tempfile
import threading
import time
from pathlib import Path

from giftweb import keys
from tests import engines, postgres
from tests.soak import storms
from tests.soak.shop import Shop


def run(seconds: int) -> dict[str, int]:
    """Storms on a cluster of our own, whose power fails every few seconds."""
    counts: collections.Counter = collections.Counter()
    cluster = postgres.new_cluster()
    with tempfile.TemporaryDirectory() as folder:
        keys_path = Path(folder) / "keys.json"
        keys.use(keys.create(keys_path))
        until = time.monotonic() + seconds
        try:
            while (left := until - time.monotonic()) > 0:
                counts += storm(cluster, keys_path, min(left, storms.ROUND_SECONDS))
        finally:
            cluster.remove()
    return dict(counts)


def storm(cluster: postgres.Cluster, keys_path: Path, seconds: float) -> collections.Counter:
    """One round on a fresh database of the cluster."""

    def cut_now_and_then(caller: Shop, stop: threading.Event, counts: collections.Counter) -> None:
        while not stop.wait(random.uniform(0.5, 2)):
            cluster.cut_power()
            counts["power cuts"] += 1

    engine = engines.Postgres(cluster.url)
    return storms.storm(engine, keys_path, seconds, cut_now_and_then)
