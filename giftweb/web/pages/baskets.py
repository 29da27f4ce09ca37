"""The hosted shop's cart: an open checkout, whose id alone lies in the shopper's session."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import session

from giftweb import ids, language
from giftweb.domain import campaigns, carts, checkout, countries, orders, throttle
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.carts.cart import Cart
from giftweb.domain.carts.values import Checkout
from giftweb.domain.catalogue.items import Item
from giftweb.domain.catalogue.products import MOST_AT_ONCE
from giftweb.domain.catalogue.taxes import Tax
from giftweb.domain.orders.values import Order
from giftweb.errors import Invalid, NotFound
from giftweb.language import gettext, lazy_gettext
from giftweb.web.access import actors, sign_in

LIFE = timedelta(days=7)
CARTS = throttle.Scope(
    "carts",
    free=60,
    forgives_after=30,
    longest_wait=60,
    why=lazy_gettext("Many carts were opened from your network."),
)
"""Carts that one address opens: each is a row that stays for weeks."""
MOST_LINES = 20
"""How many different things a cart of the hosted shop holds, but for a list of people."""
MOST_OF_A_TEAM = 220
"""How many with such a list."""


def current(campaign: Campaign) -> Checkout | None:
    """The shopper's checkout, open or being paid; None when there is none or it has ended.

    One whose hold has lapsed is still the shopper's: ``editable`` opens it again.
    """
    found = _kept(campaign)
    return None if found is None or _has_ended(found) else found


def expired(campaign: Campaign) -> Checkout | None:
    """The checkout that the shopper has come back to too late."""
    found = _kept(campaign)
    if found is None or not _has_ended(found) or found.stored_status == carts.CAPTURED:
        return None
    return found


def _kept(campaign: Campaign) -> Checkout | None:
    kept = session.get(_name(campaign))
    try:
        return carts.find(kept, campaign_id=campaign.id) if kept else None
    except NotFound:
        return None


def _has_ended(found: Checkout) -> bool:
    if found.stored_status == carts.AUTHORISED:
        return False
    return found.status in (carts.VOIDED, carts.EXPIRED, carts.CAPTURED)


def editable(cart: Checkout) -> Checkout:
    """The cart, open: a payment under way is voided and the gift cards are released."""
    if cart.stored_status != carts.AUTHORISED:
        return cart
    return checkout.charges.abandon(cart.id) if cart.claim else checkout.reopen(cart.id)


def renew(campaign: Campaign) -> None:
    """A new cart with what was in the one that has expired."""
    before = expired(campaign)
    if before is not None and before.items:
        throttle.count(CARTS, source=actors.client_address())
        _open(campaign, before.items)


def add(campaign: Campaign, item: Item) -> Checkout:
    """Put an item in the cart; the same goods again make one line with a larger number, and a
    recharge of the same card takes the place of the one before.

    Raises: Invalid (quantity) when it is full; TooManyTries.
    """
    cart = current(campaign)
    if cart is None:
        throttle.count(CARTS, source=actors.client_address())
        return _open(campaign, (item,))
    return set_items(campaign, cart, _with(cart.items, item))


def add_all(campaign: Campaign, items: Sequence[Item]) -> Checkout:
    """Put many gift cards in the cart, a line each.

    Raises: Invalid (people) when it would hold too many; TooManyTries.
    """
    cart = current(campaign)
    before = cart.items if cart else ()
    if len(before) + len(items) > MOST_OF_A_TEAM:
        sentence = gettext("A cart holds {count} gift cards at most.", count=MOST_OF_A_TEAM)
        raise Invalid(sentence, field="people")
    if cart is None:
        throttle.count(CARTS, source=actors.client_address())
        return _open(campaign, tuple(items))
    return set_items(campaign, cart, (*before, *items))


def _with(items: tuple[Item, ...], item: Item) -> tuple[Item, ...]:
    if item.recharges and any(line.recharges == item.recharges for line in items):
        return tuple(item if line.recharges == item.recharges else line for line in items)
    for place, line in enumerate(items):
        if line._replace(quantity=item.quantity) != item:
            continue
        number = line.quantity + item.quantity
        if number > MOST_AT_ONCE:
            sentence = gettext(
                "Your cart holds {quantity} of these already; {most_at_once} is the most.",
                quantity=line.quantity,
                most_at_once=MOST_AT_ONCE,
            )
            raise Invalid(sentence, field="quantity")
        return (*items[:place], line._replace(quantity=number), *items[place + 1 :])
    if len(items) >= MOST_LINES:
        sentence = gettext(
            "Your cart holds {most_lines} different things, the most there can be.",
            most_lines=MOST_LINES,
        )
        raise Invalid(sentence, field="quantity")
    return (*items, item)


def set_items(campaign: Campaign, cart: Checkout, items: tuple[Item, ...]) -> Checkout:
    """Change what is in the cart; shipping is charged when something is shipped."""
    charges = charges_for(campaign, items, address=cart.shipping_address)
    return carts.change(editable(cart).id, changes={"items": items, **charges})


def charges_for(
    campaign: Campaign, items: tuple[Item, ...], *, address: Mapping[str, str] | None
) -> dict[str, Any]:
    """The tax of where the cart goes, and the campaign's flat price of shipping with its tax."""
    shipping = campaign.shipping_minor if any(item.requires_shipping for item in items) else 0
    tax = tax_for(campaign, address=address)
    return {"tax": tax, "shipping_minor": shipping + (tax.added_minor(shipping) if tax else 0)}


def tax_for(campaign: Campaign, *, address: Mapping[str, str] | None) -> Tax | None:
    """The tax on goods that go to this address; without one, in the shop's own country."""
    home = countries.of_shop(time_zone=campaign.time_zone, currency=campaign.currency)
    return campaign.tax_for((address or {}).get("country") or home)


def forget(campaign: Campaign) -> None:
    """The cart has become an order, or was emptied."""
    session.pop(_name(campaign), None)


def carry_over(before: Mapping[str, Any]) -> None:
    """Keep the carts of the session before, after signing in: open ones under new ids, so that
    whoever had a hand in that session cannot follow; one that is being paid as it is.
    """
    for name, cart_id in before.items():
        kind, _, rest = name.partition(":")
        if kind != "cart":
            continue
        campaign = campaigns.find(rest.rpartition(":")[0])
        if name != _name(campaign):
            continue
        session[name] = cart_id
        cart = current(campaign)
        if cart is None:
            forget(campaign)
        elif cart.stored_status != carts.AUTHORISED:
            _open(campaign, cart.items)


def remember_order(order_id: str) -> None:
    """Let this shopper see the thank-you page of the order."""
    session["orders"] = [*session.get("orders", ()), order_id][-5:]


def knows_order(order_id: str) -> bool:
    """Whether this shopper placed the order."""
    return order_id in session.get("orders", ())


def last_order(campaign: Campaign) -> Order | None:
    """What this shopper placed last in this shop, by another tab too."""
    kept = _kept(campaign)
    if kept is not None and kept.order_id is not None and not knows_order(kept.order_id):
        remember_order(kept.order_id)
    for order_id in reversed(session.get("orders", ())):
        try:
            return orders.find(order_id, campaign_id=campaign.id)
        except NotFound:
            continue
    return None


def placed_with(campaign: Campaign) -> str | None:
    """The id of the order that the very cart of this request has become; None for no such cart."""
    kept = _kept(campaign)
    return None if kept is None else kept.order_id


def may_test() -> bool:
    """Whether a member of staff is here, who may try the shop with test money."""
    return sign_in.person() is not None


def is_test() -> bool:
    """Whether the shop is being tried with test money, by a member of staff."""
    return bool(session.get("shop_test")) and may_test()


def try_with_test_money(wanted: bool) -> None:
    """Switch between test and real money; staff only."""
    session["shop_test"] = wanted and may_test()


def _open(campaign: Campaign, items: tuple[Item, ...]) -> Checkout:
    cart = Cart(
        reference=f"W-{ids.new('web')[-10:].upper()}",
        currency=campaign.currency,
        items=items,
        customer_email="",
        customer_name="",
        customer_locale=language.current(),
        expires_in=LIFE,
        **charges_for(campaign, items, address=None),
    )
    opened = carts.open_checkout(cart, campaign_id=campaign.id, is_test=is_test())
    session[_name(campaign)] = opened.id
    return opened


def _name(campaign: Campaign) -> str:
    return f"cart:{campaign.id}:{'test' if is_test() else 'live'}"
