"""What a person wanted erased from texts that are never changed otherwise (D18).

The reason of an entry of the log, and the answer that is kept for a request's key, may name a
person. Erasing puts ERASED in the name's place. The entry keeps its seal, on which the chain,
checkpoints and anchors rest; a sealed row says what its text is now. Whoever changes a text past
the program has no key for that row, and the audit names it.
"""

from collections.abc import Sequence

from peewee import Model, Table

from giftweb import clock, models
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import canonical_text, seal

ERASED = "[erased]"

_ENTRY = seals.covered(models.AuditEntry)


def redact_entry(entry_id: str, *, reason: str) -> None:
    """Write another reason to an entry of the log: the one it has, without the person."""
    entry = models.AuditEntry
    entry.update(reason=reason).where(entry.id == entry_id).execute()
    *values, sealed = _as_it_is(entry, _ENTRY, id=entry_id)
    digest, now = digest_of(values, bytes(sealed)), clock.now()
    if models.Redaction.select().where(models.Redaction.id == entry_id).exists():
        seals.change(models.Redaction, entry_id, at=now, digest=digest)
    else:
        seals.insert(models.Redaction, id=entry_id, at=now, digest=digest)


def _as_it_is(table: type[Model], columns: Sequence[str], **key: str) -> tuple:
    """The columns of a row, and its seal, as the database has them: a seal covers these."""
    # Of the bare table, whose columns peewee does not convert.
    bare = Table(table._meta.table_name, (*columns, "seal")).bind(table._meta.database)
    is_it = [getattr(bare, name) == value for name, value in key.items()]
    found = bare.select(*(getattr(bare, name) for name in (*columns, "seal")))
    return found.where(*is_it).tuples().get()


def digest_of(values: list, sealed: bytes) -> str:
    """A keyed digest over an entry's own seal and what the entry says now."""
    return seal(sealed, "redacted", canonical_text(values)).hex()


def known() -> dict[str, str]:
    """The digest of each entry that was redacted, by its id."""
    return dict(models.Redaction.select(models.Redaction.id, models.Redaction.digest).tuples())


def redact_answer(scope: str, key: str, *, answer: str) -> None:
    """Write another answer to a request's key: the one it has, without the person."""
    table, columns = models.IdempotencyKey, seals.SEALED["idempotency_key"]
    *values, sealed = _as_it_is(table, columns, scope=scope, key=key)
    before = dict(zip(columns, values, strict=True))
    is_whole = seals.of("idempotency_key", before) == bytes(sealed or b"")
    after = seals.of("idempotency_key", before | {"answer": answer}) if is_whole else sealed
    changes = {table.answer: answer, table.seal: after}
    table.update(changes).where(table.scope == scope, table.key == key).execute()
