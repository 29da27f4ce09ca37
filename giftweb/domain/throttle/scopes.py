"""What is being guessed, and how patient we are with it."""

from dataclasses import KW_ONLY, dataclass, replace

from giftweb.language import LazyText, lazy_gettext

SECOND = 1_000_000
MINUTE = 60 * SECOND
_FAILED = lazy_gettext("Too many tries have failed.")


@dataclass(frozen=True, slots=True)
class Scope:
    """How many failures are free and how long the others wait; times in seconds.

    After ``free`` failures of one source each further one doubles its wait, from ``first_wait`` up
    to ``longest_wait``; after ``memory`` without a failure all is forgotten. ``forgives_after``:
    one failure is forgiven for so many seconds without another one.

    ``cap`` is how many failures of all sources together are accepted in a minute. Above it only
    sources with failures of their own wait; where ``cap_is_hard`` everybody does, because what is
    guessed is guessable. ``takes_proof``: instead of waiting one may prove work (``proofs``).
    ``why`` is what a person reads before how long to wait.
    """

    name: str
    _: KW_ONLY
    free: int
    cap: int | None = None
    cap_is_hard: bool = False
    takes_proof: bool = False
    first_wait: int = 1
    longest_wait: int = 900
    memory: int = 3600
    forgives_after: int = 0
    why: LazyText = _FAILED

    @property
    def forgives_after_micros(self) -> int:
        """Without forgiveness it would come after all is forgotten anyway."""
        return (self.forgives_after or self.memory) * SECOND

    def wait_after(self, failures: int) -> int:
        """Microseconds that a source waits after its latest failure."""
        beyond = failures - self.free
        if beyond <= 0:
            return 0
        return min(self.first_wait << min(beyond - 1, 20), self.longest_wait) * SECOND

    def left(self, failures: int, last_at: int, now: int) -> int:
        """How many of a source's failures count now: some are forgiven, old ones forgotten."""
        passed = max(now - last_at, 0)  # Another process may have counted since ``now`` was read.
        if passed > self.memory * SECOND:
            return 0
        return max(failures - passed // self.forgives_after_micros, 0)


LOOK_UP = Scope("look_up", free=10, cap=3000, takes_proof=True)
"""Codes typed on the balance page."""

PIN = Scope(
    "pin",
    free=5,
    first_wait=2,
    longest_wait=60,
    forgives_after=60,
    why=lazy_gettext("Too many wrong PINs were entered for this card."),
)
"""PINs of one card, wherever they are entered: a source is the card. Whoever has the right one
waits a minute at the most, and a million of them take two years to try."""

SHOP = Scope("shop", free=15, cap=600, longest_wait=1, forgives_after=4)
"""Codes that a shop's program sends, whose shoppers share its key: a source is one cart, or all of
the shop's look-ups. Nobody guesses 70 random bits at one a second; so nobody waits longer than that
for somebody else's typing. The cap is each shop's own, so that none can stop another one."""


def of_shop(name: str) -> Scope:
    """SHOP for one shop's keys."""
    return replace(SHOP, name=f"{SHOP.name} {name}")


def of_imported(scope: Scope) -> Scope:
    """The same place for codes in the formats of an import, which may be short (X17)."""
    free, cap = min(scope.free, 5), min(scope.cap or 60, 60)
    return replace(scope, name=f"{scope.name} imported", free=free, cap=cap, cap_is_hard=True)
