"""What a card holds with the recharges that are bought and not paid yet: their money follows it."""

from peewee import fn

from giftweb.database.listings import literal
from giftweb.domain import ledger
from giftweb.domain.cards.values import Card
from giftweb.models import OrderItem, Payment
from giftweb.money import Money


def balance(card: Card) -> Money:
    """What is on the card once every awaited recharge of it is paid."""
    return Money(card.balance_minor + recharges_minor(card), card.currency)


def recharges_minor(card: Card) -> int:
    """What awaited payments will put on the card, or on one that it replaces."""
    line = OrderItem
    awaited = Payment.select(Payment.id).where(
        Payment.order == line.order,
        Payment.part == line.part,
        Payment.state == literal("pending"),
    )
    found = line.select(fn.COALESCE(fn.SUM(line.card_minor), 0).cast("BIGINT")).where(
        line.recharges.in_(ledger.funding.chain_of(card.id)),
        line.transfer.is_null(),
        line.taken_off_at.is_null(),
        fn.EXISTS(awaited),
    )
    return int(found.scalar())
