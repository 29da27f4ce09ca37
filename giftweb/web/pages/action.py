"""How every action at the desk goes: a form, a verb, and a refusal on the form or a response."""

from collections.abc import Callable
from typing import Any

from flask import Response, request

from giftweb.domain import desk, idempotency
from giftweb.domain.idempotency import Answer
from giftweb.domain.limits import LimitExceeded
from giftweb.errors import DomainError, IdempotencyKeyReused, Invalid, NotFound, Refused
from giftweb.language import lazy_gettext
from giftweb.web.access import actors, places
from giftweb.web.forms.fields import Form
from giftweb.web.forms.once import OnceForm
from giftweb.web.http import errors, requests

SENT_BEFORE = lazy_gettext(
    "This form was sent before with other figures. Look at what it did; if "
    "you still want this, press the button again."
)
_NOT_FIGURES = ("csrf_token", "step")


def run(
    form: Form,
    work: Callable[[], Response],
    show: Callable[[int], Response],
    *,
    check: Callable[[], object] = lambda: None,
) -> Response:
    """The response of ``work`` to a valid form; until then what ``show`` makes of its status.

    A refusal of the domain is on the form then, with the status of its family. ``check`` raises
    what the domain finds wrong with the fields: it is called where the form cannot be read whole,
    so that everything that is wrong is said at once.
    """
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            return work()
        except DomainError as error:
            form.refuse(error)
            status = errors.status_of(error)
    elif form.is_submitted():
        find_faults(form, check)
    return show(status)


def find_faults(form: Form, check: Callable[[], object]) -> None:
    """Put on the form what the domain finds wrong with its fields."""
    try:
        check()
    except Invalid as error:
        form.refuse(error)


def came_from(otherwise: str) -> str:
    """The page of ours that a form was sent from, where it says so."""
    return places.local_path(requests.posted("next"), otherwise)


def done_or_waiting(verb: Callable[[], str]) -> str:
    """The verb's own message, or that it waits for another person's approval."""
    try:
        return verb()
    except LimitExceeded as exceeded:
        return desk.asking.ask(exceeded, by=actors.current())


def once(form: OnceForm, verb: Callable[[], dict[str, Any]], *, is_test: bool = False) -> Answer:
    """What the verb returned, as ``body``; for the same form again, what it returned first.

    Raises: Refused (the form came before with other figures), and whatever the verb raises.
    """
    figures = sorted((f.name, str(f.data)) for f in form if f.name not in _NOT_FIGURES)
    try:
        return idempotency.once(
            lambda: Answer(201, verb()),
            scope=_scope(),
            key=form.key.data,
            fingerprint=idempotency.fingerprint(request.path, repr(figures).encode()),
            is_test=is_test,
        )
    except IdempotencyKeyReused as error:
        form.renew_key()
        raise Refused(SENT_BEFORE) from error


def answer_before(endpoint: str, key: str) -> dict[str, Any]:
    """What a form of the same person returned, by its key.

    Raises: NotFound.
    """
    found = idempotency.answer_of(scope=_scope(endpoint), key=key)
    if found is None:
        raise NotFound
    return found.body


def _scope(endpoint: str | None = None) -> str:
    return f"desk:{actors.current().id}:{endpoint or request.endpoint}"
