"""The kinds of values in answers, for the OpenAPI document: what a program may rely on."""

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields, validate

from giftweb.money import LIMIT_MINOR

ID_TAIL = "[0-9a-hjkmnp-tv-z]{26}"


def _about(described: str, more: dict[str, Any]) -> dict[str, Any]:
    return ({"description": described} if described else {}) | more


def minor(described: str = "", *, least: int = 0, required: bool = True) -> fields.Integer:
    """An amount in minor units."""
    return fields.Integer(
        required=required,
        validate=validate.Range(least, LIMIT_MINOR),
        metadata=_about(described, {}),
    )


def number(described: str = "") -> fields.Integer:
    """A whole number."""
    return fields.Integer(required=True, metadata=_about(described, {}))


def text(described: str = "", *, required: bool = True, nullable: bool = False) -> fields.String:
    """Text as somebody wrote it."""
    return fields.String(required=required, allow_none=nullable, metadata=_about(described, {}))


def word(words: Iterable[str], described: str = "", *, required: bool = True) -> fields.String:
    """One of a closed list."""
    return fields.String(
        required=required, validate=validate.OneOf(list(words)), metadata=_about(described, {})
    )


def yes(described: str = "") -> fields.Boolean:
    """True or false."""
    return fields.Boolean(required=True, metadata=_about(described, {}))


def identity(
    prefix: str, described: str = "", *, required: bool = True, nullable: bool = False
) -> fields.String:
    """An id with its prefix."""
    shape = {"pattern": f"^{prefix}_{ID_TAIL}$"}
    return fields.String(required=required, allow_none=nullable, metadata=_about(described, shape))


def currency() -> fields.String:
    """An ISO 4217 code."""
    return fields.String(required=True, metadata={"pattern": "^[A-Z]{3}$", "example": "USD"})


def instant(described: str = "", *, required: bool = True, nullable: bool = False) -> fields.String:
    """RFC 3339 in UTC with six decimals."""
    shape = {"format": "date-time", "example": "2026-11-22T14:05:00.000000Z"}
    return fields.String(required=required, allow_none=nullable, metadata=_about(described, shape))


def day(described: str = "") -> fields.String:
    """A calendar date, or null."""
    return fields.String(
        required=True, allow_none=True, metadata=_about(described, {"format": "date"})
    )


def one(
    schema: type[Schema], described: str = "", *, required: bool = True, nullable: bool = False
):
    """An object."""
    return fields.Nested(
        schema, required=required, allow_none=nullable, metadata=_about(described, {})
    )


def many(schema: type[Schema], described: str = "") -> fields.List:
    """A list of objects."""
    return fields.List(fields.Nested(schema), required=True, metadata=_about(described, {}))


def page_of(schema: type[Schema]) -> type[Schema]:
    """``{"data": [...], "has_more": true}``, newest first."""
    return Schema.from_dict(
        {
            "data": many(schema, "Newest first."),
            "has_more": yes("Whether a further page exists, asked for by `after`."),
        },
        name=f"{schema.__name__}List",
    )
