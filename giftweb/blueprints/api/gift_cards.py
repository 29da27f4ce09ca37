"""Gift cards: issue, find, look up by code, recharge, adjust, freeze, cancel, replace, send."""

from typing import Any

from giftweb.blueprints.api import card_schemas, lists
from giftweb.blueprints.api.operations import AnswerWithCode, Object, get, patch, post, with_code
from giftweb.domain import campaigns, cards, desk
from giftweb.domain.campaigns.api_keys import Caller
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.campaigns.key_terms import CHECKOUT, ISSUE, READ
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.of_campaign import Query
from giftweb.domain.cards.payload import GiftCard, Transaction
from giftweb.domain.cards.values import Card
from giftweb.errors import NotAllowed, UnknownCode
from giftweb.money import Money

OVER = ("card_not_usable",)


def find_own(caller: Caller, card_id: str) -> Card:
    """A card that the caller's campaign issued or sold, in the key's mode.

    Raises: NotFound.
    """
    return cards.find(card_id, campaign_id=caller.campaign_id, is_test=caller.is_test)


@post(
    "/gift-cards",
    scopes=(ISSUE,),
    status=201,
    body=card_schemas.NewGiftCard,
    answers=card_schemas.GiftCardWithCode,
    needs_key=True,
    complete=with_code,
)
def issue_gift_card(caller: Caller, *, body: dict[str, Any]) -> AnswerWithCode:
    """Issue a gift card.

    It is mailed to its holder. The answer alone holds the code. Without `expires_on` the
    campaign's own rule applies.
    """
    campaign = campaigns.find(caller.campaign_id)
    if not campaign.is_active:
        raise NotAllowed("This campaign is closed: it issues no more cards.")
    new = _new_card(caller, campaign, body)
    card = cards.issue(new, by=caller.actor).card
    return AnswerWithCode(GiftCard.of(card), card.id)


def _new_card(caller: Caller, campaign: Campaign, body: dict[str, Any]) -> NewCard:
    return NewCard(
        amount=Money(body["amount"], body["currency"]),
        holder_email=body["holder"]["email"],
        holder_name=body["holder"].get("name"),
        holder_locale=body["holder"].get("locale"),
        is_test=caller.is_test,
        source=body["source"],
        origin="api",
        campaign_id=caller.campaign_id,
        message=body.get("message"),
        note=body.get("note"),
        expires_on=body.get("expires_on"),
        valid_days=campaign.card_valid_days,
        deliver_at=body.get("deliver_at") if body["send_email"] else None,
        send_email=body["send_email"],
        bound_to_holder=body["bound_to_holder"],
        tags=body.get("tags"),
    )


@get("/gift-cards", query=card_schemas.GiftCardQuery, answers=card_schemas.GiftCardList)
def list_gift_cards(caller: Caller, *, query: dict[str, Any]) -> Object:
    """List gift cards.

    Those that the campaign issued or sold, newest first.
    """
    page = cards.of_campaign.find_page(
        Query(**query), campaign_id=caller.campaign_id, is_test=caller.is_test
    )
    return lists.page(GiftCard, page.items, has_more=page.has_more)


@post(
    "/gift-cards/lookup",
    scopes=(READ, CHECKOUT),
    body=card_schemas.TypedCodeAndPin,
    answers=card_schemas.GiftCard,
    is_guess=True,
    refuses=("pin_required",),
)
def look_up_gift_card(caller: Caller, *, body: dict[str, Any]) -> Object:
    """Look up a gift card by its code.

    Any card of the key's mode. Holder, note and tags are shown for the campaign's own cards only.
    Wrong codes and PINs are counted.
    """
    card = cards.find_by_code(body["code"])
    if card.is_test != caller.is_test:
        raise UnknownCode
    cards.pins.require(card, body.get("pin"))
    return cards.payload.seen_by(card, caller.campaign_id)


@get("/gift-cards/{card_id}", answers=card_schemas.GiftCard)
def show_gift_card(caller: Caller, *, card_id: str) -> Object:
    """Show a gift card.

    One that the campaign issued or sold.
    """
    return GiftCard.of(find_own(caller, card_id))


@patch(
    "/gift-cards/{card_id}",
    scopes=(ISSUE,),
    body=card_schemas.ChangedGiftCard,
    answers=card_schemas.GiftCard,
    refuses=("refused", *OVER),
)
def change_gift_card(caller: Caller, *, card_id: str, body: dict[str, Any]) -> Object:
    """Change a gift card.

    What is not named stays. One that waits for its day is mailed at another time, with the cards
    of the same mail; its validity moves with it. Another holder gets what is not mailed yet.
    """
    find_own(caller, card_id)
    holder = body.pop("holder", None)
    if holder is not None:
        holder = cards.changes.Holder(holder["email"], holder.get("name"))
    changes = cards.changes.Changes(holder=holder, **body)
    cards.changes.change(card_id, changes=changes, by=caller.actor)
    return GiftCard.of(find_own(caller, card_id))


@get(
    "/gift-cards/{card_id}/transactions",
    query=card_schemas.TransactionQuery,
    answers=card_schemas.TransactionList,
)
def list_transactions(caller: Caller, *, card_id: str, query: dict[str, Any]) -> Object:
    """List the transactions of a gift card.

    What happened to its money, newest first.
    """
    found = cards.of_campaign.find_lines(find_own(caller, card_id), **query)
    return lists.page(Transaction, found.lines, has_more=found.has_more)


@post(
    "/gift-cards/{card_id}/top-ups",
    scopes=(ISSUE,),
    status=201,
    body=card_schemas.TopUp,
    answers=card_schemas.Transaction,
    needs_key=True,
    refuses=OVER,
)
def top_up_gift_card(caller: Caller, *, card_id: str, body: dict[str, Any]) -> Object:
    """Recharge a gift card.

    Its holder is mailed. Answers the transaction.
    """
    amount = Money(body["amount"], find_own(caller, card_id).currency)
    line = cards.top_up(
        card_id, amount=amount, note=body.get("note"), source=body["source"], by=caller.actor
    )
    return Transaction.of(line)


@post(
    "/gift-cards/{card_id}/adjustments",
    scopes=(ISSUE,),
    status=201,
    body=card_schemas.Adjustment,
    answers=card_schemas.Transaction,
    needs_key=True,
    refuses=(*OVER, "insufficient_balance"),
)
def adjust_gift_card(caller: Caller, *, card_id: str, body: dict[str, Any]) -> Object:
    """Correct the balance of a gift card.

    Up or down, with the reason. Answers the transaction.
    """
    change = Money(body["amount"], find_own(caller, card_id).currency)
    line = cards.adjust(card_id, change=change, reason=body["reason"], by=caller.actor)
    return Transaction.of(line)


@post(
    "/gift-cards/{card_id}/freeze",
    scopes=(ISSUE,),
    body=card_schemas.ActionReason,
    answers=card_schemas.GiftCard,
    refuses=OVER,
)
def freeze_gift_card(caller: Caller, *, card_id: str, body: dict[str, Any]) -> Object:
    """Freeze a gift card.

    It cannot be used. What an order holds already stays held.
    """
    find_own(caller, card_id)
    return GiftCard.of(cards.freeze(card_id, by=caller.actor, reason=body.get("reason")))


@post(
    "/gift-cards/{card_id}/unfreeze",
    scopes=(ISSUE,),
    body=card_schemas.ActionReason,
    answers=card_schemas.GiftCard,
    refuses=OVER,
)
def unfreeze_gift_card(caller: Caller, *, card_id: str, body: dict[str, Any]) -> Object:
    """Unfreeze a gift card.

    It can be used again.
    """
    find_own(caller, card_id)
    return GiftCard.of(cards.unfreeze(card_id, by=caller.actor, reason=body.get("reason")))


@post(
    "/gift-cards/{card_id}/cancellation",
    scopes=(ISSUE,),
    body=card_schemas.ActionReason,
    answers=card_schemas.GiftCard,
    needs_key=True,
    refuses=("card_already_used", "card_in_use", *OVER),
)
def cancel_gift_card(caller: Caller, *, card_id: str, body: dict[str, Any]) -> Object:
    """Cancel a gift card.

    One that was never used. A used one can be frozen. The price of a bought one is refunded.
    """
    find_own(caller, card_id)
    gone = desk.card_withdrawal.withdraw(card_id, by=caller.actor, reason=body.get("reason"))
    return GiftCard.of(gone.card)


@post(
    "/gift-cards/{card_id}/replacement",
    scopes=(ISSUE,),
    status=201,
    body=card_schemas.Replacement,
    answers=card_schemas.ReplacementCard,
    needs_key=True,
    refuses=("card_in_use", *OVER),
    complete=with_code,
)
def replace_gift_card(caller: Caller, *, card_id: str, body: dict[str, Any]) -> AnswerWithCode:
    """Replace a gift card.

    Its money gets a new code, and the old one is dead. Answers the new card.
    """
    find_own(caller, card_id)
    card = cards.endings.replace_card(
        card_id, by=caller.actor, reason=body.get("reason"), send_email=body["send_email"]
    ).card
    return AnswerWithCode(GiftCard.of(card) | {"replaces": card_id}, card.id)


@post(
    "/gift-cards/{card_id}/emails",
    scopes=(ISSUE,),
    status=202,
    body=card_schemas.Sending,
    answers=card_schemas.GiftCard,
    refuses=OVER,
)
def send_gift_card(caller: Caller, *, card_id: str, body: dict[str, Any]) -> Object:
    """Send a gift card again.

    To its holder or to another address.
    """
    find_own(caller, card_id)
    cards.holder.resend(card_id, by=caller.actor, email=body.get("email"))
    return GiftCard.of(find_own(caller, card_id))
