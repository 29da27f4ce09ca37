"""Ten million cards against ten thousand: a look-up by code, and a recharge.

It takes its time, so it runs only when it is asked for: ``make bench BENCH=scale``. The cards are
made by the database itself, with their indexes put aside; a few thousand of them, spread over the
whole table, get real codes, and those are measured. ``BENCH_CARDS`` makes it less.
"""

import os
import random
from collections.abc import Callable
from functools import partial
from itertools import cycle
from time import perf_counter
from typing import Any

from bench import databases
from bench.databases import Engine
from bench.figures import Figure, interleave, ratio
from giftweb import codes, database
from giftweb.domain import audit, cards
from giftweb.domain.audit.log import Actor
from giftweb.money import Money

MANY, FEW = int(os.environ.get("BENCH_CARDS", 10_000_000)), 10_000
REAL = 2000
BATCH = 400
LOOK_UP_AT_MOST, RECHARGE_AT_MOST = 1.7, 1.5
BY = Actor(kind="cli", id="bench", name="Bench")

_NUMBERS = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) ",
    "postgresql": "WITH s AS (SELECT generate_series(1, {count}) AS n) ",
}
_EXPRESSIONS = {
    "sqlite": {
        "id": "printf('%s_%026d', '{prefix}', n)",
        "bytes": "randomblob({length})",
        "last4": "substr(hex(randomblob(2)), 1, 4)",
        "false": "0",
    },
    "postgresql": {
        "id": "'{prefix}_' || lpad(n::text, 26, '0')",
        "bytes": "decode(lpad(md5(random()::text) || md5(random()::text),"
        " {length} * 2, '0'), 'hex')",
        "last4": "upper(substr(md5(random()::text), 1, 4))",
        "false": "false",
    },
}


def run() -> list[Figure]:
    """Both ratios on each engine."""
    return databases.on_each(measure)


def measure(engine: Engine) -> list[Figure]:
    """Look up and recharge the same number of cards in a small and in a large database."""
    handles, found = {}, {}
    for count in (FEW, MANY):
        database.connect(engine.make())
        handles[count] = database.db.obj
        found[count] = cycle(fill(engine, count))
    figures = []
    for name, work, limit in (
        ("look-up", look_up, LOOK_UP_AT_MOST),
        ("recharge", recharge, RECHARGE_AT_MOST),
    ):
        samples = interleave(
            {f"{count:,}": partial(millis, handles[count], found[count], work) for count in found}
        )
        title = f"{name}, {engine.name}: time with {MANY:,} cards / with {FEW:,}"
        figures.append(
            ratio(title, samples, of=f"{MANY:,}", to=f"{FEW:,}", at_most=limit, unit="ms")
        )
    for handle in handles.values():
        database.db.initialize(handle)
        database.close()
    return figures


def millis(handle: Any, found: Any, work: Callable[[str, str], Any]) -> float:
    """Milliseconds for one, over a batch."""
    database.db.initialize(handle)
    start = perf_counter()
    for _ in range(BATCH):
        work(*next(found))
    return (perf_counter() - start) * 1000 / BATCH


def look_up(card_id: str, code: str) -> None:
    """Find a card by its code, as the balance page does."""
    cards.find_by_code(code)


def recharge(card_id: str, code: str) -> None:
    """Recharge a card."""
    cards.top_up(card_id, amount=Money(100, "USD"), by=BY)


# The cards


def fill(engine: Engine, count: int) -> list[tuple[str, str]]:
    """Make ``count`` cards; (id, code) of those that have a real one, in no order."""
    with database.transaction():
        audit_id = audit.record(by=BY, action="bench", subject="bench")
    indexes = put_indexes_aside()
    before, after = quick(engine)
    for statement in (*before, *statements(engine.name, count, audit_id), *after):
        database.execute(statement)
    for statement in (*indexes, "ANALYZE"):
        database.execute(statement)
    return give_codes(count)


def quick(engine: Engine) -> tuple[list[str], list[str]]:
    """What makes loading quick, and what ends it."""
    if engine.name == "sqlite":
        return ["PRAGMA foreign_keys = OFF"], ["PRAGMA foreign_keys = ON"]
    return (
        ["SET session_replication_role = replica", "SET maintenance_work_mem = '512MB'"],
        ["RESET session_replication_role"],
    )


def statements(name: str, count: int, audit_id: str) -> list[str]:
    """One INSERT a table."""
    to, texts = _NUMBERS[name].format(count=count), _EXPRESSIONS[name]
    card, moved = (texts["id"].format(prefix=prefix) for prefix in ("gc", "txn"))
    seal, index, sealed = (texts["bytes"].format(length=length) for length in (32, 32, 43))
    no, at = texts["false"], 1_700_000_000_000_000
    return [
        "INSERT INTO account (id, currency, is_test, balance_minor, imports_minor, held_minor,"
        f" version, moved_at, seal) {to}"
        f" SELECT {card}, 'USD', {no}, 5000, 5000, 0, 1, {at} + n, {seal} FROM s",
        "INSERT INTO transfer (id, kind, card_id, from_account, to_account, amount_minor,"
        " imports_minor, currency, is_test, version, balance_after_minor, created_at, audit_id,"
        f" seal) {to} SELECT {moved},"
        f" 'issue', {card}, 'imports', {card}, 5000, 5000, 'USD', {no}, 1, 5000, {at} + n,"
        f" '{audit_id}', {seal} FROM s",
        "INSERT INTO gift_card (id, currency, is_test, code_index, code_sealed, key_version, last4,"
        " type, origin, source, state, initial_minor, holder_email, holder_name, created_at)"
        f" {to} SELECT {card}, 'USD', {no}, {index}, {sealed}, 1, {texts['last4']}, 'virtual',"
        f" 'import', 'imports', 'open', 5000, 'person' || n || '@example.com', 'Person ' || n,"
        f" {at} + n FROM s",
    ]


def put_indexes_aside() -> list[str]:
    """Drop the plain indexes of the three tables; the statements that make them again."""
    tables = "('account', 'transfer', 'gift_card')"
    catalogue = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
        f" AND tablename IN {tables} AND indexname NOT IN"
        " (SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u'))"
        if database.is_postgres()
        else "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        f" AND tbl_name IN {tables}"
    )
    found = database.rows(catalogue)
    for name, _ in found:
        database.execute(f'DROP INDEX "{name}"')
    return [statement for _, statement in found]


def give_codes(count: int) -> list[tuple[str, str]]:
    """Real codes for cards that lie all over the table."""
    numbers = random.Random(7).sample(range(1, count + 1), min(REAL, count))
    chosen = [f"gc_{number:026d}" for number in numbers]
    made = [(card_id, codes.generate()) for card_id in chosen]
    with database.transaction():
        for card_id, code in made:
            database.execute(
                "UPDATE gift_card SET code_index = ?, code_sealed = ? WHERE id = ?",
                *(codes.index(code), codes.seal(code, card_id), card_id),
            )
    return made
