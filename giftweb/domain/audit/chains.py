"""Chains of the audit log: an entry is sealed over the one before it, as soon as it is written.

One chain for the whole log would let one writer in at a time. So each connection to the database
has a chain of its own, which begins when the connection first writes an entry: no writer waits for
another, and an entry that was taken out leaves a gap. The last link of each chain lies beside the
keys, written right after its transaction was committed, until a checkpoint has counted it: so the
end of a chain is missed too. Test entries are in no chain: they may be purged (D16).
"""

import hashlib
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from giftweb import clock, database, ids, keys
from giftweb.models import AuditEntry, LedgerCheckpoint

log = logging.getLogger(__name__)

Found = tuple[str, str, str]

IDLE = timedelta(hours=2)
"""A link that was written so long ago, and was counted, is not kept any longer."""


@dataclass(slots=True, eq=False)
class Tip:
    """Where a chain ends: its name, and of its last entry the place, the id and the seal."""

    chain: str
    link: int = 0
    entry: str = ""
    seal: bytes = b""

    def __call__(self) -> None:
        """The transaction that wrote the entry is committed: the next one follows on it."""
        _own.tip = self
        _keep(self)


class _Own(threading.local):
    """The chain of this thread's connection. ``tip``: as committed; ``open``: as it will be."""

    connection: Any = None
    tip: Tip | None = None
    open: Tip | None = None


_own = _Own()


def end() -> Tip:
    """Where the chain of this connection ends in the open transaction. Write the next entry after
    it, and move it on with ``extend``."""
    if database.will_run(_own.open):
        return _own.open  # type: ignore[return-value]
    connection = (os.getpid(), database.db.obj.connection())
    if connection != _own.connection or _own.tip is None:
        _own.connection, _own.tip = connection, Tip(ids.new("chn"))
    _own.open = replace(_own.tip)
    database.on_commit(_own.open)
    return _own.open


def extend(tip: Tip, entry: str, seal: bytes) -> None:
    """An entry with this id and seal was written after the chain's end."""
    tip.link, tip.entry, tip.seal = tip.link + 1, entry, seal


# The last links, beside the keys


def _folder() -> Path | None:
    """A folder for each database: several may share a keys file."""
    beside = keys.folder()
    if beside is None:
        return None
    return (
        beside / f"links-{hashlib.sha256(str(database.db.obj.database).encode()).hexdigest()[:12]}"
    )


_WIDTH = 120
"""A line is written over the one before it: each is as long as any other."""


def _keep(tip: Tip) -> None:
    folder = _folder()
    if folder is None:
        return
    line = f"{tip.link} {tip.entry} {tip.seal.hex()}".ljust(_WIDTH)
    content = f"{line}{_digest(tip.chain, line)}\n".encode()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(folder.joinpath(tip.chain), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(handle, content, 0)
        finally:
            os.close(handle)
    except OSError as problem:
        log.warning("The last link of the audit log cannot be kept beside the keys: %s", problem)


def _digest(chain: str, line: str) -> str:
    return keys.ring().seal_of(f"link {chain} {line}".encode()).hex()


def kept() -> dict[str, Tip]:
    """The last links that lie beside the keys, by chain. Read them before the log: it grows."""
    folder = _folder()
    if folder is None or not folder.is_dir():
        return {}
    found = (_read(path) for path in sorted(folder.iterdir()))
    return {tip.chain: tip for tip in found if tip}


def _read(path: Path) -> Tip | None:
    """The link in a file, if this installation wrote it."""
    text = path.read_text(errors="replace")
    line, digest = text[:_WIDTH], text[_WIDTH:].strip()
    if digest != _digest(path.name, line):
        return None
    link, entry, seal = line.split()
    return Tip(path.name, int(link), entry, bytes.fromhex(seal))


def forget() -> None:
    """Keep no links, and begin a new chain: the database is another one from here on."""
    _own.tip = _own.open = None
    if (folder := _folder()) and folder.is_dir():
        for path in folder.iterdir():
            path.unlink(missing_ok=True)


def forget_counted() -> None:
    """Drop the links that the last checkpoint has counted, of chains that have not grown lately."""
    folder, counted = _folder(), _counted_to()
    if folder is None or not folder.is_dir():
        return
    before = clock.now().timestamp() - IDLE.total_seconds()
    for path in folder.iterdir():
        if path.stat().st_mtime < before and (tip := _read(path)) and _is_counted(tip, counted):
            path.unlink(missing_ok=True)


def _counted_to() -> int:
    table = LedgerCheckpoint
    return table.select(table.audit_to).order_by(table.number.desc()).limit(1).scalar() or 0


def _is_counted(tip: Tip, counted_to: int) -> bool:
    """Whether a chain's last entry is there, and counted."""
    number = AuditEntry.select(AuditEntry.number).where(AuditEntry.id == tip.entry).scalar()
    return number is not None and number <= counted_to


# What the audit compares

AHEAD = 64
"""So many entries of a chain may be read before an earlier one: those of one transaction may be
written by one statement, in any order."""


@dataclass(frozen=True, slots=True)
class Read:
    """An entry as the log has it: the values that its seal covers, and the seal."""

    values: list
    seal: bytes

    @property
    def chain(self) -> str | None:
        """The chain that it is in."""
        return self.values[-2]

    @property
    def link(self) -> int:
        """Its place in the chain."""
        return self.values[-1] or 0


class Walk:
    """Follows every chain while the log is read in the order of writing."""

    def __init__(self) -> None:
        self._ends: dict[str, Tip] = {}
        self._ahead: dict[str, dict[int, Read]] = {}
        self.gaps: list[Found] = []

    def follow(self, entry: Read) -> Iterator[tuple[bytes, Read]]:
        """The entries that can be compared now, each with the seal that it follows on."""
        if entry.chain is None:
            yield b"", entry
            return
        ahead = self._ahead.setdefault(entry.chain, {})
        if entry.link in ahead or entry.link <= self._end_of(entry.chain).link:
            self.gaps.append(("I30 chains", entry.values[0], "another entry has its place"))
            return
        ahead[entry.link] = entry
        yield from self._in_order(entry.chain, at_most=AHEAD)

    def rest(self, kept: Mapping[str, Tip]) -> Iterator[tuple[bytes, Read]]:
        """The same at the end of the log. ``kept``: the links that lie beside the keys."""
        for chain in self._ahead:
            yield from self._in_order(chain, at_most=0)
        for chain, tip in kept.items():
            if gone := max(0, tip.link - self._end_of(chain).link):
                text = f"the last entries of this chain are gone: {gone}"
                self.gaps.append(("I30 chains", chain, text))

    def _end_of(self, chain: str) -> Tip:
        return self._ends.setdefault(chain, Tip(chain))

    def _in_order(self, chain: str, *, at_most: int) -> Iterator[tuple[bytes, Read]]:
        end, ahead = self._end_of(chain), self._ahead[chain]
        while end.link + 1 in ahead or len(ahead) > at_most:
            link = min(ahead)
            entry = ahead.pop(link)
            is_next = link == end.link + 1
            if not is_next:
                text = "an entry before it in its chain is gone"
                self.gaps.append(("I30 chains", entry.values[0], text))
            previous, end.link = end.seal, link - 1
            extend(end, entry.values[0], entry.seal)
            if is_next:
                yield previous, entry
