"""A CSV file of cards, read and checked: every bad row is named, none is guessed at (B8).

The columns are described in docs/import.md.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from giftweb import codes, days, money
from giftweb.domain import csv_sheets, emails, time_zones
from giftweb.domain.cards.import_digits import ROUNDED, DigitColumn, is_rounded
from giftweb.domain.csv_sheets import BadCell, refuse
from giftweb.errors import CodeMalformed, DomainError, Invalid
from giftweb.money import Money

REQUIRED = ("amount", "currency")
OPTIONAL = (
    "code",
    "holder_email",
    "holder_name",
    "expires_on",
    "note",
    "message",
    "test",
    "send_email",
)
ALSO_CALLED = {"email": "holder_email", "name": "holder_name"}
"""What the command and the API call them."""
LONGEST = {"holder_name": 200, "note": 1000, "message": 1000}
SHORTEST_CODE = 8

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"", "no", "n", "false", "0"})


class Row(NamedTuple):
    """A row that can be issued; ``code`` is the card's own, without one it gets one of ours."""

    amount: Money
    code: str | None
    holder_email: str | None
    holder_name: str | None
    expires_on: date | None
    note: str | None
    message: str | None
    is_test: bool
    send_email: bool


@dataclass(slots=True)
class Portion:
    """Some rows of a file, ready to be issued; ``numbers`` are theirs in the file."""

    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Imported:
    """What a file holds: cards, test cards among them, and the real money by currency."""

    cards: int = 0
    test_cards: int = 0
    totals: dict[str, int] = field(default_factory=dict)

    def add(self, rows: list[Row]) -> None:
        """Count some rows in."""
        self.cards += len(rows)
        for row in rows:
            self.test_cards += row.is_test
            if not row.is_test:
                before = self.totals.get(row.amount.currency, 0)
                self.totals[row.amount.currency] = before + row.amount.minor


def portions(content: bytes, *, size: int) -> Iterator[Portion]:
    """The rows of a file, checked, ``size`` at a time; none after the first bad cell.

    Raises: RowsRefused naming each bad cell, at the end; Invalid when it is no such file at all.
    """
    lines = csv_sheets.lines(content)
    named = [ALSO_CALLED.get(cell.strip().lower(), cell) for cell in next(lines, [])]
    header = csv_sheets.header(named, required=REQUIRED, optional=OPTIONAL)
    reader, portion, count = _Reader(header), Portion(), 0
    bad: list[BadCell] = []
    for number, cells in enumerate(lines, start=2):
        row = reader.read(cells, number, bad) if any(cells) else None
        if row is None or bad:
            continue
        portion.rows.append(row)
        portion.numbers.append(number)
        count += 1
        if len(portion.rows) == size:
            yield portion
            portion = Portion()
    refuse(bad + reader.digits.faults())
    if portion.rows:
        yield portion
    if not count:
        raise Invalid("The file has no cards: only a header, or nothing at all.")


class _Faults:
    """What is wrong with one row."""

    __slots__ = ("_bad", "_row", "any")

    def __init__(self, row: int, bad: list[BadCell]):
        self._row = row
        self._bad = bad
        self.any = False

    def add(self, column: str, reason: str) -> None:
        """Note a bad cell."""
        self._bad.append(BadCell(self._row, column, reason))
        self.any = True

    def tried(self, column: str, read: Callable, *texts: Any) -> Any:
        """What ``read`` makes of the texts; None when it refuses them."""
        try:
            return read(*texts)
        except DomainError as error:
            named = error.field if error.field == "currency" else column
            self.add(named, error.sentence)
            return None


class _Reader:
    """Reads rows under one header. What repeats from row to row is read once."""

    def __init__(self, header: list[str]):
        self._width = len(header)
        self._places = [
            header.index(name) if name in header else -1 for name in REQUIRED + OPTIONAL
        ]
        self._amounts: dict[tuple[str, str], Money] = {}
        self._days: dict[str, date | None] = {"": None}
        self._codes: dict[str, int] = {}
        self.digits = DigitColumn()
        self._today = days.today(time_zones.of_house())

    def read(self, cells: list[str], number: int, bad: list[BadCell]) -> Row | None:
        """A row's values; None after its faults were added to ``bad``."""
        if len(cells) != self._width:
            reason = f"it has {len(cells)} cells, the header has {self._width}"
            bad.append(BadCell(number, "the row", reason))
            return None
        cells.append("")
        amount, currency, code, email, name, expires_on, note, message, test, send = [
            cells[place] for place in self._places
        ]
        faults = _Faults(number, bad)
        row = Row(
            self._amounts.get((amount, currency))
            or faults.tried("amount", self._amount, amount, currency),
            faults.tried("code", self._code, code, number) if code else None,
            faults.tried("holder_email", _email, email) if email else None,
            faults.tried("holder_name", _text, name, "holder_name") if name else None,
            self._days[expires_on]
            if expires_on in self._days
            else faults.tried("expires_on", self._day, expires_on),
            faults.tried("note", _text, note, "note") if note else None,
            faults.tried("message", _text, message, "message") if message else None,
            faults.tried("test", _flag, test) if test else False,
            faults.tried("send_email", _flag, send) if send else False,
        )
        if row.send_email and not email:
            faults.add("send_email", "there is no address to send it to")
        return None if faults.any else row

    def _amount(self, amount: str, currency: str) -> Money:
        found = money.parse(amount, currency.strip().upper())
        self._amounts[amount, currency] = found
        return found

    def _code(self, text: str, number: int) -> str:
        if is_rounded(text):
            raise Invalid(ROUNDED)
        self.digits.add(text, number)
        try:
            code = codes.normalise(text)
        except CodeMalformed:
            code = ""
        if len(code) < SHORTEST_CODE:
            raise Invalid(f"a code has {SHORTEST_CODE} to 64 letters and digits, spaces and dashes")
        first = self._codes.setdefault(code, number)
        if first != number:
            raise Invalid(f"the same code stands in row {first}")
        return code

    def _day(self, text: str) -> date:
        try:
            found = date.fromisoformat(text.strip())
        except ValueError as error:
            raise Invalid("Enter a date such as 2027-01-31.") from error
        if found < self._today:
            raise Invalid("Enter a date that is not in the past.")
        self._days[text] = found
        return found


def _email(text: str) -> str:
    return emails.read(text, field="holder_email")


def _text(text: str, column: str) -> str | None:
    found = text.strip()
    if len(found) > LONGEST[column]:
        raise Invalid(f"at most {LONGEST[column]} characters fit")
    unprintable = _CONTROL if column == "holder_name" else _CONTROL_BUT_LINES
    if unprintable.search(found):
        raise Invalid("there are characters in it that cannot be printed")
    return found or None


def _flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in _YES or lowered in _NO:
        return lowered in _YES
    raise Invalid("enter yes or no")
