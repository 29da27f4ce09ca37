"""Gift cards of an order that wait for a review: **Release** or **Refuse** (B26)."""

from flask import Blueprint, Response

from giftweb.domain import cards, desk, orders, refunds
from giftweb.domain.orders.values import Order
from giftweb.language import gettext, ngettext
from giftweb.money import money_text
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.once import OptionalReasonForm, ReasonForm

blueprint = Blueprint(
    "order_reviews", __name__, url_prefix="/staff/orders/<int:number>/gift-cards/review"
)


@blueprint.route("/release", methods=["GET", "POST"])
def release(number: int) -> Response:
    """Send what waits."""
    order, form = orders.find_by_number(number), OptionalReasonForm()

    def work() -> str:
        found = desk.reviews.release(order.id, reason=form.reason.data, by=actors.current())
        return ngettext(
            "{count} gift card is released.", "{count} gift cards are released.", len(found)
        )

    return pages.order.run_action("release", order, form, work, effects=_effects_of_release(order))


@blueprint.route("/refuse", methods=["GET", "POST"])
def refuse(number: int) -> Response:
    """Withdraw what waits; what was paid for it goes back."""
    order, form = orders.find_by_number(number), ReasonForm()

    def work() -> str:
        reason = form.reason.data or ""
        claimed = desk.reviews.refuse(order.id, reason=reason, by=actors.current())
        refunds.send(claimed)
        return gettext("The gift cards are withdrawn, and what was paid for them goes back.")

    return pages.order.run_action("refuse", order, form, work, effects=_effects_of_refusal(order))


def _effects_of_release(order: Order) -> list[str]:
    found = orders.reviews.waiting(order.id)
    each = [cards.find(review.card_id) for review in found]
    return [
        gettext(
            "•••• {last4}, {amount}, goes to {address}.",
            last4=card.last4,
            amount=money_text(card.balance),
            address=card.holder_email or "–",
        )
        for card in each
    ]


def _effects_of_refusal(order: Order) -> list[str]:
    effects = []
    for review in orders.reviews.waiting(order.id):
        card = cards.find(review.card_id)
        price = [money_text(part.amount) for part in desk.card_withdrawal.price_parts(card)]
        effects.append(
            gettext(
                "•••• {last4} ends, and its code never leaves. {price} goes back.",
                last4=card.last4,
                price=" + ".join(price) or money_text(card.initial),
            )
        )
    return effects
