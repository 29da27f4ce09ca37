"""The hosted shop's cart: an open checkout, whose id alone lies in the shopper's session."""

from dataclasses import replace
from datetime import timedelta

from flask import session

from giftweb import ids
from giftweb.domain import carts
from giftweb.domain import checkout_values as checkouts
from giftweb.domain.campaigns import Campaign
from giftweb.domain.carts import Cart
from giftweb.domain.checkout_values import Checkout, Item
from giftweb.errors import NotFound
from giftweb.web import sign_in

LIFE = timedelta(days=7)
MOST_LINES = 20


def current(campaign: Campaign) -> Checkout | None:
    """The shopper's checkout, open or being paid; None when there is none or it is over."""
    known = session.get(_name(campaign))
    try:
        found = checkouts.find(known, campaign_id=campaign.id) if known else None
    except NotFound:
        return None
    over = (checkouts.VOIDED, checkouts.EXPIRED, checkouts.CAPTURED)
    return None if found is None or found.status in over else found


def add(campaign: Campaign, item: Item) -> Checkout:
    """Put an item in the cart; the same goods again make one line with a larger number."""
    cart = current(campaign)
    if cart is None:
        return _open(campaign, item)
    items = list(cart.items)
    for place, line in enumerate(items):
        if replace(line, quantity=item.quantity) == item:
            items[place] = replace(line, quantity=line.quantity + item.quantity)
            break
    else:
        items.append(item)
    return set_items(campaign, cart, tuple(items[:MOST_LINES]))


def set_items(campaign: Campaign, cart: Checkout, items: tuple[Item, ...]) -> Checkout:
    """Change what is in the cart; shipping is asked for when something is shipped."""
    return carts.change(
        cart.id, changes={"items": items, "shipping_minor": shipping(campaign, items)}
    )


def shipping(campaign: Campaign, items: tuple[Item, ...]) -> int:
    """The campaign's flat price of shipping, in minor units."""
    return campaign.shipping_minor if any(item.requires_shipping for item in items) else 0


def forget(campaign: Campaign) -> None:
    """The cart has become an order, or was emptied."""
    session.pop(_name(campaign), None)


def remember_order(order_id: str) -> None:
    """Let this shopper see the thank-you page of the order."""
    session["orders"] = [*session.get("orders", ()), order_id][-5:]


def knows_order(order_id: str) -> bool:
    """Whether this shopper placed the order."""
    return order_id in session.get("orders", ())


def is_test() -> bool:
    """Whether the shop is being tried with test money, by a member of staff."""
    return bool(session.get("shop_test")) and sign_in.person() is not None


def try_with_test_money(wanted: bool) -> None:
    """Switch between test and real money; staff only."""
    session["shop_test"] = wanted and sign_in.person() is not None


def _open(campaign: Campaign, item: Item) -> Checkout:
    items = (item,)
    cart = Cart(
        reference=f"W-{ids.new('web')[-10:].upper()}",
        currency=campaign.currency,
        items=items,
        customer_email="",
        customer_name="",
        shipping_minor=shipping(campaign, items),
        expires_in=LIFE,
    )
    opened = carts.open_checkout(cart, campaign_id=campaign.id, is_test=is_test())
    session[_name(campaign)] = opened.id
    return opened


def _name(campaign: Campaign) -> str:
    return f"cart:{campaign.id}:{'test' if is_test() else 'live'}"
