"""Which codes a file has had so far, however long it is: kept beside memory, and unreadable."""

import hashlib
import secrets
import sqlite3

# Hot: each row of an import asks once; a million rows in 4 s, of which peewee would make a minute.

_TABLE = "CREATE TABLE seen (code BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID"
_ADD = "INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING"
_FIND = "SELECT line FROM seen WHERE code = ?"


class SeenCodes:
    """The row in which each code stood first.

    SQLite keeps it in a file of its own that vanishes with the process; of a code it gets a keyed
    digest alone.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._rows = sqlite3.connect("")
        self._rows.execute(_TABLE)

    def first_row(self, code: str, row: int) -> int:
        """The row in which the code stood first: this one, when it is new."""
        digest = hashlib.blake2b(code.encode(), digest_size=16, key=self._key).digest()
        if self._rows.execute(_ADD, (digest, row)).rowcount:
            return row
        return int(self._rows.execute(_FIND, (digest,)).fetchone()[0])
