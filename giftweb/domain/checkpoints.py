"""Sums and a digest of all that is older than every open transaction (DESIGN 3, B15).

A chain of seals shows that a row was changed or taken out of the middle. That the last rows of a
card or of the audit log were cut off shows here: a checkpoint knows how many there were, and all of
them. Test rows are left out: they may be purged (D16).
"""

import json
from collections.abc import Iterator
from datetime import timedelta

from giftweb import clock, database, ids
from giftweb.database import transactional
from giftweb.domain.audit import seal

SETTLED = timedelta(minutes=10)
"""No transaction is open for as long as this."""

EVERY = timedelta(hours=1)

_LAST = "SELECT id, up_to, sums, audit_count, audit_digest, seal FROM ledger_checkpoint ORDER BY id"


@transactional
def write() -> bool:
    """Write a checkpoint, unless the last one is fresh; whether it was written."""
    before = database.row(f"{_LAST} DESC LIMIT 1")
    up_to = clock.to_micros(clock.now() - SETTLED)
    since, digest, previous = (before[1], before[4], before[5]) if before else (0, "", b"")
    if up_to < since + EVERY // timedelta(microseconds=1):
        return False
    count, digest = _audit_between(since, up_to, digest)
    values = {
        "id": ids.new("chp"),
        "up_to": up_to,
        "sums": database.to_json(_sums_between(since, up_to)),
        "audit_count": count,
        "audit_digest": digest,
    }
    sealed = seal(bytes(previous), *values.values())
    database.insert("ledger_checkpoint", **values, seal=sealed)
    return True


def breaches() -> Iterator[tuple[str, str, str]]:
    """(check, row, what is wrong): what a checkpoint counted that is not there, or not so, now."""
    since, digest, previous = 0, "", b""
    for row in database.rows(_LAST):
        checkpoint_id, up_to, sums, count, known, sealed = row
        if seal(previous, *row[:-1]) != bytes(sealed):
            yield "I2 checkpoints", checkpoint_id, "the checkpoint was changed"
        if json.loads(sums) != _sums_between(since, up_to):
            yield "I2 checkpoints", checkpoint_id, "the transfers before it are not what they were"
        if _audit_between(since, up_to, digest) != (count, known):
            yield "I30 checkpoints", checkpoint_id, "audit entries before it are gone or new"
        since, digest, previous = up_to, known, bytes(sealed)


def _sums_between(since: int, up_to: int) -> dict[str, list[int]]:
    """What each house account gave and took in between: ``USD sales`` -> [sum, transfers]."""
    found = database.rows(
        "SELECT currency, kind, CASE WHEN to_account = card_id THEN from_account ELSE to_account"
        " END AS house, CAST(SUM(CASE WHEN to_account = card_id THEN amount_minor"
        " ELSE -amount_minor END) AS BIGINT), COUNT(*) FROM transfer"
        " WHERE created_at > ? AND created_at <= ? AND NOT is_test GROUP BY 1, 2, 3",
        since,
        up_to,
    )
    return {
        f"{currency} {kind} {house}": [int(total), count]
        for currency, kind, house, total, count in found
    }


def _audit_between(since: int, up_to: int, digest: str) -> tuple[int, str]:
    """How many audit entries there are in between, and the digest over all seals until then."""
    entries = database.rows(
        "SELECT seal FROM audit_entry WHERE at > ? AND at <= ? AND NOT is_test ORDER BY id",
        since,
        up_to,
    )
    running = bytes.fromhex(digest)
    for (entry,) in entries:
        running = seal(running, bytes(entry).hex())
    return len(entries), running.hex()
