"""What an order's page is drawn from, for the page itself and for every action on it."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, request, url_for

from giftweb import days
from giftweb.domain import campaigns, cards, desk, orders, outbox, payments
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.orders.values import PENDING, SHIPPED, Order, OrderSheet
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import CLAIMED, FAILED, REQUESTED, Refund
from giftweb.language import gettext, pgettext
from giftweb.money import Money, money_text
from giftweb.web.access import actors, gate, places
from giftweb.web.forms.fields import Form
from giftweb.web.forms.orders import NoteForm
from giftweb.web.http import htmx
from giftweb.web.pages import action, timeline, work
from giftweb.web.text import payment_sums
from giftweb.web.text.order_effects import payment_name


def page(number: int) -> Response:
    """The whole page.

    Raises: NotFound.
    """
    return htmx.render("orders/show.html", "orders/_order.html", **values(number))


def values(number: int, *, results: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """The values of ``orders/_order.html``; ``results`` are the outcome of each tender's refund.

    Raises: NotFound.
    """
    sheet = orders.sheet(orders.find_by_number(number))
    refunds = payments.refund_values.of_order(sheet.order.id)
    returned: dict[str, list[tuple[Refund, str, str]]] = {}
    named = {payment.id: payment for payment in sheet.payments}
    for refund in refunds:
        returned.setdefault(refund.payment_id, []).append(
            (refund, *refund_state(refund, named[refund.payment_id]))
        )
    is_claimed = any(refund.is_claimed for refund in refunds)
    campaign = campaigns.find(sheet.order.campaign_id)
    days.display_in(campaign.time_zone)
    reviews = orders.reviews.waiting(sheet.order.id) if sheet.purchased else []
    own_cards = [card.id for card in (*sheet.issued, *sheet.purchased, *sheet.returned)]
    return {
        "order": sheet.order,
        "sheet": sheet,
        "campaign": campaign,
        "next_step": _next_step(sheet, refunds, campaign),
        "may_issue": gate.may_open("order_cards.issue") and _has_room(sheet),
        "may_ship": gate.may_open("orders.ship") and _is_shippable(sheet, campaign),
        "events": timeline.of_order(
            sheet, outbox.mails.of_order(sheet.order.id, card_ids=own_cards)
        ),
        "transactions": [
            (payment, payment_name(payment), returned.get(payment.id, ()))
            for payment in sheet.payments
        ],
        "is_refundable": is_claimed or any(payment.left for payment in sheet.payments),
        "became": payment_sums.payment_summary(sheet, refunds),
        "kept": payment_sums.kept(sheet),
        "results": results,
        "note_form": NoteForm(formdata=None),
        "reviews": reviews,
        "review_reason": work.reviewed_because(reviews[0].reason) if reviews else "",
        "withdrawable": cards.endings.withdrawable((*sheet.issued, *sheet.purchased)),
    }


# What is next


def _next_step(sheet: OrderSheet, refunds: Sequence[Refund], campaign: Campaign) -> str:
    """What brings the order on: it is the page's one primary button. Empty: nothing is open."""
    payments_by_hand = [p for p in sheet.payments if p.is_awaited and not p.is_awaited_at_provider]
    if payments_by_hand and gate.may_open("order_payments.receive"):
        return "receive"
    is_asked = any(refund.stored_status == REQUESTED for refund in refunds)
    if is_asked and gate.may_open("order_payments.confirm"):
        return "confirm"
    is_pending = sheet.order.fulfilment == PENDING
    return "ship" if is_pending and _is_shippable(sheet, campaign) else ""


def _is_shippable(sheet: OrderSheet, campaign: Campaign) -> bool:
    """Goods wait for their money, unless the campaign ships before it (D21)."""
    order = sheet.order
    if order.is_over or order.fulfilment not in (PENDING, SHIPPED):
        return False
    return order.paid_at is not None or campaign.ship_before_payment


def _has_room(sheet: OrderSheet) -> bool:
    """Whether a card may be issued on the order, were it the smallest, by whoever is here (I23)."""
    if actors.current().role in desk.order_cards.MAY_EXCEED:
        return bool(sheet.order.total)
    if not sheet.issued:
        return sheet.refunded < sheet.order.total
    least = Money(1, sheet.order.currency)
    return not desk.order_cards.room(sheet.order, new=least).exceeds


# Words


def refund_state(refund: Refund, payment: Payment) -> tuple[str, str]:
    """(words, tone) of where a refund stands."""
    if refund.stored_status == CLAIMED:
        if refund.failure:
            words = gettext("The provider has not answered: {problem}", problem=refund.failure)
            return words, "careful"
        return gettext("The provider has not answered"), "careful"
    if refund.stored_status == REQUESTED and payment.is_returned_by_hand:
        return pgettext("money", "To be sent"), "careful"
    if refund.stored_status == REQUESTED:
        return gettext("The shop is asked to return it"), "careful"
    if refund.stored_status == FAILED:
        return gettext("Failed: {problem}", problem=refund.failure), "bad"
    return gettext("Refunded"), "good"


def results_of(refunds: Sequence[Refund], sheet: OrderSheet) -> list[tuple[str, str]]:
    """(sentence, tone) for each tender that **Refund everything** has tried."""
    named = {payment.id: payment for payment in sheet.payments}
    results = []
    for refund in refunds:
        payment = named[refund.payment_id]
        words, tone = refund_state(refund, payment)
        results.append(
            (
                gettext(
                    "{amount}, {payment}: {words}.",
                    amount=money_text(refund.amount),
                    payment=payment_name(payment),
                    words=words,
                ),
                tone,
            )
        )
    return results


# How every action goes


def place(order: Order, anchor: str = "") -> str:
    """The order's address."""
    return url_for("orders.show", number=order.number, _anchor=anchor or None)


def panel(name: str, order: Order, form: Form, *, status: int = 200, **more: Any) -> Response:
    """A panel over the order, or the page of its own that it is without script."""
    partial = f"orders/_{name}.html"
    return htmx.render(
        "orders/panel.html",
        partial,
        status=status,
        partial=partial,
        order=order,
        form=form,
        away=place(order),
        next=places.wanted() if htmx.is_fragment() else "",
        address=request.full_path.rstrip("?"),
        payment_name=payment_name,
        **more,
    )


def refused(order: Order, form: Form, why: str, *, status: int = 409) -> Response:
    """The panel of something that cannot be done, and why."""
    return panel("refused", order, form, status=status, why=why)


def run_action(
    name: str, order: Order, form: Form, verb: Callable[[], str], *, undo: str = "", **more: Any
) -> Response:
    """The panel; after the verb, the order in its new state with the verb's message."""
    return action.run(
        form,
        lambda: replaced(order, action.done_or_waiting(verb), undo=undo),
        lambda status: panel(name, order, form, status=status, **more),
    )


def replaced(
    order: Order, message: str, *, undo: str = "", results: Sequence[tuple[str, str]] = ()
) -> Response:
    """The order's page in its new state, and what was done."""
    back = action.came_from(place(order))
    if not htmx.is_fragment() or back != place(order):
        sentences = [message, *(text for text, _ in results)]
        return htmx.redirect_to(back, message=" ".join(sentences))
    return htmx.replaced(
        "orders/_order.html",
        f"order-{order.number}",
        back_to=place(order),
        message=message,
        undo=undo,
        **values(order.number, results=results),
    )
