"""Foreign keys that PostgreSQL checks once a statement, those of the tables that an import fills.

It looks its own foreign keys up in a query for each row: a third of all that an import cost it. On
SQLite, which checks them in passing, these are plain foreign keys. What they refer to never
changes (database.guards), so that only INSERT and DELETE have to be watched (decision 20).
"""

from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Reference:
    """Each row of ``table`` names a row of ``parent``: these columns of it are those keys.

    ``is_shared``: most rows of a statement name the same one, or none.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]
    is_shared: bool = False

    @property
    def key(self) -> str:
        """As a foreign key."""
        return (
            f"CONSTRAINT {self.name} FOREIGN KEY ({', '.join(self.columns)})"
            f" REFERENCES {self.parent} ({', '.join(self.keys)}) ON DELETE RESTRICT"
        )

    @property
    def breach(self) -> str:
        """A query that finds its name when one of the rows ``added`` names what is not there. Each
        is looked up by its key, however few there were when PostgreSQL made its plan."""
        listed = ", ".join(self.columns)
        shared = f"(SELECT DISTINCT {listed} FROM added WHERE {self.columns[0]} IS NOT NULL)"
        return (
            f"SELECT '{self.name}' FROM {shared if self.is_shared else 'added'} AS named"
            f" LEFT JOIN LATERAL (SELECT true AS is_there FROM {self.parent}"
            f" WHERE {self.joined('named', self.parent)} OFFSET 0) AS found ON true"
            " WHERE found.is_there IS NULL LIMIT 1"
        )

    def joined(self, child: str, parent: str) -> str:
        """The condition that a row of the one names a row of the other."""
        pairs = zip(self.columns, self.keys, strict=True)
        return " AND ".join(f"{parent}.{key} = {child}.{column}" for column, key in pairs)


_BOOK = ("id", "currency", "is_test")
BOOK_KEY = f"CONSTRAINT account_book UNIQUE ({', '.join(_BOOK)})"
"""What a foreign key needs in order to name an account with its book; a trigger needs no index."""

TRANSFER_BOOK = Reference(
    "transfer_in_its_book", "transfer", ("card_id", "currency", "is_test"), "account", _BOOK
)
TRANSFER_AUDIT = Reference(
    *("transfer_has_its_entry", "transfer", ("audit_id",), "audit_entry", ("id",)),
    is_shared=True,
)
TRANSFER_PARENT = Reference(
    *("transfer_has_its_parent", "transfer", ("parent_id",), "transfer", ("id",)),
    is_shared=True,
)
CARD_BOOK = Reference("gift_card_in_its_book", "gift_card", _BOOK, "account", _BOOK)
CARD_CAMPAIGN = Reference(
    *("gift_card_has_its_campaign", "gift_card", ("campaign_id",), "campaign", ("id",)),
    is_shared=True,
)
CARD_REPLACED = Reference(
    *("gift_card_has_what_it_replaces", "gift_card", ("replaces_id",), "gift_card", ("id",)),
    is_shared=True,
)
HOLD_BOOK = Reference(
    "hold_in_its_book", "hold", ("card_id", "currency", "is_test"), "account", _BOOK
)
REFERENCES = (
    *(TRANSFER_BOOK, TRANSFER_AUDIT, TRANSFER_PARENT),
    *(CARD_BOOK, CARD_CAMPAIGN, CARD_REPLACED),
    HOLD_BOOK,
)


def triggers() -> dict[str, list[str]]:
    """Each trigger with the statements that make it, anew."""
    by_table = groupby(REFERENCES, key=lambda reference: reference.table)
    found = {f"{table}_names_what_exists": _named(table, list(names)) for table, names in by_table}
    return found | {f"{each.name}_is_needed": _needed(each) for each in REFERENCES}


def _named(table: str, references: list[Reference]) -> list[str]:
    """Every row that a statement adds names a row of each parent."""
    name = f"{table}_names_what_exists"
    broken = ", ".join(f"({each.breach})" for each in references)
    return [
        _function(name, "SET enable_seqscan = off", f"COALESCE({broken})"),
        f"CREATE OR REPLACE TRIGGER {name} AFTER INSERT ON {table}"
        f" REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION giftweb_{name}()",
    ]


def _needed(each: Reference) -> list[str]:
    """No row goes that another one names."""
    name = f"{each.name}_is_needed"
    named = f"EXISTS (SELECT FROM {each.table} WHERE {each.joined(each.table, 'OLD')})"
    return [
        _function(name, "", f"(SELECT '{each.name}' WHERE {named})"),
        f"CREATE OR REPLACE TRIGGER {name} AFTER DELETE ON {each.parent}"
        f" FOR EACH ROW EXECUTE FUNCTION giftweb_{name}()",
    ]


def _function(name: str, setting: str, broken: str) -> str:
    """A trigger's function, which refuses when ``broken`` names a reference."""
    return f"""
CREATE OR REPLACE FUNCTION giftweb_{name}() RETURNS trigger LANGUAGE plpgsql {setting} AS $$
DECLARE
    broken text := {broken};
BEGIN
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', broken
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = broken;
    END IF;
    RETURN NULL;
END $$
"""
