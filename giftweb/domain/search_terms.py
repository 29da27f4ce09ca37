"""What a person types into a search box, as conditions on columns that indexes can answer."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import peewee
from peewee import OP, SQL, Expression, fn

from giftweb import clock, days
from giftweb.tables.base import after_first, last_name

_AFTER_ALL_TEXT = "\U0010ffff"
_FOUR = re.compile(r"[A-Za-z0-9]{1,4}")
_MARKS = re.compile(r"[\s•·*#-]+")

MODES = ("live", "test")

NEWEST = 10_000
"""How many rows are looked at for letters inside a word, which no index answers."""
_LEAST_INSIDE, _MOST_INSIDE = 3, 500
_ACCENTS = re.compile("[\u0300-\u036f]+")
_PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})


def begins(column: Any, beginning: str) -> Expression:
    """Text that begins so, as the column's index can answer it."""
    end = beginning + _AFTER_ALL_TEXT
    return Expression(column, OP.GTE, beginning) & Expression(column, OP.LT, end)


def person_begins(column: peewee.Field, text: str) -> list[Expression]:
    """Ways to find people by the beginning of their name, of its second word or of its last:
    "ann s", "maria", "smith"; ``column`` has its indexes from ``tables.base.index_names``.

    The database lowers A to Z and perhaps more, so other letters are tried as typed, lowered and
    with capitals.
    """
    spellings = dict.fromkeys((text.lower(), _lower_ascii(text), _lower_ascii(text.title())))
    names = [fn.LOWER(column)]
    if " " not in text:
        names.append(_indexed(last_name("{}"), column))
    later = _indexed(after_first("{}", " "), column)
    return [
        *(begins(name, spelling) for name in names for spelling in spellings),
        *(begins(later, f" {spelling}") for spelling in spellings),
    ]


def address_begins(column: peewee.Field, text: str) -> list[Expression]:
    """Ways to find an address by its beginning, its part after the first point, or its domain."""
    return [begins(column, text), *word_begins(column, text, "@", ".")]


def word_begins(column: peewee.Field, text: str, *marks: str) -> list[Expression]:
    """Ways to find a text by the word that follows the first of each of these marks; ``column`` has
    its indexes from ``tables.base.index_words``."""
    typed = text.lower()
    return [
        begins(_indexed(after_first("{}", mark), column), mark + typed.removeprefix(mark))
        for mark in marks
    ]


class Ways(NamedTuple):
    """Conditions of which one has to hold. ``is_partial``: rows that have the text inside a word
    may not be found, for only the newest were looked at."""

    any_of: list[Expression]
    is_partial: bool = False


def inside_newest(key: peewee.Field, *columns: peewee.Field, text: str) -> Ways:
    """Ways to find, among the newest rows, those that have each word of the text anywhere, with or
    without accents: "neill" finds O'Neill, "muller" Müller, "berg" Sandberg.

    What begins so is found at any age by the other ways; this one reads the same few rows however
    many there are.
    """
    words = without_accents(text).split()
    if not any(len(word) >= _LEAST_INSIDE and not word.isdigit() for word in words):
        return Ways([])
    rows = list(key.model.select(key, *columns).order_by(key.desc()).limit(NEWEST + 1).tuples())
    texts = (" ".join(filter(None, row[1:])).replace("\n", " ") for row in rows[:NEWEST])
    lines = without_accents("\n".join(texts)).split("\n")
    found = [
        row[0]
        for row, line in zip(rows, lines, strict=False)
        if all(word in line for word in words)
    ]
    is_partial = len(rows) > NEWEST or len(found) > _MOST_INSIDE
    return Ways([key.in_(found[:_MOST_INSIDE])] if found else [], is_partial)


def without_accents(text: str) -> str:
    """Text in lower case and plain letters, to compare how people type names."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return _ACCENTS.sub("", parts).translate(_PLAIN_LETTERS)


def _indexed(expression: str, column: peewee.Field) -> peewee.Node:
    """The indexed expression with the column as the statement names it."""
    first, *others = expression.split("{}")
    parts = [part for text in others for part in (column, SQL(text))]
    return peewee.NodeList((SQL(first), *parts), glue="")


def of_mode(is_test: peewee.Field, mode: str) -> list[Expression]:
    """Real or test money only; no condition for any other word."""
    if mode not in MODES:
        return []
    return [is_test if mode == "test" else ~is_test]


def within_days(
    column: peewee.Field, first: date | None, last: date | None, zone: str
) -> list[Expression]:
    """Instants from the first day in a time zone to the last one, both included."""
    found = [column >= start_of(first, zone)] if first else []
    if last and last < date.max:
        found.append(column < start_of(last + timedelta(days=1), zone))
    return found


def start_of(day: date, zone: str) -> int:
    """The stored instant at which a day in a time zone begins."""
    try:
        return clock.to_micros(days.start_of(day, zone))
    except OverflowError:  # The first and the last day of the calendar.
        return clock.to_micros(datetime.combine(day, time.min, tzinfo=UTC))


def last_four_spellings(text: str) -> list[str]:
    """The last four characters of a code that ``•••• 7k2q`` may mean, none if it is something else;
    O, I and L also as the digits that they look like."""
    four = _MARKS.sub("", text).upper()
    if not _FOUR.fullmatch(four):
        return []
    return list(dict.fromkeys((four, four.translate(str.maketrans("OIL", "011")))))


def cleaned(text: str) -> str:
    """What somebody typed, without what no database takes."""
    return text.replace("\x00", "").strip()[:200]


def _lower_ascii(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)
