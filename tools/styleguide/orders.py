"""Sample values of a shop: its campaign, checkouts in each state, an order and its gift cards."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.values import Card
from giftweb.domain.carts.values import AUTHORISED, CAPTURED, OPEN, AppliedCard, Checkout
from giftweb.domain.catalogue.items import Item
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.values import Order, OrderSheet
from giftweb.domain.payments.payments import Payment
from giftweb.money import Money

NOW = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
ADDRESS = {
    "name": "Ann Smith",
    "line1": "1 Main Street",
    "city": "Springfield",
    "region": "IL",
    "postal_code": "62701",
    "country": "US",
}
CAMPAIGN = Campaign(
    id="cmp_1",
    created_at=NOW,
    name="Kettles",
    brand_name="Kettles & Cups",
    brand_colour="teal",
    currency="USD",
    bank_details="Kettles & Cups\nIBAN DE02 1203 0000 0000 2020 51",
    shop_url="https://kettles.example/",
)
CARD = Card(
    id="gc_1",
    currency="USD",
    is_test=False,
    balance_minor=5000,
    held_minor=0,
    version=1,
    last4="7K2Q",
    type="virtual",
    origin="purchase",
    source="sales",
    state="active",
    initial_minor=5000,
    campaign_id=CAMPAIGN.id,
    order_id="ord_1",
    order_item_id="itm_2",
    replaces_id=None,
    holder_email="zoe@example.com",
    holder_name="Zoë Müller",
    holder_locale=None,
    sender_name="Ann Smith",
    sender_email="ann@example.com",
    message="Happy birthday, Zoë!\nFor the kettle that you wanted.",
    note=None,
    deliver_at=None,
    delivered_at=NOW,
    expires_on=date(2029, 11, 22),
    expires_at=NEVER,
    created_at=NOW,
    bound_to_holder=None,
    needs_pin=None,
    tags=None,
    merged_into_id=None,
    voucher_tax_hundredths=None,
    deliver_zone=None,
    design="birthday",
    sales_minor=5000,
    goodwill_minor=0,
    promotions_minor=0,
    imports_minor=0,
    adjustments_minor=0,
)
PLAIN_CARD = CARD._replace(design=None, message=None, sender_name=None, holder_name="Ann Smith")
KETTLE = Item("KETTLE", "Blue kettle", 1, 9100)
GIFT = Item(
    "CARD", "Gift card", 1, 5000, "gift_card", False, "virtual", "Zoë Müller", "zoe@example.com"
)


def checkout(*used: int, items: tuple[Item, ...] = (KETTLE,), status: str = OPEN) -> Checkout:
    """A cart of these items; of each gift card on it so much is used, in minor units."""
    goods = sum(item.total_minor for item in items)
    return Checkout(
        id="chk_1",
        campaign_id=CAMPAIGN.id,
        is_test=False,
        stored_status=status,
        reference="K-1042",
        currency="USD",
        items=items,
        items_minor=goods,
        discount_minor=0,
        tax_minor=0,
        shipping_minor=900 if KETTLE in items else 0,
        card_items_minor=sum(item.total_minor for item in items if item.is_gift_card),
        covers="goods_and_shipping",
        customer_email="ann@example.com",
        customer_name="Ann Smith",
        customer_locale=None,
        shipping_address=ADDRESS,
        expires_at=NEVER,
        claim=None,
        version=1,
        card_terms=None,
        cards=tuple(_applied(number, minor) for number, minor in enumerate(used, start=1)),
        order_id="ord_1" if status == CAPTURED else None,
        tax_hundredths=None,
        tax_included=None,
    )


def _applied(number: int, minor: int) -> AppliedCard:
    """The first two are used up; of the third, more is left than the cart needs."""
    amount, last4 = Money(minor, "USD"), ("7K2Q", "9QX1", "0A4M")[number - 1]
    left = Money(minor if number < 3 else 12500, "USD")
    return AppliedCard(f"gc_{number}", last4, left, left, amount, number, number, None)


WAITING = checkout(2500, status=AUTHORISED)
ORDER = Order(
    id="ord_1",
    number=10042,
    campaign_id=CAMPAIGN.id,
    checkout_id="chk_1",
    customer_id="cus_1",
    reference="K-1042",
    is_test=False,
    status="placed",
    fulfilment="pending",
    tracking=None,
    currency="USD",
    items_minor=14100,
    discount_minor=0,
    tax_minor=0,
    shipping_minor=900,
    covers_minor=10000,
    customer_email="ann@example.com",
    customer_name="Ann Smith",
    customer_locale=None,
    shipping_address=ADDRESS,
    created_at=NOW,
    paid_at=None,
    tax_hundredths=None,
    tax_included=None,
)


def _line(item: Item, number: int) -> Line:
    return Line(
        id=f"itm_{number}",
        order_id=ORDER.id,
        sku=item.sku,
        name=item.name,
        quantity=item.quantity,
        currency="USD",
        unit_minor=item.unit_minor,
        kind=item.kind,
        card_type=item.type,
        requires_shipping=item.requires_shipping,
        part=0,
        recharges_id=None,
        taken_off_at=None,
        discount_minor=0,
        tax_minor=0,
        card_currency=None,
        rate=None,
        deliver_at=None,
        deliver_zone=None,
        time_zone="UTC",
    )


TRANSFER = Payment(
    id="pay_2",
    order_id=ORDER.id,
    method="bank_transfer",
    gateway="offline",
    state="pending",
    currency="USD",
    amount_minor=12500,
    refunded_minor=0,
    charged_back_minor=0,
    reference="",
    reusable_method=None,
    gift_card_id=None,
    gift_card_last4=None,
    transfer_id=None,
    card_currency=None,
    card_minor=None,
    card_refunded_minor=0,
    rate=None,
    is_test=False,
    part=0,
    created_at=NOW,
    pay_until=NOW + timedelta(days=10),
    settled_at=None,
    time_zone="UTC",
)
BY_CARD = replace(
    TRANSFER,
    id="pay_1",
    method="gift_card",
    gateway="giftweb",
    state="captured",
    amount_minor=2500,
    gift_card_id="gc_2",
    gift_card_last4="9QX1",
    card_currency="USD",
    card_minor=2500,
    pay_until=None,
    settled_at=NOW,
)
SHEET = OrderSheet(
    order=ORDER,
    lines=(_line(KETTLE, 1), _line(GIFT, 2)),
    recharges=(),
    payments=(BY_CARD, TRANSFER),
    issued=(),
    purchased=(CARD,),
    returned=(),
    notes=(),
)
