"""Every report of a closed month and of the open one, with three years of transfers behind it.

``make bench BENCH=reports`` takes 100,000 transfers and a tenth of it; the long form is
``BENCH_TRANSFERS=10000000`` for PostgreSQL, and ``BENCH_TRANSFERS=1000000`` for SQLite;
``BENCH_ENGINE`` names one engine. Transfers are made by the database itself: a card is sold or
given, and most of them pay on some day of the next year, bonuses a part of an order. The worker
has summed them up (which the database does here, and the audit counts again), and the last month
that is over is closed. At last a day's transfers of real cards are audited, as each night.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

from bench import databases
from bench.databases import Engine
from bench.figures import Figure, interleave, ratio, single
from bench.scale import _EXPRESSIONS, _NUMBERS, BY, put_indexes_aside, quick
from bench.shops import open_shop
from giftweb import clock, database, days, models
from giftweb.domain import audit, books, cards, customers, reports
from giftweb.money import Money

MANY = int(os.environ.get("BENCH_TRANSFERS", 100_000))
FEW = MANY // 10
DAYS, SPENT_WITHIN = 3 * 365, 365
DAY = 86_400_000_000
A_DAYS_CARDS = max(20, MANY // DAYS // 2)
CLOSED_MS, OPEN_MS, GROWTH, NIGHT_SECONDS = 300, 1500, 1.5, 60
PAGE = 501
"""How many entries of the journal a page reads."""


def run() -> list[Figure]:
    """On each engine: the slowest report of a closed and of an open month, and how they grow."""
    only = os.environ.get("BENCH_ENGINE")
    return databases.on_each(lambda each: measure(each) if only in (None, each.name) else [])


def measure(engine: Engine) -> list[Figure]:
    """Read every report from both databases in turn."""
    handles = {}
    for count in (FEW, MANY):
        database.connect(engine.make())
        handles[count] = database.db.obj
        fill(engine, count)
    figures = []
    for kind, most in (("closed", CLOSED_MS), ("open", OPEN_MS)):
        for name in reports.NAMES:
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
    database.db.initialize(handles[MANY])
    figures.append(night(engine))
    for handle in handles.values():
        database.db.initialize(handle)
        database.close()
    return figures


def night(engine: Engine) -> Figure:
    """Seconds of the nightly audit after a day on which cards were sold and recharged."""
    audit.runs.keep(
        "full", names=(), found=(), transfers_to=audit.check_days.last_number(), nanoseconds=0
    )
    for _ in range(A_DAYS_CARDS):
        new = cards.NewCard(amount=Money(5000, "USD"), holder_email="ann@example.com")
        cards.top_up(cards.issue(new, by=BY).card.id, amount=Money(100, "USD"), by=BY)
    start = perf_counter()
    if audit.runs.run("new").count:
        raise RuntimeError("the audit found breaches")
    title = f"nightly audit of {2 * A_DAYS_CARDS:,} new of {MANY:,} transfers, {engine.name}"
    return single(title, [perf_counter() - start], at_most=NIGHT_SECONDS, unit="s")


def millis(handle: Any, name: str, kind: str) -> float:
    """Milliseconds for one report of the last closed month, or of the open one."""
    database.db.initialize(handle)
    wanted = reports.wanted()
    if kind == "closed":
        month = books.closing.closed()[0]
        wanted = reports.wanted(as_of=month.last_on, first_on=month.first_on, last_on=month.last_on)
    start = perf_counter()
    wanted = replace(wanted, most=PAGE)
    if not reports.find(name, wanted).rows and name != "settlement":
        raise RuntimeError(f"the report {name} is empty")
    return 1000 * (perf_counter() - start)


def fill(engine: Engine, count: int) -> None:
    """So many transfers over three years; the last month that is over is closed."""
    with database.transaction():
        audit_id = audit.record(by=BY, action="bench", subject="bench")
    shop, shopper = open_shop().campaign_id, customers.ensure("ann@example.com", "Ann")
    indexes = put_indexes_aside()
    before, after = quick(engine)
    transfers = statements(engine.name, count * 5 // 9, audit_id)
    paid = orders(engine.name, shop, shopper)
    for statement in (*before, *transfers, *paid, *after):
        database.execute(statement)
    for statement in (*indexes, "ANALYZE"):
        database.execute(statement)
    for statement in sums(engine.name):
        database.execute(statement)
    # Autovacuum would begin, and what is closed waits for a table that it works on.
    database.execute("VACUUM ANALYZE" if database.is_postgres() else "ANALYZE")
    if count <= 100_000 and (found := [*breaches()]):
        raise RuntimeError(f"the worker would have counted otherwise: {found[:3]}")
    close_older_months()
    books.closing.close_next(by=BY)
    database.execute("VACUUM ANALYZE" if database.is_postgres() else "ANALYZE")


def close_older_months() -> None:
    """Say of the month before the last that it is closed, so that the last is next: what was
    sealed with older ones is not read here."""
    first = days.today(days.WORLD).replace(day=1)
    last = days.later(first, -1).replace(day=1)
    before = days.later(last, -1).replace(day=1)
    closed = books.closing.Closed(
        month=before.isoformat()[:7],
        time_zone=days.WORLD,
        starts_at=days.start_of(before, days.WORLD),
        ends_at=days.start_of(last, days.WORLD),
        transfers_to=0,
        sums={},
        closed_at=clock.now(),
        closed_by=BY.id,
    )
    with database.transaction():
        audit.seals.insert(models.ClosedMonth, closed, ages=[])


def statements(name: str, count: int, audit_id: str) -> list[str]:
    """One INSERT a table; of the transfers one for the sales and one for what was spent."""
    to, texts = _NUMBERS[name].format(count=count), _EXPRESSIONS[name]
    card, sold, spent = (texts["id"].format(prefix=prefix) for prefix in ("gc", "txn", "txo"))
    seal, index, sealed = (texts["bytes"].format(length=length) for length in (32, 32, 43))
    no, now = texts["false"], clock.micros()
    at = f"({now - DAYS * DAY} + CAST(n AS BIGINT) * {DAYS * DAY // (count + 1)})"
    later = f"({at} + (1 + CAST(n AS BIGINT) * 7919 % {SPENT_WITHIN}) * {DAY})"
    is_spent = f"{later} < {now} AND n % 10 > 0"
    left = f"CASE WHEN {is_spent} THEN 2000 ELSE 5000 END"

    def by_source(promotions: object, sales: object) -> str:
        return f"CASE WHEN n % 7 = 0 THEN {promotions} ELSE {sales} END"

    def parts(minor: object) -> str:
        return f"{by_source(0, minor)}, {by_source(minor, 0)}"

    funded = by_source("'promotions'", "'sales'")
    transfer = (
        "INSERT INTO transfer (id, kind, card_id, from_account, to_account, amount_minor,"
        " sales_minor, promotions_minor, currency, is_test, version, balance_after_minor,"
        f" created_at, audit_id, seal) {to} SELECT "
    )
    spends = transfer.replace("(id, kind", "(id, order_id, kind")
    order = f"CASE WHEN n % 7 = 0 THEN {texts['id'].format(prefix='ord')} END"
    return [
        "INSERT INTO account (id, currency, is_test, balance_minor, sales_minor, promotions_minor,"
        f" held_minor, version, moved_at, seal) {to} SELECT {card}, 'USD', {no}, {left},"
        f" {parts(left)}, 0, CASE WHEN {is_spent} THEN 2 ELSE 1 END, {at}, {seal} FROM s",
        f"{transfer}{sold}, 'issue', {card}, {funded}, {card}, 5000, {parts(5000)}, 'USD', {no},"
        f" 1, 5000, {at}, '{audit_id}', {seal} FROM s",
        f"{spends}{spent}, {order}, 'capture', {card}, {card}, 'redemptions', 3000, {parts(3000)},"
        f" 'USD', {no}, 2, 2000, {later}, '{audit_id}', {seal} FROM s WHERE {is_spent}",
        "INSERT INTO gift_card (id, currency, is_test, code_index, code_sealed, key_version, last4,"
        " type, origin, source, state, initial_minor, holder_email, created_at)"
        f" {to} SELECT {card}, 'USD', {no}, {index}, {sealed}, 1, {texts['last4']}, 'virtual',"
        f" 'purchase', {funded}, 'open', 5000, 'person' || n || '@example.com', {at} FROM s",
    ]


def orders(name: str, campaign_id: str, customer_id: str) -> list[str]:
    """An order for each bonus that was spent, which another payment has paid for the rest."""
    no, seal = _EXPRESSIONS[name]["false"], _EXPRESSIONS[name]["bytes"].format(length=32)
    bonus = "FROM transfer WHERE kind = 'capture' AND promotions_minor > 0"
    order = "'ord' || substr(id, 4)"
    payment = (
        "INSERT INTO payment (id, order_id, method, gateway, currency, is_test, state,"
        " amount_minor, refunded_minor, reference, gift_card_id, transfer_id, card_currency,"
        " card_minor, card_refunded_minor, part, charged_back_minor, created_at, seal) SELECT"
    )
    paid = f"{order}, {{0}}, {{1}}, 'USD', {no}, 'captured', {{2}}, 0, '', {{3}}, 0, 0, 0"
    by_card = paid.format(*["'gift_card'"] * 2, 3000, "card_id, id, 'USD', 3000")
    by_shop = paid.format("'credit_card'", "'shop'", 2000, "NULL, NULL, NULL, NULL")
    return [
        "INSERT INTO orders (id, campaign_id, customer_id, reference, is_test, status, fulfilment,"
        " currency, items_minor, discount_minor, tax_minor, shipping_minor, covers_minor,"
        " customer_email, customer_name, created_at, paid_at, seal)"
        f" SELECT {order}, '{campaign_id}', '{customer_id}', '', {no}, 'completed', 'shipped',"
        " 'USD', 5000, 0, 0, 0, 5000, 'ann@example.com', 'Ann', created_at, created_at,"
        f" {seal} {bonus}",
        f"{payment} 'pay_' || substr(id, 5), {by_card}, created_at, {seal} {bonus}",
        f"{payment} 'pax_' || substr(id, 5), {by_shop}, created_at, {seal} {bonus}",
    ]


_DAYS = {
    "sqlite": "date({} / 1000000, 'unixepoch')",
    "postgresql": "to_char(to_timestamp({} / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
}
_SINCE = {
    "sqlite": "CAST(julianday(day) - julianday(came_on) AS INTEGER)",
    "postgresql": "(CAST(day AS DATE) - CAST(came_on AS DATE))",
}
_QUARTER = audit.checkpoints_of_orders.QUARTER


def sums(name: str) -> list[str]:
    """What the worker would have added up, from the transfers as they were made."""
    day, came = (_DAYS[name].format(column) for column in ("t.created_at", "g.created_at"))
    moved = (
        f"SELECT {day} AS day, t.kind, g.source, {came} AS came_on, CASE WHEN t.order_id IS NULL"
        " THEN '' ELSE (SELECT id FROM campaign) END AS acceptor_id,"
        " CASE WHEN t.kind = 'issue' THEN t.amount_minor ELSE -t.amount_minor END AS effect,"
        " CASE WHEN t.kind = 'issue' THEN 1 ELSE 0 END AS more"
        " FROM transfer t JOIN gift_card g ON g.id = t.card_id"
    )
    days_used = f"CASE WHEN kind = 'issue' THEN 0 ELSE {_SINCE[name]} END"
    found = [
        f"CREATE TABLE bench_day AS SELECT day, kind, source, came_on, acceptor_id, SUM(effect)"
        f" AS effect, SUM(more) AS more, SUM(1 - more) AS used, SUM({days_used}) AS days_used"
        f" FROM ({moved}) moved GROUP BY day, kind, source, came_on, acceptor_id"
    ]
    for table, of in (("daily", "day"), ("monthly", "substr(day, 1, 7)")):
        cohort = "substr(came_on, 1, 7)"
        of_sums = f"{of}, 'USD', '', acceptor_id, {{source}}, kind, {cohort}"
        found += [
            f"INSERT INTO {table}_sum SELECT 'UTC', {of_sums.format(source='source')}, SUM(effect),"
            f" SUM(more) FROM bench_day GROUP BY {of}, acceptor_id, source, kind, {cohort}",
            f"INSERT INTO {table}_sum SELECT 'UTC', {of_sums.format(source=chr(39) * 2)}, 0,"
            f" SUM(more) FROM bench_day WHERE kind = 'issue' GROUP BY {of}, acceptor_id, kind,"
            f" {cohort}",
            f"INSERT INTO {table}_age SELECT 'UTC', {of}, 'USD', '', source, came_on, '',"
            f" SUM(effect), SUM(more) FROM bench_day GROUP BY {of}, source, came_on",
            f"INSERT INTO {table}_life SELECT 'UTC', {of}, 'USD', '', {cohort}, SUM(more), 0, 0,"
            f" SUM(used), SUM(days_used) FROM bench_day GROUP BY {of}, {cohort}",
        ]
    return [
        *found,
        "DROP TABLE bench_day",
        "INSERT INTO daily_sum_end SELECT 'UTC', MAX(number) FROM transfer",
        "INSERT INTO bonus_order SELECT id, created_at, currency, '', 5000, 2000 FROM orders",
        f"INSERT INTO bonus_sum SELECT at - at % {_QUARTER}, 'USD', '', COUNT(*),"
        f" SUM(sales_minor), SUM(brought_minor) FROM bonus_order GROUP BY at - at % {_QUARTER}",
    ]


def breaches() -> Iterator[tuple[str, str, str]]:
    """What the worker would have added up otherwise."""
    yield from audit.checkpoints_by_day.breaches()
    yield from audit.checkpoints_of_orders.breaches()
