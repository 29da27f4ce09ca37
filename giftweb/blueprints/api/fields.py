"""The kinds of values that the API takes, each with its sentence, bounds and place in OpenAPI."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate

from giftweb import clock, ids, money
from giftweb.domain import emails
from giftweb.domain.payload_fields import CURRENCY
from giftweb.errors import Invalid
from giftweb.money import LIMIT_MINOR

Messages = dict[str, str | list[Any] | dict[Any, Any]]

REQUIRED = "This field is needed."
_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
_SURROGATE = re.compile("[\ud800-\udfff]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class Body(Schema):
    """An object that a program sends. Unknown fields are refused; null means absent."""

    class Meta:
        unknown = RAISE

    error_messages = {
        "unknown": "There is no such field.",
        "type": "Send an object.",
    }

    @pre_load
    def leave_out_nulls(self, values: Any, **_: Any) -> Any:
        """``null`` in an optional field is no value."""
        if not isinstance(values, dict):
            return values
        declared = self.fields
        return {
            name: value
            for name, value in values.items()
            if value is not None or name not in declared or declared[name].required
        }


def _words(invalid: str) -> Messages:
    """Our words for marshmallow's own complaints."""
    return {"required": REQUIRED, "null": REQUIRED, "invalid": invalid}


def _options(required: bool, more: dict[str, Any], **shape: Any) -> dict[str, Any]:
    about = shape | more.pop("metadata", {})
    return {"required": required, "allow_none": not required, "metadata": about} | more


class Part(fields.Nested):
    """An object within another."""

    default_error_messages = _words("Send an object.")


class Many(fields.List):
    """A list of ``least`` to ``most`` values; ``things``: what they are."""

    default_error_messages = _words("Send a list.")

    def __init__(self, inner: fields.Field, things: str, *, least: int = 0, most: int, **more: Any):
        few = f"{least} to {most}" if least else f"at most {most}"
        length = validate.Length(least or None, most, error=f"Send {few} {things}.")
        required = more.pop("required", False)
        super().__init__(inner, validate=length, **_options(required, more))


class Amount(fields.Integer):
    """Minor units: an integer and nothing that looks like one."""

    default_error_messages = _words("Send a whole number of minor units, such as 2500.")

    def __init__(
        self,
        *,
        least: int = 1,
        most: int = LIMIT_MINOR,
        also: Callable[[int], None] | None = None,
        required: bool = False,
        **more: Any,
    ):
        bounds = validate.Range(least, most, error=f"Send a number from {least} to {most}.")
        rules: list[Callable[[Any], Any]] = [bounds] if also is None else [bounds, also]
        super().__init__(validate=rules, **_options(required, more))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Count(Amount):
    """A whole number that is no money."""

    default_error_messages = _words("Send a whole number.")


class Text(fields.String):
    """Text for people: no control characters, not empty, not endless."""

    default_error_messages = _words("Send text.")

    def __init__(
        self,
        *,
        most: int = 200,
        least: int = 1,
        has_lines: bool = False,
        shape: str = "",
        error: str = "Leave control characters out.",
        required: bool = False,
        **more: Any,
    ):
        length = validate.Length(least, most, error=f"Send {least} to {most} characters.")
        plain = validate.Regexp(
            shape or (_LINES if has_lines else _ONE_LINE),
            error=error,
        )
        super().__init__(validate=[length, plain], **_options(required, more))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> str:
        if type(value) is not str or _SURROGATE.search(value):
            raise self.make_error("invalid")
        return value


class Typed(Text):
    """A code as somebody typed it; the domain says what is wrong with one."""

    def __init__(self, *, required: bool = False, **more: Any):
        fields.String.__init__(self, **_options(required, more))


class Word(fields.String):
    """One of a closed list."""

    default_error_messages = _words("Send text.")

    def __init__(
        self, words: Iterable[str], *, required: bool = False, error: str = "", **more: Any
    ):
        listed = tuple(words)
        one_of = validate.OneOf(listed, error=error or f"Send one of: {', '.join(listed)}.")
        super().__init__(validate=[one_of], **_options(required, more))


class YesNo(fields.Boolean):
    """JSON's own true or false."""

    default_error_messages = _words("Send true or false.")

    def __init__(self, *, required: bool = False, **more: Any):
        super().__init__(**_options(required, more))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid")
        return value


class Currency(fields.String):
    """An ISO 4217 code."""

    default_error_messages = _words("Send a currency such as USD.")

    def __init__(self, *, required: bool = False, **more: Any):
        shape = validate.Regexp(r"^[A-Z]{3}$", error="Send a currency such as USD.")
        words = list(money.CURRENCIES) if required else [*money.CURRENCIES, None]
        about = {"description": CURRENCY, "example": "USD", "enum": words}
        super().__init__(validate=[shape, _is_currency], **_options(required, more, **about))


def _is_currency(code: str) -> None:
    try:
        money.exponent(code)
    except Invalid as fault:
        raise ValidationError(fault.sentence) from None


class Address(fields.String):
    """An email address, checked for its syntax only; kept in lower case."""

    default_error_messages = _words("Send an email address.")

    def __init__(self, *, required: bool = False, **more: Any):
        super().__init__(**_options(required, more, format="email", maxLength=254))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> str:
        if type(value) is not str or len(value) > 254 or not value.isprintable():
            raise self.make_error("invalid")
        try:
            return emails.read(value)
        except Invalid as fault:
            raise ValidationError(fault.sentence) from None


class Locale(Text):
    """The language of a person's mails, as their program names it: ``de``, ``pt-BR``."""

    def __init__(self, **more: Any):
        about = "Of their mails: `de`, `pt-BR`. One that we do not have is taken as none."
        super().__init__(
            most=35,
            shape="^[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*$",
            error="Send a locale such as de or pt-BR.",
            metadata={"description": about},
            **more,
        )


class Day(fields.Date):
    """A calendar date."""

    default_error_messages = _words("Send a date such as 2027-01-31.")

    def __init__(self, *, required: bool = False, **more: Any):
        super().__init__(**_options(required, more, format="date"))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> date:
        if type(value) is not str or not _DATE.fullmatch(value):
            raise self.make_error("invalid")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid") from None
        if not clock.FIRST_DAY <= day <= clock.LAST_DAY:
            raise ValidationError(f"Send a date from {clock.FIRST_DAY} to {clock.LAST_DAY}.")
        return day


class Instant(fields.DateTime):
    """A moment with its offset from UTC; loaded in UTC."""

    default_error_messages = _words("Send a time with its zone, such as 2027-01-31T09:00:00Z.")

    def __init__(self, *, required: bool = False, **more: Any):
        super().__init__(**_options(required, more, format="date-time"))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> datetime:
        if type(value) is not str or not _INSTANT.fullmatch(value):
            raise self.make_error("invalid")
        try:
            moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("invalid") from None
        if not clock.EPOCH <= moment < datetime(10_000 - 1, 1, 1, tzinfo=UTC):
            raise self.make_error("invalid")
        return moment


class Limit(fields.Integer):
    """``?limit=``: how many at a time."""

    default_error_messages = _words("Send a number from 1 to 100.")

    def __init__(self) -> None:
        about = {"description": "How many at most."}
        bounds = validate.Range(1, 100, error="Send a number from 1 to 100.")
        super().__init__(validate=[bounds], load_default=20, metadata=about)

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,3}", str(value), re.ASCII):
            raise self.make_error("invalid")
        return int(value)


class Id(fields.String):
    """An id with its prefix."""

    default_error_messages = _words("Send an id.")

    def __init__(self, prefix: str, *, required: bool = False, **more: Any):
        self.prefix = prefix
        shape = f"^{prefix}_[0-9a-hjkmnp-tv-z]{{26}}$"
        super().__init__(**_options(required, more, pattern=shape))

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> str:
        if type(value) is not str or not ids.looks_like(value, self.prefix):
            raise ValidationError(f"Send an id that starts with {self.prefix}_.")
        return value


class After(Id):
    """``?after=``: the last id of the page before."""

    def __init__(self, prefix: str):
        super().__init__(prefix, metadata={"description": "The last id of the page before."})
