"""The owner of the database changes, deletes or invents a row, and the audit names it.

Any column of any row of these tables, with every guard and check off.
"""

import collections
import random
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import peewee

from giftweb import clock, database, ids, models
from giftweb.domain import audit, cards, desk
from giftweb.tables.base import Table
from tests.factories import AGENT, ROOT, amount_of
from tests.orders import paid_by, place
from tests.soak import turns
from tests.tampering import as_owner, everything

TABLES = (
    *(models.Account, models.Transfer, models.AuditEntry, models.LedgerCheckpoint),
    *(models.GiftCard, models.Hold, models.Order, models.OrderItem, models.Payment),
    *(models.Refund, models.OrderIssue, models.Chargeback, models.Approval),
    *(models.Shortfall, models.IdempotencyKey),
)
UNNOTICED = {
    "delete hold": "when it was given free or ran out: it never moved anything",
    "delete shortfall": "a line of the work list; what was taken back is in the log",
    "delete idempotency_key": "they go by themselves when old; what they moved is in the ledger",
    "delete ledger_checkpoint": "the newest one: only a copy elsewhere knows that it was there",
    "change transfer.number": "a place in the order of writing; no sum hangs on it",
    "change audit_entry.number": "a free place between the same neighbours is as good",
    "change payment.reminded_at": "whether a reminder was mailed: the payment is what it was",
    "change gift_card.deliver_at": "a day for a mail; the mail's own is what counts",
    "change gift_card.delivered_at": "when its mail went out; its last day is checked with it",
    **dict.fromkeys(
        (
            *("change gift_card.deliver_zone", "change order_item.deliver_zone"),
            *("change gift_card.design", "change order_item.design"),
            *("change gift_card.holder_locale", "change order_item.recipient_locale"),
            "change orders.customer_locale",
        ),
        "how a present looks and speaks: no money and no right hangs on it",
    ),
    "change orders.paid_at": "the moment alone: that it was paid follows from its payments",
    "change payment.charge": "by what a reference counts once; the reference itself is sealed",
    "change account.moved_at": "of a card on which no money ever was",
}
"""What nobody would notice, and why that is right."""
SUMMED_UP = ("discount_minor", "tax_minor")
"""Columns of a line that the audit adds up: it names the order."""
ROUND = 150
"""Tamperings of one shop."""


@dataclass(frozen=True)
class Tampering:
    """One statement, and the row that the audit has to name; empty: any row around it."""

    kind: str
    reported: str
    sql: str
    values: tuple


def run(seconds: int) -> dict[str, int]:
    """Tamper on each engine for half of the time; raises at the first that is not named."""
    counts: collections.Counter = collections.Counter()
    for engine, _, left in turns.on_each_engine(seconds):
        engine.empty()
        counts += rounds(ROUND, until=time.monotonic() + left)
    return dict(counts)


def rounds(count: int, *, until: float = float("inf")) -> collections.Counter:
    """So many tamperings of a shop with everything, each taken back."""
    fill()
    counts: collections.Counter = collections.Counter()
    assert not (found := audit.checks.run()), found
    with as_owner():
        known = {(breach.check, breach.row) for breach in audit.checks.run()}
        for _ in range(count):
            if time.monotonic() > until:
                break
            tampering = chosen(random.Random())
            if tampering is not None:
                counts += carried_out(tampering, known)
    return counts


def fill() -> None:
    """One of everything, and a checkpoint over it."""
    world = everything()
    other = world["other"]
    cards.freeze(other, by=AGENT, reason="lost")
    cards.holder.correct_holder(other, email="bea@example.com", name="Bea", reason="x", by=AGENT)
    shipped, charged = place(), place()
    desk.orders.ship(shipped.id, by=AGENT, tracking="T-1")
    payment = paid_by(charged, "credit_card")
    desk.orders.charge_back(
        charged.id, payment_id=payment.id, amount=amount_of("1.00 USD"), by=ROOT
    )
    with clock.moved(timedelta(hours=1)):
        assert audit.checkpoints.write()


def carried_out(tampering: Tampering, known: set) -> collections.Counter:
    """Do it, look, and take it back; AssertionError when nothing names the row."""
    point = database.db.obj.savepoint()
    try:
        with point:
            try:
                touched = database.execute(tampering.sql, *tampering.values)
            except peewee.IntegrityError:
                point.rollback()
                return collections.Counter({"refused all the same": 1})
            found = {(each.check, each.row) for each in audit.checks.run()} - known
            point.rollback()
    except peewee.OperationalError as problem:
        raise AssertionError(tampering) from problem
    assert touched == 1, tampering
    named = {row for _, row in found}
    assert tampering.reported in named if tampering.reported else named, (tampering, found)
    return collections.Counter({"rows": 1, tampering.kind.partition(" ")[0]: 1})


def chosen(chance: random.Random) -> Tampering | None:
    """Something that an owner might do; None when nobody would notice it."""
    table = chance.choice(TABLES)
    rows = database.rows(f"SELECT {', '.join(columns_of(table))} FROM {table._meta.table_name}")
    if not rows:
        return None
    row = dict(zip(columns_of(table), chance.choice(rows), strict=True))
    action = chance.choice((_change, _change, _change, _delete, _insert))
    tampering = action(table, row, rows, chance)
    return None if tampering.kind in UNNOTICED else tampering


def columns_of(table: type[Table]) -> list[str]:
    """The names of a table's columns."""
    return [field.column_name for field in table._meta.sorted_fields]


def _key(table: type[Table]) -> list[str]:
    found = table._meta.primary_key
    if isinstance(found, peewee.CompositeKey):
        return [table._meta.fields[name].column_name for name in found.field_names]
    return [found.column_name]


def _named(table: type[Table], row: dict[str, Any]) -> str:
    """What the audit calls a row."""
    if table is models.LedgerCheckpoint:
        return f"checkpoint {row['number']}"
    return str(row["id"] if "id" in row else row[_key(table)[-1]])


def _change(table: type[Table], row: dict, rows: list, chance: random.Random) -> Tampering:
    field = chance.choice(table._meta.sorted_fields)
    column = field.column_name
    others = [other[columns_of(table).index(column)] for other in rows]
    value = another(row[column], others, field, chance)
    keys_of = _key(table)
    where = " AND ".join(f"{name} = ?" for name in keys_of)
    return Tampering(
        kind=f"change {table._meta.table_name}.{column}",
        reported="" if column in (*keys_of, "id", *SUMMED_UP) else _named(table, row),
        sql=f"UPDATE {table._meta.table_name} SET {column} = ? WHERE {where}",
        values=(value, *(row[name] for name in keys_of)),
    )


def another(value: Any, others: list, field: peewee.Field, chance: random.Random) -> Any:
    """A value of the same type, and not this one: an old hand takes that of another row."""
    known = [other for other in others if other is not None and other != value]
    if known and chance.random() < 0.5:
        return chance.choice(known)
    if field.null and value is not None and chance.random() < 0.3:
        return None
    if isinstance(field, peewee.BooleanField):
        return not value
    if isinstance(field, peewee.IntegerField):
        return chance.choice((1, -1, 1000)) + (value or 0)
    if isinstance(field, peewee.BlobField):
        return bytes(chance.randrange(256) for _ in range(32))
    return f"{value or ''}{chance.choice('xyz')}"


def _delete(table: type[Table], row: dict, rows: list, chance: random.Random) -> Tampering:
    where = " AND ".join(f"{name} = ?" for name in _key(table))
    return Tampering(
        kind=f"delete {table._meta.table_name}",
        reported="",
        sql=f"DELETE FROM {table._meta.table_name} WHERE {where}",
        values=tuple(row[name] for name in _key(table)),
    )


def _insert(table: type[Table], row: dict, rows: list, chance: random.Random) -> Tampering:
    invented = dict(row)
    for name in _key(table):
        is_number = isinstance(invented[name], int)
        invented[name] = 10**6 if is_number else ids.new("gc")
    if table is models.Order:
        invented |= {"id": ids.new("ord"), "checkout_id": None}
    if table in (models.Transfer, models.AuditEntry):
        invented["number"] = 10**6
    if table is models.Transfer:
        invented |= {"version": 10**3, "idempotency_key": None}
    if table is models.GiftCard:
        invented |= {"code_index": bytes(32), "replaces_id": None}
    return Tampering(
        kind=f"insert {table._meta.table_name}",
        reported=_named(table, invented),
        sql=f"INSERT INTO {table._meta.table_name} ({', '.join(invented)})"
        f" VALUES ({database.placeholders(list(invented))})",
        values=tuple(invented.values()),
    )
