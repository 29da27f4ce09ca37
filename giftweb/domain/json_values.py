"""The objects other programs see (API.md 3), for answers and for events alike. Never a code."""

from datetime import date, datetime
from typing import Any


def instant(value: datetime | None) -> str | None:
    """RFC 3339 in UTC with six decimals."""
    # strftime takes ten times as long.
    return None if value is None else value.isoformat(timespec="microseconds")[:26] + "Z"


def read_instant(text: str | None) -> datetime | None:
    """RFC 3339 text, checked before, as an aware datetime."""
    return None if text is None else datetime.fromisoformat(text)


def day(value: date | None) -> str | None:
    """``YYYY-MM-DD``."""
    return None if value is None else value.isoformat()


def person(email: str | None, name: str | None) -> dict[str, Any]:
    """A holder or customer; the name only when it is known."""
    return {"email": email} | ({"name": name} if name else {})
