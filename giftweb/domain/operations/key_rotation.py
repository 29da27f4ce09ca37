"""New keys for every code, while the program runs (I28).

A version is added to the keys file and made current; after a pause, in which every process has seen
it, all that lies under older versions is sealed and indexed again, in batches; then the older ones
are dropped. Until then look-ups try every version. Each step can be repeated: after a crash the
next ``rotate`` goes on where this one stopped.
"""

import time
from collections.abc import Callable
from pathlib import Path

import peewee
from cryptography.exceptions import InvalidTag
from peewee import fn

from giftweb import codes, database, installation, keys
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.errors import Refused
from giftweb.models import Checkout, GiftCard, KeyVersion, Mail, WebhookEndpoint

BATCH = 500
PAUSE_SECONDS = 3 * keys.RELOAD_SECONDS

Progress = Callable[[str, int, int], None]


class SealedUnderOldKeys(Refused):
    """{count} rows are still sealed under an older version. Run `flask keys rotate` again."""


SEALED = (WebhookEndpoint.secret_sealed, Checkout.token_sealed)
"""Columns that codes.seal filled, with the id of their row as associated data."""


def rotate(path: Path, *, by: Actor, progress: Progress, pause: int = PAUSE_SECONDS) -> int:
    """Move everything to a new version of the keys and drop the older ones; the new version.

    Raises: keys.KeysUnusable.
    """
    if len(keys.ring().versions) == 1:
        keys.rotate(path)
    current = keys.follow(path).current
    installation.register_keys()
    audit.record(by=by, action="keys.rotated", subject=f"keys_{current}")
    time.sleep(pause)
    _move_cards(current, progress)
    for column in SEALED:
        _move_others(column, current, progress)
    _move_letters(current)
    for version in sorted(keys.ring().versions):
        if version != current:
            _forget(version, current=current)
            keys.retire(path, version)
    keys.follow(path)
    return current


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


def _move_others(column: peewee.Field, current: int, progress: Progress) -> None:
    done, table = 0, column.model._meta.table_name
    while moved := _move_some_others(column, current=current):
        done += moved
        progress(table.replace("_", " ").capitalize() + "s", done, done)


@transactional
def _move_some_others(column: peewee.Field, *, current: int) -> int:
    table = column.model
    found = table.select(table.id, column).where(_is_older(column, current))
    moved = list(database.locked(found.order_by(table.id).limit(BATCH)).tuples())
    for owner, value in moved:
        update = table.update({column: _sealed_again(bytes(value), owner)})
        update.where(table.id == owner).execute()
    return len(moved)


def _is_older(column: peewee.Field, current: int) -> peewee.Expression:
    """Whether a sealed value begins with another version than the current one."""
    version = peewee.Value(current.to_bytes(2, "big"), converter=column.db_value)
    return fn.SUBSTR(column, 1, 2) != version


@transactional
def _move_letters(current: int) -> None:
    """Links that wait in a mail, or are kept with it: sealed with the address, as hex."""
    found = Mail.select(Mail.id, Mail.to_email, Mail.data)
    # As text: the column's own conversion would write the pattern as a document.
    pattern = peewee.Value('%"token_sealed":"%', converter=str)
    found = found.where(peewee.Expression(Mail.data, peewee.OP.ILIKE, pattern))
    for mail_id, to, document in list(database.locked(found).tuples()):
        value = bytes.fromhex(document["token_sealed"])
        if int.from_bytes(value[:2], "big") == current:
            continue
        try:
            document["token_sealed"] = _sealed_again(value, to).hex()
        except InvalidTag:
            # The address was erased since: nobody can open this one any more.
            del document["token_sealed"]
        seals.change(Mail, mail_id, data=document)


def _sealed_again(value: bytes, owner: str) -> bytes:
    return codes.seal(codes.unseal(value, owner), owner)


# The end


@transactional
def _forget(version: int, *, current: int) -> None:
    """Take an older version out of the database, once nothing is left under it.

    Writers that are still under way are waited for: they may have sealed before the pause.
    """
    if database.is_postgres():
        database.execute("LOCK TABLE gift_card, webhook_endpoint, checkout, mail IN SHARE MODE")
    left = GiftCard.select().where(GiftCard.key_version != current).count()
    for column in SEALED:
        left += column.model.select().where(_is_older(column, current)).count()
    if left:
        raise SealedUnderOldKeys(count=left)
    KeyVersion.delete().where(KeyVersion.version == version).execute()
