"""Fifty tills at once on one campaign: purchases a second through the API, and their waits (B21).

No till sees an error: one that did would end the benchmark. Afterwards what the cards paid is what
the ledger moved.
"""

from bench import databases, load, shops
from bench.databases import Engine
from bench.figures import Figure, single
from bench.load import Request
from giftweb import database
from tests.served import serving

TILLS = 50
EACH = 8
AMOUNT = 100
LATE_AT_MOST = 2000


def run() -> list[Figure]:
    """How many a second on each engine, and how long the late ones wait."""
    with databases.engines() as both:
        return [figure for engine in both for figure in measure(engine)]


def measure(engine: Engine) -> list[Figure]:
    """Every till redeems eight receipts, one after another, each with a card of its own."""
    url = engine.make()
    with databases.used(url):
        shop = shops.open_shop()
        held = [shops.give_card(shop, AMOUNT * EACH) for _ in range(TILLS)]
    lists = [[_receipt(card.code, number) for number in range(EACH)] for card in held]
    with serving(url, engine.keys_path) as address:
        found = load.send(address, shop.secret, lists)
    with databases.used(url):
        moved = database.scalar("SELECT SUM(amount_minor) FROM transfer WHERE kind = 'capture'")
    if moved != TILLS * EACH * AMOUNT:
        raise AssertionError(f"the cards paid {moved}")
    title = f"{TILLS} tills, {engine.name}: p99 of a redemption"
    late = 1000 * found.waits[int(len(found.waits) * 0.99)]
    told = {
        "a second": f"{TILLS * EACH / found.seconds:.0f}",
        "median": f"{1000 * found.waits[len(found.waits) // 2]:.0f} ms",
    }
    return [single(title, [late], unit="ms", at_most=LATE_AT_MOST, absolute=told)]


def _receipt(code: str, number: int) -> Request:
    body = {"code": code, "amount": AMOUNT, "currency": "USD", "reference": f"R-{number}"}
    return Request("/api/v1/redemptions", body, f"{code}-{number}")
