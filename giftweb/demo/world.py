"""Who and what the demo's chapters come back to, and the few things that happen all the time."""

import random
from dataclasses import dataclass, field
from typing import Any

from giftweb.demo.content import GOODS, REASONS, STREETS
from giftweb.domain import (
    cards,
    carts,
    checkout,
)
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Issued
from giftweb.domain.catalogue.items import Item
from giftweb.domain.customers.customers import Customer
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import CAPTURED, Tender
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class SignIn:
    """A member of the demo's staff, with the generated password."""

    role: str
    name: str
    email: str
    password: str


@dataclass(slots=True)
class Story:
    """Everybody and everything that later chapters come back to, by name."""

    dice: random.Random = field(default_factory=lambda: random.Random(1907))
    sign_ins: list[SignIn] = field(default_factory=list)
    actors: dict[str, Actor] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    cards: dict[str, Issued] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    campaigns: list[Campaign] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    references: int = 4100
    receipts: int = 170

    @property
    def shop(self) -> Campaign:
        """The campaign most of it happens in."""
        return self.campaigns[0]

    @property
    def agent(self) -> Actor:
        """Customer service."""
        return self.actors["customer_service"]

    @property
    def admin(self) -> Actor:
        """The one who may go over an order's total."""
        return self.actors["customer_service_admin"]

    @property
    def till(self) -> Actor:
        """The shop's own server."""
        return Actor("shop", self.shop.id, self.shop.name)

    def issue(self, name: str, amount: int, holder: str, **more: Any) -> Issued:
        """A card that staff give to a customer."""
        by = more.pop("by", self.agent)
        options = {"currency": "USD", "reason": self.dice.choice(REASONS)} | more
        new = NewCard(
            amount=Money(amount, options.pop("currency")),
            holder_email=self.customers[holder].email,
            holder_name=holder,
            **{key: value for key, value in options.items() if key != "reason"},
        )
        self.cards[name] = cards.issue(new, by=by, reason=options["reason"])
        return self.cards[name]

    def buy(self, who: str, *items: Item, use: tuple[str, ...] = (), **more: Any) -> Order:
        """An order: the cards by name pay what they may, ``method`` the rest."""
        placed = self.check_out(who, *items, use=use, **more)
        due = placed.due
        tender = Tender(
            method=more.get("method", "credit_card"),
            amount=due,
            reference=f"ch_{self.references}",
            state=more.get("state", CAPTURED),
        )
        return checkout.capture(
            placed.id,
            tenders=[tender] if due else [],
            by=self.till,
            gateway=more.get("gateway", "shop"),
        )

    def check_out(self, who: str, *items: Item, use: tuple[str, ...] = (), **more: Any):
        """A cart with cards on it."""
        campaign = more.get("campaign", self.shop)
        self.references += 1
        customer = self.customers[who]
        is_shipped = any(item.requires_shipping for item in items)
        cart = carts.Cart(
            reference=f"HB-{self.references}",
            currency=campaign.currency,
            items=items,
            customer_email=customer.email,
            customer_name=customer.name,
            shipping_minor=campaign.shipping_minor if is_shipped else 0,
            shipping_address=self.address(who) if is_shipped else None,
        )
        opened = carts.open_checkout(
            cart, campaign_id=campaign.id, is_test=more.get("is_test", False)
        )
        for name in use:
            opened = carts.apply(opened.id, code=self.cards[name].code)
        return opened

    def address(self, who: str) -> dict[str, str]:
        """Where somebody lives."""
        street, city, postal_code, country, region = STREETS[len(who) % len(STREETS)]
        found = {"name": who, "line1": street, "city": city, "postal_code": postal_code}
        return found | {"country": country, "region": region}


def goods(*skus: str) -> tuple[Item, ...]:
    """One of each."""
    prices = {sku: (name, price) for sku, name, price in GOODS}
    return tuple(item(sku, *prices[sku]) for sku in skus)


def item(sku: str, name: str, price: int, **more: Any) -> Item:
    """One piece of something."""
    return Item(sku=sku, name=name, quantity=1, unit_minor=price, **more)


def gift(amount: int, recipient: str, *, sender: str, message: str | None = None) -> Item:
    """A gift card that is bought for somebody."""
    return Item(
        sku="GIFT-CARD",
        name="Gift card",
        quantity=1,
        unit_minor=amount,
        kind="gift_card",
        requires_shipping=False,
        type="virtual",
        recipient_name=recipient,
        recipient_email=address_of(recipient),
        sender_name=sender,
        sender_email=address_of(sender),
        message=message,
    )


def address_of(name: str, domain: str = "example.com") -> str:
    """``Ann Smith`` as ``ann.smith@example.com``."""
    return f"{name.lower().replace(' ', '.')}@{domain}"
