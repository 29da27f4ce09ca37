"""What a person types into a search box, as a condition that indexes can answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import peewee
from peewee import OP, SQL, Expression, fn

from giftweb import clock, database, ids
from giftweb.tables.base import last_name

_AFTER_ALL_TEXT = "\U0010ffff"
_FOUR = re.compile(r"[A-Za-z0-9]{1,4}")
_MARKS = re.compile(r"[\s•·*#-]+")


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a WHERE clause and its parameters."""

    sql: str
    params: tuple[Any, ...] = ()

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"{self.sql} AND {other.sql}", self.params + other.params)


ALL = Condition("1 = 1")
MODES = ("live", "test")


def any_of(ways: Sequence[Condition]) -> Condition:
    """One condition that any of the ways fulfils."""
    text = " OR ".join(f"({way.sql})" for way in ways)
    return Condition(f"({text})", tuple(value for way in ways for value in way.params))


def gathered(selects: Sequence[Condition], *, limit: int) -> Condition:
    """A SELECT of the ids that any of the SELECTs finds, at most ``limit`` of them.

    Each is answered by its own index; SQLite would read the whole table for a plain OR.
    """
    text = " UNION ".join(
        f"SELECT id FROM ({way.sql} LIMIT {limit}) AS way{number}"
        for number, way in enumerate(selects)
    )
    return Condition(f"{text} LIMIT {limit}", tuple(v for way in selects for v in way.params))


def few(key: str, selects: Sequence[Condition], *, limit: int) -> Condition:
    """For a search that finds few: they are gathered first, whatever order is wanted.

    An index in the wanted order would be walked to its end for them.
    """
    ids = gathered(selects, limit=limit)
    return Condition(
        f"{key} IN (WITH few AS MATERIALIZED ({ids.sql}) SELECT id FROM few)", ids.params
    )


def many(ways: Sequence[Condition]) -> Condition:
    """For a search that finds many: the index in the wanted order is walked, each row asked.

    CASE keeps a planner from gathering all of them first.
    """
    some = any_of(ways)
    return Condition(f"CASE WHEN {some.sql} THEN 1 ELSE 0 END = 1", some.params)


def counted(selects: Sequence[Condition], *, limit: int) -> int:
    """How many rows the SELECTs of ids find together; counting stops beyond ``limit``."""
    found = gathered(selects, limit=limit + 1)
    return int(database.scalar(f"SELECT COUNT(*) FROM ({found.sql}) AS few", *found.params))


def in_mode(alias: str, mode: str) -> Condition:
    """Real or test money only; an empty mode is both."""
    if mode not in MODES:
        return ALL
    return Condition(f"{alias}.is_test" if mode == "test" else f"NOT {alias}.is_test")


def in_days(column: str, first: date | None, last: date | None) -> Condition:
    """Instants from the first day to the last one, both included, in UTC."""
    found = Condition(f"{column} >= ?", (_start_of(first),)) if first else ALL
    if last and last < date.max:
        found &= Condition(f"{column} < ?", (_start_of(last + timedelta(days=1)),))
    return found


def _start_of(day: date) -> int:
    return clock.to_micros(datetime.combine(day, time.min, tzinfo=UTC))


# Conditions of peewee on a column


def begins(column: Any, beginning: str) -> Expression:
    """Text that begins so, as the column's index can answer it."""
    end = beginning + _AFTER_ALL_TEXT
    return Expression(column, OP.GTE, beginning) & Expression(column, OP.LT, end)


def person_begins(column: peewee.Field, text: str) -> list[Expression]:
    """Ways to find people whose whole name begins with the text, or whose last one: "ann s",
    "smith"; ``column`` has its indexes from ``tables.base.index_names``.

    The database lowers A to Z and perhaps more, so other letters are tried as typed, lowered and
    with capitals.
    """
    spellings = dict.fromkeys((text.lower(), _lower_ascii(text), _lower_ascii(text.title())))
    names = [fn.LOWER(column)] if " " in text else [fn.LOWER(column), _last_name(column)]
    return [begins(name, spelling) for name in names for spelling in spellings]


def _last_name(column: peewee.Field) -> peewee.Node:
    """The indexed expression with the column as the statement names it."""
    first, *others = last_name("{}").split("{}")
    parts = [part for text in others for part in (column, SQL(text))]
    return peewee.NodeList((SQL(first), *parts), glue="")


def of_mode(is_test: peewee.Field, mode: str) -> list[Expression]:
    """Real or test money only; no condition for any other word."""
    if mode not in MODES:
        return []
    return [is_test if mode == "test" else ~is_test]


def within_days(column: peewee.Field, first: date | None, last: date | None) -> list[Expression]:
    """Instants from the first day to the last one, both included, in UTC."""
    found = [column >= _start_of(first)] if first else []
    if last and last < date.max:
        found.append(column < _start_of(last + timedelta(days=1)))
    return found


def last_four_spellings(text: str) -> list[str]:
    """The last four characters of a code that ``•••• 7k2q`` may mean, none if it is something else;
    O, I and L also as the digits that they look like."""
    four = _MARKS.sub("", text).upper()
    if not _FOUR.fullmatch(four):
        return []
    return list(dict.fromkeys((four, four.translate(str.maketrans("OIL", "011")))))


def cleaned(text: str) -> str:
    """What somebody typed, without what no database takes."""
    return text.replace("\x00", "").strip()[:200]


def cards(text: str) -> list[Condition]:
    """Ways to find a card: last four, holder's address or names as they begin, order, or an id.

    On ``g`` (gift_card).
    """
    if not text:
        return [ALL]
    if ids.looks_like(text, "gc"):
        return [Condition("g.id = ?", (text,))]
    if ids.looks_like(text, "txn"):
        return [Condition("g.id = (SELECT card_id FROM transfer WHERE id = ?)", (text,))]
    address = starts("g.holder_email", text.lower())
    if "@" in text:
        return [address]
    names = person_starts("g.holder_name", text)
    return [address, *names, *last_four(text), *_order(text)]


def person_starts(column: str, text: str) -> list[Condition]:
    """People whose whole name begins with the text, or whose last one: "ann s", "smith"."""
    found = name_starts(f"lower({column})", text)
    return found if " " in text else [*found, *name_starts(last_name(column), text)]


def name_starts(column: str, text: str) -> list[Condition]:
    """Names that begin with the text, whatever its case; ``column`` is the indexed ``lower(...)``.

    The database lowers A to Z and perhaps more, so other letters are tried as typed, lowered and
    with capitals.
    """
    spellings = dict.fromkeys((text.lower(), _lower_ascii(text), _lower_ascii(text.title())))
    return [starts(column, spelling) for spelling in spellings]


def _lower_ascii(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def starts(column: str, beginning: str) -> Condition:
    """Text that begins so, as its index can answer it."""
    return Condition(f"({column} >= ? AND {column} < ?)", (beginning, beginning + _AFTER_ALL_TEXT))


def last_four(text: str) -> list[Condition]:
    """``7K2Q``, ``•••• 7k2q``; O, I and L also as the digits that they look like. On ``g``."""
    four = _MARKS.sub("", text).upper()
    if not _FOUR.fullmatch(four):
        return []
    spellings = tuple(dict.fromkeys((four, four.translate(str.maketrans("OIL", "011")))))
    return [Condition(f"g.last4 IN ({database.placeholders(spellings)})", spellings)]


def _order(text: str) -> list[Condition]:
    """Cards issued on an order, bought in it, or that paid for it; by its number or reference."""
    digits = text.lstrip("#")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    found = database.rows(
        "SELECT id FROM orders WHERE reference = ? OR number = ? LIMIT 50", text, number
    )
    if not found:
        return []
    marks, orders = database.placeholders(found), tuple(order_id for (order_id,) in found)
    return [
        Condition(f"g.order_id IN ({marks})", orders),
        Condition(f"g.id IN (SELECT card_id FROM transfer WHERE order_id IN ({marks}))", orders),
    ]
