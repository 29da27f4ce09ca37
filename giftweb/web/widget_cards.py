"""How the cards of a checkout are put together, in the frame and in the hosted shop alike."""

from collections.abc import Iterator
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from giftweb.domain import allocation, widget_replies
from giftweb.domain.checkout_values import OPEN, Checkout
from giftweb.domain.widget_replies import Said
from giftweb.web.prepared import Prepared
from giftweb.web.templating import minor_text, money_text

_CARDS = Prepared(
    "widget/_cards.html",
    *("base", "secret", "campaign", "typed", "sentence", "policy", "lines"),
    *("paid_minor", "due_minor", "currency", "coverage", "paid", "due", "due_for"),
)
_CARD = Prepared(
    "widget/_card.html",
    *("base", "secret", "currency", "sentence", "number", "card_id", "last4"),
    *("amount", "balance", "worth", "most"),
)


def hidden_field(name: str, value: str) -> Markup:
    """A field that the shopper does not see, such as what proves a form."""
    return Markup(f'<input type="hidden" name="{name}" value="{escape(value)}">')  # noqa: S704


def waiting(base: str) -> Markup:
    """The field alone, for who types while the script asks for the cards."""
    flags = {"status": OPEN, "is_waiting": True}
    blanks = {"base": base, "secret": Markup(), "typed": ""}
    return Markup(_CARDS.render(current_app.jinja_env, flags, blanks))  # noqa: S704 - a template


def draw(
    checkout: Checkout,
    *,
    base: str,
    secret: Markup,
    said: Said | None = None,
    is_swap: bool = False,
) -> Markup:
    """The cards as they stand, and what is said about the last step.

    ``base`` is the address that its forms post below, ``secret`` the hidden field that proves them.
    ``is_swap``: it takes its place in a page that has where to say it aloud.
    """
    paid, due = checkout.paid_minor, checkout.due_minor
    failed_card = said.card_id if said else ""
    flags = {
        "status": checkout.status,
        "is_test": checkout.is_test,
        "is_wrong": said is not None and said.is_error and not failed_card,
        "is_failed": failed_card != "",
        "is_done": said is not None and not said.is_error,
        "is_swap": is_swap,
        "has_many": len(checkout.cards) > 1,
        "has_cards": bool(checkout.cards),
        "has_paid": paid > 0,
        "has_due": due > 0,
    }
    same = {
        "base": base,
        "secret": secret,
        "currency": checkout.currency,
        "sentence": _sentence(said) if said else "",
    }
    blanks = same | {
        **_sums(checkout, paid, due),
        "typed": said.typed if said and not failed_card else "",
        "campaign": checkout.campaign_id,
        "policy": widget_replies.policy(checkout),
        "lines": Markup("\n".join(_lines(checkout, said, same))),  # noqa: S704 - see _lines
    }
    return Markup(_CARDS.render(current_app.jinja_env, flags, blanks))  # noqa: S704 - a template


def _sentence(said: Said) -> str:
    amounts = map(money_text, said.amounts)
    return said.sentence.format(*amounts) if said.amounts else said.sentence


def _sums(checkout: Checkout, paid: int, due: int) -> dict[str, Any]:
    return {
        "paid_minor": paid,
        "due_minor": due,
        "coverage": allocation.coverage(paid, checkout.coverable_minor),
        "paid": minor_text(paid, checkout.currency),
        "due": minor_text(due, checkout.currency),
        "due_for": _due_for(checkout) if paid and due else "",
    }


def _due_for(checkout: Checkout) -> str:
    """What is left to pay for, beside its sum (S42)."""
    parts = widget_replies.due_parts(checkout)
    if len(parts) == 1:
        return f" for {parts[0][1]}"
    listed = ", ".join(f"{money_text(amount)} {what}" for amount, what in parts)
    return f" ({listed})" if parts else ""


def _lines(checkout: Checkout, said: Said | None, same: dict[str, Any]) -> Iterator[str]:
    """A rendered template for each card."""
    env, is_open = current_app.jinja_env, checkout.status == OPEN
    for number, card in enumerate(checkout.cards, start=1):
        failed = said if said and said.card_id == card.card_id else None
        flags = {
            "is_open": is_open,
            "is_limited": card.limit_minor is not None,
            "is_foreign": card.balance.currency != card.amount.currency,
            "is_used": bool(card.amount),
            "is_failed": failed is not None,
        }
        blanks = same | {
            "number": number,
            "card_id": card.card_id,
            "last4": card.last4,
            "amount": money_text(card.amount),
            "balance": money_text(card.balance),
            "worth": money_text(card.worth),
            "most": failed.typed if failed else card.limit_text,
        }
        yield _CARD.render(env, flags, blanks)
