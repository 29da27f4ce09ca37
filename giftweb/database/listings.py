"""Lists that are read a page at a time, by key: any order, a count up to a limit, an index at work.

A ``Listing`` belongs to the module whose values it lists; a ``Page`` is what it answers::

    LISTING = Listing(
        lambda: records.select(Customer, tables.Customer),
        key=tables.Customer.id,
        sorts={"name": (fn.LOWER(tables.Customer.name),), "created": (tables.Customer.created_at,)},
        default="name",
    )
    page = LISTING.page([tables.Customer.email == "ann@example.com"], sort="name", after=last)

Several conditions are alternatives, each with an index of its own: a row is in the list when
``any_of`` them holds. Only ``uncounted`` lists the rows for which ``all_of`` its conditions hold.
"""

import functools
import itertools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import peewee

from giftweb import database

T = TypeVar("T")
Term = Any
"""A peewee column, function or condition."""

COUNT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list, in the order ``sort``.

    ``after`` is the key to continue after, None on the last page. ``count`` is how many rows the
    whole list has, or the limit of counting; it is None in a list that is not counted.
    ``is_partial``: the search may have missed rows, for not all of them could be looked at.
    """

    items: tuple[T, ...]
    after: Any = None
    sort: str = ""
    count: int | None = None
    is_count_exact: bool = True
    is_partial: bool = False

    @property
    def has_more(self) -> bool:
        """Whether a further page exists."""
        return self.after is not None


class Listing(Generic[T]):
    """Values in one of several orders, each with the key as its tie-break.

    ``query`` makes the query that all pages come from, such as ``records.select``. Tables that only
    add columns are joined LEFT OUTER: both engines leave them out where rows are counted.
    ``sorts`` names the columns of each order; its name with ``-`` in front is the same backwards.
    ``tie_break`` is the unique column that ends each order, the key unless something else does.
    ``has_indexes``: each order has an index of its own, so that any number of rows is sorted.
    """

    def __init__(
        self,
        query: Callable[[], peewee.ModelSelect],
        *,
        key: peewee.Field,
        sorts: Mapping[str, tuple[Term, ...]],
        default: str,
        tie_break: peewee.Field | None = None,
        count_limit: int = COUNT_LIMIT,
        has_indexes: bool = False,
    ):
        self._query = query
        self._key = key
        self._columns = {name: (*columns, tie_break or key) for name, columns in sorts.items()}
        self.sorts = tuple(sign + name for name in sorts for sign in ("", "-"))
        self.default = default
        self.count_limit = count_limit
        self._has_indexes = has_indexes

    def page(
        self,
        any_of: Sequence[Term] = (),
        *,
        sort: str = "",
        after: Any = None,
        limit: int,
        uses_own_index: bool = True,
    ) -> Page[T]:
        """A page with its count; too many rows to sort are answered in the default order.

        ``uses_own_index`` is False for conditions that no index of this list's orders can answer,
        such as one on a joined table: the ids that they find are read before anything is sorted.
        """
        sort = sort if sort in self.sorts else self.default
        with database.snapshot():
            count = self.count(any_of)
            is_exact = count <= self.count_limit
            sort = sort if is_exact or self._has_indexes else self.default
            conditions = self._conditions(any_of, is_exact, uses_own_index)
            items = self._read(conditions, sort, after, limit + 1)
        return self._page(items, sort, limit, min(count, self.count_limit), is_exact)

    def uncounted(
        self, all_of: Sequence[Term] = (), *, sort: str = "", after: Any = None, limit: int
    ) -> Page[T]:
        """A page of the rows that meet all conditions, without a count."""
        sort = sort if sort in self.sorts else self.default
        items = self._read(all_of, sort, after, limit + 1)
        return self._page(items, sort, limit)

    def portions(
        self, any_of: Sequence[Term] = (), *, size: int = 500, uses_own_index: bool = True
    ) -> Iterator[list[T]]:
        """Everything that fits, in the default order, a portion at a time; for downloads."""
        is_few = self.count(any_of) <= self.count_limit
        conditions = self._conditions(any_of, is_few, uses_own_index)
        after = None
        while items := self._read(conditions, self.default, after, size):
            yield items
            after = self._key_of(items[-1])

    def count(self, any_of: Sequence[Term] = ()) -> int:
        """How many rows fit; one more than ``count_limit`` stands for any larger number."""
        ids = self._ids(any_of, self.count_limit + 1).alias("ids")
        return peewee.Select([ids], [peewee.fn.COUNT(peewee.SQL("*"))]).scalar(database.db)

    def suggest(self, any_of: Sequence[Term] = (), *, sort: str = "", limit: int) -> list[T]:
        """A few of the rows that fit, found fast and then sorted; for search as one types."""
        ids = self._ids(any_of, limit * max(len(any_of), 1))
        return self._read([self._key.in_(ids)], sort or self.default, None, limit)

    def _page(
        self, items: list[T], sort: str, limit: int, count: int | None = None, is_exact: bool = True
    ) -> Page[T]:
        after = self._key_of(items[limit - 1]) if len(items) > limit else None
        return Page(tuple(items[:limit]), after, sort, count, is_exact)

    def _key_of(self, item: T) -> Any:
        return getattr(item, self._key.column_name)

    def _read(self, conditions: Sequence[Term], sort: str, after: Any, limit: int) -> list[T]:
        columns, is_descending = self._columns[sort.lstrip("-")], sort.startswith("-")
        conditions = [*conditions, *self._beyond(columns, is_descending, after)]
        order = [column.desc() if is_descending else column.asc() for column in columns]
        query = self._query()
        if conditions:
            query = query.where(*conditions)
        return list(query.order_by(*order).limit(limit))

    def _beyond(self, columns: tuple[Term, ...], is_descending: bool, after: Any) -> list[Term]:
        """What comes after a row in the order; everything when there is no such row."""
        if after is None:
            return []
        last = self._values_of(columns, after)
        if last is None:
            return []
        row = peewee.Tuple(*columns)
        return [row < last if is_descending else row > last]

    def _values_of(self, columns: tuple[Term, ...], key: Any) -> Term | None:
        """The columns of the row with this key, as the database has them."""
        if len(columns) == 1 and columns[0] is self._key:
            return peewee.Tuple(peewee.AsIs(key))
        query = self._query().select(*columns).where(self._key == key)
        found = database.db.execute(query).fetchone()
        return found and peewee.Tuple(*map(peewee.AsIs, found))

    def _conditions(
        self, any_of: Sequence[Term], is_few: bool, uses_own_index: bool
    ) -> Sequence[Term]:
        """The alternatives as conditions that no planner answers in the slow way."""
        if not any_of or (len(any_of) == 1 and uses_own_index):
            return any_of
        return [self._ids_first(any_of) if is_few else _in_order(any_of)]

    def _ids_first(self, any_of: Sequence[Term]) -> Term:
        """For a search that finds few: their ids are read first, whatever order is wanted.

        An index in the wanted order would be read to its end for them.
        """
        ids = self._ids(any_of, self.count_limit + 1).cte("few", materialized=True)
        return self._key.in_(peewee.Select([ids], [ids.c.id]).with_cte(ids))

    def _ids(self, any_of: Sequence[Term], limit: int) -> Any:
        """The ids that any of the alternatives finds, each by its own index, up to a limit.

        SQLite would read the whole table for a plain OR.
        """
        ids = self._query().select(self._key.alias("id")).order_by().limit(limit)
        each = [ids.where(alternative) for alternative in any_of] or [ids]
        named = [found.alias(f"alternative{number}") for number, found in enumerate(each)]
        return functools.reduce(
            operator.or_, [peewee.Select([found], [found.c.id]) for found in named]
        ).limit(limit)


def _in_order(any_of: Sequence[Term]) -> Term:
    """For a search that finds many: the index in the wanted order is read and each row checked.

    CASE keeps a planner from reading all their ids first.
    """
    return peewee.Case(None, [(functools.reduce(operator.or_, any_of), 1)], 0) == 1


def combine(*alternatives: Sequence[Term], filters: Sequence[Term] = ()) -> list[Term]:
    """Each combination of one of each of the alternatives, with all of the filters; for ``any_of``.

    What has no alternatives is no condition; without any condition a listing lists everything.
    """
    return [
        functools.reduce(operator.and_, (*chosen, *filters))
        for chosen in itertools.product(*filter(None, alternatives))
        if chosen or filters
    ]


def literal(word: str) -> peewee.SQL:
    """One of our own words written into the statement, so that the index with it as its condition
    is used; a parameter would hide it."""
    return peewee.SQL(f"'{word}'")
