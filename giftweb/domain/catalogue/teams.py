"""A gift card for each person of a list that somebody pastes or uploads: name, address, message."""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from giftweb.domain import emails
from giftweb.errors import Invalid
from giftweb.language import gettext

MOST = 200
"""So many people a list has at most."""

LONGEST_NAME, LONGEST_MESSAGE = 200, 500
_BETWEEN = "\t;,"


class Person(NamedTuple):
    """Who gets a card; ``message`` is empty where the list has none."""

    name: str
    email: str
    message: str


def read(text: str) -> list[Person]:
    """The people of a list: a person a row, cells between tabs, semicolons or commas.

    A row has an address, the name before it, and what is behind it is the message; a first row
    without an address holds the names of the columns. Empty rows are passed over.

    Raises: Invalid (people), with a sentence for each row that cannot be used.
    """
    people: list[Person] = []
    faults: list[str] = []
    rows_of: dict[str, int] = {}
    for number, cells in _rows(text):
        try:
            person = _person(cells)
            if person.email in rows_of:
                first = rows_of[person.email]
                raise Invalid(gettext("this address is in row {row} already.", row=first))
        except Invalid as fault:
            faults.append(gettext("Row {row}: {fault}", row=number, fault=fault.sentence))
        else:
            rows_of[person.email] = number
            people.append(person)
    if not faults and not people:
        faults.append(gettext("Enter a person a row: name, address, message."))
    if len(people) > MOST:
        faults.append(gettext("A list has at most {count} people.", count=MOST))
    if faults:
        raise Invalid(" ".join(faults), errors=[("people", fault) for fault in faults])
    return people


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, without a first one that names the columns."""
    first_line = text.lstrip("\ufeff").lstrip().partition("\n")[0]
    between = max(_BETWEEN, key=lambda sign: (first_line.count(sign), sign == ","))
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=between, skipinitialspace=True)
    for number, cells in enumerate(rows, start=1):
        stripped = [" ".join(cell.split()) for cell in cells]
        is_heading = number == 1 and "@" not in "".join(stripped) and len(stripped) > 1
        if any(stripped) and not is_heading:
            yield number, stripped


def _person(cells: list[str]) -> Person:
    """Raises: Invalid."""
    place = next((at for at, cell in enumerate(cells) if "@" in cell), None)
    if place is None:
        raise Invalid(gettext("there is no email address."))
    name, address = " ".join(filter(None, cells[:place])), cells[place]
    if address.endswith(">") and "<" in address:
        before, _, address = address[:-1].rpartition("<")
        name = name or before.strip(' "')
    if not name:
        raise Invalid(gettext("there is no name before {address}.", address=address))
    message = ", ".join(filter(None, cells[place + 1 :]))
    if len(name) > LONGEST_NAME or len(message) > LONGEST_MESSAGE:
        raise Invalid(gettext("use at most {count} characters.", count=LONGEST_MESSAGE))
    try:
        return Person(name, emails.read(address), message)
    except Invalid:
        raise Invalid(gettext("{address} is no email address.", address=address)) from None
