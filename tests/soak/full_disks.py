"""The database's disk is full for a while: 503, nothing half done, and it goes on afterwards.

On SQLite the file, on PostgreSQL the whole cluster lies on a small disk. A PostgreSQL whose log
finds no room stops by itself; somebody frees room and starts it.
"""

import collections
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from giftweb import keys
from tests import disks, engines
from tests.postgres import SETTINGS, Cluster
from tests.soak import storms
from tests.soak.shop import Shop

MEGABYTES = {"sqlite": 256, "postgresql": 512}
FRUGAL = {**SETTINGS, "min_wal_size": "32MB", "max_wal_size": "48MB"}
FULL_SECONDS = (0.3, 1.2)
LOG_SHARE = 0.3
"""Of the times when PostgreSQL is made to need room for its log."""


def run(seconds: int) -> dict[str, int]:
    """Storms on each engine for half of the time; raises at the first breach."""
    counts: collections.Counter = collections.Counter()
    if not disks.may_mount():
        print("full_disks: only root can mount a small disk; nothing was tried", flush=True)
        return {}
    with tempfile.TemporaryDirectory() as folder:
        keys_path = Path(folder) / "keys.json"
        keys.use(keys.create(keys_path))
        for name in engines.NAMES:
            until = time.monotonic() + seconds / len(engines.NAMES)
            while (left := until - time.monotonic()) > 0:
                counts += storm(name, keys_path, min(left, storms.ROUND_SECONDS))
    return dict(counts)


def storm(name: str, keys_path: Path, seconds: float) -> collections.Counter:
    """One round on a fresh small disk."""
    with disks.small_disk(MEGABYTES[name]) as disk:
        storming = _on_sqlite if name == "sqlite" else _on_postgres
        return storming(disk, keys_path, seconds)


def _on_sqlite(disk: disks.Disk, keys_path: Path, seconds: float) -> collections.Counter:
    engine = engines.Sqlite(disk.folder / "data")

    def fill_now_and_then(caller: Shop, stop: threading.Event, counts: collections.Counter) -> None:
        while not stop.wait(random.uniform(0.2, 0.8)):
            with _full(disk, caller, counts):
                time.sleep(random.uniform(*FULL_SECONDS))

    try:
        return storms.storm(engine, keys_path, seconds, fill_now_and_then)
    finally:
        engine.remove()


def _on_postgres(disk: disks.Disk, keys_path: Path, seconds: float) -> collections.Counter:
    cluster = Cluster(disk.folder / "cluster", FRUGAL)
    cluster.folder.mkdir()

    def fill_now_and_then(caller: Shop, stop: threading.Event, counts: collections.Counter) -> None:
        while not stop.wait(random.uniform(0.2, 0.8)):
            with _full(disk, caller, counts):
                time.sleep(random.uniform(*FULL_SECONDS))
                if random.random() < LOG_SHARE:
                    _ask_for_log(cluster)
            counts["servers that stopped"] += cluster.start_if_stopped()

    try:
        return storms.storm(engines.Postgres(cluster.url), keys_path, seconds, fill_now_and_then)
    finally:
        cluster.stop()


def _ask_for_log(cluster: Cluster) -> None:
    """Have the server ask for a new piece of its log, and give up when there is no room."""
    with suppress(psycopg.Error), psycopg.connect(cluster.url(), autocommit=True) as connection:
        for _ in range(4):
            connection.execute("SELECT pg_switch_wal(), txid_current()")


@contextmanager
def _full(disk: disks.Disk, caller: Shop, counts: collections.Counter) -> Iterator[None]:
    refused = caller.refused
    disk.fill()
    try:
        yield
    finally:
        disk.empty()
    counts["full disks"] += 1
    counts["answers 503"] += caller.refused - refused
