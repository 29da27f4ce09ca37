"""Printed cards: taken from stock, and rests put together (B22, B25)."""

from itertools import zip_longest
from typing import Any

from giftweb.blueprints.api import card_schemas
from giftweb.blueprints.api.operations import AnswerWithCode, Object, post, with_code
from giftweb.blueprints.api.problem_schemas import TYPED_CODE
from giftweb.domain import campaigns, cards
from giftweb.domain.campaigns.api_keys import Caller
from giftweb.domain.campaigns.key_terms import ISSUE
from giftweb.domain.cards.activation import Activation
from giftweb.domain.cards.payload import GiftCard
from giftweb.domain.cards.values import Card
from giftweb.errors import ModeMismatch, NotAllowed, UnknownCode
from giftweb.money import Money


@post(
    "/gift-cards/activation",
    scopes=(ISSUE,),
    status=201,
    body=card_schemas.NewActivation,
    answers=card_schemas.GiftCard,
    needs_key=True,
    is_guess=True,
    refuses=("card_not_usable", "currency_mismatch"),
)
def activate_gift_card(caller: Caller, *, body: dict[str, Any]) -> Object:
    """Activate a gift card from stock.

    It becomes money, once; its validity counts from now. Nothing is mailed. A card that was
    activated before, or cancelled: 409 `card_not_usable`. Wrong codes are counted.
    """
    campaign = campaigns.find(caller.campaign_id)
    if not campaign.is_active:
        raise NotAllowed("This campaign is closed: it issues no more cards.")
    card = cards.activation.find(
        body["code"], campaign_id=caller.campaign_id, is_test=caller.is_test
    )
    holder = body.get("holder", {})
    activation = Activation(
        amount=Money(body["amount"], body["currency"]),
        source=body["source"],
        campaign_id=caller.campaign_id,
        holder_email=holder.get("email"),
        holder_name=holder.get("name"),
        valid_days=campaign.card_valid_days,
    )
    return GiftCard.of(cards.activation.activate(card.id, activation=activation, by=caller.actor))


@post(
    "/gift-cards/merge",
    scopes=(ISSUE,),
    status=201,
    body=card_schemas.Merged,
    answers=card_schemas.GiftCardWithCode,
    needs_key=True,
    is_guess=True,
    refuses=("card_in_use", *TYPED_CODE),
    complete=with_code,
)
def merge_gift_cards(caller: Caller, *, body: dict[str, Any]) -> AnswerWithCode:
    """Merge gift cards.

    What is left on the campaign's cards with these codes moves to a new one, for the holder of the
    first; the old ones are replaced by it. They have one currency, one last day and one bond to a
    holder, or none; a bonus stays as it is. Wrong codes and PINs are counted.
    """
    found = [
        _find_own(caller, code, pin)
        for code, pin in zip_longest(body["codes"], body.get("pins", ()))
    ]
    merged = cards.merging.merge([card.id for card in found], by=caller.actor)
    return AnswerWithCode(GiftCard.of(merged.card), merged.card.id)


def _find_own(caller: Caller, code: str, pin: str | None) -> Card:
    card = cards.find_by_code(code)
    if card.campaign_id != caller.campaign_id:
        raise UnknownCode
    if card.is_test != caller.is_test:
        raise ModeMismatch
    cards.pins.require(card, pin)
    return card
