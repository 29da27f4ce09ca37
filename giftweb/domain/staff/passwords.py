"""Passwords of staff: kept as Argon2id, checked for strength, generated when nobody chose one."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from giftweb.codes import ALPHABET
from giftweb.errors import PasswordTooWeak, Unavailable
from giftweb.language import gettext, ngettext

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST_LENGTH = 10
LONGEST = 500
LEAST_SCORE = 3
"""Of zxcvbn's 0 to 4: safe from everybody who cannot steal the hash."""

_SCORED_LENGTH = 72
_HOUSE_WORDS = ["giftweb", "gift card", "giftcard"]


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys_hash() -> str:
    return hash_of(secrets.token_hex(16))


_working = threading.BoundedSemaphore(1)
_at_once = threading.BoundedSemaphore(3)
"""The one that is being hashed and those that wait for it: the other threads serve others."""


@contextmanager
def _gate() -> Iterator[None]:
    """One password at a time in a process: each takes 19 MB and a core for 30 ms.

    Raises: Unavailable when several wait already.
    """
    if not _at_once.acquire(blocking=False):
        raise Unavailable
    try:
        with _working:
            yield
    finally:
        _at_once.release()


def hash_of(password: str) -> str:
    """What is kept: Argon2id with its parameters and a salt of its own."""
    with _gate():
        return _hasher().hash(password)


def verify(password: str, stored: str | None) -> bool:
    """Whether it is the password. Without a stored hash: no, after the same work."""
    from argon2.exceptions import InvalidHashError, VerificationError

    compared = stored or _nobodys_hash()
    try:
        with _gate():
            is_right = _hasher().verify(compared, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return is_right and bool(stored)


def is_outdated(stored: str) -> bool:
    """Whether the hash was computed with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def require_strong(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Refuse a password that is short, common, or built from the person's name or address.

    Raises: PasswordTooWeak on ``field``, with what to do.
    """
    if len(password) < LEAST_LENGTH:
        advice = ngettext(
            "Use {count} character or more.", "Use {count} characters or more.", LEAST_LENGTH
        )
        raise PasswordTooWeak(field=field, advice=advice)
    if len(password) > LONGEST:
        sentence = ngettext(
            "Use {count} character or fewer.", "Use {count} characters or fewer.", LONGEST
        )
        raise PasswordTooWeak(sentence, field=field)
    from zxcvbn import zxcvbn

    personal = [email, *email.split("@"), name, *name.split(), *_HOUSE_WORDS]
    if zxcvbn(password[:_SCORED_LENGTH], user_inputs=personal)["score"] < LEAST_SCORE:
        advice = gettext("Use several words that do not belong together, and not your name.")
        raise PasswordTooWeak(field=field, advice=advice)


def generate() -> str:
    """A password of 80 random bits in four groups, easy to read out: ``7gk2-m9qx-...``."""
    letters = [secrets.choice(ALPHABET).lower() for _ in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))
