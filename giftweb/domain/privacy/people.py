"""Whose data it is: the rows that belong to an address, and the words that name the person."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from peewee import Model

from giftweb import models
from giftweb.domain import emails
from giftweb.models import Customer

_SHORTEST = 3
"""A shorter name is no word to look for."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """The rows of a table in which columns are about the person. ``columns``: the address first.

    ``is_own``: such a row is the person's, and not only from them.
    """

    table: type[Model]
    columns: tuple[str, ...]
    ids: tuple[str, ...]
    is_own: bool


@dataclass(slots=True)
class Person:
    """An address with what belongs to it. ``words``: how texts name the person."""

    email: str
    customer_id: str | None = None
    belongings: list[Belonging] = field(default_factory=list)
    words: set[str] = field(default_factory=set)

    @property
    def ids(self) -> set[str]:
        """The ids by which other rows name what belongs to the person."""
        own = {self.customer_id} if self.customer_id else set()
        return own.union(*(each.ids for each in self.belongings if each.is_own))

    @property
    def is_known(self) -> bool:
        """Whether anything belongs to the address."""
        return self.customer_id is not None or any(each.ids for each in self.belongings)

    def of(self, table: type[Model], *, is_own: bool = True) -> list[str]:
        """The ids of the person's rows of a table, the oldest first."""
        found = [each.ids for each in self.belongings if each.table is table]
        return sorted(found[0 if is_own else 1])

    def pattern(self) -> re.Pattern[str]:
        """Finds every word that names the person, in capitals or not."""
        longest_first = sorted({self.email, *self.words}, key=len, reverse=True)
        named = "|".join(re.escape(word) for word in longest_first)
        return re.compile(rf"(?<!\w)(?:{named})(?!\w)", re.IGNORECASE)


def find(email: str) -> Person:
    """All that belongs to an address.

    Raises: Invalid.
    """
    person = Person(emails.read(email))
    registered = Customer.get_or_none(Customer.email == person.email)
    if registered is not None:
        person.customer_id = registered.id
        _add(person, [registered.name])
    for table in models.TABLES:
        for number, columns in enumerate(getattr(table._meta, "people", ())):
            _read(person, table, columns, is_own=not number)
    return person


def _read(person: Person, table: type[Model], columns: tuple[str, ...], *, is_own: bool) -> None:
    address, *others = columns
    named = [name for name in others if name.endswith(("_name", "_address"))]
    wanted = [table._meta.columns[name] for name in ("id", *named)]
    found = table.select(*wanted).where(table._meta.columns[address] == person.email)
    rows = list(found.tuples())
    person.belongings.append(Belonging(table, columns, tuple(row[0] for row in rows), is_own))
    for _, *contents in rows:
        _add(person, [text for content in contents for text in _texts_in(content)])


def _texts_in(content: Any) -> Iterator[str]:
    """A name, or what a postal address says besides its country."""
    if isinstance(content, dict):
        yield from (str(text) for name, text in content.items() if name != "country")
    elif content:
        yield content


def _add(person: Person, names: Iterable[str]) -> None:
    person.words |= {name.strip() for name in names if len(name.strip()) >= _SHORTEST}
