"""The cells of a file of cards: what each text means, or why it means nothing."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from giftweb import money, percentages
from giftweb.domain import csv_sheets, emails
from giftweb.domain.cards import tags
from giftweb.domain.csv_sheets import BadCell
from giftweb.errors import DomainError, Invalid
from giftweb.language import gettext
from giftweb.money import Money

LONGEST = {"holder_name": 200, "note": 1000, "message": 1000}

USABLE, FROZEN = "usable", "frozen"
STATUSES = {
    **dict.fromkeys(("", "active", "enabled", "sent", "issued", "on", "yes", "true", "1"), USABLE),
    **dict.fromkeys(("frozen", "blocked", "suspended", "on hold"), FROZEN),
    **dict.fromkeys(
        ("used up", "used_up", "redeemed", "empty", "complete", "completed"), "used up"
    ),
    "expired": "expired",
    **dict.fromkeys(("cancelled", "canceled", "refunded", "void", "voided"), "cancelled"),
    "replaced": "replaced",
    **dict.fromkeys(
        ("disabled", "deactivated", "inactive", "pending", "draft", "off", "no", "false", "0"),
        "not active",
    ),
}
"""The words of the shops for how a card stands; all but the first two leave a row out."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YES = frozenset({"yes", "y", "true", "1", "on"})
_NO = frozenset({"", "no", "n", "false", "0", "off"})
_SIGNS = re.compile(r"^[^\d.,+-]+|[^\d.,]+$")
"""A currency's sign or letters before or after the figure."""
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ].*")


class Faults:
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


def amount(text: str, currency: str, *, least: int = 1, is_foreign: bool = False) -> Money:
    """An amount of money; other shops write a sign before it.

    Raises: Invalid.
    """
    code = currency.strip().upper()
    money.exponent(code)
    return money.parse(_SIGNS.sub("", text.strip()) if is_foreign else text, code, least=least)


def day(text: str) -> date:
    """A day; the hour that some shops write behind it does not count.

    Raises: Invalid.
    """
    typed = text.strip()
    moment = _MOMENT.fullmatch(typed)
    try:
        return date.fromisoformat(moment[1] if moment else typed)
    except ValueError as error:
        raise Invalid(gettext("Enter a date such as 2027-01-31.")) from error


def email(text: str) -> str:
    """Raises: Invalid."""
    return emails.read(text, field="holder_email")


def words(text: str, column: str) -> str | None:
    """What somebody wrote, as a person reads it.

    Raises: Invalid.
    """
    found = csv_sheets.meant(text).strip()
    if len(found) > LONGEST[column]:
        raise Invalid(gettext("at most {value} characters fit", value=LONGEST[column]))
    unprintable = _CONTROL if column == "holder_name" else _CONTROL_BUT_LINES
    if unprintable.search(found):
        raise Invalid(gettext("there are characters in it that cannot be printed"))
    return found or None


def rate(text: str) -> int:
    """A rate such as ``19`` or ``5.5`` percent, in hundredths of a percent.

    Raises: Invalid.
    """
    hundredths = percentages.parse(csv_sheets.meant(text))
    if hundredths > 10_000:
        raise Invalid(gettext("Enter a rate of 0 to 100 percent."))
    return hundredths


def flag(text: str) -> bool:
    """Raises: Invalid."""
    lowered = text.strip().lower()
    if lowered in _YES or lowered in _NO:
        return lowered in _YES
    raise Invalid(gettext("enter yes or no"))


def tags_in(text: str) -> tuple[str, ...]:
    """The tags of a card, with commas between.

    Raises: Invalid.
    """
    return tuple(tags.read(csv_sheets.meant(text).split(",")) or ())


def status(text: str) -> str:
    """How the card stands, in a word of STATUSES.

    Raises: Invalid.
    """
    found = STATUSES.get(text.strip().lower().replace("-", " "))
    if found is None:
        raise Invalid(gettext("nobody knows the status {value}", value=text.strip()[:40]))
    return found
