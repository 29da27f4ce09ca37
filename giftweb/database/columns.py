"""Columns with a type of ours: instants, dates, documents."""

import json
from datetime import date, datetime
from typing import Any

from peewee import BigIntegerField, BlobField, TextField

from giftweb import clock
from giftweb.database import to_json


class UTCField(BigIntegerField):
    """An instant: whole microseconds since 1970 UTC in the table, an aware datetime in Python."""

    def db_value(self, value: datetime | int | None) -> int | None:
        return clock.to_micros(value) if isinstance(value, datetime) else value

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else clock.from_micros(value)


class DateField(TextField):
    """A calendar date, as ``YYYY-MM-DD``."""

    def db_value(self, value: date | str | None) -> str | None:
        return value.isoformat() if isinstance(value, date) else value

    def python_value(self, value: str | None) -> date | None:
        return None if value is None else date.fromisoformat(value)


class JSONField(TextField):
    """A small document, as JSON text with sorted keys."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else to_json(value)

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)


class SealedField(BlobField):
    """What ``codes.seal`` made, which the rotation of keys seals again (domain.operations).

    ``owner``: what it is sealed with, in which the values of its row's primary key are put.
    """

    def __init__(self, *, owner: str = "{}", **options: Any):
        super().__init__(**options)
        self._owner = owner

    def owner_of(self, *row_key: object) -> str:
        """What the value in the row with this primary key is sealed with."""
        return self._owner.format(*row_key)
