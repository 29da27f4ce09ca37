"""New keys for every code, while the program runs (I28).

A version is added to the keys file, and made current after a pause in which every process has seen
it: no process meets what it cannot open. After a second pause, in which whoever sealed under the
version before has written, all that lies under older versions is sealed and indexed again, in
batches; then the older ones are dropped. Until then look-ups try every version. Each step can be
repeated: after a crash the next ``rotate`` goes on where this one stopped.
"""

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import peewee
from cryptography.exceptions import InvalidTag
from peewee import fn

from giftweb import codes, database, installation, keys, models
from giftweb.database import timeouts, transactional
from giftweb.database.columns import SealedField
from giftweb.domain import audit
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.errors import Refused
from giftweb.models import GiftCard, KeyVersion, Mail

BATCH = 500
_BATCH_OF_OTHERS = 50
"""A part of an uploaded file takes 256 KB."""

KNOWN_SECONDS = 3 * keys.RELOAD_SECONDS
WRITTEN_SECONDS = keys.RELOAD_SECONDS + timeouts.ANSWER_SECONDS
"""Until every process knows a new version; until what was sealed under the one before is written,
or given up."""

Progress = Callable[[str, int, int], None]


class SealedUnderOldKeys(Refused):
    """{count} rows are still sealed under an older version. Run `flask keys rotate` again."""


SEALED = tuple(
    field
    for table in models.TABLES
    for field in table._meta.sorted_fields
    if isinstance(field, SealedField)
)
"""What is sealed in a column of its own. A card's code and PIN are moved with its index."""


def rotate(path: Path, *, by: Actor, progress: Progress) -> int:
    """Move everything to a new version of the keys and drop the older ones; the new version.

    Raises: keys.KeysUnusable, SealedUnderOldKeys.
    """
    current = _new_version(path, by=by)
    older = sorted(keys.ring().versions.keys() - {current})
    _move_cards(current, progress)
    for column in SEALED:
        _move_others(column, older, progress)
    _move_letters(older)
    for version in older:
        _forget(version, current=current)
        keys.retire(path, version)
    keys.follow(path)
    return current


def _new_version(path: Path, *, by: Actor) -> int:
    """The version that everything is sealed under from now on, in every process."""
    if len(keys.follow(path).versions) == 1:
        keys.add(path)
    newest = max(keys.follow(path).versions)
    if keys.ring().current != newest:
        time.sleep(KNOWN_SECONDS)
        installation.register_keys()
        keys.promote(path)
    keys.follow(path)
    audit.record(by=by, action="keys.rotated", subject=f"keys_{newest}")
    time.sleep(WRITTEN_SECONDS)
    return newest


# Cards


def _move_cards(current: int, progress: Progress) -> None:
    total = GiftCard.select().where(GiftCard.key_version != current).count()
    done, after = 0, ""
    while moved := _move_some_cards(after, current=current):
        done, after = done + len(moved), moved[-1]
        progress("Cards", done, max(done, total))


@transactional
def _move_some_cards(after: str, *, current: int) -> list[str]:
    older = (GiftCard.id > after) & (GiftCard.key_version != current)
    found = GiftCard.select(GiftCard.id, GiftCard.code_sealed, GiftCard.pin_sealed).where(older)
    found = database.locked(found.order_by(GiftCard.id).limit(BATCH))
    moved = list(found.tuples())
    for card_id, sealed, sealed_pin in moved:
        code = codes.unseal(bytes(sealed), card_id)
        pin = None if sealed_pin is None else codes.unseal_pin(bytes(sealed_pin), card_id)
        update = GiftCard.update(
            code_index=codes.index(code),
            code_sealed=codes.seal(code, card_id),
            pin_sealed=None if pin is None else codes.seal_pin(pin, card_id),
            key_version=current,
        )
        update.where(GiftCard.id == card_id).execute()
    return [card_id for card_id, *_ in moved]


# What else is sealed


def _move_others(column: SealedField, older: Collection[int], progress: Progress) -> None:
    done, table = 0, column.model._meta.table_name
    after: Sequence[object] = ()
    while moved := _move_some_others(column, older, after):
        done, after = done + len(moved), moved[-1]
        progress(table.replace("_", " ").capitalize() + "s", done, done)


@transactional
def _move_some_others(
    column: SealedField, older: Collection[int], after: Sequence[object]
) -> list[Sequence[object]]:
    """The keys of the rows that were moved, in their order."""
    table, columns = column.model, column.model._meta.get_primary_keys()
    key = peewee.Tuple(*columns)
    found = table.select(*columns, column).where(_is_under(column, older)).order_by(*columns)
    if after:
        found = found.where(key > peewee.Tuple(*after))
    moved = list(database.locked(found.limit(_BATCH_OF_OTHERS)).tuples())
    for *row_key, value in moved:
        update = table.update({column: _sealed_again(bytes(value), column.owner_of(*row_key))})
        update.where(key == peewee.Tuple(*row_key)).execute()
    return [row_key for *row_key, _ in moved]


def _is_under(column: SealedField, versions: Collection[int]) -> peewee.Expression:
    """Whether a sealed value begins with one of these versions."""
    beginnings = [
        peewee.Value(version.to_bytes(2, "big"), converter=column.db_value) for version in versions
    ]
    return fn.SUBSTR(column, 1, 2).in_(beginnings)


@transactional
def _move_letters(older: Collection[int]) -> None:
    """Links that wait in a mail, or are kept with it: sealed with the address, as hex."""
    for version in older:
        found = Mail.select(Mail.id, Mail.to_email, Mail.data).where(_has_link_under(version))
        for mail_id, to, document in list(database.locked(found).tuples()):
            try:
                sealed = bytes.fromhex(document["token_sealed"])
                document["token_sealed"] = _sealed_again(sealed, to).hex()
            except InvalidTag:
                # The address was erased since: nobody can open this one any more.
                del document["token_sealed"]
            seals.change(Mail, mail_id, data=document)


def _has_link_under(version: int) -> peewee.Expression:
    # As text: the column's own conversion would write the pattern as a document.
    beginning = version.to_bytes(2, "big").hex()
    pattern = peewee.Value(f'%"token_sealed":"{beginning}%', converter=str)
    return peewee.Expression(Mail.data, peewee.OP.ILIKE, pattern)


def _sealed_again(value: bytes, owner: str) -> bytes:
    return codes.seal(codes.unseal(value, owner), owner)


# The end


@transactional
def _forget(version: int, *, current: int) -> None:
    """Take an older version out of the database, once nothing is left under it.

    Writers that are still under way are waited for: they may have sealed before the pause.
    """
    if database.is_postgres():
        tables = (GiftCard, Mail, *(column.model for column in SEALED))
        names = ", ".join(sorted({table._meta.table_name for table in tables}))
        database.execute(f"LOCK TABLE {names} IN SHARE MODE")
    left = GiftCard.select().where(GiftCard.key_version != current).count()
    for column in SEALED:
        left += column.model.select().where(_is_under(column, [version])).count()
    left += Mail.select().where(_has_link_under(version)).count()
    if left:
        raise SealedUnderOldKeys(count=left)
    KeyVersion.delete().where(KeyVersion.version == version).execute()
