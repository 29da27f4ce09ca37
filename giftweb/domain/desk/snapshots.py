"""What a request is about, as it was when it was asked for: what was approved is what is done.

A request's arguments stay as they are, but its card, order, payment, person or file may be changed
while it waits. So what the decision hangs on is kept with the request, and compared under the locks
of the transaction that carries it out.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from giftweb.domain import campaigns, cards, imports, limits, orders, staff
from giftweb.domain.cards.values import Card
from giftweb.domain.catalogue.items import Item
from giftweb.domain.desk import order_cards
from giftweb.domain.limits import Request
from giftweb.errors import Refused
from giftweb.language import gettext

if TYPE_CHECKING:
    from giftweb.domain.desk.approvals import Approval

Snapshot = dict[str, Any]


def take(request: "Request | Approval") -> Snapshot:
    """What a request is about as it is now, under its lock. ``email``: who has it, or gets it.

    Raises: NotFound.
    """
    return OF[request.verb](request)


def require_unchanged(waiting: "Approval") -> None:
    """Refuse a request when what it is about has changed.

    Raises: Refused, NotFound.
    """
    kept, now = waiting.snapshot, take(waiting)
    if now and not kept:
        raise Refused(
            gettext(
                "This waits since an older version, which did not keep what it is about. Decline"
                " it, and have it asked for again."
            )
        )
    if now != kept or now.get("minor", waiting.amount.minor) != waiting.amount.minor:
        raise Refused(
            gettext(
                "What this is about has changed since it was asked for. Decline it, and have it"
                " asked for again."
            )
        )


def _nothing(request: "Request | Approval") -> Snapshot:
    """Its arguments say it all."""
    return {}


def _holder(request: "Request | Approval") -> Snapshot:
    return {"email": cards.locking.lock_one(request.subject).card.holder_email}


def _card(request: "Request | Approval") -> Snapshot:
    """For what is done with all of its money."""
    card = cards.locking.lock_one(request.subject).card
    return {"email": card.holder_email, "minor": card.balance_minor}


def _excess(request: "Request | Approval") -> Snapshot:
    """By how much a card may exceed the order's total, where that was chosen."""
    if not request.arguments["may_exceed"]:
        return {}
    left = order_cards.room(orders.lock(request.subject), new=request.amount).left
    return {"excess": max(0, -left.minor)}


def _payment(request: "Request | Approval") -> Snapshot:
    """Who gets the money of an order back."""
    order, _ = orders.lock_with_payment(request.subject)
    return {"email": order.customer_email}


def _receipt(request: "Request | Approval") -> Snapshot:
    """What an awaited payment pays for, and on whose cards that goes."""
    order, payment = orders.lock_with_payment(request.subject)
    bought = [each for each in orders.fulfilment.items_of(order, payment.part) if each.is_gift_card]
    recharged = cards.endings.lock_all_current(
        each.recharges for each in bought if each.recharges is not None
    )
    return {
        "email": order.customer_email,
        "minor": payment.amount_minor,
        "cards": [[each.total_minor, _receiver(each, recharged)] for each in bought],
    }


def _receiver(item: Item, recharged: Mapping[str, Card]) -> str | None:
    if item.recharges is not None:
        return recharged[item.recharges].holder_email
    return item.recipient_email


def _card_that_paid(request: "Request | Approval") -> Snapshot:
    _, payment = orders.lock_with_payment(request.subject)
    return {"email": cards.endings.lock_current(str(payment.gift_card_id)).holder_email}


def _person(request: "Request | Approval") -> Snapshot:
    person = staff.find(request.subject)
    return {"name": person.name, "role": person.role}


def _campaign(request: "Request | Approval") -> Snapshot:
    """What is set now of all that would be set. Sites are added, whichever there are."""
    campaign = campaigns.lock(request.subject)
    held = request.arguments["held"]
    return {name: getattr(campaign, name) for name in held if name != "origins"}


def _file(request: "Request | Approval") -> Snapshot:
    return imports.files.lock(request.subject).snapshot


OF: dict[str, Callable[["Request | Approval"], Snapshot]] = {
    limits.verbs.ISSUE: _nothing,
    limits.verbs.TOP_UP: _holder,
    limits.verbs.ADJUST: _holder,
    limits.verbs.ORDER_CARD: _excess,
    limits.verbs.RECEIVE: _receipt,
    limits.verbs.REPLACE: _card,
    limits.verbs.CORRECT: _card,
    limits.verbs.REFUND_AS_CARD: _payment,
    limits.verbs.REVEAL: _card,
    limits.verbs.REFUND_BY_HAND: _payment,
    limits.verbs.RESET: _person,
    limits.verbs.KEY: _nothing,
    limits.verbs.CAMPAIGN: _campaign,
    limits.verbs.WEBHOOK: _nothing,
    limits.verbs.IMPORT: _file,
    limits.verbs.COUNTER_SALE: _nothing,
    limits.verbs.COUNTER_RECHARGE: _holder,
    limits.verbs.COUNTER_ACTIVATION: _nothing,
    limits.verbs.COUNTER_RETURN: _card_that_paid,
    limits.verbs.RATES: _nothing,
}
"""Verb -> what its request is about. The terms of a key, the address of an endpoint and the card
in stock that is activated are changed by nobody."""
