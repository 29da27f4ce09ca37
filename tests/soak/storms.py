"""Double-spend storms over HTTP: many shops pay with few cards at once, on both engines.

A disturbance goes on meanwhile: web processes are killed, say. Whatever was acknowledged has to be
there, once.
"""

import collections
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from giftweb import database
from giftweb.domain import audit
from tests import engines
from tests.served import serving, web_processes
from tests.soak import shop, turns

SHOPPERS = 8
HOT_SHARE = 0.5
ROUND_SECONDS = 60


Disturbance = Callable[[shop.Shop, threading.Event, collections.Counter], None]
"""Told who buys where; goes on until the event is set, and counts what it did."""


def run(seconds: int, *, disturb: Disturbance | None = None) -> dict[str, int]:
    """Fight over the cards on each engine for half of the time; raises at the first breach."""
    counts: collections.Counter = collections.Counter()
    for engine, keys_path, left in turns.on_each_engine(seconds):
        counts += storm(engine, keys_path, min(left, ROUND_SECONDS), disturb)
    return dict(counts)


def storm(
    engine: engines.Engine,
    keys_path: Path,
    seconds: float,
    disturb: Disturbance | None = None,
    *,
    url: str | None = None,
) -> collections.Counter:
    """One round on fresh cards: fight, then count every cent.

    ``url``: the way on which the web processes reach the engine's database, when it is another.
    """
    ground = shop.prepare(engine, cards=20, amount="500.00 USD")
    paid: collections.Counter = collections.Counter()
    counts: collections.Counter = collections.Counter()
    with serving(url or engine.url, keys_path) as address:
        stop, caller = threading.Event(), shop.Shop(address, ground.secret, SHOPPERS + 1)
        with ThreadPoolExecutor(1) as aside:
            disturbing = aside.submit(disturb, caller, stop, counts) if disturb else None
            try:
                fight(caller, ground, seconds, paid, counts)
            finally:
                stop.set()
        if disturbing is not None:
            disturbing.result()
    check(engine, ground, paid, caller.orders)
    return counts


def fight(
    caller: shop.Shop,
    ground: shop.Ground,
    seconds: float,
    paid: collections.Counter,
    counts: collections.Counter,
) -> None:
    """Let every shopper buy until the time is over; half of them with the one hot card."""
    codes = list(ground.cards)
    until = time.monotonic() + seconds
    lock = threading.Lock()

    def shopper() -> None:
        chance = random.Random()
        while time.monotonic() < until:
            code = codes[0] if chance.random() < HOT_SHARE else chance.choice(codes)
            taken = shop.buy(caller, code, chance.choice((1, 99, 1_00, 25_00)))
            with lock:
                paid[code] += taken
                counts["attempts"] += 1

    with ThreadPoolExecutor(SHOPPERS) as shoppers:
        for done in [shoppers.submit(shopper) for _ in range(SHOPPERS)]:
            done.result()


def check(
    engine: engines.Engine, ground: shop.Ground, paid: collections.Counter, orders: list[str]
) -> None:
    """Every acknowledged payment is there once, nothing else is, and the audit is clean."""
    engine.use()
    balances = dict(database.rows("SELECT id, balance_minor FROM account"))
    for code, card_id in ground.cards.items():
        expected = ground.start_minor - paid[code]
        assert balances[card_id] == expected, (card_id, balances[card_id], expected)
    placed = {order for (order,) in database.rows("SELECT id FROM orders")}
    assert placed >= set(orders), f"acknowledged and gone: {set(orders) - placed}"
    assert not (found := audit.checks.run()), found
    database.close()


def kill_now_and_then(
    caller: shop.Shop, stop: threading.Event, counts: collections.Counter
) -> None:
    """Kill a web process without warning whenever some have sold again, until told to stop."""
    port, sold = caller.address.rpartition(":")[2], 0
    while not stop.wait(random.uniform(0.3, 1.5)):
        # Whoever kills what is only starting kills nothing that is under way.
        if len(caller.orders) > sold and (workers := web_workers(port)):
            sold = len(caller.orders)
            with suppress(ProcessLookupError):
                os.kill(random.choice(workers), signal.SIGKILL)
                counts["kills"] += 1


def web_workers(port: str) -> list[int]:
    """The processes under the web server that we started on this port."""
    here = Path(f"/proc/{os.getpid()}/task/{threading.main_thread().native_id}/children")
    for main in here.read_text().split():
        if f"PORT={port}".encode() in Path(f"/proc/{main}/environ").read_bytes().split(b"\0"):
            return web_processes(int(main))
    return []
