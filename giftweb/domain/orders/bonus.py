"""The card that a campaign gives after a sale, and takes back with the refund (S29, B14, I24)."""

from datetime import timedelta

from giftweb import clock, database
from giftweb.domain import audit, cards, notes
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.lifecycle import NewCard
from giftweb.domain.cards.locking import Locked
from giftweb.domain.cards.values import ACTIVE, FROZEN, Card
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.domain.orders import card_credits
from giftweb.domain.orders.values import Order
from giftweb.money import Money

ORIGIN = "campaign"


def issue(order: Order, *, campaign: Campaign, by: Actor) -> Card | None:
    """Issue the order's bonus card in the order's own transaction; its mail waits (API.md 3).

    None when the campaign gives none for an order of this size.
    """
    amount = campaign.bonus_minor(
        grand_total_minor=order.total.minor, shipping_minor=order.shipping_minor
    )
    if amount < 1:
        return None
    days = campaign.bonus_valid_days
    mailed_at = clock.now() + timedelta(days=campaign.bonus_waiting_days)
    new = NewCard(
        amount=Money(amount, order.currency),
        holder_email=order.customer_email,
        holder_name=order.customer_name,
        is_test=order.is_test,
        source="promotions",
        origin=ORIGIN,
        campaign_id=order.campaign_id,
        expires_on=None if days is None else clock.today() + timedelta(days=days),
        order_id=order.id,
        send_email=False,
    )
    card = cards.issue(new, by=by, reason="Bonus for the order").card
    cards.locking.mail_holder("bonus_issued", card, not_before=mailed_at)
    notes.add(order.id, f"Bonus gift card •••• {card.last4} of {card.initial} was issued.")
    return card


def claw_back(
    order: Order, card: Card, *, refunded_minor: int, campaign: Campaign, by: Actor
) -> None:
    """Take back the part of the bonus that the refunds have undone; the rest is a shortfall."""
    standing = cards.endings.standing(card.id)
    gone = due(order, card, standing, refunded_minor=refunded_minor, campaign=campaign)
    if gone > 0:
        is_whole = refunded_minor >= order.total.minor
        _take_back(order, card, cards.locking.lock_one(standing.id), gone, is_whole=is_whole, by=by)


def due(
    order: Order, card: Card, standing: Card, *, refunded_minor: int, campaign: Campaign
) -> int:
    """How much of a bonus goes once so much of its order is refunded.

    A percentage shrinks with the order; a fixed amount goes when everything is refunded (B14).
    ``standing`` is the card itself, or the last of those that replaced it.
    """
    if not campaign.bonus_claw_back:
        return 0
    left = order.total.minor - refunded_minor
    kept = card.initial_minor if left > 0 else 0
    if left > 0 and not campaign.absolute_on:
        kept = card.initial_minor * left // order.total.minor
    return max(0, card.initial_minor - kept - _gone_before(order.id, card.id, standing.id))


def _gone_before(order_id: str, *card_ids: str) -> int:
    """What earlier refunds of the order took or found missing, and what the card's end took."""
    return int(
        database.scalar(
            "SELECT CAST(COALESCE((SELECT SUM(amount_minor) FROM transfer WHERE card_id IN (?, ?)"
            " AND (kind IN ('claw_back', 'expire') OR kind = 'cancel' AND order_id IS NULL)), 0)"
            " + COALESCE((SELECT"
            " SUM(amount_minor) FROM shortfall WHERE order_id = ? AND kind = 'bonus'), 0)"
            " AS BIGINT)",
            *card_ids,
            order_id,
        )
    )


def takeable(due: int, card: Card, standing: Card) -> int:
    """How much of what is due can be taken: what the holder put on the card later stays theirs."""
    return min(due, card_credits.unspent(card_credits.issue_of(card.id), standing).minor)


def _take_back(
    order: Order, given: Card, locked: Locked, due: int, *, is_whole: bool, by: Actor
) -> None:
    card = locked.card
    amount = takeable(due, given, card)
    audit_id = audit.record(
        by=by,
        action="gift_card.clawed_back",
        subject=card.id,
        reason=f"Order {order.number} was refunded",
        data={"due": due, "taken": amount, "currency": card.currency},
        is_test=card.is_test,
    )
    if amount:
        movement = Movement("claw_back", CARD, "promotions", amount, audit_id, order_id=order.id)
        locked, _ = cards.locking.move(locked, movement)
        taken = Money(amount, card.currency)
        notes.add(order.id, f"{taken} of bonus gift card •••• {card.last4} was taken back.")
    if is_whole and not locked.card.balance_minor and card.status in (ACTIVE, FROZEN):
        _end(locked)
    card_credits.record_shortfall(order, card, due - amount, kind="bonus")


def _end(locked: Locked) -> None:
    """A bonus of which nothing was ever spent is cancelled, not used up (I21)."""
    if not cards.endings.has_been_used(locked.card.id):
        cards.locking.set_state(locked, "cancelled")
        _drop_waiting_mail(locked.card.id)


def _drop_waiting_mail(card_id: str) -> None:
    database.write(
        "DELETE FROM mail WHERE card_id = ? AND kind = 'bonus_issued' AND state = 'waiting'",
        card_id,
    )
