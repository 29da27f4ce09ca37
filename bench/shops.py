"""A shop with checkouts that are ready to be paid with a gift card."""

from dataclasses import dataclass
from functools import cache
from itertools import count

from bench.load import Request
from giftweb.domain import campaigns, carts
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.campaigns.settings import Settings
from giftweb.domain.cards.lifecycle import issue
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Issued
from giftweb.domain.carts.cart import Cart
from giftweb.domain.carts.values import Checkout
from giftweb.domain.catalogue.items import Item
from giftweb.money import Money

ADDRESS = {
    "name": "Ann Smith",
    "line1": "1 High Street",
    "city": "Springfield",
    "postal_code": "12345",
    "country": "US",
}
_numbers = count(1)


@dataclass(frozen=True)
class Shop:
    """A campaign and the secret of its key."""

    campaign_id: str
    secret: str


def open_shop() -> Shop:
    """A campaign with a live key."""
    campaign = campaigns.create(Settings(name="Bench", currency="USD"), by=SYSTEM)
    return Shop(
        campaign.id, campaigns.api_keys.create(campaign.id, is_test=False, by=SYSTEM).secret
    )


def give_card(shop: Shop, minor: int = 100_000) -> Issued:
    """A card of the shop."""
    new = NewCard(
        amount=Money(minor, "USD"), holder_email="ann@example.com", campaign_id=shop.campaign_id
    )
    return issue(new, by=SYSTEM)


@cache
def _mug() -> Item:
    return Item(sku="MUG", name="A mug", quantity=1, unit_minor=7000)


def open_cart(shop: Shop) -> Checkout:
    """A checkout of 70.00 USD goods and 9.00 USD shipping."""
    number = next(_numbers)
    cart = Cart(
        reference=f"B-{number}",
        currency="USD",
        items=(_mug(),),
        customer_email=f"ann{number}@example.com",
        customer_name="Ann Smith",
        shipping_minor=900,
        shipping_address=ADDRESS,
    )
    return carts.open_checkout(cart, campaign_id=shop.campaign_id, is_test=False)


def fill_cart(shop: Shop, card: Issued) -> str:
    """A checkout with the card applied; its id."""
    return carts.apply(open_cart(shop).id, code=card.code).id


def purchase(checkout_id: str) -> list[Request]:
    """Authorise and capture: the card pays the goods, a credit card the shipping."""
    rest = {"method": "credit_card", "amount": 900, "reference": f"ch_{checkout_id}"}
    path = f"/api/v1/checkouts/{checkout_id}"
    return [
        Request(f"{path}/authorisation", {}, f"a-{checkout_id}"),
        Request(f"{path}/capture", {"payments": [rest]}, f"c-{checkout_id}"),
    ]
