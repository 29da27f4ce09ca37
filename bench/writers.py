"""Eight shops pay at once on SQLite behind the real server, with and without the write queue.

No shop sees an error: one that did would end the benchmark (docs/decisions/0009-write-queue.md).
"""

from collections.abc import Callable

from bench import databases, load, shops
from bench.databases import Engine
from bench.figures import ROUNDS, Figure, interleave, ratio, single
from tests.served import serving

CLIENTS = 8
EACH = 8
SERVERS = {"with the queue": "giftweb.serving.web", "without it": "bench.without_queue"}


def run() -> list[Figure]:
    """How many a second against how many without; the late ones of both."""
    with databases.engines() as both:
        return measure(both[0])


def measure(engine: Engine) -> list[Figure]:
    """Authorise and capture the same checkouts on two copies of one database, in turn."""
    base, count = engine.make(), CLIENTS * EACH * (ROUNDS + 1)
    with databases.used(base):
        shop = shops.open_shop()
        made = [shops.fill_cart(shop, shops.give_card(shop)) for _ in range(count)]
    copies = [engine.copy(base) for _ in SERVERS]
    waits: dict[str, list[float]] = {name: [] for name in SERVERS}
    queue, plain = SERVERS
    with (
        serving(copies[0], engine.keys_path, module=SERVERS[queue]) as first,
        serving(copies[1], engine.keys_path, module=SERVERS[plain]) as second,
    ):
        samples = interleave(
            {
                queue: _paying(first, shop, made, waits[queue]),
                plain: _paying(second, shop, made, waits[plain]),
            }
        )
    title = f"{CLIENTS} writers, {engine.name}"
    return [
        ratio(f"{title}: with the queue / without", samples, of=queue, to=plain),
        *(_late(f"{title}, {name}: p99 of a request", waits[name]) for name in SERVERS),
    ]


def _paying(
    address: str, shop: shops.Shop, made: list[str], waits: list[float]
) -> Callable[[], float]:
    """Pay the next checkouts, eight at a time: how many a second."""
    left = iter(made)

    def pay() -> float:
        lists = [
            [request for _ in range(EACH) for request in shops.purchase(next(left))]
            for _ in range(CLIENTS)
        ]
        found = load.send(address, shop.secret, lists)
        waits.extend(1000 * wait for wait in found.waits)
        return CLIENTS * EACH / found.seconds

    return pay


def _late(name: str, waits: list[float]) -> Figure:
    waits.sort()
    median, late = (waits[int(len(waits) * part)] for part in (0.5, 0.99))
    told = {"median": f"{median:.1f} ms", "worst": f"{waits[-1]:.0f} ms"}
    return single(name, [late], unit="ms", absolute=told)
