"""Placing an order and selling more after it (S37 to S40, D3). The desk's verbs: desk.orders."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from giftweb import clock, database, ids, models
from giftweb.database import transactional
from giftweb.domain import (
    audit,
    campaigns,
    catalogue,
    customers,
    json_values,
    notes,
    outbox,
    payments,
)
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.locking import Locked
from giftweb.domain.carts.values import Checkout
from giftweb.domain.catalogue.items import Item
from giftweb.domain.orders import bonus, payload, purchases, recharges, values
from giftweb.domain.orders.values import NOT_NEEDED, PENDING, PLACED, Order, OrderSheet
from giftweb.domain.payments.payments import CardPart, Tender
from giftweb.errors import (
    CheckoutClosed,
    Invalid,
    PaymentIncomplete,
    PaymentMethodRequired,
    ShippingAddressRequired,
)
from giftweb.money import LIMIT_MINOR, Money


def place(
    checkout: Checkout,
    *,
    parts: Sequence[tuple[Locked, CardPart]],
    tenders: Sequence[Tender],
    gateway: str,
    by: Actor,
) -> OrderSheet:
    """Write the order of a locked checkout that is paid in full, and all that follows from it.

    Called by ``checkout.capture`` in its transaction: payments, bought cards, bonus, notes, mails.
    """
    campaign = campaigns.find(checkout.campaign_id)
    is_awaited = _awaits_transfer(tenders, gateway, checkout.items, is_test=checkout.is_test)
    order = _insert(checkout)
    audit_id = audit.record(
        by=by,
        action="order.placed",
        subject=order.id,
        data={"number": order.number},
        is_test=order.is_test,
    )
    notes.add(order.id, f"The order was placed: {order.total}.")
    for locked, part in parts:
        payments.take_from_card(locked, part, order_id=order.id, audit_id=audit_id)
    for tender in tenders:
        payments.record(
            tender, order_id=order.id, is_test=order.is_test, gateway=gateway, is_upsell=False
        )
    _note_transfers(order, tenders, gateway, campaign=campaign)
    _insert_items(order, checkout.items, campaign=campaign, by=by)
    if campaign.issue_after_sales and not is_awaited:
        bonus.issue(order, campaign=campaign, by=by)
    _confirm(order, "order_confirmation")
    return queue_event("order.placed", order)


def _awaits_transfer(
    tenders: Sequence[Tender], gateway: str, items: Sequence[Item], *, is_test: bool
) -> bool:
    """Whether real money is still to come by bank transfer; it buys no gift cards.

    Source: D21. Raises: PaymentMethodRequired.
    """
    if is_test or not any(payments.is_transfer(tender.method, gateway) for tender in tenders):
        return False
    if buys_money(items):
        raise PaymentMethodRequired(
            "Gift cards cannot be paid by bank transfer. Choose another way to pay."
        )
    return True


def buys_money(items: Sequence[Item]) -> bool:
    """Whether a gift card or a recharge is among the items."""
    return any(item.is_gift_card for item in items)


def _insert_items(
    order: Order,
    items: Sequence[Item],
    *,
    campaign: campaigns.Campaign,
    by: Actor,
    start: int = 1,
    is_upsell: bool = False,
) -> None:
    bought = []
    for position, item in enumerate(items, start=start):
        item_id = ids.new("itm")
        columns = {
            "id": item_id,
            "order_id": order.id,
            "position": position,
            "is_upsell": is_upsell,
            "card_type": item.type,
            "deliver_at": json_values.read_instant(item.deliver_at),
        }
        recharged = recharges.carry_out(order, item, by=by) if item.recharges else {}
        audit.seals.insert(
            models.OrderItem,
            item,
            **columns | recharged,
        )
        if item.is_gift_card and not recharged:
            bought.append((item_id, item))
    purchases.issue(order, bought, campaign=campaign, by=by)


def _note_transfers(
    order: Order, tenders: Sequence[Tender], gateway: str, *, campaign: campaigns.Campaign
) -> None:
    """Note what comes by bank transfer, and when the customer still has to learn the account."""
    for tender in tenders:
        if payments.is_transfer(tender.method, gateway):
            text = f"{tender.amount} comes by bank transfer, with the reference {tender.reference}."
            if not campaign.bank_details:
                text += " The campaign names no bank account: write to the customer."
            notes.add(order.id, text)


def _confirm(order: Order, kind: str, **data: Any) -> None:
    outbox.mail(
        kind,
        to=order.customer_email,
        order_id=order.id,
        data=data or None,
        is_test=order.is_test,
    )


def queue_event(type: str, order: Order) -> OrderSheet:
    """Queue an event with the order as it is in this transaction; the order with its parts."""
    sheet = values.sheet(order)
    outbox.event(
        type,
        subject=order.id,
        campaign_id=order.campaign_id,
        is_test=order.is_test,
        payload=payload.Order.of(sheet),
    )
    return sheet


@transactional
def upsell(
    order_id: str,
    *,
    items: Sequence[Item],
    tenders: Sequence[Tender],
    by: Actor,
    gateway: str = "shop",
) -> Order:
    """Sell more on an order that was placed. A gift card cannot be charged again (S39, I19).

    Raises: PaymentMethodRequired, PaymentIncomplete, ShippingAddressRequired, CheckoutClosed (the
    order is over), CurrencyMismatch (S66), Invalid, NotFound.
    """
    order = values.lock(order_id)
    if order.is_over:
        raise CheckoutClosed("This order is over; nothing can be added to it.")
    if not tenders or any(tender.method == payments.GIFT_CARD for tender in tenders):
        raise PaymentMethodRequired
    if _is_recorded(order_id, tenders):
        return order
    _awaits_transfer(tenders, gateway, items, is_test=order.is_test)
    items = catalogue.prices.priced(items, order.currency)
    grown = _grown(order, items, tenders)
    added = Money(grown.items_minor - order.items_minor, order.currency)
    _store_growth(grown, added, by=by)
    for tender in tenders:
        payments.record(
            tender, order_id=order_id, is_test=order.is_test, gateway=gateway, is_upsell=True
        )
    campaign = campaigns.find(order.campaign_id)
    _note_transfers(order, tenders, gateway, campaign=campaign)
    count = models.OrderItem.select().where(models.OrderItem.order == order_id).count()
    _insert_items(grown, items, campaign=campaign, by=by, start=count + 1, is_upsell=True)
    notes.add(order_id, f"{added} was added to the order after it was placed.")
    _confirm(grown, "order_upsell", amount=added.minor)
    queue_event("order.updated", grown)
    return grown


def _store_growth(grown: Order, added: Money, *, by: Actor) -> None:
    audit.record(
        by=by,
        action="order.upsold",
        subject=grown.id,
        data={"amount": added.minor, "currency": added.currency},
        is_test=grown.is_test,
    )
    audit.seals.change(
        models.Order,
        grown.id,
        items_minor=grown.items_minor,
        fulfilment=grown.fulfilment,
        status=grown.status,
    )


def _is_recorded(order_id: str, tenders: Sequence[Tender]) -> bool:
    """Whether a provider's payment is on the order already: the same click twice."""
    known = {(payment.gateway, payment.reference) for payment in payments.of_order(order_id)}
    return any((tender.gateway, tender.reference) in known for tender in tenders)


def _grown(order: Order, items: Sequence[Item], tenders: Sequence[Tender]) -> Order:
    added = sum(item.total_minor for item in items)
    paid = sum(tender.amount.minor for tender in tenders)
    if not items or order.items_minor + added > LIMIT_MINOR:
        raise Invalid("Choose at least one item.", field="items")
    if any(item.recharges for item in items):
        raise Invalid("A recharge is bought in a cart of its own.", field="items")
    if any(t.amount.minor < 1 or t.amount.currency != order.currency for t in tenders):
        raise Invalid("Each payment is at least one minor unit.", field="payments")
    if paid != added:
        raise PaymentIncomplete(
            paid=Money(paid, order.currency), total=Money(added, order.currency)
        )
    needs_shipping = any(item.requires_shipping for item in items)
    if needs_shipping and order.shipping_address is None:
        raise ShippingAddressRequired
    grown = replace(order, items_minor=order.items_minor + added)
    return replace(grown, fulfilment=PENDING, status=PLACED) if needs_shipping else grown


# Hot: each capture over HTTP writes its order, at 0.5 (SQLite) and 0.7 of the bare driver's rate;
# peewee would add 0.6 ms to this row of twenty columns.


def _insert(checkout: Checkout) -> Order:
    order = Order(
        id=ids.new("ord"),
        number=0,
        campaign_id=checkout.campaign_id,
        checkout_id=checkout.id,
        customer_id=customers.ensure(checkout.customer_email, checkout.customer_name),
        reference=checkout.reference,
        is_test=checkout.is_test,
        status=PLACED,
        fulfilment=PENDING if checkout.needs_shipping else NOT_NEEDED,
        tracking=None,
        currency=checkout.currency,
        items_minor=checkout.items_minor,
        discount_minor=checkout.discount_minor,
        tax_minor=checkout.tax_minor,
        shipping_minor=checkout.shipping_minor,
        covers_minor=checkout.coverable_minor,
        customer_email=checkout.customer_email,
        customer_name=checkout.customer_name,
        shipping_address=checkout.shipping_address,
        created_at=clock.now(),
    )
    row = audit.seals.row(models.Order, order)
    del row["number"]  # The database counts.
    number = database.scalar(
        f"INSERT INTO orders ({', '.join(row)}) VALUES ({database.placeholders(list(row))})"
        " RETURNING number",
        *row.values(),
    )
    return replace(order, number=number)
