"""The OpenAPI 3.1 document, written from the operations."""

import inspect
import json
import re
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Response

from giftweb.blueprints.api import problem_schemas
from giftweb.blueprints.api.operations import ID_PREFIXES, OPERATIONS, Operation, blueprint
from giftweb.blueprints.api.webhooks import EVENT_TYPES, HEADERS, SCHEMAS
from giftweb.web.http.problems import PREFIX, TYPE

TITLE = "giftweb"
VERSION = "1"
ABOUT = (
    "Gift cards, checkouts that take them, and the orders they pay. Amounts are integers in minor"
    " units of an ISO 4217 currency; times are RFC 3339 in UTC. A test key makes and sees test"
    " objects only, a live key live ones only."
)
GROUPS = {
    "gift_cards": ("Gift cards", "The cards that the campaign issued or sold."),
    "printed_cards": ("Printed cards", "Cards from stock, and rests put on one card."),
    "checkouts": ("Checkouts", "A cart on its way to an order: apply cards, authorise, capture."),
    "redemptions": ("Tills", "A purchase that one gift card pays, in one step."),
    "orders": ("Orders, payments, refunds", "What was bought, how it was paid, what went back."),
    "events": ("Events", "What webhooks send."),
}
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "1 to 255 printable ASCII characters. The same key and body again is answered"
    " as the first time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
REQUEST_ID = {
    "description": "The id of this request, for when you ask us about it.",
    "required": True,
    "schema": {"type": "string"},
}
ID_NAMES = {
    "GiftCardWithCode": "card_id",
    "ReplacementCard": "card_id",
    "Checkout": "checkout_id",
    "Order": "order_id",
    "Refund": "refund_id",
}
"""An answer's schema -> the name of its id in addresses."""
REPLAYED = {
    "Idempotent-Replayed": {
        "description": "`true` when this is the first answer again.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}


@blueprint.get("/openapi.json", provide_automatic_options=False)
def show_openapi() -> Response:
    """The document, for programs; no key is needed."""
    return Response(as_json(), content_type="application/json")


@cache
def as_json() -> str:
    """The document as text."""
    return json.dumps(document(), indent=2, ensure_ascii=False)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document. Written at the first request for it: workers start without it."""
    from apispec import APISpec
    from apispec.ext.marshmallow import MarshmallowPlugin

    marshmallow = MarshmallowPlugin()
    spec = APISpec(
        TITLE,
        VERSION,
        "3.1.0",
        plugins=[marshmallow],
        info={"description": ABOUT},
        servers=[{"url": "/"}],
        security=[{"key": []}],
    )
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.components.header("X-Request-Id", REQUEST_ID)
    for group, (title, about) in GROUPS.items():
        spec.tag({"name": title, "description": about})
        for operation in of_group(group):
            method = operation.method.lower()
            spec.path(f"{PREFIX}{operation.path}", operations={method: _described(operation)})
    received = {type: {"post": _received(type)} for type in EVENT_TYPES}
    for operations in received.values():
        marshmallow.operation_helper(operations=operations)
    return _without_null_parameters(spec.to_dict()) | {"webhooks": received}


def of_group(group: str) -> list[Operation]:
    return [operation for operation in OPERATIONS if operation.group == group]


def _described(operation: Operation) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(operation.view.__doc__ or "").partition("\n")
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [GROUPS[operation.group][0]],
        "summary": summary,
        "parameters": _parameters(operation),
        "responses": dict(sorted(_answers(operation).items())),
    }
    scopes = " or ".join(f"`{scope}`" for scope in operation.scopes)
    described["description"] = f"{description.strip()}\n\nScope: {scopes}.".strip()
    if operation.body is not None:
        described["requestBody"] = {
            "required": any(field.required for field in operation.body().fields.values()),
            "content": {"application/json": {"schema": operation.body}},
        }
    return described


def _received(type: str) -> dict[str, Any]:
    """An event as the request that an endpoint receives."""
    about = EVENT_TYPES[type]
    return {
        "operationId": f"receive_{type.replace('.', '_')}",
        "tags": [GROUPS["events"][0]],
        "summary": about.when,
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": description,
                "schema": {"type": "string"},
            }
            for name, description in HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": SCHEMAS[about.payload]}},
        },
        "responses": {"2XX": {"description": "Taken. Anything else is tried again."}},
    }


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _id_schema(name)}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    if operation.query is not None:
        found.append({"in": "query", "schema": operation.query})
    if operation.method == "POST":
        found.append(KEY_HEADER | {"required": operation.needs_key})
    return found


def _id_schema(name: str) -> dict[str, str]:
    return {"type": "string", "pattern": f"^{ID_PREFIXES[name]}_[0-9a-hjkmnp-tv-z]{{26}}$"}


def _answers(operation: Operation) -> dict[str, Any]:
    good: dict[str, Any] = {
        "description": HTTPStatus(operation.status).phrase,
        "content": {"application/json": {"schema": operation.answers}},
    }
    if operation.method == "POST":
        good["headers"] = REPLAYED
    if links := _links(operation):
        good["links"] = links
    refusals = {
        str(status): _refusal(status, codes, has_checkout=operation.recover is not None)
        for status, codes in _refusals(operation).items()
    }
    answers = (
        {str(operation.status): good}
        | refusals
        | {"default": _refusal(500, ["server_error", "unavailable"])}
    )
    for answer in answers.values():
        answer["headers"] = answer.get("headers", {}) | {"X-Request-Id": "X-Request-Id"}
    return answers


def _links(operation: Operation) -> dict[str, Any]:
    """What can be done next with the object that the operation created."""
    name = ID_NAMES.get(operation.answers.__name__)
    if operation.status != 201 or name is None:
        return {}
    return {
        other.name: {"operationId": other.name, "parameters": {name: "$response.body#/id"}}
        for other in OPERATIONS
        if re.findall(r"\{(\w+)\}", other.path) == [name]
    }


def _refusals(operation: Operation) -> dict[int, list[str]]:
    """Status -> the codes that this operation may answer with it."""
    takes_body = operation.method != "GET"
    found: dict[int, list[str]] = {
        400: ["malformed_json"] * takes_body + ["idempotency_key_missing"] * operation.needs_key,
        401: ["unauthorised"],
        403: ["forbidden"],
        404: ["not_found"] * ("{" in operation.path or operation.is_guess),
        409: list(operation.refuses) + ["idempotency_in_progress"] * (operation.method == "POST"),
        413: ["too_large"] * takes_body,
        415: ["unsupported_media_type"] * takes_body,
        422: ["invalid"] * (takes_body or operation.query is not None)
        + ["idempotency_key_reused"] * (operation.method == "POST")
        + ["code_malformed"] * operation.is_guess,
        429: ["too_many_tries"],
    }
    return {status: codes for status, codes in found.items() if codes}


def _refusal(status: int, codes: list[str], *, has_checkout: bool = False) -> dict[str, Any]:
    schema = problem_schemas.PROBLEM_OF.get(status, problem_schemas.Problem)
    if status == 409 and has_checkout:
        schema = problem_schemas.AllocationProblem
    answer: dict[str, Any] = {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {TYPE: {"schema": schema}},
    }
    if status == 429:
        answer["headers"] = {
            "Retry-After": {
                "description": "Seconds until another try is worth it.",
                "required": True,
                "schema": {"type": "integer", "minimum": 1},
            }
        }
    return answer


def _without_null_parameters(spec: dict[str, Any]) -> dict[str, Any]:
    """The document, in which no parameter may be null: in a query an absent value is not there."""
    for path in spec["paths"].values():
        for operation in path.values():
            for parameter in operation["parameters"]:
                _leave_null_out(parameter["schema"])
    return spec


def _leave_null_out(schema: dict[str, Any]) -> None:
    if isinstance(schema.get("type"), list):
        schema["type"] = next(name for name in schema["type"] if name != "null")
    if "enum" in schema:
        schema["enum"] = [word for word in schema["enum"] if word is not None]
