"""Prefixed, time-ordered ids: ``gc_`` and 26 Crockford characters. Later ids sort later."""

import os
import re
import threading

from giftweb import clock

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
SHAPE = re.compile(r"[a-z]{2,4}_[0-9a-hjkmnp-tv-z]{26}")

_lock = threading.Lock()
_last = 0
_pairs = [a + b for a in ALPHABET for b in ALPHABET]


def new(prefix: str) -> str:
    """A fresh id: 50 bits of milliseconds and 80 random bits, rising within one process."""
    return prefix + "_" + _encode(_next_number())


def earliest(prefix: str, at_micros: int) -> str:
    """The first id of that instant's millisecond: a bound for searching by time."""
    return prefix + "_" + _encode(max(at_micros, 0) // 1000 << 80)


def micros_of(text: str) -> int:
    """The instant of an id, in microseconds, to its millisecond; 0 for what is no id."""
    if SHAPE.fullmatch(text) is None:
        return 0
    number = 0
    for character in text.partition("_")[2]:
        number = number << 5 | ALPHABET.index(character)
    return (number >> 80) * 1000


def looks_like(text: str, prefix: str) -> bool:
    """Whether ``text`` has the shape of an id with this prefix (spares a look-up)."""
    return text.startswith(prefix + "_") and SHAPE.fullmatch(text) is not None


def _next_number() -> int:
    """A number above every one before. Many of one millisecond rise by 32 random bits each."""
    global _last
    number = (clock.micros() // 1000 << 80) | int.from_bytes(os.urandom(10), "big")
    with _lock:
        if number <= _last:
            number = _last + 1 + (number & 0xFFFFFFFF)
        _last = number
    return number


def _encode(number: int) -> str:
    pairs = [_pairs[(number >> shift) & 1023] for shift in range(120, -1, -10)]
    return "".join(pairs)
