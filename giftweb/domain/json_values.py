"""The objects other programs see (docs/api.md), in answers and in events. Never a code."""

from datetime import date, datetime


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
