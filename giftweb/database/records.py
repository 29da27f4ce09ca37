"""Values and the rows they are read from: a column is named in its table and in its value, and
nowhere else.

A value is a frozen dataclass or a NamedTuple whose fields are the names of columns. ``select`` has
peewee fill it; ``Reader`` does the same for the few statements that are plain SQL (``# Hot``);
``columns`` and ``stored`` are the way back, from a value to the columns of a row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, Generic, TypeVar

import peewee

from giftweb.database.columns import DateField, JSONField, UTCField
from giftweb.errors import NotFound

V = TypeVar("V")
Table = type[peewee.Model]


def select(value: type, *tables: Table, **computed: Any) -> peewee.ModelSelect:
    """A query of the first table whose rows are values of this type.

    Each field is the column of its name, of the first of ``tables`` that has one, or its
    expression in ``computed``. Join further tables as usual::

        select(Card, GiftCard, Account).join(Account, on=Account.id == GiftCard.id)
    """
    columns = [
        computed[name].alias(name) if name in computed else _column(name, tables).alias(name)
        for name in names(value)
    ]
    return tables[0].select(*columns).objects(value)


def one(query: peewee.ModelSelect, sentence: str | None = None) -> Any:
    """The value of the only row, or of the first.

    Raises: NotFound, with ``sentence`` when there is one.
    """
    found = query.first()
    if found is None:
        raise NotFound(sentence)
    return found


def names(value: type) -> tuple[str, ...]:
    """The names of a value's fields, in order."""
    if issubclass(value, tuple):
        return value._fields  # type: ignore[attr-defined]
    return tuple(field.name for field in fields(value))  # type: ignore[arg-type]


def columns(table: Table, value: Any = None, /, **more: Any) -> dict[str, Any]:
    """What the table has of the value's fields, and ``more``; for peewee's insert and update."""
    shared = _shared(table, type(value))  # type: ignore[arg-type]
    return {name: getattr(value, name) for name in shared} | more


def stored(table: Table, value: Any = None, /, **more: Any) -> dict[str, Any]:
    """The same as the row has it, for statements in plain SQL: instants, dates and documents are
    turned into what their columns hold.
    """
    row = columns(table, value, **more)
    for name, convert in _to_columns(table).items():  # type: ignore[arg-type]
        if name in row:
            row[name] = convert(row[name])
    return row


@cache
def _shared(table: Table, value: type) -> tuple[str, ...]:
    """The fields of a value that are columns of the table."""
    if value is type(None):
        return ()
    return tuple(name for name in names(value) if _has_column(name, table))


@cache
def _to_columns(table: Table) -> dict[str, Callable[[Any], Any]]:
    """How to write the columns whose content Python has in another form."""
    fields_of_it = table._meta.columns.items()
    return {name: each.db_value for name, each in fields_of_it if isinstance(each, _OURS)}


class Reader(Generic[V]):
    """A value's columns for a statement in plain SQL, and the way from its rows to values.

    ``tables`` are named as the statement names them: ``Reader(Card, g=GiftCard, a=Account)`` reads
    ``SELECT {reader.columns} FROM gift_card g JOIN account a ...``. ``computed`` has the SQL of
    fields that are no column.
    """

    def __init__(self, value: type[V], computed: Mapping[str, str] | None = None, **tables: Table):
        computed = computed or {}
        columns: list[str] = []
        self._conversions: list[tuple[int, Callable[[Any], Any]]] = []
        for position, name in enumerate(names(value)):
            found = next(
                ((alias, table) for alias, table in tables.items() if _has_column(name, table)),
                None,
            )
            if name in computed or found is None:
                columns.append(computed[name])
                continue
            alias, table = found
            columns.append(f"{alias}.{name}")
            if conversion := _conversion(_column(name, (table,))):
                self._conversions.append((position, conversion))
        self.columns = ", ".join(columns)
        self.width = len(columns)
        self._make = _constructor(value)

    def read(self, row: Sequence[Any]) -> V:
        """The value of a row that begins with the reader's columns."""
        content = list(row[: self.width])
        for position, convert in self._conversions:
            content[position] = convert(content[position])
        return self._make(*content)


def _constructor(value: type[V]) -> Callable[..., V]:
    """Makes a value of what its fields hold, in their order."""
    if issubclass(value, tuple) or not any(each.kw_only for each in fields(value)):  # type: ignore[arg-type]
        return value
    fields_of_it = names(value)
    return lambda *content: value(**dict(zip(fields_of_it, content, strict=True)))


_OURS = (UTCField, DateField, JSONField)
_AS_THEY_ARE = (peewee.TextField, peewee.BigIntegerField, peewee.IntegerField, peewee.AutoField)


def _conversion(column: peewee.Field) -> Callable[[Any], Any] | None:
    """How a column's content becomes Python's; None when it is the same."""
    if isinstance(column, peewee.ForeignKeyField) or type(column) in _AS_THEY_ARE:
        return None
    return column.python_value


def _has_column(name: str, table: Table) -> bool:
    return name in table._meta.columns


def _column(name: str, tables: Sequence[Table]) -> peewee.Field:
    for table in tables:
        if _has_column(name, table):
            return table._meta.columns[name]
    raise LookupError(f"none of {[table.__name__ for table in tables]} has a column {name}")
