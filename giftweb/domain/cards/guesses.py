"""How typed codes are heard: patiently where they are long, carefully where they may be short."""

from collections.abc import Iterable

from giftweb import codes
from giftweb.domain import throttle
from giftweb.domain.cards import by_code
from giftweb.domain.throttle import Scope
from giftweb.errors import CodeMalformed, DomainError, UnknownCode


def heard(
    code: str,
    scope: Scope,
    *,
    source: str | None = None,
    name: str = "",
    proof: str = "",
    failures: tuple[type[DomainError], ...] = (UnknownCode,),
) -> throttle.guard:
    """The guard around whatever a typed code is used for.

    One of ours that is right is always heard. One in the format of an import waits its turn even
    when it is right, because such codes may be guessable (X17).
    """
    if not _is_imported(code):
        return throttle.misses(scope, source=source, name=name, proof=proof, failures=failures)
    careful = throttle.of_imported(scope)
    return throttle.guard(careful, source=source, name=name, proof=proof, failures=failures)


def _is_imported(code: str) -> bool:
    """Whether it fits no format but one that an import registered."""
    return not _fits(code, ()) and _fits(code, by_code.known_formats())


def _fits(code: str, formats: Iterable[str]) -> bool:
    try:
        return bool(codes.read(code, formats))
    except CodeMalformed:
        return False
