"""Whether a try is heard, and how a failed one is counted."""

import logging
from dataclasses import dataclass
from functools import partial

from giftweb import clock, security_log
from giftweb.domain.throttle import counters, proofs, sources
from giftweb.domain.throttle.counters import Count
from giftweb.domain.throttle.scopes import MINUTE, SECOND, Scope
from giftweb.errors import (
    CodeWrong,
    DomainError,
    PasswordWrong,
    SignInFailed,
    TooManyTries,
    UnknownCode,
)
from giftweb.language import ngettext

log = logging.getLogger(__name__)

WIDE = 16
"""How many failures of a /48 weigh as much as one of an address."""

_RACES = 40
"""How often a count is tried again that others change at the same moment."""

_ONCE = "once_a_minute"

_EVENTS = {
    SignInFailed: "sign_in.failed",
    PasswordWrong: "sign_in.failed",
    CodeWrong: "factor.wrong",
    UnknownCode: "code.wrong",
}
"""What the security log calls a failed try."""

Failures = tuple[type[DomainError], ...]


@dataclass(frozen=True, slots=True)
class _Trier:
    """Who tries in a scope, and how its counters stand."""

    scope: Scope
    name: str
    wide: str | None
    other: str | None
    minute: str
    now: int
    counts: dict[str, Count]

    def own(self) -> Count | None:
        return self.counts.get(self.name)

    def failures(self, name: str | None) -> int:
        """How many failures of that name count now."""
        found = self.counts.get(name) if name else None
        return self.scope.left(*found, self.now) if found else 0

    def waits_until(self) -> tuple[int, bool]:
        """When another try is heard, and whether it is the cap that it waits for."""
        ends_at = 0
        for name, weight in ((self.name, 1), (self.other, 1), (self.wide, WIDE)):
            if name and (found := self.counts.get(name)):
                wait = self.scope.wait_after(self.failures(name) // weight)
                ends_at = max(ends_at, found.last_at + wait if wait else 0)
        if self._is_over_cap():
            return max(ends_at, self.now - self.now % MINUTE + MINUTE), ends_at <= self.now
        return ends_at, False

    def _is_over_cap(self) -> bool:
        found = self.counts.get(self.minute)
        if self.scope.cap is None or found is None or found.failures < self.scope.cap:
            return False
        names = (self.name, self.wide, self.other)
        return self.scope.cap_is_hard or any(self.failures(name) for name in names)


def _trier(scope: Scope, source: str | None, name: str) -> _Trier:
    now = clock.micros()
    found = [sources.named(name)] if name else []
    wide = None
    if source is not None:
        found.insert(0, sources.source_of(source))
        wide = sources.wide_network_of(source)
    own, other, minute = found[0], (*found[1:], None)[0], f"minute {now // MINUTE}"
    read = counters.read(scope.name, [each for each in (own, wide, other, minute) if each])
    return _Trier(scope, own, wide, other, minute, now, read)


def check(scope: Scope, *, source: str | None = None, name: str = "") -> None:
    """Refuse a source that has to wait.

    Raises: TooManyTries with the seconds to wait; Unavailable.
    """
    _require_no_wait(_trier(scope, source, name), proof="")


def is_slowed(scope: Scope, *, name: str) -> bool:
    """Whether the next try of what is counted by this name has to wait.

    Raises: Unavailable.
    """
    trier = _trier(scope, None, name)
    return trier.waits_until()[0] > trier.now


def _require_no_wait(trier: _Trier, *, proof: str) -> None:
    scope, (ends_at, is_for_cap) = trier.scope, trier.waits_until()
    if ends_at <= trier.now:
        return
    takes_proof = scope.takes_proof and (is_for_cap or not scope.cap_is_hard)
    if takes_proof and proof and proofs.is_good(proof, scope=scope.name, source=trier.name):
        return
    failures = max(trier.failures(trier.name) - scope.free, 0)
    challenge = (
        proofs.challenge(scope.name, source=trier.name, failures=failures) if takes_proof else ""
    )
    raise _too_many(scope, -((trier.now - ends_at) // SECOND), challenge)


def _too_many(scope: Scope, seconds: int, challenge: str = "") -> TooManyTries:
    security_log.record("try.slowed", what=scope.name, seconds=seconds)
    sentence = f"{scope.why} {_wait(seconds)}"
    return TooManyTries(sentence, retry_after=seconds, challenge=challenge)


def _wait(seconds: int) -> str:
    if seconds < 90:
        return ngettext(
            "Wait {count} second and try again. Nothing is locked.",
            "Wait {count} seconds and try again. Nothing is locked.",
            seconds,
        )
    return ngettext(
        "Wait {count} minute and try again. Nothing is locked.",
        "Wait {count} minutes and try again. Nothing is locked.",
        -(-seconds // 60),
    )


def count(scope: Scope, *, source: str | None = None, name: str = "", proof: str = "") -> "Counted":
    """Count one try of the source, unless it has to wait. Exactly as many as are free go through,
    however many are sent at once.

    Raises: TooManyTries; Unavailable.
    """
    for _ in range(_RACES):
        trier = _trier(scope, source, name)
        _require_no_wait(trier, proof=proof)
        before = trier.own()
        after = Count(trier.failures(trier.name) + 1, trier.now)
        if counters.swap(scope.name, trier.name, before, after):
            _add_to_shared(trier)
            return Counted(trier, before, after)
    raise _too_many(scope, 1)


def _add_to_shared(trier: _Trier) -> None:
    scope, now = trier.scope, trier.now
    forgotten, forgives_after = now - scope.memory * SECOND, scope.forgives_after_micros
    for name in (trier.wide, trier.other):
        if name:
            counters.add(scope.name, name, now, forgotten=forgotten, forgives_after=forgives_after)
    in_minute = counters.add(
        scope.name, trier.minute, now, forgotten=forgotten, forgives_after=MINUTE
    )
    if in_minute == 1:
        counters.clean(scope.name, forgotten)
    if in_minute == scope.cap:
        log.warning(
            "throttle: %d failed tries (%s) within a minute; until it is over %s",
            scope.cap,
            scope.name,
            "all wait" if scope.cap_is_hard else "only who has failed before waits",
        )


def once_a_minute(what: str) -> bool:
    """Whether this is the first time within a minute; the first is counted.

    Raises: Unavailable.
    """
    now = clock.micros()
    name = sources.named(what)
    before = counters.read(_ONCE, [name]).get(name)
    if before is not None and before.last_at > now - MINUTE:
        return False
    if before is None:
        counters.clean(_ONCE, now - MINUTE)
    return counters.swap(_ONCE, name, before, Count(1, now))


@dataclass(frozen=True, slots=True)
class Counted:
    """A try that was counted before it was heard."""

    _trier: _Trier
    _before: Count | None
    _after: Count

    def give_back(self) -> None:
        """It did not fail after all."""
        trier, scope = self._trier, self._trier.scope.name
        before = self._before or Count(0, self._after.last_at)
        if not counters.swap(scope, trier.name, self._after, before):
            counters.subtract(scope, trier.name)
        for name in (trier.wide, trier.other, trier.minute):
            if name:
                counters.subtract(scope, name)


class every_try:
    """Hear a try unless its source has to wait; it counts unless it succeeds.

    It is counted first and then heard, so that tries sent at once are no more than tries sent one
    by one. For what people choose, such as passwords, and for short codes.

    ``source`` is a client's address; ``name`` what else is counted, with it or without it: an
    account, a checkout; ``proof`` a proof of work. Not inside a transaction: the count must stay
    when the try is rolled back.

    Raises: TooManyTries; Unavailable when the counters cannot be read or written.
    """

    def __init__(
        self,
        scope: Scope,
        *,
        source: str | None = None,
        name: str = "",
        proof: str = "",
        failures: Failures = (UnknownCode,),
    ):
        self._failures = failures
        self._scope, self._name = scope, name
        self._count = partial(count, scope, source=source, name=name, proof=proof)

    def __enter__(self) -> None:
        self._counted = self._count()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if isinstance(error, self._failures):
            self._log(error)
        else:
            self._counted.give_back()

    def _log(self, error: DomainError) -> None:
        """Write it into the security log: once: of two counts, by the one that knows a name."""
        event = next((word for kind, word in _EVENTS.items() if isinstance(error, kind)), None)
        if event and not error.is_logged:
            error.is_logged = True
            name = security_log.pseudonym(self._name)
            security_log.record(event, what=self._scope.name, name=name)


class misses(every_try):
    """Hear every try; one that misses is counted, or answered with TooManyTries when its source
    has to wait. For codes of 70 random bits: whoever has a right one is heard, whatever others do
    from the same address, and whoever guesses learns from neither answer.
    """

    def __enter__(self) -> None:
        """A right code reads no counter."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if isinstance(error, self._failures):
            self._log(error)
            self._count()
