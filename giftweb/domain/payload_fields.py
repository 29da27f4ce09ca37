"""The kinds of fields in the objects that other programs see: in answers, events, the document.

A noun's ``payload`` module describes its objects once, as marshmallow schemas of these fields. A
field says where its value comes from (``of``: an attribute's path or a function; by default its own
name), and what its reader may rely on. A field that is neither required nor nullable is left out
where its value is None.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from marshmallow import Schema, fields, missing, validate

from giftweb.domain import json_values
from giftweb.money import LIMIT_MINOR

Source = str | Callable[[Any], Any]
"""Where a field's value comes from."""

ID_TAIL = "[0-9a-hjkmnp-tv-z]{26}"


class Payload(Schema):
    """An object that other programs see."""

    @classmethod
    def of(cls, value: Any) -> dict[str, Any]:
        """The object of a value of the domain.

        The values are right already, so what is read is written as it is. A capture writes three
        orders' worth: marshmallow's ``dump``, which asks each field for its kind, takes 250 us for
        an order, this 55.
        """
        content: dict[str, Any] = {}
        for name, read, write, is_nullable in _steps(cls):
            found = read(value)
            if found is missing:
                continue
            if found is not None:
                content[name] = found if write is None else write(found)
            elif is_nullable:
                content[name] = None
        return content


class Step(NamedTuple):
    """How a field is written."""

    name: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any] | None
    is_nullable: bool


@cache
def _steps(payload: type[Payload]) -> tuple[Step, ...]:
    return tuple(
        Step(name, field.reader(name), field.write, field.allow_none)
        for name, field in payload().fields.items()
        if isinstance(field, _Written)
    )


class Contact(NamedTuple):
    """Somebody's address and name, for ``Person`` and ``Receiver``."""

    email: str | None
    name: str | None


# How a field is written


class _Written(fields.Field):
    """A field that knows where its value comes from; ``when``: only of values of which this is
    true."""

    def __init__(
        self,
        *,
        of: Source = "",
        when: str = "",
        write: Callable[[Any], Any] | None = None,
        described: str = "",
        shape: Mapping[str, str] = MappingProxyType({}),
        **more: Any,
    ):
        about = ({"description": described} if described else {}) | dict(shape)
        super().__init__(metadata=about, **more)
        self._source, self._when, self.write = of, when, write

    def reader(self, name: str) -> Callable[[Any], Any]:
        """What reads the field, which has this name, of a value."""
        source = self._source or name
        read = attrgetter(source) if isinstance(source, str) else source
        if not self._when:
            return read
        has = attrgetter(self._when)
        return lambda value: read(value) if has(value) else missing


class _Integer(_Written, fields.Integer):
    """A whole number."""


class _String(_Written, fields.String):
    """Text."""


class _Boolean(_Written, fields.Boolean):
    """True or false."""


class _Object(_Written, fields.Nested):
    """An object of its own."""


class _Objects(_Written, fields.List):
    """A list of objects."""


class _Document(_Written, fields.Dict):
    """An object whose shape is somebody else's."""


# The kinds


def minor(
    described: str = "", *, least: int = 0, required: bool = True, of: Source = ""
) -> fields.Field:
    """An amount in minor units."""
    bounds = validate.Range(least, LIMIT_MINOR)
    return _Integer(of=of, described=described, required=required, validate=bounds)


def number(described: str = "", *, of: Source = "") -> fields.Field:
    """A whole number."""
    return _Integer(of=of, described=described, required=True)


def text(
    described: str = "",
    *,
    required: bool = True,
    nullable: bool = False,
    of: Source = "",
    when: str = "",
) -> fields.Field:
    """Text as somebody wrote it."""
    return _String(of=of, when=when, described=described, required=required, allow_none=nullable)


def word(
    words: Iterable[str],
    described: str = "",
    *,
    required: bool = True,
    of: Source = "",
) -> fields.Field:
    """One of a closed list."""
    one_of = validate.OneOf(list(words))
    return _String(of=of, described=described, required=required, validate=one_of)


def yes(described: str = "", *, of: Source = "") -> fields.Field:
    """True or false."""
    return _Boolean(of=of, described=described, required=True)


def livemode(described: str = "") -> fields.Field:
    """Whether it is real, not a test."""
    return yes(described, of=lambda value: not value.is_test)


def identity(
    prefix: str,
    described: str = "",
    *,
    required: bool = True,
    nullable: bool = False,
    of: Source = "",
) -> fields.Field:
    """An id with its prefix."""
    shape = {"pattern": f"^{prefix}_{ID_TAIL}$"}
    return _String(of=of, described=described, required=required, allow_none=nullable, shape=shape)


CURRENCY = "ISO 4217, in capitals."


def currency(described: str = CURRENCY, *, required: bool = True, of: Source = "") -> fields.Field:
    """An ISO 4217 code."""
    shape = {"pattern": "^[A-Z]{3}$", "example": "USD"}
    return _String(of=of, described=described, required=required, shape=shape)


def instant(described: str = "", *, required: bool = True, of: Source = "") -> fields.Field:
    """RFC 3339 in UTC with six decimals."""
    return _String(
        write=json_values.instant, of=of, described=described, required=required, shape=INSTANT
    )


def instant_text(described: str = "", *, of: Source = "", when: str = "") -> fields.Field:
    """The same, of a value that is text already, or null."""
    return _String(
        of=of, when=when, described=described, required=False, allow_none=True, shape=INSTANT
    )


INSTANT = {"format": "date-time", "example": "2026-11-22T14:05:00.000000Z"}


def day(described: str = "", *, of: Source = "") -> fields.Field:
    """A calendar date, or null."""
    shape = {"format": "date"}
    return _String(
        write=json_values.day,
        of=of,
        described=described,
        required=True,
        allow_none=True,
        shape=shape,
    )


def one(
    schema: type[Payload],
    described: str = "",
    *,
    required: bool = True,
    nullable: bool = False,
    of: Source = "",
    when: str = "",
) -> fields.Field:
    """An object."""
    return _Object(
        nested=schema,
        write=schema.of,
        of=of,
        when=when,
        described=described,
        required=required,
        allow_none=nullable,
    )


def many(schema: type[Payload], described: str = "", *, of: Source = "") -> fields.Field:
    """A list of objects."""
    return _Objects(
        cls_or_instance=fields.Nested(schema),
        write=lambda values: [schema.of(value) for value in values],
        of=of,
        described=described,
        required=True,
    )


def words(described: str = "", *, of: Source = "") -> fields.Field:
    """A list of words."""
    return _Objects(
        cls_or_instance=fields.String(),
        write=list,
        of=of,
        described=described,
        required=True,
    )


def document(described: str = "", *, nullable: bool = False, of: Source = "") -> fields.Field:
    """An object as it came."""
    return _Document(of=of, described=described, required=True, allow_none=nullable)


# Objects within several others


class Person(Payload):
    """A holder; the name only when it is known."""

    email = text(nullable=True)
    name = text(required=False)


class Worth(Payload):
    """An amount in another currency than the rest."""

    amount = minor(of="minor")
    currency = currency()
