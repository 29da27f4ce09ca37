"""Placed orders for tests, by way of a checkout as a shop would."""

from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

from giftweb import models
from giftweb.domain import cards, carts, catalogue, checkout, notes, orders, payments
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.cards.values import Card, Issued
from giftweb.domain.catalogue.items import Item
from giftweb.domain.catalogue.products import NewProduct, Product
from giftweb.domain.orders.values import Order, OrderSheet
from giftweb.domain.payments.payments import Payment, Tender
from giftweb.domain.payments.providers import Answer
from giftweb.gateways import by_hand
from tests.factories import ROOT, amount_of, goods, make_campaign, make_checkout, make_staff


def place(
    *items: Item,
    cards: Sequence[Issued] = (),
    gateway: str = "offline",
    method: str = "credit_card",
    paid_as: str = "Visa 4242",
    state: str = "captured",
    **more: Any,
) -> Order:
    """An order of goods for 91.00 USD and 9.00 USD shipping; the cards pay, the tender the rest."""
    if not payments.providers._gateways:
        payments.providers.use_gateways(
            {each.name: each for each in (by_hand.Shop(), by_hand.Offline())}
        )
    opened = make_checkout(*(items or (goods("91.00 USD"),)), **more)
    for card in cards:
        opened = carts.apply(opened.id, code=card.code)
    rest = (
        [Tender(method=method, amount=opened.due, reference=paid_as, state=state)]
        if opened.due
        else []
    )
    return checkout.capture(opened.id, tenders=rest, gateway=gateway, by=SYSTEM)


def newest_order() -> Order:
    """The order that was placed last."""
    return orders.values.select().order_by(models.Order.number.desc()).first()


def gift_card_item(amount: str = "50.00 USD", *, quantity: int = 1, **more: Any) -> Item:
    """An item that becomes a virtual gift card."""
    fields = {"sku": "GIFT", "name": "Gift card", "kind": "gift_card", "type": "virtual"}
    return goods(amount, quantity=quantity, requires_shipping=False, **fields, **more)


def gift_card_product(campaign_id: str | None = None, **more: Any) -> Product:
    """A shop's gift card of 25.00 or 50.00, or anything from 10.00 to 500.00."""
    fields: dict[str, Any] = {
        "sku": "GIFT",
        "name": "Gift card",
        "kind": "gift_card",
        "card_type": "virtual",
        "requires_shipping": False,
        "amounts_minor": (2500, 5000),
        "open_least_minor": 1000,
        "open_most_minor": 50_000,
    }
    owner = campaign_id or make_campaign().id
    return catalogue.create(owner, new=NewProduct(**fields | more), by=ROOT)


def recharge(
    card: Card,
    amount: str = "25.00 USD",
    *,
    email: str = "ann@example.com",
    is_test: bool = False,
    of: Product | None = None,
) -> Item:
    """A cart's line that recharges the card."""
    return orders.recharges.line(
        card.id,
        email=email,
        product=of or gift_card_product(),
        amount=amount_of(amount),
        is_test=is_test,
    )


def sheet(order: Order) -> OrderSheet:
    """The order with everything on it, as it stands now."""
    return orders.sheet(orders.find(order.id))


def paid_by(order: Order, method: str) -> Payment:
    """The order's one payment by this method, as it stands now."""
    (found,) = [each for each in payments.of_order(order.id) if each.method == method]
    return found


def notes_of(order: Order) -> str:
    """All notes of the order, one a line."""
    return "\n".join(note.text for note in notes.of(order.id))


def now(card: Card) -> Card:
    """The card as it stands now."""
    return cards.find(card.id)


def balance(card: Card) -> str:
    """What is on the card now, such as ``50.00 USD``."""
    return str(now(card).balance)


class Provider:
    """A remote provider whose next answers a test decides."""

    name = "stripe"
    asks_shop = False
    is_remote = True

    def __init__(self, *answers: str):
        self.answers = list(answers)
        self.asked: list[str] = []

    def refund(self, *, reference: str, amount: Any, key: str) -> Answer:
        """Gives back once a key, however often it is asked."""
        self.asked.append(key)
        status = self.answers.pop(0) if self.answers else "succeeded"
        return Answer(status, f"re_{key[-4:]}", "" if status == "succeeded" else "the line is dead")

    def take(self, *, reference: str, amount: Any, key: str) -> Answer:
        """Always gives."""
        return Answer("succeeded", reference)


@contextmanager
def provider(*answers: str):
    """Have the provider ``stripe`` answer so, and succeed after that."""
    before = dict(payments.providers._gateways)
    made = Provider(*answers)
    payments.providers.use_gateways({**before, made.name: made})
    try:
        yield made
    finally:
        payments.providers.use_gateways(before)


def signed_in(role: str) -> Actor:
    """A member of staff in this role, as the one who acts."""
    person = make_staff(role)
    return Actor("staff", person.id, person.name, person.role, person.email)
