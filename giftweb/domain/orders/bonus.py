"""The card that a campaign issues after a sale and takes back with the refund (S29, B14, I24)."""

from giftweb import clock, days, models
from giftweb.domain import audit, cards, limits, notes, payments, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Card
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.domain.orders import card_credits, facts
from giftweb.domain.orders.consequences import TakeBonus
from giftweb.domain.orders.facts import BONUS_ORIGIN
from giftweb.domain.orders.values import Order
from giftweb.money import Money


def issue(order: Order, *, campaign: Campaign, by: Actor) -> Card | None:
    """Issue the order's bonus card in the order's own transaction; its mail waits.

    None when the campaign has none for an order of this size, or nobody's address is known, as at a
    till; or it is above a limit: then the order's notes say so, and every Root is mailed, once a
    day for a campaign.
    """
    amount = amount_minor(order, campaign)
    if amount < 1:
        return None
    if not order.is_test and not limits.bonuses.admits(campaign.id, Money(amount, order.currency)):
        _leave_out(order, Money(amount, order.currency), by=by)
        return None
    mailed_at = days.days_later(clock.now(), campaign.bonus_waiting_days, campaign.time_zone)
    new = NewCard(
        amount=Money(amount, order.currency),
        holder_email=order.customer_email,
        holder_name=order.customer_name,
        holder_locale=order.customer_locale,
        is_test=order.is_test,
        source="promotions",
        origin=BONUS_ORIGIN,
        campaign_id=order.campaign_id,
        valid_days=campaign.bonus_valid_days,
        deliver_at=mailed_at,
        order_id=order.id,
        send_email=False,
    )
    card = cards.issue(new, by=by, reason="Bonus for the order").card
    cards.locking.mail_holder("bonus_issued", card, not_before=card.deliver_at)
    notes.add(order.id, f"Bonus gift card •••• {card.last4} of {card.initial} was issued.")
    return card


def amount_minor(order: Order, campaign: Campaign) -> int:
    """The bonus of an order once all that it was placed with is paid; 0 when there is none."""
    if not order.customer_email or not campaign.issue_after_sales:
        return 0
    earning = facts.earning(order, paid=payments.of_order(order.id), going={})
    return earning.bonus_minor(earning.total_minor)


def _leave_out(order: Order, amount: Money, *, by: Actor) -> None:
    notes.add(order.id, f"The bonus gift card of {amount} is above a limit and was not issued.")
    if limits.bonuses.is_first_refusal(str(order.campaign_id)):
        staff.notices.to_every_root("bonus.left_out", by=by, order_id=order.id, amount=amount.minor)


# Taken back with a refund, under the card's lock


def take_back(order: Order, found: TakeBonus, *, by: Actor, reason: str) -> None:
    """Take back the part of the bonus that is not earned any more; the rest is a shortfall."""
    funded, card = found.funded, found.funded.card
    taken = funded.money(found.taken_minor)
    audit_id = audit.record(
        by=by,
        action="gift_card.clawed_back",
        subject=card.id,
        reason=f"Order {order.number}: {reason}",
        data={
            "due": found.taken_minor + found.missing_minor,
            "taken": taken.minor,
            "currency": card.currency,
        },
        is_test=card.is_test,
    )
    locked = cards.locking.lock_one(card.id)
    if taken:
        movement = Movement(
            "claw_back", CARD, "promotions", taken.minor, audit_id, order_id=order.id
        )
        locked, _ = cards.locking.move(locked, movement)
        notes.add(order.id, f"{taken} of bonus gift card •••• {card.last4} was taken back.")
    if found.ends_card:
        cards.locking.set_state(locked, "cancelled")
    if not locked.card.balance_minor:
        _drop_waiting_mail(card)
    card_credits.record_shortfall(order, card, found.missing_minor, kind=funded.kind)


def _drop_waiting_mail(card: Card) -> None:
    """Drop the mails that would thank for a sum that is gone, of the card and what it replaced."""
    mail = models.Mail
    waiting = mail.kind.in_(("bonus_issued", "card_issued", "card_replaced")) & (
        mail.state == "waiting"
    )
    mail.delete().where(mail.card_id.in_(card_credits.chain_of(card)) & waiting).execute()
