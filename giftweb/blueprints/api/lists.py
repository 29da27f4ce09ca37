"""Lists in answers: ``{"data": [...], "has_more": true}``, newest first."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema

from giftweb.domain import payload_fields
from giftweb.domain.payload_fields import Payload


def list_of(payload: type[Payload]) -> type[Schema]:
    """The schema of a list of these objects."""
    return Payload.from_dict(
        {
            "data": payload_fields.many(payload, "Newest first."),
            "has_more": payload_fields.yes("Whether a further page exists, asked for by `after`."),
        },
        name=f"{payload.__name__}List",
    )


def page(payload: type[Payload], values: Sequence[Any], *, has_more: bool) -> dict[str, Any]:
    """A page of the list."""
    return {"data": [payload.of(value) for value in values], "has_more": has_more}
