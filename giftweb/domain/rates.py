"""Currency rates by day: decimal numbers kept as text, never floats (S66)."""

from datetime import date
from fractions import Fraction

from giftweb import clock, database


def rate(base: str, quote: str, *, on: date | None = None) -> str | None:
    """Units of ``quote`` for one unit of ``base``: the latest on or before the day, today's by
    default; the inverse when only that is known. A fraction as text, exact; None when unknown.
    """
    day = (on or clock.today()).isoformat()
    found = _latest(base, quote, day)
    if found is not None:
        return found
    inverse = _latest(quote, base, day)
    return None if inverse is None else str(1 / Fraction(inverse))


def _latest(base: str, quote: str, day: str) -> str | None:
    return database.scalar(
        "SELECT rate FROM rate WHERE base = ? AND quote = ? AND on_date <= ?"
        " ORDER BY on_date DESC LIMIT 1",
        base,
        quote,
        day,
    )
