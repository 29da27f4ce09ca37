"""Bought gift cards that somebody looks at before they are sent (B26).

They are paid and issued, but frozen, and their codes leave the house in no way until somebody
releases them. Who refuses them is ``desk.reviews``: what was paid goes back.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from giftweb import clock, ids, keys, models
from giftweb.database import records, to_json, transactional
from giftweb.database.listings import literal
from giftweb.domain import audit, cards, catalogue, emails, limits, notes, outbox
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Card
from giftweb.domain.orders.values import Order
from giftweb.errors import Refused
from giftweb.models import CardReview
from giftweb.money import Money
from giftweb.tables.orders import WAITS_FOR_REVIEW

RELEASED, REFUSED = "released", "refused"
AMOUNT, CUSTOMER, RECIPIENT, ADDRESS = "amount", "customer", "recipient", "address"
REASONS = (AMOUNT, CUSTOMER, RECIPIENT, ADDRESS)
"""A card of more than the campaign's limit; more cards in a day than it allows for one customer,
for one recipient or to one postal address."""


class NothingToReview(Refused):
    """No gift card of this order waits for a review any more."""


class Review(NamedTuple):
    """A card that waits. ``reason``: words of REASONS with blanks between."""

    id: str
    card_id: str
    order_id: str
    reason: str
    created_at: datetime


# Which wait


def reasons(order: Order, new: Sequence[NewCard], campaign: Campaign) -> tuple[str, ...]:
    """Why the cards that an order buys wait for a review; empty: they do not.

    Counts them to what its customer, their recipients and its address have had today.
    """
    most, found = campaign.review_amount_above_minor, set()
    if most is not None and any(_is_above(each.amount, most, campaign.currency) for each in new):
        found.add(AMOUNT)
    if campaign.review_cards_per_day is not None and new:
        found |= _too_many(order, new, campaign.review_cards_per_day)
    return tuple(reason for reason in REASONS if reason in found)


def _is_above(amount: Money, most_minor: int, currency: str) -> bool:
    """An amount that cannot be compared is looked at."""
    if amount.currency == currency:
        return amount.minor > most_minor
    rate = catalogue.rates.rate(amount.currency, currency)
    if rate is None:
        return True
    worth = catalogue.prices.to_order(amount.minor, amount.currency, currency, str(rate))
    return worth > most_minor


def _too_many(order: Order, new: Sequence[NewCard], most: int) -> set[str]:
    sums: Counter[tuple[str, str]] = Counter()
    for each in new:
        sums[CUSTOMER, emails.canonical(order.customer_email)] += 1
        sums[RECIPIENT, emails.canonical(each.holder_email or "")] += 1
        if order.shipping_address is not None:
            sums[ADDRESS, _plain(order.shipping_address)] += 1
    return {
        kind
        for (kind, whom), count in sorted(sums.items())
        if limits.daily_use.add(_counter(order, kind, whom), count) > most
    }


def _plain(address: dict[str, str]) -> str:
    parts = (address.get(name) or "" for name in ("line1", "postal_code", "country"))
    return to_json([" ".join(part.split()).casefold() for part in parts])


def _counter(order: Order, kind: str, whom: str) -> str:
    """What is counted, so that nobody reads whom."""
    digest = keys.ring().seal_of(f"bought\x1f{kind}\x1f{whom}".encode()).hex()
    return f"bought {order.campaign_id} {'test' if order.is_test else 'live'} {digest}"


# Waiting


def hold(order: Order, bought: Iterable[Card], *, why: Sequence[str]) -> None:
    """Freeze the cards of a locked order that were issued just now, until somebody decides."""
    count = 0
    for card in bought:
        count += 1
        audit.seals.insert(
            CardReview,
            id=ids.new("rev"),
            card_id=card.id,
            order_id=order.id,
            reason=" ".join(why),
            created_at=clock.now(),
        )
        cards.freeze(card.id, by=SYSTEM, reason=WAITS_FOR_REVIEW)
    some = "One gift card waits" if count == 1 else f"{count} gift cards wait"
    notes.add(order.id, f"{some} for a review before anything is sent.")


def waiting(order_id: str) -> list[Review]:
    """The reviews of an order's cards that are open, for cards that have not ended meanwhile."""
    is_open = CardReview.decision.is_null() & (CardReview.order == order_id)
    alive = models.GiftCard.state.in_([literal("open"), literal("frozen")])
    found = records.select(Review, CardReview).join(models.GiftCard)
    return list(found.where(is_open, alive).order_by(CardReview.card))


def decide(found: Sequence[Review], decision: str, *, by: Actor, reason: str | None) -> None:
    """Keep what was decided, and by whom."""
    for review in found:
        changes = {"decision": decision, "decided_at": clock.now(), "decided_by": by.id}
        audit.seals.change(CardReview, review.id, **changes)
        audit.record(
            by=by, action=f"gift_card.review_{decision}", subject=review.card_id, reason=reason
        )


@transactional
def release(order: Order, *, by: Actor, reason: str | None = None) -> list[Card]:
    """Send the cards of a locked order that wait for a review; the cards.

    Raises: NothingToReview, Refused (a payment of the order was charged back).
    """
    found = waiting(order.id)
    if not found:
        raise NothingToReview
    if models.Chargeback.select().where(models.Chargeback.order == order.id).exists():
        raise Refused("A payment of this order was charged back. Its gift cards stay frozen.")
    decide(found, RELEASED, by=by, reason=reason)
    released = [cards.unfreeze(each.card_id, by=by, reason="Released") for each in found]
    mail(order, released)
    some = "One gift card was" if len(released) == 1 else f"{len(released)} gift cards were"
    notes.add(order.id, f"{some} released after a review.", by=by, reason=reason)
    return released


def mail(order: Order, bought: Iterable[Card]) -> None:
    """Mail each recipient once with all the codes that a day brings (S71)."""
    groups: dict[tuple[str | None, datetime | None], list[Card]] = {}
    for card in bought:
        if card.type != "physical":
            groups.setdefault((card.holder_email, card.scheduled_at), []).append(card)
    for (address, _), group in groups.items():
        outbox.mail(
            "cards_purchased",
            to=address,
            card_id=group[0].id,
            order_id=order.id,
            not_before=group[0].deliver_at,
            data={"cards": [card.id for card in group]},
            is_test=order.is_test,
        )
