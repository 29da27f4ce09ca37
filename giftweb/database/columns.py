"""Columns with a type of ours: instants, dates, documents."""

import json
from datetime import date, datetime
from typing import Any

from peewee import BigIntegerField, TextField

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
