"""A backup while shops pay, and its restore elsewhere, which audits what came of it.

Each movement that was acknowledged before the backup began has to be in it.
"""

import collections
import os
import random
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import psycopg
from peewee import sqlite3

from tests import engines
from tests.served import ROOT
from tests.soak import storms, turns
from tests.soak.shop import Shop

PEACE = (0.2, 1.5)
"""Seconds of shopping before the next backup."""


def run(seconds: int) -> dict[str, int]:
    """Storms on each engine for half of the time; raises at the first breach."""
    counts: collections.Counter = collections.Counter()
    for engine, keys_path, left in turns.on_each_engine(seconds):
        counts += storm(engine, keys_path, min(left, storms.ROUND_SECONDS))
    return dict(counts)


def storm(engine: engines.Engine, keys_path: Path, seconds: float) -> collections.Counter:
    """One round on an empty database."""
    with tempfile.TemporaryDirectory() as folder:

        def back_up_now_and_then(
            caller: Shop, stop: threading.Event, counts: collections.Counter
        ) -> None:
            while not stop.wait(random.uniform(*PEACE)):
                file = Path(folder) / f"backup-{counts['backups']}"
                counts["movements in backups"] += back_up_and_restore(
                    engine, keys_path, caller, file
                )
                counts["backups"] += 1

        return storms.storm(engine, keys_path, seconds, back_up_now_and_then)


def back_up_and_restore(engine: engines.Engine, keys_path: Path, caller: Shop, file: Path) -> int:
    """Back up, restore into an empty database and look; the movements that had to be there."""
    acknowledged = set(caller.orders)
    flask(engine.url, keys_path, "backup", str(file))
    with engine.elsewhere() as other:
        flask(other, keys_path, "restore", str(file))
        gone = acknowledged - orders_paid_in(other)
    assert not gone, f"acknowledged before the backup and not in it: {gone}"
    return len(acknowledged)


def orders_paid_in(url: str) -> set[str]:
    """The orders that a card has paid, in this database."""
    asked = "SELECT order_id FROM transfer WHERE kind = 'capture'"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return {order for (order,) in connection.execute(asked).fetchall()}
    with psycopg.connect(url) as connection:
        return {order for (order,) in connection.execute(asked).fetchall()}


def flask(url: str, keys_path: Path, *command: str) -> None:
    """Run a command of the program on a database, as an operator does."""
    ran = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *command],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "GIFTWEB_KEYS": str(keys_path)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, f"flask {' '.join(command)}: {ran.stdout}{ran.stderr}"
