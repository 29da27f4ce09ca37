"""After the order in the hosted shop: thanks, and something more with one click (S39)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, url_for

from giftweb.domain import campaigns, cards, catalogue, checkout, idempotency, orders, payments
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.values import Card
from giftweb.domain.catalogue.items import Item
from giftweb.domain.catalogue.products import Product
from giftweb.domain.idempotency import Answer
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.recharge_values import Recharge
from giftweb.domain.orders.values import Order, OrderSheet
from giftweb.domain.payments.payments import Tender
from giftweb.errors import CheckoutClosed, DomainError, NotFound, Refused
from giftweb.language import gettext
from giftweb.money import Money, money_text
from giftweb.web import pages
from giftweb.web.access import shoppers
from giftweb.web.http import htmx, requests
from giftweb.web.http.errors import status_of
from giftweb.web.text.templating import delivery_text

blueprint = Blueprint("store_thanks", __name__, url_prefix="/shop/<campaign_id>/thanks")

OFFLINE = "bank_transfer"


@blueprint.get("/<order_id>")
def thanks(campaign_id: str, order_id: str) -> Response:
    """The order is placed; something more to buy."""
    campaign = campaigns.find(campaign_id)
    return _page(campaign, _own_order(campaign, order_id))


@blueprint.post("/<order_id>")
def upsell(campaign_id: str, order_id: str) -> Response:
    """Buy something more: with the method the payment left, or another one that is chosen."""
    campaign = campaigns.find(campaign_id)
    order = _own_order(campaign, order_id)
    form = requests.form()
    product = catalogue.find(campaign_id, form.get("sku", ""))
    if not (product.is_upsell and product.is_active and campaign.is_active):
        raise NotFound
    place = url_for("store_thanks.thanks", campaign_id=campaign_id, order_id=order_id)
    if product.sku in {line.sku for line in orders.sheet(order).lines}:
        return htmx.redirect_to(
            place, message=gettext("{name} is on your order already.", name=product.name)
        )
    try:
        _add(order, _offer(campaign, order, product), form)
    except DomainError as problem:
        return _page(campaign, order, problem, sku=product.sku, status=status_of(problem))
    return htmx.redirect_to(
        place, message=gettext("{name} was added to your order.", name=product.name)
    )


@blueprint.post("/<order_id>/cards/<card_id>/card.pdf")
def paper(campaign_id: str, order_id: str, card_id: str) -> Response:
    """A card of the order on paper, for whoever has just bought it."""
    found, code = _handed_out(_own_order(campaigns.find(campaign_id), order_id), card_id)
    return pages.paper.answer(found, code)


@blueprint.post("/<order_id>/cards/<card_id>/wallets/<any(apple, google):wallet>")
def wallet(campaign_id: str, order_id: str, card_id: str, wallet: str) -> Response:
    """A card of the order for the wallet of a phone, for whoever has just bought it."""
    found, code = _handed_out(_own_order(campaigns.find(campaign_id), order_id), card_id)
    return pages.wallets.answer(wallet, found, code)


def _handed_out(order: Order, card_id: str) -> tuple[Card, str]:
    """A card that was bought with the order, and its code.

    Raises: NotFound.
    """
    found = orders.gifts.printable(card_id, customer_id=order.customer_id)
    if found.order_id != order.id:
        raise NotFound
    by = Actor(kind="customer", id=order.customer_id, name=order.customer_name)
    return found, cards.holder.print_out(found.id, by=by)


@dataclass(frozen=True, slots=True)
class Offer:
    """Something more to buy, and what it costs with a parcel of its own."""

    product: Product
    tax: Money
    shipping: Money

    @property
    def total(self) -> Money:
        """What is paid for it."""
        return self.product.checked_price(None) + self.tax + self.shipping

    @property
    def items(self) -> list[Item]:
        """The line of the order that it becomes."""
        return [self.product.to_item(quantity=1)]


def _offer(campaign: Campaign, order: Order, product: Product) -> Offer:
    """Taxed as the order is. Shipping is paid once for all that goes in one parcel."""
    has_parcel = order.fulfilment == orders.PENDING or not product.requires_shipping
    shipping = 0 if has_parcel else campaign.shipping_minor
    price = 0 if product.is_gift_card else product.checked_price(None).minor
    tax = order.tax.added_minor(price) if order.tax else 0
    shipping += order.tax.added_minor(shipping) if order.tax else 0
    return Offer(product, Money(tax, order.currency), Money(shipping, order.currency))


def _add(order: Order, offer: Offer, form: Mapping[str, str]) -> None:
    if order.is_over:
        raise CheckoutClosed(gettext("This order is over; nothing can be added to it."))
    if form.get("total", str(offer.total.minor)) != str(offer.total.minor):
        raise Refused(
            gettext("It costs {total} now. Look at it again.", total=money_text(offer.total))
        )
    by = Actor(kind="customer", id=order.customer_id, name=order.customer_name)
    if form.get("method") == OFFLINE:
        _add_by_transfer(order, offer, by=by)
        return
    checkout.charges.sell_more(
        order.id,
        items=offer.items,
        amount=offer.total,
        tax_minor=offer.tax.minor,
        shipping_minor=offer.shipping.minor,
        key=f"{order.id}:{offer.product.sku}:{offer.total.minor}",
        by=by,
    )


def _add_by_transfer(order: Order, offer: Offer, *, by: Actor) -> None:
    """Once, however often the button is pressed at the same moment."""
    tender = Tender(
        method=OFFLINE, amount=offer.total, reference=order.reference, state=payments.PENDING
    )

    def work() -> Answer:
        orders.upsell(
            order.id,
            items=offer.items,
            tenders=[tender],
            tax_minor=offer.tax.minor,
            shipping_minor=offer.shipping.minor,
            by=by,
            gateway="offline",
        )
        return Answer(201, order.id)

    scope, sku = f"upsell:{order.id}", offer.product.sku
    idempotency.once(work, scope=scope, key=sku, fingerprint=sku, is_test=order.is_test)


def _own_order(campaign: Campaign, order_id: str) -> Order:
    if not pages.baskets.knows_order(order_id):
        raise NotFound
    return orders.find(order_id, campaign_id=campaign.id)


def _page(
    campaign: Campaign,
    order: Order,
    problem: DomainError | None = None,
    *,
    sku: str = "",
    status: int = 200,
) -> Response:
    sheet = orders.sheet(order)
    reviewed = {review.card_id for review in orders.reviews.waiting(order.id)}
    alive = [card for card in sheet.purchased if card.status not in ENDED]
    return pages.store.page(
        "store/thanks.html",
        campaign,
        status,
        order=order,
        is_test=order.is_test,
        sheet=sheet,
        recharged=_recharged(sheet),
        buys_later=any(line.is_gift_card and sheet.is_awaited(line) for line in sheet.kept_lines),
        rests=orders.rests.of(sheet.payments),
        bought=[_bought(card, sheet, reviewed) for card in alive],
        offers=[_offer(campaign, order, product) for product in _offered(campaign, sheet)],
        one_click=any(payment.reusable_method for payment in sheet.payments),
        problem=problem,
        refused_sku=sku,
        wallets=pages.wallets.offered(),
    )


ENDED = ("cancelled", "replaced", "expired")


@dataclass(frozen=True, slots=True)
class Bought:
    """A card of the order; ``send_at``: when it is mailed, in words; "" at once or in a parcel.
    ``is_reviewed``: somebody looks at the order before."""

    card: Card
    is_printable: bool
    send_at: str
    is_reviewed: bool


def _bought(card: Card, sheet: OrderSheet, reviewed: Collection[str]) -> Bought:
    line = next((each for each in sheet.lines if each.id == card.order_item_id), None)
    send_at = delivery_text(sheet.delivery(line)) if line and card.is_scheduled else ""
    return Bought(card, orders.gifts.is_printable(card), send_at, card.id in reviewed)


def _recharged(sheet: OrderSheet) -> list[Recharge]:
    """What the order put on cards of whoever is signed in: nobody else learns their balance."""
    customer = shoppers.current() if sheet.recharges and not sheet.order.is_over else None
    return [each for each in sheet.recharges if customer and each.holder_email == customer.email]


def _offered(campaign: Campaign, sheet: OrderSheet) -> list[Product]:
    bought = {line.sku for line in sheet.lines}
    is_closed = sheet.order.is_over or not campaign.is_active
    found = [] if is_closed else catalogue.of_campaign(campaign.id)
    return [
        each
        for each in found
        if each.is_upsell and each.sku not in bought and _fits(each, sheet.kept_lines)
    ]


def _fits(product: Product, lines: Sequence[Line]) -> bool:
    """Whether it goes with these lines: to gift cards that are mailed nothing can be wrapped."""
    is_mailed = all(line.is_gift_card and not line.requires_shipping for line in lines)
    return product.is_gift_card or product.requires_shipping or not is_mailed
