"""What a campaign says of gift cards beside what they cover: whose it takes, and for what (B24).

A cart keeps the terms of the moment at which it was opened.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from giftweb.domain import catalogue, emails
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.campaigns.settings import OWN
from giftweb.domain.cards.values import Card
from giftweb.domain.catalogue.items import Item
from giftweb.errors import CardNotUsable
from giftweb.language import gettext
from giftweb.money import Money

OTHER_CUSTOMER, NOT_ACCEPTED = "other_customer", "not_accepted"


class BoundToHolder(CardNotUsable):
    """This gift card is bound to its holder: it pays only for orders with the holder's email."""


class NotAccepted(CardNotUsable):
    """This shop does not take this gift card: it is another shop's."""


class CardTerms(NamedTuple):
    """``accepts``: ids of the campaigns whose cards pay; None: anybody's. ``minimum_minor``: the
    smallest order that they pay for. ``excluded``: categories that they do not pay."""

    accepts: tuple[str, ...] | None = None
    minimum_minor: int = 0
    excluded: tuple[str, ...] = ()

    def leaves_out(self, item: Item) -> bool:
        """Whether no gift card pays for an item of goods."""
        if item.is_gift_card or not item.gift_card_payable:
            return not item.is_gift_card
        return bool(self.excluded) and _plain(item.category or "") in self.excluded


NO_TERMS = CardTerms()


def of_campaign(campaign: Campaign, *, currency: str) -> dict[str, Any] | None:
    """The terms of a campaign for a cart in this currency, as the cart keeps them; None: none.

    A smallest order in a currency that cannot be converted is none.
    """
    terms = CardTerms(
        _accepted(campaign),
        _minimum(campaign, currency),
        tuple(map(_plain, campaign.categories_left_out)),
    )
    return None if terms == NO_TERMS else terms._asdict()


def read(document: dict[str, Any] | None) -> CardTerms:
    """The terms that a cart keeps."""
    if document is None:
        return NO_TERMS
    accepts = document["accepts"]
    return CardTerms(
        None if accepts is None else tuple(accepts),
        document["minimum_minor"],
        tuple(document["excluded"]),
    )


def without_minimum(document: dict[str, Any] | None) -> dict[str, Any] | None:
    """The terms that a cart keeps, once no smallest order is asked for any more."""
    return None if document is None else document | {"minimum_minor": 0}


def _accepted(campaign: Campaign) -> tuple[str, ...] | None:
    if not campaign.accepts:
        return None
    others = (word for word in campaign.accepts.split() if word != OWN)
    return tuple(dict.fromkeys((campaign.id, *others)))


def _minimum(campaign: Campaign, currency: str) -> int:
    minor = campaign.minimum_order_minor or 0
    if not minor or campaign.currency == currency:
        return minor
    rate = catalogue.rates.rate(campaign.currency, currency)
    if rate is None:
        return 0
    return catalogue.prices.to_order(minor, campaign.currency, currency, str(rate))


def _plain(category: str) -> str:
    return " ".join(category.split()).casefold()


def left_out_minor(terms: CardTerms, items: Iterable[Item]) -> int:
    """What the items of goods cost that no gift card pays for."""
    return sum(item.total_minor for item in items if terms.leaves_out(item))


def minimum_sentence(terms: CardTerms, currency: str) -> str:
    """Which orders gift cards pay for."""
    least = Money(terms.minimum_minor, currency)
    return gettext("Gift cards pay for orders of {least} or more.", least=least)


def problem(card: Card, terms: CardTerms, customer_email: str) -> str | None:
    """Why a card that can be used pays nothing in a cart; None: it does."""
    if card.bound_to_holder and card.holder_email != emails.folded(customer_email):
        return OTHER_CUSTOMER
    if terms.accepts is not None and card.campaign_id not in terms.accepts:
        return NOT_ACCEPTED
    return None


def require_accepted(card: Card, terms: CardTerms, *, customer_email: str) -> None:
    """Refuse a card that is bound to somebody else, or that the shop does not take.

    Raises: BoundToHolder, NotAccepted.
    """
    found = problem(card, terms, customer_email)
    if found == OTHER_CUSTOMER:
        raise BoundToHolder(gift_card_id=card.id)
    if found == NOT_ACCEPTED:
        raise NotAccepted(gift_card_id=card.id)
