"""Authorise and capture over HTTP, durable, against the same SQL through the bare driver.

Order, payment, idempotency and outbox rows and all; as many connections on both sides.
"""

from typing import Any

import app
from bench import databases, load, recording, shops
from bench.databases import Engine
from bench.figures import ROUNDS, Figure, interleave, ratio, single
from giftweb import database
from giftweb.config import from_environment
from tests.served import serving

CLIENTS = 8
EACH = 6
AT_LEAST = {"sqlite": 0.5, "postgresql": 0.7}


def run() -> list[Figure]:
    """The ratio on each engine, and how long a client waits."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Pay the same checkouts over HTTP and by the driver, on copies of one database."""
    base = engine.make()
    with databases.used(base):
        shop = shops.open_shop()
        made = [
            shops.fill_cart(shop, shops.give_card(shop))
            for _ in range(CLIENTS * EACH * (ROUNDS + 1))
        ]
    played, raw, served = (engine.copy(base) for _ in range(3))
    lists = _record(engine, played, shop, made)
    connections = [recording.connect(raw) for _ in range(CLIENTS)]
    over_http, by_driver, waits = _batches(made), _batches(lists), list[float]()
    with serving(served, engine.keys_path) as address:

        def http() -> float:
            found = load.send(address, shop.secret, [_requests(part) for part in next(over_http)])
            waits.extend(found.waits)
            return CLIENTS * EACH / found.seconds

        def driver() -> float:
            parts = zip(connections, next(by_driver), strict=True)
            works = [lambda pair=pair: _replay(*pair) for pair in parts]
            return CLIENTS * EACH / load.together(works)

        samples = interleave({"over HTTP": http, "bare driver": driver})
    for connection in connections:
        connection.close()
    return _figures(engine.name, samples, sorted(waits))


def _figures(name: str, samples: dict[str, list[float]], waits: list[float]) -> list[Figure]:
    milliseconds = [1000 * wait for wait in waits]
    middle, late = (milliseconds[int(len(waits) * part)] for part in (0.5, 0.99))
    told = {"median": f"{middle:.1f} ms", "worst": f"{milliseconds[-1]:.0f} ms"}
    title = f"authorise and capture, {name}: over HTTP / bare driver"
    return [
        ratio(title, samples, of="over HTTP", to="bare driver", at_least=AT_LEAST[name]),
        single(f"authorise or capture, {name}: p99", [late], unit="ms", absolute=told),
    ]


def _record(engine: Engine, url: str, shop: shops.Shop, made: list[str]) -> list[list]:
    """The statements of each purchase, as the program sends them."""
    environ = {"DATABASE_URL": url, "GIFTWEB_KEYS": str(engine.keys_path)}
    client = app.create_app(from_environment(environ)).test_client()

    def pay(number: int) -> None:
        for request in shops.purchase(made[number]):
            answer = client.post(
                request.path,
                json=request.body,
                headers={"Authorization": f"Bearer {shop.secret}", "Idempotency-Key": request.key},
            )
            assert answer.status_code < 300, answer.text

    lists = recording.record(pay, len(made))
    database.close()
    return lists


def _batches(items: list) -> Any:
    """For each round a part for each client."""
    parts = [items[start : start + EACH] for start in range(0, len(items), EACH)]
    return iter([parts[start : start + CLIENTS] for start in range(0, len(parts), CLIENTS)])


def _requests(part: list[str]) -> list[load.Request]:
    return [request for checkout_id in part for request in shops.purchase(checkout_id)]


def _replay(connection: Any, part: list) -> None:
    for statements in part:
        recording.replay(connection, statements)
