"""A bank statement's lines and the awaited payments that they pay: exact fits alone, no guesses.

A line pays a payment when it names the payment's reference, or its order's, word for word, and one
amount, which is the awaited one. Whatever fits less than that is left to a person, with the reason.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from giftweb import models, money
from giftweb.domain.awaited import search
from giftweb.domain.awaited.search import AwaitedPayment
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.money import Ambiguous, Money

MOST_LINES = 500

MOST_WORDS = 100
_AT_ONCE = 500
"""So many words of a line are compared with the references of orders that await nothing."""

_BETWEEN_WORDS = re.compile(r"[\s;]+")
_AROUND = "\"'.,:()"
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>[0-9](?:[0-9.,'’ \u00a0\u202f]*[0-9])?)(?P<after>-?)"
)
_DECIMALS = re.compile(r"[.,][0-9]")
_MONEY_MARKS = re.compile(r"^[A-Z]{3}(?=[0-9+-])|(?<=[0-9-])[A-Z]{3}$|[$€£¥]")
_CURRENCY = re.compile(r"\b([A-Z]{3})[\s;]*[+-]?[0-9]|[0-9]-?[\s;]*([A-Z]{3})\b")

Words = tuple[str, ...]


class Problem(Enum):
    """Why a line pays nothing."""

    NO_REFERENCE = "no reference"
    NOT_AWAITED = "an order that waits for nothing"
    SEVERAL_ORDERS = "several orders"
    SEVERAL_PAYMENTS = "several payments"
    NO_AMOUNT = "no amount"
    SEVERAL_AMOUNTS = "several amounts"
    OTHER_AMOUNT = "another amount"
    UNCLEAR_AMOUNT = "an amount with two readings"
    OTHER_CURRENCY = "another currency"
    PAID_OUT = "money that went out"
    TWICE = "a payment that another line names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the statement: the payment that it pays, or the problem.

    ``orders`` are the numbers of the orders that it names, ``awaited`` and ``amount`` what one
    waits for and what the line says instead, where that is the problem.
    """

    number: int
    text: str
    payment: AwaitedPayment | None = None
    problem: Problem | None = None
    orders: tuple[int, ...] = ()
    awaited: Money | None = None
    amount: Money | None = None


def read(text: str) -> list[Line]:
    """Each line of a pasted statement that is not blank, with what it pays.

    Raises: Invalid on ``statement`` (nothing in it, or more than MOST_LINES lines).
    """
    typed = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not typed:
        raise Invalid(gettext("Paste at least one line of a statement."), field="statement")
    if len(typed) > MOST_LINES:
        too_many = gettext(
            "These are {count} lines. Paste {most} or fewer at once.",
            count=len(typed),
            most=MOST_LINES,
        )
        raise Invalid(too_many, field="statement")
    known = _by_reference(search.everything())
    return _once_each(
        _with_closed_orders([_read_line(number, line.strip(), known) for number, line in typed])
    )


def _by_reference(awaited: Iterable[AwaitedPayment]) -> Mapping[Words, list[AwaitedPayment]]:
    known: dict[Words, list[AwaitedPayment]] = defaultdict(list)
    for payment in awaited:
        for reference in {payment.order_reference, payment.reference}:
            if words := tuple(_words(reference)):
                known[words].append(payment)
    return known


def _words(text: str) -> list[str]:
    """The words of a text, without the marks around them; large and small letters are the same."""
    words = [word.strip(_AROUND) for word in _BETWEEN_WORDS.split(text.casefold())]
    return [word for word in words if word]


def _read_line(number: int, text: str, known: Mapping[Words, list[AwaitedPayment]]) -> Line:
    line = Line(number=number, text=text)
    text = text.replace('","', '";"')
    named, references = _named(text, known)
    if not named:
        return replace(line, problem=Problem.NO_REFERENCE)
    line = replace(line, orders=tuple(sorted({each.order_number for each in named})))
    if len(line.orders) > 1:
        return replace(line, problem=Problem.SEVERAL_ORDERS)
    return _with_amount(line, named, references)


def _named(
    text: str, known: Mapping[Words, list[AwaitedPayment]]
) -> tuple[list[AwaitedPayment], set[str]]:
    """The payments whose reference stands in the text, and the words of those references."""
    words, longest = _words(text), max(map(len, known), default=0)
    found: dict[str, AwaitedPayment] = {}
    used: set[str] = set()
    for start in range(len(words)):
        for end in range(start + 1, min(start + longest, len(words)) + 1):
            reference = tuple(words[start:end])
            for payment in known.get(reference, ()):
                found[payment.id] = payment
                used.update(reference)
    return list(found.values()), used


def _with_closed_orders(lines: list[Line]) -> list[Line]:
    """The same, and of lines without a reference that is awaited those of an order that awaits
    nothing."""
    words = {line.number: _references(line) for line in lines if line.problem is _NO_REFERENCE}
    numbers = _numbers_of({word for found in words.values() for word in found})
    return [_with_closed_order(line, numbers, words.get(line.number, ())) for line in lines]


_NO_REFERENCE = Problem.NO_REFERENCE


def _references(line: Line) -> list[str]:
    """The words of a line that may be a reference, as they are written."""
    return sorted({word.strip(_AROUND) for word in _BETWEEN_WORDS.split(line.text)})[:MOST_WORDS]


def _numbers_of(references: set[str]) -> Mapping[str, list[int]]:
    """The numbers of the orders with one of these references."""
    found: dict[str, list[int]] = defaultdict(list)
    wanted, order = sorted(references), models.Order
    for start in range(0, len(wanted), _AT_ONCE):
        some = order.reference.in_(wanted[start : start + _AT_ONCE])
        rows = order.select(order.reference, order.number).where(some).order_by(order.number)
        for reference, number in rows.tuples():
            found[reference].append(number)
    return found


def _with_closed_order(line: Line, numbers: Mapping[str, list[int]], words: Iterable[str]) -> Line:
    found = tuple(sorted({number for word in words for number in numbers.get(word, ())})[:2])
    problem = Problem.NOT_AWAITED if len(found) == 1 else line.problem
    return replace(line, problem=problem, orders=found) if found else line


def _with_amount(line: Line, named: list[AwaitedPayment], references: set[str]) -> Line:
    """The line of one order with the payment whose amount it says, or what is wrong with it."""
    currency = named[0].currency
    amount = _amount(line.text, references, currency)
    if isinstance(amount, Problem):
        return replace(line, problem=amount, awaited=named[0].amount)
    fitting = [payment for payment in named if payment.amount == amount]
    if len(fitting) == 1:
        return replace(line, payment=fitting[0])
    problem = Problem.SEVERAL_PAYMENTS if fitting else Problem.OTHER_AMOUNT
    return replace(line, problem=problem, awaited=named[0].amount, amount=amount)


def _amount(text: str, references: set[str], currency: str) -> Money | Problem:
    """The only amount that the text says; with decimals, if any number has them."""
    if _names_another_currency(text, currency):
        return Problem.OTHER_CURRENCY
    numbers = [each for each in _numbers(text) if each.casefold() not in references]
    readings = [(number, _reading(number, currency)) for number in numbers]
    amounts = [(number, reading) for number, reading in readings if reading is not None]
    with_decimals = [reading for number, reading in amounts if _DECIMALS.search(number)]
    found = with_decimals or [reading for _, reading in amounts]
    if len(found) != 1:
        return Problem.SEVERAL_AMOUNTS if found else Problem.NO_AMOUNT
    return found[0]


def _numbers(text: str) -> list[str]:
    """The words that are numbers; a cell of a table that is one number may have blanks in it."""
    numbers: list[str] = []
    for cell in re.split(r"[\t;]", text):
        whole = cell.strip(' "')
        for word in [whole] if _bare(whole) else whole.split():
            parts = [word] if _bare(word) else word.split(",")
            numbers += [bare for part in parts if (bare := _bare(part.strip('"')))]
    return numbers


def _bare(word: str) -> str:
    """The number in ``+25.00``, ``-€25,00``, ``USD25.00`` or ``25,00-``; "" when it is none."""
    text = _MONEY_MARKS.sub("", word).strip()
    return text if _NUMBER.fullmatch(text) else ""


def _reading(number: str, currency: str) -> Money | Problem | None:
    """What the number means; None when it is no amount of the currency, such as a date."""
    parts = _NUMBER.fullmatch(number)
    if parts is None:
        return None
    try:
        amount = money.parse(parts["digits"], currency)
    except Ambiguous:
        return Problem.UNCLEAR_AMOUNT
    except Invalid:
        return None
    return Problem.PAID_OUT if parts["sign"] == "-" or parts["after"] else amount


def _names_another_currency(text: str, currency: str) -> bool:
    """Whether a currency stands before or after a number, and this one nowhere."""
    named = {code for match in _CURRENCY.finditer(text) for code in match.groups() if code}
    return currency not in named and any(map(money.is_currency, named))


def _once_each(lines: list[Line]) -> list[Line]:
    """Two lines that name the same payment are both left to a person."""
    count = Counter(line.payment.id for line in lines if line.payment)
    return [
        replace(line, payment=None, problem=Problem.TWICE)
        if line.payment and count[line.payment.id] > 1
        else line
        for line in lines
    ]
