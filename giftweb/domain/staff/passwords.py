"""Passwords of staff: kept as Argon2id, checked for strength, generated when nobody chose one."""

import secrets
from functools import cache
from typing import TYPE_CHECKING

from giftweb.codes import ALPHABET
from giftweb.errors import PasswordTooWeak

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


def hash_of(password: str) -> str:
    """What is kept: Argon2id with its parameters and a salt of its own."""
    return _hasher().hash(password)


def verify(password: str, stored: str | None) -> bool:
    """Whether it is the password. Without a stored hash: no, after the same work."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        is_right = _hasher().verify(stored or _nobodys_hash(), password[: LONGEST + 1])
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
        advice = f"Use {LEAST_LENGTH} characters or more."
        raise PasswordTooWeak(field=field, advice=advice)
    if len(password) > LONGEST:
        sentence = f"Use {LONGEST} characters or fewer."
        raise PasswordTooWeak(sentence, field=field)
    from zxcvbn import zxcvbn

    personal = [email, *email.split("@"), name, *name.split(), *_HOUSE_WORDS]
    if zxcvbn(password[:_SCORED_LENGTH], user_inputs=personal)["score"] < LEAST_SCORE:
        advice = "Use several words that do not belong together, and not your name."
        raise PasswordTooWeak(field=field, advice=advice)


def generate() -> str:
    """A password of 80 random bits in four groups, easy to read out: ``7gk2-m9qx-...``."""
    letters = [secrets.choice(ALPHABET).lower() for _ in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))
