"""How an address of the API is declared: what it takes, answers and refuses, in one place.

The declaration serves the requests and writes the OpenAPI document, so that the two agree.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import Schema

from giftweb import clock, ids
from giftweb.blueprints.api import bodies, callers
from giftweb.domain import cards, idempotency, throttle
from giftweb.domain.campaigns.api_keys import Caller
from giftweb.domain.campaigns.key_terms import READ
from giftweb.domain.idempotency import Answer
from giftweb.errors import DomainError, ModeMismatch, NotFound, UnknownCode
from giftweb.web.http.problems import PREFIX

View = Callable[..., Any]
Object = dict[str, Any]

ID_PREFIXES = {
    "card_id": "gc",
    "checkout_id": "chk",
    "order_id": "ord",
    "payment_id": "pay",
    "refund_id": "ref",
}
"""Names in an address -> what their ids start with."""

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@dataclass(frozen=True, slots=True)
class AnswerWithCode:
    """A view's answer whose card has a code; the stored copy of the answer leaves it out."""

    body: Object
    card_id: str


def _unchanged(caller: Caller, body: Object, awaited: list[str]) -> Object:
    return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address.

    ``needs_key``: it moves money or issues something, so it takes no chances with a repeated
    request. ``scopes``: a key needs one of them. ``is_guess``: its answer reveals whether a code
    exists, so failures are counted.
    ``complete`` puts back what the stored answer leaves out; ``recover`` adds to a refusal what its
    reader needs to go on; ``ask_providers`` carries out the refunds that the answer names under
    AWAITED, and answers the object as it is afterwards. All run after the transaction.
    """

    method: str
    path: str
    view: View
    scopes: tuple[str, ...]
    answers: type[Schema]
    status: int = 200
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    needs_key: bool = False
    is_guess: bool = False
    refuses: tuple[str, ...] = ()
    complete: Callable[[Caller, Answer], Object] | None = None
    ask_providers: Callable[[Caller, Object, list[str]], Object] = _unchanged
    recover: Callable[..., None] | None = None

    @property
    def name(self) -> str:
        """The endpoint and operationId."""
        return self.view.__name__

    @property
    def group(self) -> str:
        """The module that declares it, such as ``gift_cards``."""
        return self.view.__module__.rpartition(".")[2]


AWAITED = "awaited_refunds"
"""In a stored answer: the refunds whose provider has not been asked yet. It is never sent."""

OPERATIONS: list[Operation] = []
"""Every operation, in reading order."""


def get(path: str, **about: Any) -> Callable[[View], View]:
    """Declare a reading address: ``view(caller, *, query, <ids>)`` answers an object."""
    return _declared("GET", path, _reading, {"scopes": (READ,)} | about)


def post(path: str, **about: Any) -> Callable[[View], View]:
    """Declare a verb: ``view(caller, *, body, <ids>)`` answers an object, or AnswerWithCode."""
    return _declared("POST", path, _writing, about)


def patch(path: str, **about: Any) -> Callable[[View], View]:
    """Declare a change, as ``post`` but without an idempotency key."""
    return _declared("PATCH", path, _writing, about)


def delete(path: str, **about: Any) -> Callable[[View], View]:
    """Declare a removal, as ``patch``."""
    return _declared("DELETE", path, _writing, about)


def _declared(
    method: str, path: str, serving: Callable[[Operation], View], about: dict[str, Any]
) -> Callable[[View], View]:
    def declare(view: View) -> View:
        operation = Operation(method=method, path=path, view=view, **about)
        OPERATIONS.append(operation)
        blueprint.add_url_rule(
            path.replace("{", "<").replace("}", ">"),
            operation.name,
            serving(operation),
            methods=[method],
            provide_automatic_options=False,
        )
        return view

    return declare


def _reading(operation: Operation) -> View:
    schema = operation.query() if operation.query else None

    def serve(**named: Any) -> Response:
        caller = callers.authenticate(*operation.scopes)
        _require_ids(named)
        if schema is not None:
            named["query"] = bodies.read_query(schema)
        return answered(operation.view(caller, **named))

    return serve


def _writing(operation: Operation) -> View:
    schema = operation.body() if operation.body else bodies.NOTHING
    takes_key = operation.method == "POST"

    def serve(**named: str) -> Response:
        caller = callers.authenticate(*operation.scopes)
        _require_ids(named)
        key = bodies.idempotency_key(is_needed=operation.needs_key) if takes_key else None
        body, meaning = bodies.read(schema)

        def work() -> Answer:
            result = operation.view(caller, body=body, **named)
            if isinstance(result, AnswerWithCode):
                return Answer(operation.status, result.body, result.card_id)
            return Answer(operation.status, result)

        with _recovered(operation, caller, named), _counted(operation, caller, named, body):
            answer = work() if key is None else _once(operation, caller, key, meaning, work)
        if key is not None and AWAITED in answer.body:
            answer = _after_providers(operation, caller, key, meaning, answer)
        return _completed(operation, caller, answer)

    return serve


def _after_providers(
    operation: Operation, caller: Caller, key: str, meaning: bytes, answer: Answer
) -> Answer:
    """The answer once the providers have been asked, which is after the transaction.

    The first request that has their answer stores it as the one answer to the key, for all that
    come with the same key meanwhile (I27).
    """
    scope = f"{caller.scope} settled"
    stored = idempotency.answer_of(scope=scope, key=key)
    if stored is None:
        body = {name: value for name, value in answer.body.items() if name != AWAITED}
        body = operation.ask_providers(caller, body, answer.body[AWAITED])
        final = Answer(answer.status, body)
        stored = _once(operation, caller, key, meaning, lambda: final, scope=scope)
    return replace(stored, is_replay=answer.is_replay)


def _once(
    operation: Operation,
    caller: Caller,
    key: str,
    meaning: bytes,
    work: Callable[[], Answer],
    *,
    scope: str | None = None,
) -> Answer:
    return idempotency.once(
        work,
        scope=scope or caller.scope,
        key=key,
        fingerprint=idempotency.fingerprint(request.path, meaning),
        is_test=caller.is_test,
        moves_money=operation.needs_key,
    )


def _completed(operation: Operation, caller: Caller, answer: Answer) -> Response:
    body = operation.complete(caller, answer) if operation.complete else answer.body
    response = answered(body, answer.status)
    if answer.is_replay:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@contextmanager
def _counted(
    operation: Operation, caller: Caller, named: dict[str, str], body: Object
) -> Iterator[None]:
    """Count wrong codes, each cart's by themselves: guessing keeps no other shopper waiting."""
    if not operation.is_guess:
        yield
        return
    failures = (UnknownCode, ModeMismatch)
    scope, name = throttle.of_shop(caller.scope), named.get("checkout_id", "look-ups")
    if "codes" in body:
        typed = dict(zip_longest(body["codes"], body.get("pins", ())))
        with cards.guesses.all_heard(typed, scope, name=name, failures=failures):
            yield
        return
    code, pin = body.get("code", ""), body.get("pin")
    with cards.guesses.heard(code, scope, pin=pin, name=name, failures=failures):
        yield


@contextmanager
def _recovered(operation: Operation, caller: Caller, named: dict[str, str]) -> Iterator[None]:
    try:
        yield
    except DomainError as error:
        if operation.recover is not None:
            operation.recover(caller, error, **named)
        raise


def _require_ids(named: dict[str, str]) -> None:
    """An address whose id has the wrong shape leads nowhere; the database is not asked."""
    for name, value in named.items():
        if not ids.looks_like(value, ID_PREFIXES[name]):
            raise NotFound


def answered(body: Object, status: int = 200) -> Response:
    """An answer for this shop alone."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    response = Response(text, status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


REVEAL_FOR = timedelta(hours=24)
"""How long a repeated request is answered with the code of the card that it created."""


def with_code(caller: Caller, answer: Answer) -> Object:
    """The answer with the new card's code, which its stored copy leaves out."""
    earliest = clock.now() - REVEAL_FOR
    if answer.card_id is None or (answer.is_replay and answer.created_at < earliest):
        return answer.body
    opened = cards.holder.open_secrets(answer.card_id)
    return answer.body | {name: text for name, text in opened.items() if text is not None}
