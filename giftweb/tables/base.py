"""What every table shares: text ids, strict columns, named constraints."""

from collections.abc import Iterable

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from giftweb.database import db
from giftweb.money import LIMIT_MINOR


class Table(Model):
    """A row with the engine's own type checks on both engines.

    Where there is a ``seal``, a row without a valid one was not written by the program: the audit
    names it. ``Meta.unsealed`` lists the columns that a row's seal does not cover,
    ``Meta.people`` says which columns are about a person: their address, and what goes with it.
    ``Meta.sealed_later`` those that came with a later step of the schema: they may be NULL
    (``domain.audit.seals``). ``Meta.sealed_since`` names the step that brought the seal itself.
    """

    class Meta:
        database = db
        strict_tables = True
        legacy_table_names = False


def key() -> TextField:
    """A prefixed text id as the primary key."""
    return TextField(primary_key=True)


def place() -> BigAutoField:
    """A row's place in the order of writing, whatever the clock showed; never used twice.

    PostgreSQL assigns it before the commit, so a higher one may be visible earlier.
    """
    return BigAutoField()


def belongs_to(model: type[Model] | str, *, null: bool = False, index: bool = True, **options):
    """A foreign key that nothing cascades through."""
    return ForeignKeyField(
        model, null=null, index=index, on_delete="RESTRICT", backref="+", **options
    )


_BOOK = ("id", "currency", "is_test")


def book_key(table: str) -> SQL:
    """What a row of another table needs in order to name an account together with its book."""
    return SQL(f"CONSTRAINT {table}_book UNIQUE ({', '.join(_BOOK)})")


def in_book(table: str, *, key: str) -> SQL:
    """A foreign key to an account of the row's own currency and mode (I20)."""
    columns = (key, *_BOOK[1:])
    return SQL(
        f"CONSTRAINT {table}_in_its_book FOREIGN KEY ({', '.join(columns)})"
        f" REFERENCES account ({', '.join(_BOOK)}) ON DELETE RESTRICT"
    )


def refers_to(table: str, *, key: str, parent: str) -> SQL:
    """A foreign key to the ``id`` of a table that is declared further on.

    The two tables name each other's rows, so one of them is written first: it may be deferred.
    """
    return SQL(
        f"CONSTRAINT {table}_has_its_{key.removesuffix('_id')} FOREIGN KEY ({key})"
        f" REFERENCES {parent} (id) ON DELETE RESTRICT DEFERRABLE INITIALLY IMMEDIATE"
    )


def minor(*, null: bool = False, default: int | None = None) -> BigIntegerField:
    """An amount in minor units; its bounds are the table's ``minors`` constraint."""
    return BigIntegerField(null=null, default=default)


def flag(default: bool | None = None) -> BooleanField:
    """Yes or no."""
    return BooleanField(default=default)


def check(name: str, condition: str) -> SQL:
    """A named CHECK, so that its breach can be shown as a sentence."""
    return SQL(f"CONSTRAINT {name} CHECK ({condition})")


def taxed(table: str) -> tuple[IntegerField, BooleanField]:
    """``tax_hundredths`` and ``tax_included``: the hosted shop's rate of tax in hundredths of a
    percent, and whether it is in the prices; both NULL: none is known."""
    bounds = check(f"{table}_tax_rate_bounds", "tax_hundredths BETWEEN 0 AND 10000")
    whole = "(tax_hundredths IS NULL) = (tax_included IS NULL)"
    return (
        IntegerField(null=True, constraints=[bounds]),
        BooleanField(null=True, constraints=[check(f"{table}_tax_is_whole", whole)]),
    )


def minors(table: str, *columns: str, least: int = 0) -> list[SQL]:
    """Bounds of amounts: at least ``least``, at most 10^12 (I9)."""
    return [
        check(f"{table}_{column}_bounds", f"{column} BETWEEN {least} AND {LIMIT_MINOR}")
        for column in columns
    ]


def one_of(table: str, column: str, words: Iterable[str]) -> SQL:
    """The closed list of a column's words. For an IN, SQLite would build a set for each row."""
    listed = " OR ".join(f"{column} = '{word}'" for word in words)
    return check(f"{table}_{column}_known", listed)


def last_name(column: str) -> str:
    """The last word of a name, in lower case: an expression that both engines index."""
    before = f"length(rtrim({column}, replace({column}, ' ', '')))"
    return f"lower(substr({column}, {before} + 1))"


def after_first(column: str, mark: str) -> str:
    """The rest of a text from its first mark on, in lower case, and nothing of one without it: an
    expression that both engines index."""
    return f"lower(ltrim({column}, replace({column}, '{mark}', '')))"


def index_names(table: type[Table], column: str) -> None:
    """Index a person's name, what follows its first word, and its last word, in lower case."""
    name = f"{table._meta.table_name}_{column}"
    expressions = {
        "": f"lower({column})",
        "last_": last_name(column),
        "later_": after_first(column, " "),
    }
    for ending, expression in expressions.items():
        index = f"{name.removesuffix('name')}{ending}name"
        table.add_index(SQL(f"CREATE INDEX {index} ON {table._meta.table_name} ({expression})"))


def index_words(table: type[Table], column: str, *marks: str) -> None:
    """Index what follows the first of each of these marks, which divide a text into words."""
    name = table._meta.table_name
    for mark in marks:
        index = f"{name}_{column}_after_{_MARKS[mark]}"
        expression = after_first(column, mark)
        table.add_index(SQL(f"CREATE INDEX {index} ON {name} ({expression})"))


_MARKS = {"@": "at", ".": "dot", "-": "dash"}
