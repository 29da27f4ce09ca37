"""The orders list with a million orders against a thousand: search by all that people know.

It takes its time, so it runs only when it is asked for: ``make bench BENCH=order_search``.
``BENCH_ORDERS`` makes it less.
"""

import os
from functools import partial
from time import perf_counter

from bench import databases
from bench.databases import Engine
from bench.figures import Figure, interleave, ratio
from giftweb import database
from giftweb.domain import orders
from giftweb.domain.orders.search import Query
from tests.factories import make_card
from tests.orders import place

MANY, FEW = int(os.environ.get("BENCH_ORDERS", 1_000_000)), 1000
BATCH = 20
AT_MOST = 3.0

_NUMBERS = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) ",
    "postgresql": "WITH s AS (SELECT generate_series(1, {count}) AS n) ",
}
_COPIED = (
    "campaign_id, customer_id, is_test, status, fulfilment, currency, items_minor, discount_minor,"
    " tax_minor, shipping_minor, covers_minor"
)


def run() -> list[Figure]:
    """A ratio for each way to search, on each engine."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Search both databases in turn."""
    handles, wanted = {}, {}
    for count in (FEW, MANY):
        database.connect(engine.make())
        handles[count] = database.db.obj
        wanted[count] = fill(engine, count)
    figures = []
    for way in ("number", "reference", "address", "last four", "everything"):
        samples = interleave(
            {f"{count:,}": partial(millis, handles[count], wanted[count][way]) for count in handles}
        )
        title = f"orders by {way}, {engine.name}: time with {MANY:,} / with {FEW:,}"
        sides = {"of": f"{MANY:,}", "to": f"{FEW:,}"}
        figures.append(ratio(title, samples, **sides, at_most=AT_MOST, unit="ms"))
    for handle in handles.values():
        database.db.initialize(handle)
        database.close()
    return figures


def fill(engine: Engine, count: int) -> dict[str, str]:
    """So many orders, and one among them to look for; its texts by way."""
    card = make_card("40.00 USD")
    known = {"customer_email": "wanted@example.com", "reference": "WANTED-1"}
    order = place(cards=[card], **known)
    database.execute(
        f"INSERT INTO orders (id, reference, customer_email, customer_name, created_at, {_COPIED})"
        f" {_NUMBERS[engine.name].format(count=count)} SELECT 'ord_' || n, 'R-' || n,"
        f" 'c' || n || '@example.com', 'Customer ' || n, created_at - n, {_COPIED}"
        f" FROM orders, s WHERE orders.id = ?",
        order.id,
    )
    # As PostgreSQL does by itself some time after rows have come.
    database.execute("VACUUM ANALYZE" if database.is_postgres() else "ANALYZE")
    texts = {"number": str(order.number), "reference": "WANTED-1", "address": "wanted@"}
    return texts | {"last four": card.card.last4, "everything": ""}


def millis(handle: object, text: str) -> float:
    """Milliseconds for one search."""
    database.db.initialize(handle)
    start = perf_counter()
    for _ in range(BATCH):
        found = orders.search.search(Query(text=text))
        if not found.items:
            raise RuntimeError("the order was not found")
    return 1000 * (perf_counter() - start) / BATCH
