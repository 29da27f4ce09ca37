"""Tills: a purchase paid by one gift card in one step (B21)."""

from typing import Any

from giftweb.blueprints.api import till_schemas
from giftweb.blueprints.api.operations import Object, post
from giftweb.blueprints.api.problem_schemas import PAYING_CODE
from giftweb.domain import cards, checkout
from giftweb.domain.campaigns.api_keys import Caller
from giftweb.domain.campaigns.key_terms import CHECKOUT
from giftweb.domain.checkout.redemptions import Redemption
from giftweb.money import Money


@post(
    "/redemptions",
    scopes=(CHECKOUT,),
    status=201,
    body=till_schemas.NewRedemption,
    answers=till_schemas.Redemption,
    needs_key=True,
    is_guess=True,
    refuses=PAYING_CODE,
)
def redeem_gift_card(caller: Caller, *, body: dict[str, Any]) -> Object:
    """Redeem a gift card at a till.

    Places an order for `amount` that this card pays, in one step. A card with less: 409
    `insufficient_balance`, which says what is `available`; with `allow_part` the order is for what
    there is, and `amount_due` is what the till takes otherwise. A card that can pay nothing at this
    moment is refused with `allow_part`, too. The order has no customer: no mail leaves, and no
    bonus is issued. It is refunded like any other, by its `payment_id`. Wrong codes and
    PINs are counted as at a checkout.
    """
    done = checkout.redemptions.redeem(
        body["code"],
        amount=Money(body["amount"], body["currency"]),
        reference=body["reference"],
        campaign_id=caller.campaign_id,
        is_test=caller.is_test,
        pin=body.get("pin"),
        allow_part=body["allow_part"],
        by=caller.actor,
    )
    return _object(caller, done)


def _object(caller: Caller, done: Redemption) -> Object:
    """The redemption; the card as its campaign lets others see it."""
    card = cards.payload.seen_by(done.card, caller.campaign_id)
    return till_schemas.Redemption.of(done) | {"gift_card": card}
