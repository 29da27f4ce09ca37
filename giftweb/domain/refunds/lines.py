"""A line is taken off a placed order, and what was paid for it goes back (D22, D24)."""

from collections.abc import Sequence

from giftweb import models
from giftweb.database import transactional
from giftweb.domain import cards, notes, orders, payments
from giftweb.domain.audit.log import Actor
from giftweb.domain.orders.consequences import Consequence
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import Refund
from giftweb.domain.refunds import follow_up, refunds, to_cards
from giftweb.errors import NotFound, Refused
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money

AWAITED = lazy_gettext(
    "The payment for this item is still awaited. Record first whether it has come."
)
NEVER_CAME = lazy_gettext("The payment for this item never came: there is nothing to give back.")
LAST = lazy_gettext(
    "This is all that is left of the order. Cancel the order, or refund it, instead."
)


@transactional
def take_off(order_id: str, *, line_id: str, by: Actor, reason: str | None = None) -> list[Refund]:
    """Take a line off a placed order: its share of what was paid goes back, to the cent.

    Its bought cards and its recharge are withdrawn, the bonus shrinks, and what is left to ship is
    counted again. A remote provider's refund is only claimed: carry it out after.

    Raises: Refused (over, taken off already, not paid, or the last line), NotFound.
    """
    order = orders.lock(order_id)
    paid = [payments.lock(payment.id) for payment in payments.of_order(order_id)]
    line = find(order, line_id)
    require_removable(order, line)
    parts = share_parts(line, paid)
    orders.lines.take_off(order, [line], by=by, reason=reason)
    count = f"{line.quantity} × " if line.quantity > 1 else ""
    notes.add(order_id, f"{count}{line.name} was taken off the order", by=by, reason=reason)
    why = reason or f"{line.name} was taken off the order"
    found = [
        refunds.refund_payment(order, payment, amount, by=by, reason=why)
        for payment, amount in parts
    ]
    follow_up.apply(order, by=by)
    return found


def find(order: Order, line_id: str) -> Line:
    """A line of the order.

    Raises: NotFound.
    """
    for line in orders.values.lines(order.id):
        if line.id == line_id:
            return line
    raise NotFound


def require_removable(order: Order, line: Line) -> None:
    """Refuse to take off what cannot be.

    Raises: Refused.
    """
    if order.is_over:
        raise Refused(gettext("This order is over: nothing can be taken off it."))
    if line.taken_off_at:
        raise Refused(gettext("This item was taken off already."))
    states = {each.state for each in payments.of_order(order.id) if each.part == line.part}
    if payments.PENDING in states:
        raise Refused(AWAITED)
    if payments.CANCELLED in states:
        raise Refused(NEVER_CAME)
    if not any(each.id != line.id and not each.taken_off_at for each in _lines(order)):
        raise Refused(LAST)


def _lines(order: Order) -> list[Line]:
    return orders.values.lines(order.id)


def preview(order: Order, line: Line) -> list[Consequence]:
    """What follows once the line is taken off. Nothing is changed."""
    parts = share_parts(line, payments.of_order(order.id))
    return follow_up.preview(order, parts, taking_off=line.id)


# The share


def share_parts(line: Line, paid: Sequence[Payment]) -> list[tuple[Payment, Money]]:
    """What of a line's share goes back to which payment of its order."""
    due = line.share_minor - _given_back_minor(line)
    own = [each for each in paid if each.part == line.part]
    return parts_of(due, own, is_gift_card=line.is_gift_card)


def parts_of(
    minor: int, paid: Sequence[Payment], *, is_gift_card: bool
) -> list[tuple[Payment, Money]]:
    """An amount over payments: gift cards first, which never pay for shipping.

    Nothing of what bought a gift card goes to one, for none paid for it (D13, S42, I15).
    """
    theirs = [each for each in paid if each.is_gift_card and not is_gift_card]
    parts = []
    for payment in [*theirs, *(each for each in paid if not each.is_gift_card)]:
        part = Money(min(minor, payment.left_minor), payment.currency)
        if part.minor < 1 or _is_too_small(payment, part):
            continue
        parts.append((payment, part))
        minor -= part.minor
    return parts


def _is_too_small(payment: Payment, part: Money) -> bool:
    """Whether it is less than the smallest amount of the card's own currency."""
    return payment.is_gift_card and to_cards.card_minor(payment, part) < 1


def _given_back_minor(line: Line) -> int:
    """What of a line's share went back already with cards or a recharge that were withdrawn."""
    if line.recharges_id:
        return line.share_minor if is_recharge_taken_back(line.id) else 0
    card = models.GiftCard
    bought = card.select(card.id).where(card.order_item_id == line.id).order_by(card.id)
    prices = orders.shares.split(line.share_minor, [1] * line.quantity)
    return sum(
        price
        for price, each in zip(prices, bought, strict=False)
        if cards.current_replacement(cards.find(each.id)).status == cards.CANCELLED
    )


def is_recharge_taken_back(line_id: str) -> bool:
    """Whether somebody has withdrawn what the line put on a card."""
    line, back = models.OrderItem, models.Transfer
    taken = back.select(back.id).join(line, on=back.parent_id == line.transfer)
    return taken.where(line.id == line_id).exists()
