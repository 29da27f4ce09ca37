"""Every report of a closed month and of the open one, with three years of transfers behind it.

``make bench BENCH=reports`` takes 100,000 transfers and a tenth of it; the long form is
``BENCH_TRANSFERS=10000000`` (one million on SQLite). Transfers are made by the database itself: a
card is sold, a part of it is spent ten days later. The worker has summed them up by day, and every
month that is over is closed.
"""

import os
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any

from bench import databases
from bench.databases import Engine
from bench.figures import Figure, interleave, ratio, single
from bench.scale import _EXPRESSIONS, _NUMBERS, BY, put_indexes_aside, quick
from giftweb import clock, database
from giftweb.domain import audit, books, reports

MANY = int(os.environ.get("BENCH_TRANSFERS", 100_000))
FEW = MANY // 10
DAYS = 3 * 365
CLOSED_MS, OPEN_MS, GROWTH = 300, 1500, 1.5
NAMES = [name for name in reports.NAMES if name != "journal"]


def run() -> list[Figure]:
    """On each engine: the slowest report of a closed and of an open month, and how they grow."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Read every report from both databases in turn."""
    handles = {}
    for count in (FEW, MANY):
        database.connect(engine.make())
        handles[count] = database.db.obj
        fill(engine, count)
    figures = []
    for kind, most in (("closed", CLOSED_MS), ("open", OPEN_MS)):
        for name in NAMES:
            contenders = {
                f"{count:,}": partial(millis, handles[count], name, kind) for count in handles
            }
            samples = interleave(contenders, rounds=3)
            title = f"{name} of {'a closed' if kind == 'closed' else 'the open'} month"
            of, to = f"{MANY:,}", f"{FEW:,}"
            figures.append(single(f"{title}, {engine.name}", samples[of], at_most=most, unit="ms"))
            if kind == "closed":
                figures.append(
                    ratio(
                        f"{title}, {engine.name}: time with {of} transfers / with {to}",
                        *(samples,),
                        **{"of": of, "to": to, "at_most": GROWTH, "unit": "ms"},
                    )
                )
    for handle in handles.values():
        database.db.initialize(handle)
        database.close()
    return figures


def millis(handle: Any, name: str, kind: str) -> float:
    """Milliseconds for one report of the last closed month, or of the open one."""
    database.db.initialize(handle)
    wanted = reports.wanted()
    if kind == "closed":
        month = books.closing.closed()[0]
        wanted = reports.wanted(as_of=month.last_on, first_on=month.first_on, last_on=month.last_on)
    start = perf_counter()
    if not reports.find(name, wanted).rows and name != "settlement":
        raise RuntimeError(f"the report {name} is empty")
    return 1000 * (perf_counter() - start)


def fill(engine: Engine, count: int) -> None:
    """So many transfers over three years; the months that are over are closed."""
    with database.transaction():
        audit_id = audit.record(by=BY, action="bench", subject="bench")
    indexes = put_indexes_aside()
    before, after = quick(engine)
    for statement in (*before, *statements(engine.name, count // 2, audit_id), *after):
        database.execute(statement)
    for statement in (*indexes, "ANALYZE"):
        database.execute(statement)
    audit.checkpoints_by_day.write_all()
    while books.closing.next_month():
        books.closing.close_next(by=BY)
    database.execute("VACUUM ANALYZE" if database.is_postgres() else "ANALYZE")


def statements(name: str, count: int, audit_id: str) -> list[str]:
    """One INSERT a table; of the transfers one for the sales and one for what was spent."""
    to, texts = _NUMBERS[name].format(count=count), _EXPRESSIONS[name]
    card, sold, spent = (texts["id"].format(prefix=prefix) for prefix in ("gc", "txn", "txo"))
    seal, index, sealed = (texts["bytes"].format(length=length) for length in (32, 32, 43))
    no, first = texts["false"], clock.to_micros(clock.now() - timedelta(days=DAYS))
    step = DAYS * 86_400_000_000 // (count + 1)
    at = f"({first} + CAST(n AS BIGINT) * {step})"
    later = f"({at} + {10 * 86_400_000_000})"
    transfer = (
        "INSERT INTO transfer (id, kind, card_id, from_account, to_account, amount_minor,"
        " sales_minor, currency, is_test, version, balance_after_minor, created_at, audit_id,"
        f" seal) {to} SELECT "
    )
    return [
        "INSERT INTO account (id, currency, is_test, balance_minor, sales_minor, held_minor,"
        f" version, moved_at, seal) {to}"
        f" SELECT {card}, 'USD', {no}, 2000, 2000, 0, 2, {later}, {seal} FROM s",
        f"{transfer}{sold}, 'issue', {card}, 'sales', {card}, 5000, 5000, 'USD', {no}, 1, 5000,"
        f" {at}, '{audit_id}', {seal} FROM s",
        f"{transfer}{spent}, 'capture', {card}, {card}, 'redemptions', 3000, 3000, 'USD', {no}, 2,"
        f" 2000, {later}, '{audit_id}', {seal} FROM s",
        "INSERT INTO gift_card (id, currency, is_test, code_index, code_sealed, key_version, last4,"
        " type, origin, source, state, initial_minor, holder_email, created_at)"
        f" {to} SELECT {card}, 'USD', {no}, {index}, {sealed}, 1, {texts['last4']}, 'virtual',"
        f" 'purchase', 'sales', 'open', 5000, 'person' || n || '@example.com', {at} FROM s",
    ]
