"""Where a gift card's money goes back to (S48, D7): it never disappears and never fails."""

from giftweb.domain import cards, limits, notes, orders
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import ACTIVE, FROZEN, USED_UP, Card
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.domain.limits import Request
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.money import LIMIT_MINOR, Money

RECEIVING = (ACTIVE, USED_UP, FROZEN)
"""The statuses in which a card can receive a refund."""


def give_back(
    order: Order, payment: Payment, amount: Money, *, audit_id: str, by: Actor
) -> tuple[Card, str, int]:
    """Put a part of a gift card payment back; the card, the transfer, and its own minor units.

    To the card that paid, its replacement, or a new card when it has expired or can hold no more;
    a frozen card receives it and stays frozen.

    Raises: Invalid (amount) when it is less than one minor unit of the card.
    """
    returned_minor = card_minor(payment, amount)
    if returned_minor < 1:
        least = Money(1, str(payment.card_currency))
        raise Invalid(
            gettext("Enter more: this is less than {least}.", least=least), field="amount"
        )
    movement = Movement(
        "refund",
        "redemptions",
        CARD,
        returned_minor,
        audit_id,
        parent_id=payment.transfer_id,
        order_id=order.id,
    )
    card = cards.endings.lock_current(str(payment.gift_card_id))
    if _can_receive(card, returned_minor):
        after, transfer_id = cards.locking.move(cards.locking.lock_one(card.id), movement)
        if card.id != payment.gift_card_id:
            notes.add(order.id, f"The refund went to the replacement •••• {card.last4}.")
        return after.card, transfer_id, returned_minor
    fresh, transfer_id = _on_a_new_card(order, card, movement, by=by)
    why = "can hold no more" if card.status in RECEIVING else f"is {card.status}"
    notes.add(
        order.id,
        f"Gift card •••• {card.last4} {why}: the refund went to the new card •••• {fresh.last4}.",
    )
    return fresh, transfer_id, returned_minor


def destination(payment: Payment, amount: Money) -> Card | None:
    """Where this refund of a gift card payment would go now; None: to a new card."""
    card = cards.current_replacement(cards.find(str(payment.gift_card_id)))
    return card if _can_receive(card, card_minor(payment, amount)) else None


def _can_receive(card: Card, minor: int) -> bool:
    return card.status in RECEIVING and card.balance_minor + minor <= LIMIT_MINOR


def card_minor(payment: Payment, amount: Money) -> int:
    """The card's part of a refund: rounded down in sum, and whole when all is refunded."""
    if payment.card_minor is None:
        raise ValueError("not a gift card payment")
    refunded = payment.refunded_minor + amount.minor
    return payment.card_minor * refunded // payment.amount_minor - payment.card_refunded_minor


def _on_a_new_card(order: Order, old: Card, movement: Movement, *, by: Actor) -> tuple[Card, str]:
    issued, transfer_id = cards.endings.issue_replacement(
        old, movement, by=by, source="redemptions", is_mailed=True, order_id=order.id
    )
    cards.locking.mail_holder("card_issued", issued.card)
    cards.locking.queue_event("gift_card.issued", issued.card)
    return issued.card, str(transfer_id)


def give_instead(
    order: Order, amount: Money, *, by: Actor, reason: str | None, onto: str | None = None
) -> tuple[Card, str]:
    """A new gift card for the order's customer in place of money they paid otherwise; with ``onto``
    the money goes on that card of theirs.

    The shop keeps that money: the card is sold for it. The card and its transfer.

    Raises: NotAllowed (to one's own address), Invalid (onto, currency), CardNotUsable. Source: B3,
    B25.
    """
    if onto is not None:
        return _put_onto(order, onto, amount, by=by, reason=reason)
    new = NewCard(
        amount=amount,
        holder_email=order.customer_email,
        holder_name=order.customer_name,
        holder_locale=order.customer_locale,
        is_test=order.is_test,
        source="sales",
        origin="refund",
        campaign_id=order.campaign_id,
        order_id=order.id,
    )
    card = cards.issue(new, by=by, reason=reason or "Refund as a gift card").card
    notes.add(
        order.id, f"The customer took gift card •••• {card.last4} of {amount} instead of the money."
    )
    return card, orders.card_credits.issue_of(card.id).id


def cards_of_customer(order: Order) -> list[Card]:
    """The customer's cards that money of this order can go on instead of a new one."""
    return [
        card
        for card in cards.search.of_holder(order.customer_email)
        if card.status in (ACTIVE, USED_UP)
        and (card.currency, card.is_test) == (order.currency, order.is_test)
    ]


def _put_onto(
    order: Order, card_id: str, amount: Money, *, by: Actor, reason: str | None
) -> tuple[Card, str]:
    if not any(card.id == card_id for card in cards_of_customer(order)):
        raise Invalid(gettext("Choose a gift card of this order's customer."), field="onto")
    why = reason or "Refund as a gift card"
    line = cards.top_up(card_id, amount=amount, by=by, note=why, source="sales")
    card = cards.find(card_id)
    notes.add(
        order.id, f"The customer took {amount} on gift card •••• {card.last4} instead of the money."
    )
    return card, line.id


def request_of(
    payment: Payment,
    amount: Money | None,
    reason: str | None,
    *,
    as_card: bool,
    onto: str | None = None,
) -> Request:
    """What another person is asked for when a refund is above a limit."""
    return Request(
        verb=limits.verbs.REFUND_AS_CARD if as_card else limits.verbs.REFUND_BY_HAND,
        subject=payment.id,
        amount=amount or payment.left,
        reason=reason,
        arguments={"onto": onto} if onto else {},
    )
