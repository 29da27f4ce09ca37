"""Failed tries: a few are free, then each costs a growing wait or a proof of work, else 429.

Only failures count, and a card or an account is never locked: what waits is the address, the /48
and the cart that guesses come from. A code of 70 random bits that is right is always heard. When
too many fail everywhere the log says so, and whoever has not failed notices nothing.

Door: ``check``, ``count`` and ``every_try``. Source: B6, X10.
"""

from giftweb.domain.throttle import counters, proofs, rates, sources
from giftweb.domain.throttle.scopes import (
    LOOK_UP,
    MINUTE,
    PIN,
    SECOND,
    SHOP,
    Scope,
    of_imported,
    of_shop,
)
from giftweb.domain.throttle.sources import source_of
from giftweb.domain.throttle.tries import check, count, every_try, is_slowed, misses, once_a_minute

__all__ = [
    "LOOK_UP",
    "MINUTE",
    "PIN",
    "SECOND",
    "SHOP",
    "Scope",
    "check",
    "count",
    "counters",
    "every_try",
    "is_slowed",
    "misses",
    "of_imported",
    "of_shop",
    "once_a_minute",
    "proofs",
    "rates",
    "source_of",
    "sources",
]
