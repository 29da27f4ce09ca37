"""New keys for every code, while the program runs (DESIGN 5, I28).

A version is added to the keys file and made current; after a pause, in which every process has seen
it, all that lies under older versions is sealed and indexed anew, in batches; then the older ones
are dropped. Until then look-ups try every version. Each step can be repeated: after a crash the
next ``rotate`` goes on where this one stopped.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag

from giftweb import codes, database, installation, keys
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.errors import Refused

BATCH = 500
PAUSE_SECONDS = 3 * keys.RELOAD_SECONDS

Progress = Callable[[str, int, int], None]


class SealedUnderOldKeys(Refused):
    """{count} rows are still sealed under an older version. Run `flask keys rotate` again."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column that codes.seal filled; ``owner`` is the column with the associated data."""

    table: str
    column: str
    owner: str = "id"


OTHERS = (Sealed("webhook_endpoint", "secret_sealed"), Sealed("checkout", "token_sealed"))


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
    for sealed in OTHERS:
        _move_others(sealed, current, progress)
    _move_letters(current)
    for version in sorted(keys.ring().versions):
        if version != current:
            _forget(version, current=current)
            keys.retire(path, version)
    keys.follow(path)
    return current


# Cards


def _move_cards(current: int, progress: Progress) -> None:
    total = database.scalar("SELECT COUNT(*) FROM gift_card WHERE key_version <> ?", current)
    done, after = 0, ""
    while moved := _move_some_cards(after, current=current):
        done, after = done + len(moved), moved[-1]
        progress("Cards", done, max(done, total))


@transactional
def _move_some_cards(after: str, *, current: int) -> list[str]:
    found = database.rows(
        "SELECT id, code_sealed FROM gift_card WHERE id > ? AND key_version <> ?"
        f" ORDER BY id LIMIT ?{database.for_update()}",
        *(after, current, BATCH),
    )
    for card_id, sealed in found:
        code = codes.unseal(bytes(sealed), card_id)
        database.execute(
            "UPDATE gift_card SET code_index = ?, code_sealed = ?, key_version = ? WHERE id = ?",
            *(codes.index(code), codes.seal(code, card_id), current, card_id),
        )
    return [card_id for card_id, _ in found]


# What else is sealed


def _move_others(sealed: Sealed, current: int, progress: Progress) -> None:
    done = 0
    while moved := _move_some_others(sealed, current=current):
        done += moved
        progress(sealed.table.replace("_", " ").capitalize() + "s", done, done)


@transactional
def _move_some_others(sealed: Sealed, *, current: int) -> int:
    found = database.rows(
        f"SELECT {sealed.owner}, {sealed.column} FROM {sealed.table}"
        f" WHERE substr({sealed.column}, 1, 2) <> ? ORDER BY {sealed.owner}"
        f" LIMIT ?{database.for_update()}",
        *(current.to_bytes(2, "big"), BATCH),
    )
    for owner, value in found:
        database.execute(
            f"UPDATE {sealed.table} SET {sealed.column} = ? WHERE {sealed.owner} = ?",
            *(_anew(bytes(value), owner), owner),
        )
    return len(found)


@transactional
def _move_letters(current: int) -> None:
    """Links that wait in a mail, or are kept with it: sealed with the address, as hex."""
    for mail_id, to, data in database.rows(
        f"SELECT id, to_email, data FROM mail WHERE data LIKE ?{database.for_update()}",
        '%"token_sealed":"%',
    ):
        document = json.loads(data)
        value = bytes.fromhex(document["token_sealed"])
        if int.from_bytes(value[:2], "big") == current:
            continue
        try:
            document["token_sealed"] = _anew(value, to).hex()
        except InvalidTag:
            # The address was erased since: nobody can open this one any more.
            del document["token_sealed"]
        database.execute(
            "UPDATE mail SET data = ? WHERE id = ?", database.to_json(document), mail_id
        )


def _anew(value: bytes, owner: str) -> bytes:
    return codes.seal(codes.unseal(value, owner), owner)


# The end


@transactional
def _forget(version: int, *, current: int) -> None:
    """Take an older version out of the database, once nothing is left under it.

    Writers that are still under way are waited for: they may have sealed before the pause.
    """
    if database.is_postgres():
        database.execute("LOCK TABLE gift_card, webhook_endpoint, checkout, mail IN SHARE MODE")
    left = database.scalar("SELECT COUNT(*) FROM gift_card WHERE key_version <> ?", current)
    for sealed in OTHERS:
        left += database.scalar(
            f"SELECT COUNT(*) FROM {sealed.table} WHERE substr({sealed.column}, 1, 2) <> ?",
            current.to_bytes(2, "big"),
        )
    if left:
        raise SealedUnderOldKeys(count=left)
    database.execute("DELETE FROM key_version WHERE version = ?", version)
