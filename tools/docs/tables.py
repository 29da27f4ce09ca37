"""The tables of the product as its models declare them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import peewee

from giftweb import models

SHOWN = 7
"""So many columns of a table are shown; how many more it has is said."""

_MATTERS = re.compile(
    r"_minor$|^(state|status|kind|type|role|action|currency|is_test|version|number|email|name"
    r"|method|fulfilment|rate|reference|subject|sku|url|code_index|key_hash|holder_email|to_email)$"
)


@dataclass(frozen=True)
class Column:
    """A column; ``refers_to`` are the tables that it names a row of."""

    name: str
    refers_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """A table with the columns that are worth a line, and the number of the others."""

    name: str
    subject: str
    columns: tuple[Column, ...]
    others: int


def drawn() -> tuple[Drawn, ...]:
    """Every table, in the order of the models."""
    return tuple(map(_drawn, models.TABLES))


def _drawn(model: type[peewee.Model]) -> Drawn:
    references: dict[str, tuple[str, ...]] = {}
    for name, table in _references(model):
        references[name] = (*references.get(name, ()), table)
    primary = model._meta.primary_key
    names = [field.column_name for field in model._meta.sorted_fields]
    if isinstance(primary, peewee.Field) and primary.column_name not in references:
        names = [name for name in names if name != primary.column_name or name != "id"]
    chosen = _chosen(names, references)
    return Drawn(
        name=model._meta.table_name,
        subject=model.__module__.rpartition(".")[2],
        columns=tuple(Column(name, references.get(name, ())) for name in names if name in chosen),
        others=len(names) - len(chosen),
    )


def _chosen(names: list[str], references: dict[str, tuple[str, ...]]) -> set[str]:
    by_worth = sorted(
        names,
        key=lambda name: (name not in references, not _MATTERS.search(name), names.index(name)),
    )
    wanted = [name for name in by_worth if name in references or _MATTERS.search(name)]
    return set(wanted[: max(SHOWN, len(references))] or names[:3])


def _references(model: type[peewee.Model]) -> Iterator[tuple[str, str]]:
    """(column, table) of each foreign key, whether a field or a constraint of the table is one."""
    for field in model._meta.sorted_fields:
        if isinstance(field, peewee.ForeignKeyField):
            yield field.column_name, field.rel_model._meta.table_name
    for constraint in model._meta.constraints or ():
        named = re.search(r"FOREIGN KEY \((\w+).*?REFERENCES \"?(\w+)", constraint.sql)
        if named:
            yield named[1], named[2]
