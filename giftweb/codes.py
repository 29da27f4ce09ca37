"""Gift card codes: generated, parsed, looked up and encrypted (D9, I28).

A code is 15 characters of Crockford base32: 14 random ones (70 bits) and a check character, the
weighted sum of the others over GF(32). The weights are distinct and not zero, so that every single
error and every swap of two characters is found without a query.
"""

import os
import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from giftweb import keys
from giftweb.errors import CodeMalformed
from giftweb.language import lazy_gettext

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 15
DIGITS, LETTERS, ALPHANUMERIC = "digits", "letters", "alphanumeric"
ALL_HAVE_OURS = lazy_gettext(
    "This is not a gift card code. Check it for a typing error: it has 15 letters and digits."
)
"""Where no other shop's codes were imported (E42)."""

_CHARACTERS = frozenset(ALPHABET)
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans("OIL", "011")
_SEPARATORS = re.compile(r"[\s\-.]+")
_DROPPED = {"Zs", "Pd", "Cf"}
"""Blanks, dashes and format characters, by Unicode's categories: copied along, meant by nobody."""
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)
"""Variation selectors, fillers and joiners: what Unicode draws nothing for, in other categories."""
_MINUS = "\u2212"
_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
_MAX_LENGTH = 64


def _times_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled


def _weighted(position: int, value: int) -> int:
    for _ in range(position + 1):
        value = _times_x(value)
    return value


_TABLE = [[_weighted(position, value) for value in range(32)] for position in range(LENGTH - 1)]
_PAIRS = [first + second for second in ALPHABET for first in ALPHABET]
_CHECK = [
    {character: _TABLE[position][value] for character, value in _VALUES.items()}
    for position in range(LENGTH - 1)
]


def generate() -> str:
    """A new code. 70 bits of the system's randomness and the check character."""
    return _from_number(int.from_bytes(os.urandom(9), "big") >> 2)


def _from_number(number: int) -> str:
    check, body = 0, []
    for weights in _weights_of_pairs():
        pair = number & 1023
        number >>= 10
        check ^= weights[pair]
        body.append(_PAIRS[pair])
    return "".join(body) + ALPHABET[check]


@cache
def _weights_of_pairs() -> list[list[int]]:
    """For every second position: what each of _PAIRS adds to the check there."""
    return [
        [first ^ second for second in _TABLE[position + 1] for first in _TABLE[position]]
        for position in range(0, LENGTH - 1, 2)
    ]


def check_character(body: str) -> str:
    """The check character of the first 14 characters."""
    check = 0
    for weights, character in zip(_CHECK, body, strict=True):
        check ^= weights[character]
    return ALPHABET[check]


def is_ours(code: str) -> bool:
    """Whether ``code`` has our format and the right check character."""
    if len(code) != LENGTH or not _CHARACTERS.issuperset(code):
        return False
    return check_character(code[:-1]) == code[-1]


def normalise(text: str) -> str:
    """Upper case without blanks and dashes, without what cannot be seen, full-width forms folded.

    Raises: CodeMalformed for anything but ASCII letters and digits: real look-alikes from other
    alphabets are typing errors. Source: D27.
    """
    text = text[: 4 * _MAX_LENGTH]
    plain = _SEPARATORS.sub("", text if text.isascii() else _folded(text))
    if not plain.isascii() or not plain.isalnum() or len(plain) > _MAX_LENGTH:
        raise CodeMalformed(field="code")
    return plain.upper()


def _folded(text: str) -> str:
    visible = _INVISIBLE.sub("", text).translate(_FULL_WIDTH)
    return "".join(
        character
        for character in visible
        if character != _MINUS and unicodedata.category(character) not in _DROPPED
    )


def read(text: str, formats: Iterable[str] = ()) -> list[str]:
    """The codes that ``text`` may mean: ours, and those of imported formats that it fits.

    Raises: CodeMalformed on ``code`` when it can be none: a typing error (D9).
    """
    normalised = normalise(text)
    ours = normalised.translate(_LOOKALIKES)
    found = [ours] if is_ours(ours) else []
    known = [] if normalised in found else list(formats)
    if any(matches_format(normalised, each) for each in known):
        found.append(normalised)
    if not found:
        raise CodeMalformed(None if known else ALL_HAVE_OURS, field="code")
    return found


def format_of(code: str) -> str:
    """The format that an imported code registers, such as ``digits:16``."""
    kind = DIGITS if code.isdigit() else LETTERS if code.isalpha() else ALPHANUMERIC
    return f"{kind}:{len(code)}"


def matches_format(code: str, registered: str) -> bool:
    """Whether a normalised code fits a registered format."""
    kind, _, length = registered.partition(":")
    return len(code) == int(length) and (
        kind == ALPHANUMERIC or (code.isdigit() if kind == DIGITS else code.isalpha())
    )


def grouped(code: str) -> str:
    """As people read it: ``XXXXX-XXXXX-XXXXX``; imported codes in groups of four."""
    step = 5 if len(code) == LENGTH else 4
    return "-".join(code[start : start + step] for start in range(0, len(code), step))


def index(code: str, version: keys.CodeKeys | None = None) -> bytes:
    """What the code is looked up by: HMAC-SHA-256 under the index key; 32 bytes."""
    return (version or keys.ring().newest).index_of(code.encode())


def indexes(text: str, formats: Iterable[str] = ()) -> list[bytes]:
    """Every index under which the card of a typed code may stand.

    Raises: CodeMalformed.
    """
    versions = keys.ring().newest_first
    return [index(code, version) for code in read(text, formats) for version in versions]


def seal(code: str, card_id: str) -> bytes:
    """The encrypted copy: two bytes of key version, twelve of nonce, then AES-256-GCM."""
    newest, nonce = keys.ring().newest, os.urandom(12)
    encrypted = newest.cipher.encrypt(nonce, code.encode(), card_id.encode())
    return newest.version.to_bytes(2, "big") + nonce + encrypted


def seal_pin(pin: str, card_id: str) -> bytes:
    """The encrypted PIN of a card, which is no copy of its code."""
    return seal(pin, _pin_of(card_id))


def unseal_pin(sealed: bytes, card_id: str) -> str:
    """The PIN of a card.

    Raises: as ``unseal``.
    """
    return unseal(sealed, _pin_of(card_id))


def _pin_of(card_id: str) -> str:
    return f"pin of {card_id}"


def unseal(sealed: bytes, card_id: str) -> str:
    """The code of a sealed copy. The card's id is part of the seal: copies cannot be swapped.

    Raises: keys.KeysUnusable when its key version is gone; cryptography's InvalidTag when the
    copy is not this card's.
    """
    version = keys.version_of(int.from_bytes(sealed[:2], "big"))
    if version is None:
        raise keys.KeysUnusable("The key version that sealed this code is gone from the keys file.")
    return version.cipher.decrypt(sealed[2:14], sealed[14:], card_id.encode()).decode()
