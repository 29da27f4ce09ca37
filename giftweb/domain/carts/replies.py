"""The widget's message after each step. One sentence for every code that cannot be used, so that
nobody learns from it which codes exist.
"""

from typing import NamedTuple

from giftweb import money
from giftweb.domain.carts import terms
from giftweb.domain.carts.allocation import FULL
from giftweb.domain.carts.carts import Refreshed
from giftweb.domain.carts.values import AppliedCard, Checkout
from giftweb.errors import (
    CardNotUsable,
    DomainError,
    InsufficientBalance,
    ModeMismatch,
    PinRequired,
    TooManyTries,
    UnknownCode,
)
from giftweb.language import gettext, lazy_gettext, list_text
from giftweb.money import Money

MISSES = (UnknownCode, CardNotUsable, ModeMismatch)
"""Well-formed codes that pay nothing here: alike to the shopper, each a failed try."""

EXPLAINED = (terms.BoundToHolder, terms.NotAccepted)
"""Of these only who has a right code learns anything, and they learn why it does not pay."""

ALL_COVERED = lazy_gettext("Gift cards can pay for everything.")
SAME_FOR_ALL = lazy_gettext("This code cannot be used here. Check it, or use another card.")
LESS_IS_LEFT = lazy_gettext(
    "There is less on your gift cards than before. See what is left to pay."
)

SOME_LEFT_OUT = lazy_gettext("Some of these items cannot be paid for with a gift card.")
_UNCOVERED = {
    (True, False, False): lazy_gettext("Shipping is not covered."),
    (False, True, False): lazy_gettext("New gift cards are not covered."),
    (False, False, True): lazy_gettext("Recharges are not covered."),
    (True, True, False): lazy_gettext("Shipping and new gift cards are not covered."),
    (True, False, True): lazy_gettext("Shipping and recharges are not covered."),
    (False, True, True): lazy_gettext("New gift cards and recharges are not covered."),
    (True, True, True): lazy_gettext("Shipping, new gift cards and recharges are not covered."),
}
"""By whether shipping, new gift cards and recharges are what gift cards may not pay."""


class Feedback(NamedTuple):
    """A sentence in the language of whoever took the step.

    After an error ``typed`` is kept in the field that it was typed into: that of the card
    ``card_id``, or that of the code. ``challenge``: what a browser may prove work for.
    ``needs_pin``: the card's PIN is to be entered besides.
    """

    sentence: str
    is_error: bool = False
    typed: str = ""
    card_id: str = ""
    challenge: str = ""
    needs_pin: bool = False


def due_parts(checkout: Checkout) -> list[tuple[Money, str]]:
    """What is left to pay and for what: (amount, what) each (S42)."""
    covers_shipping = checkout.covers == "goods_and_shipping"
    shipping = 0 if covers_shipping else checkout.amounts.shipping_minor
    due = checkout.due_minor
    cards = min(checkout.amounts.card_items_minor, due - shipping)
    goods = due - shipping - cards
    pays_shipping = covers_shipping and checkout.amounts.shipping_minor
    what = gettext("goods and shipping") if pays_shipping else gettext("goods")
    if checkout.coverage == FULL and terms.left_out_minor(checkout.terms, checkout.items):
        what = gettext("other items")
    parts = ((goods, what), (cards, _for_cards(checkout)), (shipping, gettext("shipping")))
    return [(Money(minor, checkout.currency), what) for minor, what in parts if minor > 0]


def policy(checkout: Checkout) -> str:
    """What gift cards may pay here, in words (D1, D13, B24)."""
    if checkout.is_below_minimum:
        return terms.minimum_sentence(checkout.terms, checkout.currency)
    has_new, has_recharges = _card_items(checkout)
    key = (checkout.covers != "goods_and_shipping", has_new, has_recharges)
    if terms.left_out_minor(checkout.terms, checkout.items) == 0:
        return str(_UNCOVERED.get(key, ALL_COVERED))
    return " ".join(str(each) for each in (_UNCOVERED.get(key), SOME_LEFT_OUT) if each)


def _card_items(checkout: Checkout) -> tuple[bool, bool]:
    """Whether new gift cards lie in the cart, and whether recharges do."""
    bought = [item for item in checkout.items if item.is_gift_card and item.total_minor > 0]
    return (
        any(not item.recharges for item in bought),
        any(bool(item.recharges) for item in bought),
    )


def _for_cards(checkout: Checkout) -> str:
    """What lies in the cart that puts money on gift cards; "" for nothing."""
    has_new, has_recharges = _card_items(checkout)
    if has_new and has_recharges:
        return gettext("new gift cards and recharges")
    return gettext("recharges") if has_recharges else gettext("new gift cards")


def applied(after: Checkout) -> Feedback:
    """Whether the cards cover all that they may pay, or a part (S36)."""
    new = max(after.cards, key=lambda card: card.turn)
    values = {"last4": new.last4, "amount": new.amount}
    if not new.amount:
        message = gettext("Gift card ending in {last4} is not needed: the others cover it.")
    elif after.coverage != FULL:
        message = gettext("Gift card ending in {last4} pays {amount}: a part is covered.")
    elif after.due_minor:
        values["rest"] = list_text([what for _, what in due_parts(after)])
        message = gettext("Gift card ending in {last4} pays {amount}: all but {rest} is covered.")
    else:
        message = gettext("Gift card ending in {last4} pays {amount}: everything is covered.")
    return Feedback(message.format(**values))


def removed(before: Checkout, after: Checkout) -> Feedback:
    """A card was taken off."""
    left = {card.card_id for card in after.cards}
    gone = [card.last4 for card in before.cards if card.card_id not in left]
    if not gone:
        return Feedback(gettext("Gift card was removed."))
    return Feedback(gettext("Gift card ending in {last4} was removed.", last4=gone[0]))


def refreshed(before: Checkout, after: Refreshed, step: Feedback | None = None) -> Feedback | None:
    """What has become of the cards since the shopper saw them (E8, E39), behind the feedback on
    their own step; None when there is nothing to say."""
    sentences = [_dropped(card) for card in after.dropped]
    if not sentences and step is None and after.checkout.paid_minor < before.paid_minor:
        sentences = [str(LESS_IS_LEFT)]
    if not sentences:
        return step
    if step is None:
        return Feedback(" ".join(sentences))
    return step._replace(sentence=" ".join([step.sentence, *sentences]))


def _dropped(card: AppliedCard) -> str:
    message = gettext("Gift card ending in {last4} cannot be used any more: it was removed.")
    if card.problem == "used_up":
        message = gettext("Gift card ending in {last4} has no money left: it was removed.")
    return message.format(last4=card.last4)


def changed() -> Feedback:
    """The shopper uses more or less of a card."""
    return Feedback(gettext("Changed."))


def refused(problem: DomainError, *, typed: str = "", card_id: str = "") -> Feedback:
    """Why not. What was typed is kept, to be corrected."""
    sentence = problem.sentence
    if isinstance(problem, MISSES) and not isinstance(problem, EXPLAINED):
        sentence = str(SAME_FOR_ALL)
    elif isinstance(problem, InsufficientBalance):
        sentence = gettext("What is left on this gift card is reserved for an open order.")
    challenge = problem.challenge if isinstance(problem, TooManyTries) else ""
    return Feedback(
        sentence,
        is_error=True,
        typed=typed,
        card_id=card_id,
        challenge=challenge,
        needs_pin=isinstance(problem, PinRequired),
    )


def read_limit(checkout: Checkout, text: str) -> Money | None:
    """The most to use of a card as typed; nothing typed means all of it.

    Raises: Invalid (amount).
    """
    return money.parse(text, checkout.currency) if text.strip() else None
