"""Proofs of work: what a browser may do instead of waiting.

A challenge is ``bits.expires.random.seal``; a proof is a challenge, a colon and a number such that
the SHA-256 of the seal and the number begins with so many zero bits. Nothing is stored until a
proof is used, which it is once, by the source that was challenged (static/proof.js solves them).
"""

import hashlib
import hmac
import secrets

from giftweb import clock, keys
from giftweb.domain.throttle import counters
from giftweb.domain.throttle.counters import Count
from giftweb.domain.throttle.scopes import SECOND

FEWEST_BITS, MOST_BITS = 16, 22
"""65,000 hashes to begin with, which a telephone makes in a fraction of a second, and 4 million."""

GOOD_FOR = 120 * SECOND

_USED = "proof"
_LONGEST = 200


def challenge(scope: str, *, source: str, failures: int) -> str:
    """A new challenge, the harder the more of the source's tries have failed."""
    bits = min(FEWEST_BITS + failures, MOST_BITS)
    about = f"{bits}.{clock.micros() + GOOD_FOR}.{secrets.token_hex(6)}"
    return f"{about}.{_seal(about, scope, source)}"


def is_good(proof: str, *, scope: str, source: str) -> bool:
    """Whether the work was done, for this source and not before. Uses the proof up.

    Raises: Unavailable.
    """
    challenged, _, number = proof.partition(":")
    about, _, seal = challenged.rpartition(".")
    if len(proof) > _LONGEST or not proof.isascii() or not number.isdecimal():
        return False
    if not hmac.compare_digest(seal, _seal(about, scope, source)):
        return False
    bits, expires, _ = about.split(".")
    now = clock.micros()
    if int(expires) < now or not _is_work(seal + number, int(bits)):
        return False
    counters.clean(_USED, now - 2 * GOOD_FOR)
    return counters.swap(_USED, seal, None, Count(1, now))


def _is_work(text: str, bits: int) -> bool:
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0


def _seal(about: str, scope: str, source: str) -> str:
    key = hashlib.sha256(f"proof of work {keys.ring().session}".encode()).digest()
    message = f"{about}|{scope}|{source}"
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()[:32]
