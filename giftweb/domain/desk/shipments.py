"""Many orders marked as shipped at once: looked at first, then each by itself.

What cannot be shipped is left alone with its reason, and stops no other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from giftweb.domain import orders
from giftweb.domain.audit.log import Actor
from giftweb.domain.desk.orders import hindrances
from giftweb.domain.desk.orders import ship as ship_one
from giftweb.domain.orders.values import SHIPPED, Order
from giftweb.errors import Refused
from giftweb.language import gettext

MOST = 100
"""How many orders are marked in one step."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An order, and why it cannot be marked shipped; empty when it can."""

    order: Order
    problem: str

    @property
    def is_shipped(self) -> bool:
        """Whether that is because it is shipped already."""
        return self.order.fulfilment == SHIPPED


def check(numbers: Iterable[int]) -> list[Checked]:
    """The orders with these numbers, in this order, each once; unknown numbers are left out."""
    chosen = list(dict.fromkeys(numbers))[:MOST]
    known = orders.find_by_numbers(chosen)
    found = [known[number] for number in chosen if number in known]
    problems = hindrances(found)
    return [Checked(order, _problem_of(order, problems[order.id])) for order in found]


def ship(numbers: Iterable[int], *, trackings: Mapping[int, str], by: Actor) -> None:
    """Mark each order shipped that can be, with its tracking number, if it has one.

    Each is a transaction of its own. Again with the same orders: nothing more happens.
    """
    for checked in check(numbers):
        if not checked.problem:
            _ship(checked.order, tracking=trackings.get(checked.order.number) or None, by=by)


def _ship(order: Order, *, tracking: str | None, by: Actor) -> None:
    try:
        ship_one(order.id, tracking=tracking, by=by)
    except Refused:
        return  # Somebody was quicker; the next look at the orders says why.


def _problem_of(order: Order, hindrance: str) -> str:
    if order.fulfilment == SHIPPED:
        return gettext("It is marked shipped already.")
    return hindrance
