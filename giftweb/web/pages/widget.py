"""How the cards of a checkout are put together, in the frame and in the hosted shop alike."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import current_app
from jinja2 import Environment
from markupsafe import Markup, escape

from giftweb.domain import cards, carts
from giftweb.domain.carts.replies import Feedback
from giftweb.domain.carts.values import AUTHORISED, OPEN, RESERVED, Checkout
from giftweb.errors import DomainError
from giftweb.language import gettext
from giftweb.money import minor_text, money_text
from giftweb.web.http import errors
from giftweb.web.pages.prepared import Prepared

_CARDS = Prepared(
    "widget/_cards.html",
    *("base", "secret", "campaign", "typed", "challenge", "sentence", "policy", "lines"),
    *("paid_minor", "due_minor", "currency", "coverage", "paid", "due", "still_pay"),
)
_CARD = Prepared(
    "widget/_card.html",
    *("base", "secret", "currency", "sentence", "number", "card_id", "last4"),
    *("amount", "balance", "worth", "most"),
)


def refusal_status(problem: DomainError) -> int:
    """The HTTP status of a refusal: one for every code that cannot be used here, as there is one
    sentence for them; a status would say which codes exist."""
    return 422 if isinstance(problem, carts.replies.MISSES) else errors.status_of(problem)


class _Variant(NamedTuple):
    """What the cards are drawn by."""

    status: str
    is_waiting: bool = False
    is_test: bool = False
    is_wrong: bool = False
    has_challenge: bool = False
    is_failed: bool = False
    is_done: bool = False
    is_swap: bool = False
    takes_cards: bool = True
    has_many: bool = False
    has_cards: bool = False
    has_paid: bool = False
    has_due: bool = False
    needs_pin: bool = False


class _CardVariant(NamedTuple):
    """What the line of one card is drawn by."""

    is_open: bool
    has_balance: bool
    is_limited: bool
    is_foreign: bool
    is_reserved: bool
    is_used: bool
    is_failed: bool


def formats() -> str:
    """The formats of imported codes, for which the automatic check waits as it does for ours."""
    return " ".join(cards.by_code.known_formats())


def hidden_field(name: str, value: str) -> Markup:
    """A field that the shopper does not see, such as what proves a form."""
    return Markup(f'<input type="hidden" name="{name}" value="{escape(value)}">')  # noqa: S704


def waiting(base: str) -> Markup:
    """The field alone, for who types while the script requests the cards."""
    variant = _Variant(OPEN, is_waiting=True)
    slots = {"base": base, "secret": Markup(), "typed": ""}
    return Markup(_CARDS.render(current_app.jinja_env, variant, slots))  # noqa: S704 - a template


def draw(
    checkout: Checkout,
    *,
    base: str,
    secret: Markup,
    feedback: Feedback | None = None,
    is_swap: bool = False,
) -> Markup:
    """The cards as they stand, and the feedback on the last step.

    ``base`` is the address that its forms post below, ``secret`` the hidden field that proves them.
    ``is_swap``: it replaces the cards in a page that already has a live region.
    """
    env, paid, due = current_app.jinja_env, checkout.paid_minor, checkout.due_minor
    failed_card = feedback.card_id if feedback else ""
    variant = _Variant(
        checkout.status,
        is_test=checkout.is_test,
        is_wrong=feedback is not None and feedback.is_error and not failed_card,
        has_challenge=feedback is not None and feedback.challenge != "",
        is_failed=failed_card != "",
        is_done=feedback is not None and not feedback.is_error,
        is_swap=is_swap,
        takes_cards=checkout.coverable_minor > 0 or bool(checkout.cards),
        has_many=len(checkout.cards) > 1,
        has_cards=bool(checkout.cards),
        has_paid=paid > 0,
        has_due=due > 0,
        needs_pin=feedback is not None and feedback.needs_pin,
    )
    same = {
        "base": base,
        "secret": secret,
        "currency": checkout.currency,
        "sentence": feedback.sentence if feedback else "",
    }
    slots = same | {
        **_sums(checkout, paid, due),
        "typed": feedback.typed if feedback and not failed_card else "",
        "challenge": feedback.challenge if feedback else "",
        "campaign": checkout.campaign_id,
        "policy": carts.replies.policy(checkout),
        "lines": Markup("\n".join(_lines(env, checkout, feedback, same))),  # noqa: S704 - see _lines
    }
    return Markup(_CARDS.render(env, variant, slots))  # noqa: S704 - a template


def _sums(checkout: Checkout, paid: int, due: int) -> dict[str, Any]:
    return {
        "paid_minor": paid,
        "due_minor": due,
        "coverage": carts.allocation.coverage(paid, checkout.coverable_minor),
        "paid": minor_text(paid, checkout.currency),
        "due": minor_text(due, checkout.currency),
        "still_pay": _still_pay(checkout, paid, due),
    }


def _still_pay(checkout: Checkout, paid: int, due: int) -> Markup:
    """What is left to pay, and for what (S42)."""
    parts = carts.replies.due_parts(checkout) if paid and due else []
    message = gettext("You still pay <b>{due}</b>")
    if len(parts) == 1:
        message = gettext("You still pay <b>{due}</b> for {what}")
    elif parts:
        message = gettext("You still pay <b>{due}</b> ({listed})")
    each = [gettext("{amount} for {what}", amount=amount, what=what) for amount, what in parts]
    what = parts[0][1] if parts else ""
    # A message of ours; what fills it is escaped.
    html = Markup(message)  # noqa: S704
    return html.format(due=minor_text(due, checkout.currency), what=what, listed=", ".join(each))


def _lines(
    env: Environment, checkout: Checkout, feedback: Feedback | None, same: dict[str, Any]
) -> Iterator[str]:
    """A rendered template for each card."""
    is_open = checkout.status == OPEN
    for number, card in enumerate(checkout.cards, start=1):
        failed = feedback if feedback and feedback.card_id == card.card_id else None
        is_foreign = card.balance.currency != card.amount.currency
        variant = _CardVariant(
            is_open=is_open,
            has_balance=checkout.status in (OPEN, AUTHORISED),
            is_limited=card.limit_minor is not None,
            is_foreign=is_foreign,
            is_reserved=card.problem == RESERVED,
            is_used=card.amount.minor > 0,
            is_failed=failed is not None,
        )
        slots = same | {
            "number": number,
            "card_id": card.card_id,
            "last4": card.last4,
            "amount": money_text(card.amount),
            "balance": money_text(card.balance),
            "worth": money_text(card.worth) if is_foreign else "",
            "most": failed.typed if failed else card.limit_text,
        }
        yield _CARD.render(env, variant, slots)
