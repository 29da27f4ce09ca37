"""What is left of one credit of a card, and taking that back with its order (S73, B14, I24).

One card may carry money of several orders: bought with one, recharged with another, given as a
bonus for a third. The oldest money is spent first, so undoing one order leaves alone what came
later: docs/decisions/0017-recharges-taken-back.md.
"""

from dataclasses import dataclass

from giftweb import clock, database, ids, models
from giftweb.domain import audit, cards, notes
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import CANCELLED, EXPIRED, Card
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.domain.orders.values import Order
from giftweb.money import Money

CLOSED = (CANCELLED, EXPIRED)
"""The statuses of a card that has nothing to be taken back."""


@dataclass(frozen=True, slots=True)
class Credit:
    """A transfer that put money on a card. ``left`` is less what went back to its source."""

    id: str
    card_id: str
    source: str
    left: Money
    number: int


_SELECT = (
    "SELECT t.id, t.card_id, t.from_account, CAST(t.amount_minor - COALESCE((SELECT"
    " SUM(c.amount_minor) FROM transfer c WHERE c.parent_id = t.id AND c.kind = 'cancel'), 0)"
    " AS BIGINT), t.currency, t.number FROM transfer t WHERE"
)


def find(transfer_id: str) -> Credit:
    """The credit that this transfer is."""
    return _credit(database.row(f"{_SELECT} t.id = ?", transfer_id))


def issue_of(card_id: str) -> Credit:
    """What the card began with."""
    return _credit(database.row(f"{_SELECT} t.card_id = ? AND t.version = 1", card_id))


def _credit(row: tuple | None) -> Credit:
    if row is None:
        raise ValueError("no such credit")
    transfer_id, card_id, source, left_minor, currency, number = row
    return Credit(transfer_id, card_id, source, Money(int(left_minor), currency), number)


_LATER = (
    f"{cards.endings.CHAIN}, later (id, amount_minor) AS (SELECT id, amount_minor FROM transfer"
    " WHERE card_id IN (SELECT id FROM chain) AND to_account = card_id"
    " AND kind IN ('issue', 'top_up', 'adjust') AND number > ?)"
    " SELECT CAST(COALESCE((SELECT SUM(amount_minor) FROM later), 0) - COALESCE((SELECT"
    " SUM(c.amount_minor) FROM transfer c JOIN later ON later.id = c.parent_id"
    " WHERE c.kind = 'cancel'), 0) AS BIGINT)"
)


def unspent(credit: Credit, card: Card, *, with_held: bool = False) -> Money:
    """What of a credit is still on its card, or on ``card`` in that one's stead.

    Held money counts as spent, unless ``with_held``: it stays with the order that holds it.
    """
    there = card.balance_minor if with_held else card.available.minor
    later = int(database.scalar(_LATER, card.id, credit.number))
    return Money(min(credit.left.minor, max(0, there - later)), credit.left.currency)


def carries_another(card: Card, order: Order) -> bool:
    """Whether another order has recharged the card, and nobody has taken that back."""
    return bool(
        database.scalar(
            f"{cards.endings.CHAIN} SELECT 1 FROM transfer t WHERE t.kind = 'top_up'"
            " AND t.card_id IN (SELECT id FROM chain) AND t.order_id <> ?"
            " AND NOT EXISTS (SELECT 1 FROM transfer c WHERE c.parent_id = t.id) LIMIT 1",
            card.id,
            order.id,
        )
    )


def take_back(order: Order, credit: Credit, *, kind: str, by: Actor, reason: str) -> None:
    """Take what is unspent of a credit off its card; the rest is a shortfall of this kind.

    What stands taken back or recorded already is not so twice. A card that is over stays as it is.
    """
    card = cards.endings.standing(credit.card_id)
    due = credit.left.minor - known_shortfall(order, card)
    if card.status in CLOSED or due < 1:
        return
    taken = min(due, unspent(credit, card).minor)
    audit_id = audit.record(
        by=by,
        action="gift_card.taken_back",
        subject=card.id,
        reason=reason,
        data={"due": due, "taken": taken, "currency": card.currency, "order": order.id},
        is_test=card.is_test,
    )
    if taken:
        movement = Movement(
            "cancel", CARD, credit.source, taken, audit_id, credit.id, order_id=order.id
        )
        cards.locking.move(cards.locking.lock_one(card.id), movement)
    gone = Money(due - taken, card.currency)
    lack = f" {gone} of it is spent." if gone else ""
    notes.add(
        order.id,
        f"{Money(taken, card.currency)} was taken back from gift card •••• {card.last4}:"
        f" {reason}.{lack}",
    )
    record_shortfall(order, card, gone.minor, kind=kind)


def known_shortfall(order: Order, card: Card) -> int:
    """What earlier refunds or chargebacks of the order have found missing on the card."""
    return int(
        database.scalar(
            f"{cards.endings.CHAIN} SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT)"
            " FROM shortfall WHERE card_id IN (SELECT id FROM chain) AND order_id = ?",
            card.id,
            order.id,
        )
    )


def record_shortfall(order: Order, card: Card, amount_minor: int, *, kind: str) -> None:
    """Put on the work list what had left a card before it could be taken back (I24, S73)."""
    if amount_minor < 1:
        return
    audit.seals.insert(
        models.Shortfall,
        id=ids.new("sho"),
        kind=kind,
        order_id=order.id,
        card_id=card.id,
        currency=card.currency,
        amount_minor=amount_minor,
        created_at=clock.micros(),
    )
