"""What a program sends: read strictly, checked by a schema, compared by its meaning.

JSON with a key twice, with NaN, or nested beyond reason is refused as malformed; what is an integer
stays one, and everything else fails on its field.
"""

import json
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from giftweb.errors import IdempotencyKeyMissing, Invalid
from giftweb.web.http.problems import Problem

LONGEST_INTEGER = 18
"""Digits. A longer one is over every bound, so its value does not matter."""

LONGEST_KEY = 255


def read(schema: Schema | None) -> tuple[dict[str, Any], bytes]:
    """The body as the schema gives it, and its meaning as bytes: keys sorted, nulls left out.

    Raises: Problem (415, malformed_json), Invalid with every fault.
    """
    text = request.get_data(cache=False)
    if text and request.mimetype and not _is_json(request.mimetype):
        raise Problem(415, "unsupported_media_type", "Send the body as application/json.")
    parsed = _parsed(text) if text else {}
    if not isinstance(parsed, dict):
        raise Invalid("Send a JSON object.", errors=[("", "Send a JSON object.")])
    return _loaded(schema or NOTHING, parsed), meaning(parsed)


def read_query(schema: Schema) -> dict[str, Any]:
    """The query's values as the schema gives them; the first of each name counts.

    Raises: Invalid with every fault.
    """
    return _loaded(schema, _first_of_each(request.args))


def idempotency_key(*, is_needed: bool) -> str | None:
    """The header's value; None when it is not there and not needed.

    Raises: IdempotencyKeyMissing when it is missing or has another shape.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None and not is_needed:
        return None
    if not key or len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise IdempotencyKeyMissing
    return key


def meaning(value: Any) -> bytes:
    """Bodies that mean the same have the same bytes."""
    content = _without_nulls(value)
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode() if content else b""


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value


def _is_json(mimetype: str) -> bool:
    return mimetype == "application/json" or (
        mimetype.startswith("application/") and mimetype.endswith("+json")
    )


class NoFields(Schema):
    """A body without fields."""


NOTHING = NoFields()


def _parsed(text: bytes) -> Any:
    try:
        return _decoder.decode(text.decode())
    except (ValueError, RecursionError) as problem:
        raise Problem(400, "malformed_json", f"This is not JSON: {_reason(problem)}.") from None


def _reason(problem: Exception) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f"{problem.msg[0].lower()}{problem.msg[1:]}, at character {problem.pos + 1}"
    if isinstance(problem, UnicodeDecodeError):
        return "it is not UTF-8"
    return "it is nested too deeply" if isinstance(problem, RecursionError) else str(problem)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def _whole(text: str) -> int:
    return int(text[: LONGEST_INTEGER + 1])


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


_decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_whole, parse_constant=_no_constant
)


def _loaded(schema: Schema, values: Any) -> dict[str, Any]:
    try:
        return schema.load(values)
    except ValidationError as fault:
        errors = list(_flat(fault.messages))
        raise Invalid("Some fields cannot be used: see errors.", errors=errors) from None


def _flat(messages: Any, field: str = "") -> Any:
    """The first fault of each field."""
    if isinstance(messages, dict):
        for name, part in messages.items():
            inner = field if name == "_schema" else f"{field}.{name}" if field else str(name)
            yield from _flat(part, inner)
    elif messages:
        yield field, str(messages[0])


def _first_of_each(args: MultiDict[str, str]) -> dict[str, str]:
    return args.to_dict(flat=True)
