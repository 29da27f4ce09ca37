"""The keys file: everything that must never lie beside the data (docs/operating.md).

``session`` signs cookies, ``chain`` seals the ledger and the audit log, and each numbered version
holds an index key (look-up of codes) and a seal key (their encrypted copies). Rotation adds a
version, and makes it current once every process knows it; old versions stay until all has moved to
the new one.
"""

import hashlib
import hmac
import json
import logging
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

log = logging.getLogger(__name__)

Digest = Callable[[bytes], bytes]
"""HMAC-SHA-256 of a message under some key; 32 bytes."""


class KeysUnusable(RuntimeError):
    """The keys file is missing, damaged, open to others, or not this database's."""


@dataclass(frozen=True)
class CodeKeys:
    """One version of the two keys that guard codes; 32 bytes each."""

    version: int
    index: bytes
    seal: bytes

    @cached_property
    def cipher(self) -> AESGCM:
        """AES-256-GCM under the seal key."""
        return AESGCM(self.seal)

    @cached_property
    def index_of(self) -> Digest:
        """A digest under the index key."""
        return _digest_under(self.index)

    @property
    def fingerprint(self) -> str:
        """Identifies the version without revealing its keys; stored in the database (I28)."""
        return hmac.new(self.index, b"giftweb index key", hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class KeyRing:
    """All keys of one installation. ``current`` is the version new codes are kept under."""

    session: str
    chain: bytes
    current: int
    versions: dict[int, CodeKeys]

    @property
    def newest(self) -> CodeKeys:
        """The version that new codes are kept under."""
        return self.versions[self.current]

    @cached_property
    def seal_of(self) -> Digest:
        """A digest under the chain key."""
        return _digest_under(self.chain)

    @cached_property
    def newest_first(self) -> tuple[CodeKeys, ...]:
        """Every version, the newest first: the order in which look-ups try them."""
        return tuple(sorted(self.versions.values(), key=lambda keys: -keys.version))


def _digest_under(key: bytes) -> Digest:
    """Set the key up once: it takes half the time of hashing a short message."""
    keyed = HMAC(key, SHA256())

    def digest(message: bytes) -> bytes:
        state = keyed.copy()
        state.update(message)
        return state.finalize()

    return digest


RELOAD_SECONDS = 1
"""How often a running process checks whether its keys file has changed."""

_ring: KeyRing | None = None
_followed: Path | None = None
_loaded_version: tuple[int, int] | None = None
_next_check: float = 0


def use(ring: KeyRing) -> None:
    """Use these keys for codes and seals, whatever happens to any file."""
    global _ring, _followed
    _ring, _followed = ring, None


def follow(path: Path) -> KeyRing:
    """Use the keys of a file, and reload them when it changes: a rotation reaches every process.

    Raises: KeysUnusable.
    """
    global _followed, _loaded_version, _next_check
    # Looked at first: a file that is replaced while it is read is read once more.
    version = _version_of(path)
    use(load(path))
    _followed, _loaded_version, _next_check = path, version, time.monotonic() + RELOAD_SECONDS
    return ring()


def ring() -> KeyRing:
    """The ring in use.

    Raises: KeysUnusable when none has been loaded.
    """
    if _ring is None:
        raise KeysUnusable("No keys are loaded. `flask db upgrade` makes them on the first run.")
    if _followed is not None and time.monotonic() >= _next_check:
        _reload_if_changed(_followed)
    return _ring


def version_of(number: int) -> CodeKeys | None:
    """This version of the keys. One that is not known may just have been added by another process,
    so the file is looked at again."""
    found = ring().versions.get(number)
    if found is None and _followed is not None:
        _reload(_followed)
        found = ring().versions.get(number)
    return found


def folder() -> Path | None:
    """Where the keys file lies; None where the keys came from no file."""
    return None if _followed is None else _followed.parent


def _reload_if_changed(path: Path) -> None:
    global _loaded_version, _next_check
    _next_check = time.monotonic() + RELOAD_SECONDS
    version = _version_of(path)
    if version != _loaded_version:
        _loaded_version = version
        _reload(path)


def _reload(path: Path) -> None:
    global _ring
    # A missing, damaged or wrong file stops the next start; a running process keeps its keys.
    try:
        _ring = _successor(load(path), path)
    except (KeysUnusable, OSError) as problem:
        log.error("%s This process keeps the keys that it has.", problem)


def _successor(loaded: KeyRing, path: Path) -> KeyRing:
    """The keys of a changed file, if they are this installation's: a rotation keeps the others.

    Raises: KeysUnusable.
    """
    if _ring is not None and (loaded.chain, loaded.session) != (_ring.chain, _ring.session):
        raise KeysUnusable(
            f"The keys file {path} was replaced by that of another installation."
            " Restore the right one from its backup."
        )
    return loaded


def _version_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def create(path: Path) -> KeyRing:
    """Create a keys file, readable by its owner alone. Never overwrites one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "session": secrets.token_urlsafe(48),
        "chain": secrets.token_hex(32),
        "current": 1,
        "versions": {"1": _new_version()},
    }
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return load(path)


def load(path: Path) -> KeyRing:
    """Read a keys file.

    Raises: KeysUnusable, with the reason, when it is missing, damaged or open to others.
    """
    try:
        found = _from_json(json.loads(path.read_text()))
        mode = path.stat().st_mode & 0o077
    except FileNotFoundError:
        raise KeysUnusable(
            f"The keys file {path} is missing. Restore it from its backup."
        ) from None
    except OSError as problem:
        raise KeysUnusable(f"The keys file {path} cannot be read: {problem.strerror}.") from problem
    except (AttributeError, KeyError, TypeError, ValueError):
        raise KeysUnusable(
            f"The keys file {path} is damaged. Restore it from its backup."
        ) from None
    if mode:
        raise KeysUnusable(f"The keys file {path} can be read by others. Run: chmod 600 {path}")
    return found


def add(path: Path) -> KeyRing:
    """Add a version, under which nothing is kept yet. The file is replaced in one step."""
    content = json.loads(path.read_text())
    newest = max(int(version) for version in content["versions"]) + 1
    content["versions"][str(newest)] = _new_version()
    _replace(path, content)
    return load(path)


def promote(path: Path) -> KeyRing:
    """Make the newest version current. Every process must know it by now: whatever is sealed under
    it from here on, any of them may have to open."""
    content = json.loads(path.read_text())
    content["current"] = max(int(version) for version in content["versions"])
    _replace(path, content)
    return load(path)


def retire(path: Path, version: int) -> KeyRing:
    """Drop a version that no card uses any more."""
    content = json.loads(path.read_text())
    del content["versions"][str(version)]
    _replace(path, content)
    return load(path)


def _new_version() -> dict[str, str]:
    return {"index": secrets.token_hex(32), "seal": secrets.token_hex(32)}


def _replace(path: Path, content: dict) -> None:
    scratch = path.with_suffix(".new")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _from_json(content: dict) -> KeyRing:
    versions = {
        int(number): CodeKeys(int(number), _key(pair["index"]), _key(pair["seal"]))
        for number, pair in content["versions"].items()
    }
    found = KeyRing(
        session=str(content["session"]),
        chain=_key(content["chain"]),
        current=int(content["current"]),
        versions=versions,
    )
    if found.current not in versions or len(found.session) < 32:
        raise ValueError
    return found


def _key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if len(key) != 32:
        raise ValueError
    return key
