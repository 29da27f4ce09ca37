"""Anchors: what a checkpoint was, kept where the owner of the database cannot change it.

A checkpoint counts all that was written before it, and is chained to the one before. Whoever owns
the database can still take the newest ones away, with all that they counted. So each leaves the
house as a line of text: in the log, in a mail to Finance once a day, in a file or at an address of
somebody else's. ``flask audit --since ANCHOR`` compares such lines with the checkpoints that there
are. The last one also lies beside the keys, and is compared by every audit.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from giftweb import database, keys
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.models import LedgerCheckpoint

_LINE = re.compile(r"giftweb-anchor (\d{1,18}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([0-9a-f]{64})")
Found = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint by its number, when it was written, and the seal that it must have."""

    number: int
    at: datetime
    seal: str

    def __str__(self) -> str:
        """The line that leaves the house."""
        return f"giftweb-anchor {self.number} {self.at:%Y-%m-%dT%H:%M:%SZ} {self.seal}"


def newest() -> Anchor | None:
    """The anchor of the newest checkpoint; None before the first."""
    table = LedgerCheckpoint
    found = table.select().order_by(table.number.desc()).first()
    return Anchor(found.number, found.at, bytes(found.seal).hex()) if found else None


def read(text: str) -> list[Anchor]:
    """The anchors in a text: one line, a file of them, a log.

    Raises: Invalid when there is none.
    """
    found = [
        Anchor(int(number), datetime.fromisoformat(at), seal)
        for number, at, seal in _LINE.findall(text)
    ]
    if not found:
        raise Invalid(
            gettext("There is no anchor here: it is a line that begins with giftweb-anchor.")
        )
    return found


def breaches(anchors: Iterable[Anchor]) -> Iterator[Found]:
    """(check, row, what is wrong): checkpoints that left the house and are not there, or not so."""
    for anchor in set(anchors):
        row = f"checkpoint {anchor.number}"
        found = LedgerCheckpoint.get_or_none(number=anchor.number)
        if found is None:
            last = newest()
            there = f"the last one here is {last.number}" if last else "there is none"
            yield "I2 anchors", row, f"it left the house, and {there}"
        elif bytes(found.seal).hex() != anchor.seal:
            yield "I2 anchors", row, "it is not the one that left the house"


# Where an anchor is kept


def keep() -> Anchor | None:
    """Keep the newest anchor beside the keys, in place of the one before; the anchor."""
    anchor, path = newest(), _path()
    if path is None:
        return anchor
    if anchor is None:
        path.unlink(missing_ok=True)
        return None
    scratch = path.with_suffix(".new")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{anchor}\n{_digest(anchor)}\n")
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    return anchor


def forget() -> None:
    """Keep none: the database was created just now."""
    if path := _path():
        path.unlink(missing_ok=True)


def append(anchor: Anchor, path: Path) -> None:
    """Add the anchor to a file; it is on the disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a") as file:
        file.write(f"{anchor}\n")
        file.flush()
        os.fsync(file.fileno())


def _path() -> Path | None:
    """A file for each database: several may share a keys file."""
    folder = keys.folder()
    if folder is None:
        return None
    name = hashlib.sha256(str(database.db.obj.database).encode()).hexdigest()[:12]
    return folder / f"anchor-{name}"


def kept() -> list[Anchor]:
    """The anchor beside the keys, if this installation wrote it.

    To be read before the checkpoints: it is kept after its checkpoint is committed.
    """
    path = _path()
    if path is None or not path.exists():
        return []
    line, _, digest = path.read_text().partition("\n")
    found = read(line) if _LINE.fullmatch(line) else []
    return [anchor for anchor in found if digest.strip() == _digest(anchor)]


def _digest(anchor: Anchor) -> str:
    return keys.ring().seal_of(f"anchor {anchor}".encode()).hex()
