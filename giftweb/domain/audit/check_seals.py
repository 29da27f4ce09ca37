"""What only the keys can show: chains of seals, the audit log's seals, and sealed codes."""

from collections.abc import Iterable, Iterator, Mapping

from cryptography.exceptions import InvalidTag

from giftweb import codes, database, keys, models
from giftweb.database import paging
from giftweb.domain.audit import chains, check_actors, checkpoints, redactions, seals
from giftweb.domain.audit.log import seal

Found = tuple[str, str, str]

TRANSFER = seals.covered(models.Transfer)
"""The columns that a transfer's seal covers."""

_WITHOUT_PARTS = -len(models.FUNDED)
"""Before a step of the schema a transfer had no parts: its seal does not cover them."""
_ENTRY = seals.covered(models.AuditEntry)


def breaches(kept: Mapping[str, chains.Tip]) -> Iterator[tuple[str, Iterator[Found]]]:
    """Each check, and (check, row, what is wrong) of everything whose seal does not verify.

    ``kept``: the last links of the log's chains that lay beside the keys before anything was read.
    """
    yield "I7 seals", _chains()
    yield "I30 audit", _entries(kept)
    for table in seals.SEALED:
        yield "I7 rows", _rows(table)
    yield "I28 codes", _codes()
    yield "I28 codes", _secrets()
    yield "I2 checkpoints", checkpoints.breaches()


def _chains() -> Iterator[Found]:
    """I7: each transfer is sealed over the one before it; the account holds the last seal."""
    select = f"SELECT {', '.join(TRANSFER)}, seal FROM transfer"
    yield from broken_links(paging.rows(select, "card_id", "version", positions=(2, 8)))
    yield from _heads()


def broken_links(rows: Iterable[list]) -> Iterator[Found]:
    """Transfers of cards from their first on, by card and version, that do not follow on the one
    before them. ``rows``: the columns of TRANSFER, and the seal."""
    last_card, last_seal = "", b""
    for *values, sealed in rows:
        transfer_id, card_id = values[0], values[2]
        previous = last_seal if card_id == last_card else b""
        values[7] = bool(values[7])
        if bytes(sealed) not in (seal(previous, *values), seal(previous, *values[:_WITHOUT_PARTS])):
            yield "I7 seals", transfer_id, "the transfer was changed, or one before it is gone"
        last_card, last_seal = card_id, bytes(sealed)


def _heads() -> Iterator[Found]:
    for (card_id,) in database.rows(
        "SELECT a.id FROM account a LEFT JOIN transfer t ON t.card_id = a.id"
        " AND t.version = a.version WHERE t.seal <> a.seal OR t.created_at <> a.moved_at"
        " OR (t.id IS NULL AND length(a.seal) > 0)"
    ):
        yield "I7 seals", card_id, "the account's last seal or time is not its last transfer's"


def _entries(kept: Mapping[str, chains.Tip]) -> Iterator[Found]:
    """I30: each entry of the audit log is as it was written, and follows on the one before it."""
    walk, actors, redacted = chains.Walk(), check_actors.Actors(), redactions.known()
    select = f"SELECT {', '.join(_ENTRY)}, seal, number FROM audit_entry"
    for *values, sealed, _ in paging.rows(select, "number", positions=(-1,)):
        values[9] = bool(values[9])
        yield from actors.read(values)
        yield from _changed(walk.follow(chains.Read(values, bytes(sealed))), redacted)
    yield from _changed(walk.rest(kept), redacted)
    yield from walk.gaps


def _changed(
    entries: Iterable[tuple[bytes, chains.Read]], redacted: Mapping[str, str]
) -> Iterator[Found]:
    for previous, entry in entries:
        # An entry from before there were chains is sealed without them, and so is a test entry.
        is_alone = entry.values[-2:] == [None, None]
        covered = entry.values[:-2] if is_alone else entry.values
        if seal(previous, *covered) == entry.seal:
            continue
        if redacted.get(entry.values[0]) != redactions.digest_of(entry.values, entry.seal):
            yield "I30 audit", entry.values[0], "the audit entry was changed"


def _rows(table: str) -> Iterator[Found]:
    """I7: each row that money or a right hangs on is as the program wrote it."""
    columns, count = seals.SEALED[table], seals.KEYS[table]
    more = seals.RESOLVED if table == "hold" else ()
    select = f"SELECT {', '.join((*columns, *more))}, seal FROM {_CHECKED.get(table, table)}"
    for *values, sealed in paging.rows(select, *columns[:count], positions=tuple(range(count))):
        expected = seals.of_values(table, values[: len(columns)])
        if more and (ended := tuple(values[-len(more) :])) != _ACTIVE:
            expected = seals.resolved(expected, *ended)
        if expected != bytes(sealed or b""):
            row = " ".join(map(str, values[:count]))
            yield "I7 rows", row, f"this row of {table} is not as it was written"


_CHECKED = {
    "mail": "(SELECT * FROM mail WHERE state NOT IN ('sent', 'withdrawn')) m",
}
"""Which rows are compared, where not all are: a mail that was sent is history, may be erased."""

_ACTIVE = (None, None, 0, None)
"""RESOLVED of a hold that has not ended."""


def _codes() -> Iterator[Found]:
    """I28: the sealed copy opens to the code of the index and the last four."""
    for card_id, index, sealed, version, last4, pin in paging.rows(
        "SELECT id, code_index, code_sealed, key_version, last4, pin_sealed FROM gift_card",
        "id",
        positions=(0,),
    ):
        problem = _code_problem(card_id, bytes(index), bytes(sealed), version, last4)
        if problem := problem or _pin_problem(card_id, pin):
            yield "I28 codes", card_id, problem


def _secrets() -> Iterator[Found]:
    """I28: the secret that signs a webhook is the endpoint's own."""
    for endpoint_id, sealed in database.rows("SELECT id, secret_sealed FROM webhook_endpoint"):
        try:
            codes.unseal(bytes(sealed), endpoint_id)
        except (InvalidTag, keys.KeysUnusable):
            yield "I28 codes", endpoint_id, "the sealed secret does not open"


def _pin_problem(card_id: str, sealed: bytes | None) -> str | None:
    try:
        if sealed is not None:
            codes.unseal_pin(bytes(sealed), card_id)
    except (InvalidTag, keys.KeysUnusable):
        return "the sealed PIN does not open"
    return None


def _code_problem(
    card_id: str, index: bytes, sealed: bytes, version: int, last4: str
) -> str | None:
    try:
        code = codes.unseal(sealed, card_id)
    except (InvalidTag, keys.KeysUnusable):
        return "the sealed copy of the code does not open"
    key = keys.ring().versions.get(version)
    if key is None or codes.index(code, key) != index:
        return "the look-up index is not this code's"
    return None if code.endswith(last4) else "the last four are not this code's"
