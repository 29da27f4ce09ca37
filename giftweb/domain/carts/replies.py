"""The widget's message after each step. One sentence for every code that cannot be used, so that
nobody learns from it which codes exist.
"""

from typing import NamedTuple

from giftweb import money
from giftweb.domain.carts.allocation import FULL
from giftweb.domain.carts.carts import Refreshed
from giftweb.domain.carts.values import AppliedCard, Checkout
from giftweb.errors import (
    CardNotUsable,
    DomainError,
    InsufficientBalance,
    ModeMismatch,
    TooManyTries,
    UnknownCode,
)
from giftweb.money import Money

MISSES = (UnknownCode, CardNotUsable, ModeMismatch)
"""Well-formed codes that pay nothing here: alike to the shopper, each a failed try."""

ALL_COVERED = "Gift cards can pay for everything."
SAME_FOR_ALL = "This code cannot be used here. Check it, or use another card."
LESS_IS_LEFT = "There is less on your gift cards than before. See what is left to pay."


class Feedback(NamedTuple):
    """A sentence with amounts to fill in.

    After an error ``typed`` is kept in the field that it was typed into: that of the card
    ``card_id``, or that of the code. ``challenge``: what a browser may prove work for.
    """

    sentence: str
    amounts: tuple[Money, ...] = ()
    is_error: bool = False
    typed: str = ""
    card_id: str = ""
    challenge: str = ""


def due_parts(checkout: Checkout) -> list[tuple[Money, str]]:
    """What is left to pay and for what: (amount, what) each (S42)."""
    covers_shipping = checkout.covers == "goods_and_shipping"
    shipping = 0 if covers_shipping else checkout.amounts.shipping_minor
    due = checkout.due_minor
    cards = min(checkout.amounts.card_items_minor, due - shipping)
    goods = due - shipping - cards
    what = "goods and shipping" if covers_shipping and checkout.amounts.shipping_minor else "goods"
    for_cards = " and ".join(_for_cards(checkout)) if cards > 0 else ""
    parts = ((goods, what), (cards, for_cards), (shipping, "shipping"))
    return [(Money(minor, checkout.currency), what) for minor, what in parts if minor > 0]


def policy(checkout: Checkout) -> str:
    """What gift cards may pay here, in words (D1, D13)."""
    uncovered = _for_cards(checkout) if checkout.amounts.card_items_minor > 0 else []
    if checkout.covers != "goods_and_shipping":
        uncovered = ["shipping", *uncovered]
    if not uncovered:
        return ALL_COVERED
    listed = " and ".join(
        [", ".join(uncovered[:-1]), uncovered[-1]] if uncovered[1:] else uncovered
    )
    return f"{listed.capitalize()} {'is' if listed == 'shipping' else 'are'} not covered."


def _for_cards(checkout: Checkout) -> list[str]:
    """What lies in the cart that puts money on gift cards."""
    bought = [item for item in checkout.items if item.is_gift_card]
    words = ((False, "new gift cards"), (True, "recharges"))
    return [word for kind, word in words if any(bool(item.recharges) == kind for item in bought)]


def applied(after: Checkout) -> Feedback:
    """Whether the cards cover all that they may pay, or a part (S36)."""
    new = max(after.cards, key=lambda card: card.turn)
    name = f"Gift card ending in {new.last4}"
    if not new.amount:
        return Feedback(f"{name} is not needed: the others cover it.")
    if after.coverage != FULL:
        covered = "a part is covered"
    elif after.due_minor:
        covered = f"all but {' and '.join(what for _, what in due_parts(after))} is covered"
    else:
        covered = "everything is covered"
    return Feedback(f"{name} pays {{}}: {covered}.", (new.amount,))


def removed(before: Checkout, after: Checkout) -> Feedback:
    """A card was taken off."""
    left = {card.card_id for card in after.cards}
    gone = [card.last4 for card in before.cards if card.card_id not in left]
    name = f"ending in {gone[0]} " if gone else ""
    return Feedback(f"Gift card {name}was removed.")


def refreshed(before: Checkout, after: Refreshed, step: Feedback | None = None) -> Feedback | None:
    """What has become of the cards since the shopper saw them (E8, E39), behind the feedback on
    their own step; None when there is nothing to say."""
    sentences = [_dropped(card) for card in after.dropped]
    if not sentences and step is None and after.checkout.paid_minor < before.paid_minor:
        sentences = [LESS_IS_LEFT]
    if not sentences:
        return step
    if step is None:
        return Feedback(" ".join(sentences))
    return step._replace(sentence=" ".join([step.sentence, *sentences]))


def _dropped(card: AppliedCard) -> str:
    why = "has no money left" if card.problem == "used_up" else "cannot be used any more"
    return f"Gift card ending in {card.last4} {why}: it was removed."


def changed() -> Feedback:
    """The shopper uses more or less of a card."""
    return Feedback("Changed.")


def refused(problem: DomainError, *, typed: str = "", card_id: str = "") -> Feedback:
    """Why not. What was typed is kept, to be corrected."""
    sentence = problem.sentence
    if isinstance(problem, MISSES):
        sentence = SAME_FOR_ALL
    elif isinstance(problem, InsufficientBalance):
        sentence = "What is left on this gift card is reserved for an open order."
    challenge = problem.challenge if isinstance(problem, TooManyTries) else ""
    return Feedback(sentence, is_error=True, typed=typed, card_id=card_id, challenge=challenge)


def read_limit(checkout: Checkout, text: str) -> Money | None:
    """The most to use of a card as typed; nothing typed means all of it.

    Raises: Invalid (amount).
    """
    return money.parse(text, checkout.currency) if text.strip() else None
