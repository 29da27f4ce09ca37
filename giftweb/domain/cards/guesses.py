"""How typed codes are heard: patiently where they are long, carefully where they may be short."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from giftweb import codes
from giftweb.domain import throttle
from giftweb.domain.cards import by_code, pins
from giftweb.domain.throttle import Scope
from giftweb.errors import CodeMalformed, DomainError, PinRequired, UnknownCode


@contextmanager
def heard(
    code: str,
    scope: Scope,
    *,
    pin: str | None = None,
    source: str | None = None,
    name: str = "",
    proof: str = "",
    failures: tuple[type[DomainError], ...] = (UnknownCode,),
) -> Iterator[None]:
    """Hear a typed code, and the PIN typed with it; failures of either are counted.

    One of ours that is right is always heard. One in the format of an import waits its turn even
    when it is right, because such codes may be guessable (X17). So does a PIN, for which the tries
    of everybody who has the code are counted together (B23).
    """
    about = {"source": source, "name": name, "proof": proof, "failures": failures}
    with _code_heard(code, scope, **about):
        if pins.plain(pin):
            with _guesses_noted(code), _pin_heard(code, throttle.every_try):
                yield
            return
        try:
            yield
        except PinRequired:
            # Only now is it worth knowing by what name the card's tries are counted.
            with _pin_heard(code, throttle.misses):
                raise


@contextmanager
def all_heard(typed: Mapping[str, str | None], scope: Scope, **about: Any) -> Iterator[None]:
    """Hear several codes, each with its PIN if one was typed: together they are one try."""
    careful = next(filter(_is_imported, typed), "")
    with ExitStack() as waits:
        waits.enter_context(_code_heard(careful, scope, **about))
        for code, pin in typed.items():
            if pins.plain(pin):
                waits.enter_context(_guesses_noted(code))
                waits.enter_context(_pin_heard(code, throttle.every_try))
        yield


def _code_heard(code: str, scope: Scope, **about: Any) -> throttle.every_try:
    if not _is_imported(code):
        return throttle.misses(scope, **about)
    return throttle.every_try(throttle.of_imported(scope), **about)


def _pin_heard(code: str, patience: type[throttle.every_try]) -> throttle.every_try:
    return patience(throttle.PIN, name=_name_of(code), failures=(PinRequired,))


@contextmanager
def _guesses_noted(code: str) -> Iterator[None]:
    """Around tries of a PIN: what a good holder does not need leaves an entry in the audit log."""
    try:
        yield
    except pins.PinWrong as error:
        if throttle.is_slowed(throttle.PIN, name=_name_of(code)):
            pins.note_guesses(error.details["gift_card_id"])
        raise


def _name_of(code: str) -> str:
    """What a code's tries are counted by: the same however it is typed."""
    try:
        return codes.index(codes.read(code, by_code.known_formats())[0]).hex()
    except CodeMalformed:
        return "no code"


def _is_imported(code: str) -> bool:
    """Whether it fits no format but one that an import registered."""
    return not _fits(code, ()) and _fits(code, by_code.known_formats())


def _fits(code: str, formats: Iterable[str]) -> bool:
    try:
        return bool(codes.read(code, formats))
    except CodeMalformed:
        return False
