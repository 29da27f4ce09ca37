"""Sums and a digest of all that was written before, in the order of writing (B15).

A chain of seals shows that a row was changed or taken out of the middle. That the last rows of a
card or of the audit log were cut off shows here: a checkpoint knows how many there were, and all of
them. No clock decides which rows are older: it may be set back. Test rows are left out: they may
be purged (D16).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import peewee

from giftweb import clock, database
from giftweb.database import open_writers, transactional
from giftweb.domain.audit.log import seal

EVERY = timedelta(hours=1)

_PATIENCE_MILLISECONDS = 200
"""How long whoever writes now is waited for."""


class StillWriting(Exception):
    """A transaction is open that may still write a row before the last one."""


@dataclass(frozen=True, slots=True)
class _Until:
    """Where a checkpoint ends: the last places counted, and the audit log's digest until there."""

    transfers: int = 0
    audit: int = 0
    digest: str = ""


def write(*, every: timedelta = EVERY) -> bool:
    """Write a checkpoint, unless the last one is fresh; whether it was written.

    Not while a long transaction is open: then the next try will do. Of two at once one writes.
    """
    number, since, sealed = 0, _Until(), b""
    if last := database.row(f"{_ALL} DESC LIMIT 1"):
        number, at, *columns, sealed = last
        if abs(clock.now() - clock.from_micros(at)) < every:
            return False
        since = _end_of(dict(zip(_COLUMNS, columns, strict=True)))
    try:
        transfers, audit = last_final()
        if (transfers, audit) == (since.transfers, since.audit):
            return False
        with database.snapshot():
            counted = _counted(since, transfers, audit)
        _store(number + 1, counted, previous=bytes(sealed))
    except (peewee.IntegrityError, StillWriting):
        return False
    return True


_COLUMNS = ("transfers_to", "sums", "audit_to", "audit_count", "audit_digest")
_ALL = f"SELECT number, at, {', '.join(_COLUMNS)}, seal FROM ledger_checkpoint ORDER BY number"


@transactional
def last_final() -> tuple[int, int]:
    """The last transfer and audit entry, when no open transaction can still write one before.

    Raises: StillWriting when one was open for too long.
    """
    transfers = database.scalar("SELECT COALESCE(MAX(number), 0) FROM transfer")
    entries = database.scalar("SELECT COALESCE(MAX(number), 0) FROM audit_entry")
    # Whoever has drawn a smaller number was writing when these were read, or had ended.
    if not open_writers.wait(("audit_entry", "transfer"), milliseconds=_PATIENCE_MILLISECONDS):
        raise StillWriting
    return transfers, entries


@transactional
def _store(number: int, counted: dict[str, Any], *, previous: bytes) -> None:
    values = {"number": number, "at": clock.micros(), **counted}
    sealed = seal(previous, *values.values())
    database.insert("ledger_checkpoint", **values, seal=sealed)


def breaches() -> Iterator[tuple[str, str, str]]:
    """(check, row, what is wrong): what a checkpoint counted that is not there, or not so, now."""
    since, previous = _Until(), b""
    for expected, (number, at, *values, sealed) in enumerate(database.rows(_ALL), start=1):
        row = f"checkpoint {number}"
        if number != expected or seal(previous, number, at, *values) != bytes(sealed):
            yield "I2 checkpoints", row, "the checkpoint was changed, or one before it is gone"
        recorded = dict(zip(_COLUMNS, values, strict=True))
        found = _counted(since, recorded["transfers_to"], recorded["audit_to"])
        if found["sums"] != recorded["sums"]:
            yield "I2 checkpoints", row, "the transfers before it are not what they were"
        if found | {"sums": recorded["sums"]} != recorded:
            yield "I30 checkpoints", row, "audit entries before it are gone or new"
        since, previous = _end_of(recorded), bytes(sealed)


def _end_of(columns: dict[str, Any]) -> _Until:
    return _Until(columns["transfers_to"], columns["audit_to"], columns["audit_digest"])


def _counted(since: _Until, transfers: int, audit: int) -> dict[str, Any]:
    """A checkpoint's columns over all that was written after another's end."""
    count, digest = _audit_between(since.audit, audit, since.digest)
    return {
        "transfers_to": transfers,
        "sums": database.to_json(_sums_between(since.transfers, transfers)),
        "audit_to": audit,
        "audit_count": count,
        "audit_digest": digest,
    }


def _sums_between(after: int, to: int) -> dict[str, list[int]]:
    """What each house account gave and took in between: ``USD sales`` -> [sum, transfers]."""
    found = database.rows(
        "SELECT currency, kind, CASE WHEN to_account = card_id THEN from_account ELSE to_account"
        " END AS house, CAST(SUM(CASE WHEN to_account = card_id THEN amount_minor"
        " ELSE -amount_minor END) AS BIGINT), COUNT(*) FROM transfer"
        " WHERE number > ? AND number <= ? AND NOT is_test GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        after,
        to,
    )
    return {
        f"{currency} {kind} {house}": [int(total), count]
        for currency, kind, house, total, count in found
    }


def _audit_between(after: int, to: int, digest: str) -> tuple[int, str]:
    """How many audit entries there are in between, and the digest over all seals until then."""
    count, running = 0, bytes.fromhex(digest)
    while entries := database.rows(_ENTRIES, after, to, _PAGE):
        for _, entry in entries:
            running = seal(running, bytes(entry).hex())
        count, after = count + len(entries), entries[-1][0]
    return count, running.hex()


_PAGE = 10000
_ENTRIES = (
    "SELECT number, seal FROM audit_entry WHERE number > ? AND number <= ? AND NOT is_test"
    " ORDER BY number LIMIT ?"
)
