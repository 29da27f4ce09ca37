"""Currency rates by day: decimal numbers kept as text, never floats (S66)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from peewee import fn

from giftweb import clock, database, models, money
from giftweb.database import records, transactional
from giftweb.domain import audit, csv_sheets
from giftweb.domain.audit.log import Actor
from giftweb.domain.csv_sheets import BadCell
from giftweb.domain.sheet_files import SheetFile
from giftweb.errors import Invalid
from giftweb.language import gettext

COLUMNS = ("date", "base", "quote", "rate")

_DECIMAL = re.compile(r"[0-9]{1,9}(?:[.][0-9]{1,12})?")


@dataclass(frozen=True, slots=True)
class NewRate:
    """From ``on_date`` until the next one: ``rate`` units of ``quote`` for one ``base``."""

    on_date: date
    base: str
    quote: str
    rate: str


@transactional
def set_rates(new: list[NewRate], *, by: Actor) -> None:
    """Store the rates; each replaces one of the same day."""
    audit.record(by=by, action="rates.set", subject="rates", data={"rates": len(new)})
    for each in new:
        row = audit.seals.row(models.Rate, each)
        insert = database.insert_sql("rate", tuple(row))
        database.execute(
            f"{insert} ON CONFLICT (base, quote, on_date)"
            " DO UPDATE SET rate = excluded.rate, seal = excluded.seal",
            *row.values(),
        )


def day_of(base: str, quote: str) -> date | None:
    """The day of the rate between two currencies that holds today, if there is one of their own."""
    rate = models.Rate
    either_way = (rate.base == base) & (rate.quote == quote)
    either_way |= (rate.base == quote) & (rate.quote == base)
    held = rate.select(fn.MAX(rate.on_date)).where(either_way, rate.on_date <= clock.today())
    return held.scalar()


def import_file(content: bytes, *, by: Actor) -> int:
    """Store the rates of a CSV file, or none; how many.

    Raises: as ``read_file``.
    """
    found = read_file(content)
    set_rates(found, by=by)
    return len(found)


@dataclass(frozen=True, slots=True)
class Preview:
    """What storing some rates would do. ``rates``: as the file has them, newest first."""

    rates: list[NewRate]
    new: int
    changed: int
    same: int


def preview(found: list[NewRate]) -> Preview:
    """How many of the rates are new, differ from the stored ones of their day, or are the same."""
    stored = {
        (each.on_date, each.base, each.quote): each.rate
        for each in records.select(NewRate, models.Rate).where(
            models.Rate.on_date.between(
                min(each.on_date for each in found), max(each.on_date for each in found)
            )
        )
    }
    before = [stored.get((each.on_date, each.base, each.quote)) for each in found]
    new = before.count(None)
    same = sum(
        rate is not None and Fraction(rate) == Fraction(each.rate)
        for rate, each in zip(before, found, strict=True)
    )
    ordered = sorted(found, key=lambda each: (each.on_date, each.base, each.quote), reverse=True)
    return Preview(ordered, new, len(found) - new - same, same)


def read_file(content: bytes) -> list[NewRate]:
    """The rates of a CSV file with the columns of COLUMNS.

    Raises: RowsRefused naming each bad cell, Invalid when it is no such file.
    """
    rows = SheetFile(content).rows()
    _, headings = next(rows, (1, []))
    names = csv_sheets.header(headings, required=COLUMNS)
    found: dict[tuple[date, str, str], NewRate] = {}
    bad: list[BadCell] = []
    for number, cells in rows:
        if not any(cells):
            continue
        new = _read(number, dict(zip(names, cells, strict=False)), bad)
        if new is None:
            continue
        if (new.on_date, new.base, new.quote) in found:
            twice = gettext("the same day and currencies stand there twice")
            bad.append(BadCell(number, "date", twice))
        found[new.on_date, new.base, new.quote] = new
    csv_sheets.refuse(bad)
    if not found:
        raise Invalid(gettext("The file has no rates: only a header, or nothing at all."))
    return list(found.values())


def _read(number: int, cells: dict[str, str], bad: list[BadCell]) -> NewRate | None:
    def read_cell(column: str, read: Callable[[str], str]) -> str:
        try:
            return read(cells.get(column, "").strip())
        except Invalid as error:
            bad.append(BadCell(number, column, error.sentence))
            return ""

    before = len(bad)
    day, base = read_cell("date", _day), read_cell("base", _currency)
    quote, rate = read_cell("quote", _currency), read_cell("rate", _rate)
    if base and base == quote:
        bad.append(BadCell(number, "quote", gettext("a rate is between two currencies")))
    if len(bad) > before:
        return None
    return NewRate(on_date=date.fromisoformat(day), base=base, quote=quote, rate=rate)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Invalid(gettext("Enter a date such as 2027-01-31.")) from error


def _currency(text: str) -> str:
    money.exponent(text.upper())
    return text.upper()


def _rate(text: str) -> str:
    if not _DECIMAL.fullmatch(text) or not Fraction(text):
        raise Invalid(gettext("Enter a decimal number above zero, such as 1.0837."))
    return text


@dataclass(frozen=True, slots=True)
class Pair:
    """Two currencies and the newest rate between them."""

    base: str
    quote: str
    on_date: date
    rate: str


def last_day(base: str) -> date | None:
    """The last day of which there is a rate for this base."""
    rate = models.Rate
    newest = rate.select(rate.on_date).where(rate.base == base)
    found = newest.order_by(rate.on_date.desc()).first()
    return None if found is None else found.on_date


def pairs() -> list[Pair]:
    """Each pair of currencies with its newest rate."""
    rate = models.Rate
    newest = rate.select(rate.base, rate.quote, fn.MAX(rate.on_date).alias("day"))
    newest = newest.group_by(rate.base, rate.quote).alias("newest")
    is_newest = (
        (rate.base == newest.c.base)
        & (rate.quote == newest.c.quote)
        & (rate.on_date == newest.c.day)
    )
    found = records.select(Pair, rate).join(newest, on=is_newest)
    return list(found.order_by(rate.base, rate.quote))


def history(base: str, quote: str, *, limit: int) -> list[NewRate]:
    """The newest rates of a pair, newest first."""
    rate = models.Rate
    of_pair = (rate.base == base) & (rate.quote == quote)
    found = records.select(NewRate, rate).where(of_pair)
    return list(found.order_by(rate.on_date.desc()).limit(limit))


# Hot: each card of another currency on a cart reads its rate, and again with each change of the
# cart: 0.03 ms, of which the query builder would make 0.5 ms.


def rate(base: str, quote: str, *, on: date | None = None) -> str | None:
    """Units of ``quote`` for one unit of ``base``: the latest on or before the day, today's by
    default; the inverse when that is the latest known; by way of the euro when there is neither.
    A fraction as text, exact; None when nothing is known.

    A day without a rate, such as a Sunday, has that of the last day that has one.
    """
    found = database.row(
        "SELECT base, rate FROM rate WHERE on_date <= ?"
        " AND ((base = ? AND quote = ?) OR (base = ? AND quote = ?))"
        " ORDER BY on_date DESC, CASE WHEN base = ? THEN 0 ELSE 1 END LIMIT 1",
        (on or clock.today()).isoformat(),
        *(base, quote, quote, base, base),
    )
    if found is None:
        return None if _EURO in (base, quote) else _by_euro(base, quote, on=on)
    return found[1] if found[0] == base else str(1 / Fraction(found[1]))


_EURO = "EUR"


def _by_euro(base: str, quote: str, *, on: date | None) -> str | None:
    """What the European Central Bank's rates of both say."""
    first, second = rate(_EURO, base, on=on), rate(_EURO, quote, on=on)
    return str(Fraction(second) / Fraction(first)) if first and second else None
