"""All that an order's page tells, read as bare rows: equal rows are an equal page."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

from giftweb import clock, database
from giftweb.domain import cards, notes, payments
from giftweb.domain.orders import values
from giftweb.domain.orders.values import OrderSheet
from giftweb.domain.payments.refund_values import Refund
from giftweb.errors import NotFound

Rows = tuple[tuple, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows of an order and its parts as they lay in the database at one moment."""

    order: tuple
    lines: Rows
    payments: Rows
    cards: Rows
    notes: Rows
    refunds: Rows

    def __hash__(self) -> int:
        return hash(self.order)

    @property
    def has_holds(self) -> bool:
        """Whether money is held on one of the cards, be the hold lapsed or not."""
        return any(held_minor for *_, held_minor in self.cards)

    def opened(self) -> tuple[OrderSheet, list[Refund]]:
        """The rows as values: the order with its parts, and its refunds."""
        order = values.from_row(self.order)
        sheet = values.gathered(
            order,
            lines=[values.line_from(row, order) for row in self.lines],
            paid=[payments.from_row(row) for row in self.payments],
            cards=[cards.card_from(row[:-1]) for row in self.cards],
            noted=[notes.from_row(row) for row in self.notes],
        )
        return sheet, [payments.refund_values.from_row(row) for row in self.refunds]


_ORDER = f"SELECT {values.COLUMNS} FROM orders o WHERE o.number = ?"
_PAYMENTS = f"{payments.SELECT} WHERE p.order_id = ? ORDER BY p.id"
_CARDS = f"SELECT {cards.COLUMNS}, a.held_minor {cards.FROM} WHERE g.order_id = ? ORDER BY g.id"
_NOTES = f"{notes.SELECT} WHERE n.subject = ? ORDER BY n.id"
_REFUNDS = f"{payments.refund_values.SELECT} WHERE order_id = ? ORDER BY id"


def read(number: int, *, state: Hashable | None = None) -> Reading:
    """Everything about the order with this number: six queries, however much there is.

    ``state`` is the ``database.state`` in which this request began: when nothing at all was written
    since the order was last read, it is still what was read then.

    Raises: NotFound.
    """
    known = None if state is None else _read_in(state, number)
    # A hold lapses by itself: nobody writes anything then.
    return _read(number) if known is None or known.has_holds else known


@lru_cache(maxsize=32)
def _read_in(_state: Hashable, number: int) -> Reading:
    """The state was asked for before the rows: at worst they are newer, and it comes no more."""
    return _read(number)


def _read(number: int) -> Reading:
    found = database.row(_ORDER, number) if number < values.NUMBERS_END else None
    if found is None:
        raise NotFound
    order_id = found[0]
    return Reading(
        order=tuple(found),
        lines=tuple(database.rows(values.LINES, order_id)),
        payments=tuple(database.rows(_PAYMENTS, order_id)),
        cards=tuple(database.rows(_CARDS, clock.micros(), order_id)),
        notes=tuple(database.rows(_NOTES, order_id)),
        refunds=tuple(database.rows(_REFUNDS, order_id)),
    )
