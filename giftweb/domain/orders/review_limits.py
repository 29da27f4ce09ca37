"""What of the gift cards that an order buys is above its campaign's limits of a review (B26)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from giftweb import clock, days, ids, keys, models
from giftweb.database import to_json
from giftweb.domain import audit, catalogue, emails, limits
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.orders.values import CANCELLED, Order
from giftweb.models import RiskAssessment
from giftweb.money import LIMIT_MINOR, Money

AMOUNT, FIRST = "amount", "first"
CUSTOMER, RECIPIENT, ADDRESS, NETWORK = "customer", "recipient", "address", "network"
REASONS = (AMOUNT, CUSTOMER, RECIPIENT, ADDRESS, NETWORK, FIRST)
"""A card of more than the campaign's limit; more cards or money in a day than it allows for one
customer, for one recipient, to one postal address or from one network; a first order."""


class Limits(NamedTuple):
    """A campaign's limits, in minor units of its currency; None: there is no such limit."""

    amount_above_minor: int | None
    cards_per_day: int | None
    amount_per_day_minor: int | None
    first_order_above_minor: int | None

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """The limits that the campaign has now."""
        return cls(*(getattr(campaign, f"review_{name}") for name in cls._fields))

    @property
    def of_a_day(self) -> bool:
        """Whether anything is counted through the day."""
        return self.cards_per_day is not None or self.amount_per_day_minor is not None


class Day(NamedTuple):
    """The most cards and money that anybody whom an order concerns has had today."""

    cards: int | None = None
    minor: int | None = None


def assess(
    order: Order, new: Sequence[NewCard], campaign: Campaign, *, part: int
) -> tuple[str, ...]:
    """Why the cards that a part of a locked order buys wait for a review; empty: they do not.

    Counts them to what the customer, the recipients, the postal address and the network have had
    today, and keeps what was found beside the limits.
    """
    wanted = Limits.of(campaign)
    if not new or all(limit is None for limit in wanted):
        return ()
    worths = [_worth(each.amount, campaign.currency) for each in new]
    known = [worth for worth in worths if worth is not None]
    day, found = _day(order, new, worths, wanted) if wanted.of_a_day else (Day(), set())
    first, total = _is_first(order), min(sum(known), LIMIT_MINOR)
    if None in worths or max(known, default=0) > _limit(wanted.amount_above_minor):
        found.add(AMOUNT)
    if first and total > _limit(wanted.first_order_above_minor):
        found.add(FIRST)
    why = tuple(reason for reason in REASONS if reason in found)
    audit.seals.insert(
        RiskAssessment,
        wanted,
        id=ids.new("rsk"),
        order_id=order.id,
        part=part,
        created_at=clock.now(),
        currency=campaign.currency,
        cards=len(new),
        largest_minor=max(known, default=0),
        sum_minor=total,
        day_cards=day.cards,
        day_minor=day.minor,
        is_first=first,
        reason=" ".join(why),
    )
    return why


def _limit(most: int | None) -> int:
    return LIMIT_MINOR if most is None else most


def _worth(amount: Money, currency: str) -> int | None:
    """In the campaign's currency; None: there is no rate, so the card is looked at."""
    if amount.currency == currency:
        return amount.minor
    rate = catalogue.rates.rate(amount.currency, currency)
    if rate is None:
        return None
    worth = catalogue.prices.to_order(amount.minor, amount.currency, currency, str(rate))
    return min(worth, LIMIT_MINOR)


# Through the day


def _day(
    order: Order, new: Sequence[NewCard], worths: Iterable[int | None], wanted: Limits
) -> tuple[Day, set[str]]:
    """Count the cards to everybody whom they concern; the most of each, and who has too much."""
    cards: Counter[tuple[str, str]] = Counter()
    minors: Counter[tuple[str, str]] = Counter()
    around = _around(order)
    for each, worth in zip(new, worths, strict=True):
        whom = (*around, (RECIPIENT, emails.canonical(each.holder_email or "")))
        cards.update(whom)
        minors.update(dict.fromkeys(whom, worth or 0))
    counts = _added(order, cards, "bought", wanted.cards_per_day)
    sums = _added(order, minors, "bought for", wanted.amount_per_day_minor)
    found = {kind for kind, count in counts.items() if count > _limit(wanted.cards_per_day)}
    found |= {kind for kind, minor in sums.items() if minor > _limit(wanted.amount_per_day_minor)}
    return Day(max(counts.values(), default=None), max(sums.values(), default=None)), found


def _around(order: Order) -> tuple[tuple[str, str], ...]:
    """The customer, and the postal address and the network as far as they are known."""
    found = [(CUSTOMER, emails.canonical(order.customer_email))]
    if order.shipping_address is not None:
        found.append((ADDRESS, _plain(order.shipping_address)))
    network = models.Checkout.select(models.Checkout.network)
    cart = network.where(models.Checkout.id == order.checkout_id).first()
    if cart is not None and cart.network is not None:
        found.append((NETWORK, cart.network))
    return tuple(found)


def _added(
    order: Order, sums: Counter[tuple[str, str]], name: str, most: int | None
) -> dict[str, int]:
    """Kind -> the most that anybody of it comes to today; nothing is counted without a limit."""
    found: dict[str, int] = {}
    for (kind, whom), amount in sorted(sums.items()) if most is not None else ():
        total = limits.daily_use.add(_counter(order, name, kind, whom), amount)
        found[kind] = max(found.get(kind, 0), total)
    return found


def _plain(address: dict[str, str]) -> str:
    parts = (address.get(name) or "" for name in ("line1", "postal_code", "country"))
    return to_json([" ".join(part.split()).casefold() for part in parts])


def _counter(order: Order, name: str, kind: str, whom: str) -> str:
    """What is counted, so that nobody reads whom."""
    digest = keys.ring().seal_of(f"bought\x1f{kind}\x1f{whom}".encode()).hex()
    return f"{name} {order.campaign_id} {'test' if order.is_test else 'live'} {digest}"


# The first order


def _is_first(order: Order) -> bool:
    """Whether the customer has paid for nothing at the campaign on an earlier day; what was
    charged back is not paid for."""
    other = models.Order
    today = days.start_of(clock.today(), days.WORLD)
    earlier = other.select().where(
        other.customer == order.customer_id,
        other.campaign == order.campaign_id,
        other.is_test == order.is_test,
        other.id != order.id,
        other.status != CANCELLED,
        other.paid_at < today,
        other.id.not_in(models.Chargeback.select(models.Chargeback.order)),
    )
    return not earlier.exists()
