"""What the widget says after each step. One sentence for every code that cannot be used, so that
nobody learns from it which codes exist (INVARIANTS 2).
"""

from dataclasses import dataclass

from giftweb import money
from giftweb.domain.checkout_values import Checkout
from giftweb.errors import (
    CardNotUsable,
    DomainError,
    InsufficientBalance,
    ModeMismatch,
    UnknownCode,
)
from giftweb.money import Money

MISSES = (UnknownCode, CardNotUsable, ModeMismatch)
"""Well-formed codes that pay nothing here: alike to the shopper, each a failed try."""

SAME_FOR_ALL = "This code cannot be used here. Check it, or use another card."


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with amounts to fill in; ``code`` is what was typed, kept after an error."""

    sentence: str
    amounts: tuple[Money, ...] = ()
    is_error: bool = False
    code: str = ""


def due_parts(shown: Checkout) -> list[tuple[Money, str]]:
    """What is left to pay and for what: (amount, what) each (S42)."""
    shipping = 0 if shown.covers == "goods_and_shipping" else shown.amounts.shipping_minor
    cards = min(shown.amounts.card_items_minor, shown.due.minor - shipping)
    goods = shown.due.minor - shipping - cards
    parts = ((goods, "goods"), (cards, "new gift cards"), (shipping, "shipping"))
    return [(Money(minor, shown.currency), what) for minor, what in parts if minor > 0]


def applied(after: Checkout) -> Said:
    """Whether the newest card covers all that cards may pay, or a part (S36)."""
    new = max(after.cards, key=lambda card: card.turn)
    if not new.amount:
        return Said(f"Gift card ending in {new.last4} is not needed: the others cover it.")
    if after.due:
        sentence = f"Gift card ending in {new.last4} pays {{}}. You still pay {{}}."
        return Said(sentence, (new.amount, after.due))
    return Said(
        f"Gift card ending in {new.last4} pays {{}}. Nothing is left to pay.", (new.amount,)
    )


def removed(before: Checkout, after: Checkout) -> Said:
    """A card was taken off."""
    left = {card.card_id for card in after.cards}
    gone = [card.last4 for card in before.cards if card.card_id not in left]
    name = f"ending in {gone[0]} " if gone else ""
    return Said(f"Gift card {name}was removed. You still pay {{}}.", (after.due,))


def changed(after: Checkout) -> Said:
    """The shopper uses more or less of a card."""
    return Said("Changed. You still pay {}.", (after.due,))


def refused(problem: DomainError, *, code: str = "") -> Said:
    """Why not. What was typed is kept, to be corrected."""
    if isinstance(problem, MISSES):
        return Said(SAME_FOR_ALL, is_error=True, code=code)
    if isinstance(problem, InsufficientBalance):
        return Said("Nothing is left on this gift card.", is_error=True, code=code)
    return Said(problem.sentence, is_error=True, code=code)


def read_limit(shown: Checkout, text: str) -> Money | None:
    """The most to use of a card as typed; nothing typed means all of it.

    Raises: Invalid (amount).
    """
    return money.parse(text, shown.currency) if text.strip() else None
