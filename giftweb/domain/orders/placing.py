"""Placing an order and selling more after it (S37 to S40, D3). The desk's verbs: desk.orders."""

from collections.abc import Iterable, Sequence
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
from giftweb.domain.orders import fulfilment, payload, recharges, shares, values
from giftweb.domain.orders.values import NOT_NEEDED, PENDING, PLACED, Order, OrderSheet
from giftweb.domain.payments.payments import CardPart, Tender
from giftweb.errors import (
    CheckoutClosed,
    Invalid,
    PaymentIncomplete,
    PaymentMethodRequired,
    ShippingAddressRequired,
)
from giftweb.language import gettext
from giftweb.money import LIMIT_MINOR, Money, too_little


def place(
    checkout: Checkout,
    *,
    parts: Sequence[tuple[Locked, CardPart]],
    tenders: Sequence[Tender],
    gateway: str,
    by: Actor,
) -> OrderSheet:
    """Write the order of a locked checkout whose payments add up, and all that follows from it.

    Called by ``checkout.capture`` in its transaction: payments, notes, mails; bought cards and
    bonus, unless a payment is awaited (D21).

    Raises: PaymentAlreadyUsed.
    """
    campaign = campaigns.find(checkout.campaign_id)
    is_paid = not any(tender.is_awaited for tender in tenders)
    order = _insert(checkout, is_paid=is_paid)
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
    _record(order, tenders, gateway, part=0, campaign=campaign)
    bought = _insert_items(
        order,
        checkout.items,
        discount_minor=order.discount_minor,
        tax_minor=order.tax_minor,
    )
    if is_paid:
        fulfilment.fulfil(order, bought, part=0, campaign=campaign, by=by)
    _confirm(order, "order_confirmation")
    placed = queue_event("order.placed", order)
    if is_paid:
        _queue_sheet_event("order.paid", placed)
    return placed


def _record(
    order: Order,
    tenders: Sequence[Tender],
    gateway: str,
    *,
    part: int,
    campaign: campaigns.Campaign,
) -> None:
    """Write the payments of a part, and note which of them are awaited."""
    payments.require_distinct(
        payments.charge_of(
            tender.method,
            tender.reference,
            tender.gateway or gateway,
            order.campaign_id,
            is_test=order.is_test,
        )
        for tender in tenders
    )
    pay_until = campaign.pay_until()
    for tender in tenders:
        name = tender.gateway or gateway
        payments.record(
            tender,
            order_id=order.id,
            campaign_id=order.campaign_id,
            is_test=order.is_test,
            gateway=name,
            part=part,
            # A provider says itself what becomes of it.
            pay_until=pay_until if name in payments.REPORTED_BY_HAND else None,
        )
        if tender.is_awaited and name in payments.REPORTED_BY_HAND:
            notes.add(order.id, _awaited_note(tender, campaign, name))


def _awaited_note(tender: Tender, campaign: campaigns.Campaign, gateway: str) -> str:
    """What is to come, and when the customer still has to learn the account."""
    if not payments.is_transfer(tender.method, gateway):
        return f"We wait for {tender.amount} by {tender.method.replace('_', ' ')}."
    text = f"{tender.amount} comes by bank transfer, with the reference {tender.reference}."
    if not campaign.bank_details:
        text += " The campaign names no bank account: write to the customer."
    return text


def _insert_items(
    order: Order,
    items: Sequence[Item],
    *,
    start: int = 1,
    part: int = 0,
    discount_minor: int = 0,
    tax_minor: int = 0,
) -> list[tuple[str, Item]]:
    """Write the lines of a part; each one's id with what was in the cart."""
    written = []
    prices = [shares.Price(item.total_minor, item.is_gift_card) for item in items]
    found = shares.parts(prices, discount_minor=discount_minor, tax_minor=tax_minor)
    for position, (item, share) in enumerate(zip(items, found, strict=True), start=start):
        item_id = ids.new("itm")
        columns = {
            "id": item_id,
            "order_id": order.id,
            "position": position,
            "part": part,
            "discount_minor": share.discount_minor,
            "tax_minor": share.tax_minor,
            "card_type": item.type,
            "deliver_at": json_values.read_instant(item.deliver_at),
        }
        audit.seals.insert(models.OrderItem, item, **columns | recharges.columns(order, item))
        written.append((item_id, item))
    return written


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
    _queue_sheet_event(type, sheet)
    return sheet


def _queue_sheet_event(type: str, sheet: OrderSheet) -> None:
    order = sheet.order
    outbox.event(
        type,
        subject=order.id,
        campaign_id=order.campaign_id,
        is_test=order.is_test,
        payload=payload.Order.of(sheet),
    )


@transactional
def upsell(
    order_id: str,
    *,
    items: Sequence[Item],
    tenders: Sequence[Tender],
    by: Actor,
    gateway: str = "shop",
    discount_minor: int = 0,
    tax_minor: int = 0,
    shipping_minor: int = 0,
) -> Order:
    """Sell more on an order that was placed. A gift card cannot be charged again (S39, I19).

    What is added has a discount, tax and shipping of its own, as a cart has.

    Raises: PaymentMethodRequired, PaymentIncomplete, ShippingAddressRequired, CheckoutClosed (the
    order is over), CurrencyMismatch (S66), Invalid, NotFound.
    """
    order = values.lock(order_id)
    if order.is_over:
        raise CheckoutClosed(gettext("This order is over; nothing can be added to it."))
    if not tenders or any(tender.method == payments.GIFT_CARD for tender in tenders):
        raise PaymentMethodRequired
    if _is_recorded(order_id, tenders):
        return order
    items = catalogue.prices.priced(items, order.currency)
    campaign = campaigns.find(order.campaign_id)
    is_paid = not any(tender.is_awaited for tender in tenders)
    parts = {"discount_minor": discount_minor, "tax_minor": tax_minor}
    grown = _grown(order, items, tenders, shipping_minor=shipping_minor, **parts)
    added = grown.total - order.total
    if is_paid or campaign.ship_before_payment:
        grown = to_be_shipped(grown, items)
    _store_growth(grown, added, by=by)
    lines = models.OrderItem.select(models.OrderItem.part).where(models.OrderItem.order == order_id)
    known = [line.part for line in lines]
    part = max(known, default=0) + 1
    _record(order, tenders, gateway, part=part, campaign=campaign)
    bought = _insert_items(grown, items, start=len(known) + 1, part=part, **parts)
    if is_paid:
        fulfilment.fulfil(grown, bought, part=part, campaign=campaign, by=by)
    notes.add(order_id, f"{added} was added to the order after it was placed.")
    _confirm(grown, "order_upsell", amount=added.minor)
    queue_event("order.updated", grown)
    return grown


def to_be_shipped(order: Order, items: Iterable[Item]) -> Order:
    """The order once these goods are to be shipped, too."""
    if not any(item.requires_shipping for item in items):
        return order
    return replace(order, fulfilment=PENDING, status=PLACED)


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
        **{name: getattr(grown, name) for name in _AMOUNTS},
        fulfilment=grown.fulfilment,
        status=grown.status,
    )


def _is_recorded(order_id: str, tenders: Sequence[Tender]) -> bool:
    """Whether a provider's payment is on the order already: the same click twice."""
    known = {(payment.gateway, payment.reference) for payment in payments.of_order(order_id)}
    return any((tender.gateway, tender.reference) in known for tender in tenders)


def _grown(order: Order, items: Sequence[Item], tenders: Sequence[Tender], **more: int) -> Order:
    """The order with these items; ``more``: what their discount, tax and shipping come to."""
    added = {"items_minor": sum(item.total_minor for item in items), **more}
    if not items:
        raise Invalid(gettext("Choose at least one item."), field="items")
    if added["discount_minor"] > added["items_minor"]:
        raise Invalid(gettext("The discount is more than the items cost."), field="discount_amount")
    if any(item.recharges for item in items):
        raise Invalid(gettext("A recharge is bought in a cart of its own."), field="items")
    if any(t.amount.minor < 1 or t.amount.currency != order.currency for t in tenders):
        raise too_little(order.currency, field="payments")
    grown = replace(order, **{name: getattr(order, name) + added[name] for name in _AMOUNTS})
    if max(grown.total.minor, *(getattr(grown, name) for name in _AMOUNTS)) > LIMIT_MINOR:
        raise Invalid(gettext("This is more than an order can come to."), field="items")
    paid = Money(sum(tender.amount.minor for tender in tenders), order.currency)
    if paid != grown.total - order.total:
        raise PaymentIncomplete(paid=paid, total=grown.total - order.total)
    if any(item.requires_shipping for item in items) and order.shipping_address is None:
        raise ShippingAddressRequired
    return grown


_AMOUNTS = ("items_minor", "discount_minor", "tax_minor", "shipping_minor")


# Hot: each capture over HTTP writes its order, at 0.5 (SQLite) and 0.7 of the bare driver's rate;
# peewee would add 0.6 ms to this row of twenty columns.


def _insert(checkout: Checkout, *, is_paid: bool) -> Order:
    now = clock.now()
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
        customer_locale=checkout.customer_locale,
        shipping_address=checkout.shipping_address,
        created_at=now,
        paid_at=now if is_paid else None,
        tax_hundredths=checkout.tax_hundredths,
        tax_included=checkout.tax_included,
    )
    row = audit.seals.row(models.Order, order)
    del row["number"]  # The database counts.
    number = database.scalar(
        f"INSERT INTO orders ({', '.join(row)}) VALUES ({database.placeholders(list(row))})"
        " RETURNING number",
        *row.values(),
    )
    return replace(order, number=number)
