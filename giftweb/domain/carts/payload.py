"""A checkout as other programs see it (docs/api.md); its token is no part of it."""

from giftweb.domain import payload_fields
from giftweb.domain.carts.allocation import FULL, NONE, PART
from giftweb.domain.carts.values import NOT_COVERED, PROBLEMS
from giftweb.domain.catalogue.payload import Item
from giftweb.domain.payload_fields import Contact, Payload, Person, Worth
from giftweb.tables.checkouts import CHECKOUT_STATUSES


class AppliedCard(Payload):
    """A card on a checkout."""

    id = payload_fields.identity("gc", of="card_id")
    last4 = payload_fields.text()
    balance = payload_fields.minor(
        "What it may pay with, in the checkout's currency.", of="worth.minor"
    )
    amount = payload_fields.minor("What it pays; 0 when it is not reached.", of="amount.minor")
    position = payload_fields.number("The order of deduction, from 1.")
    card_balance = payload_fields.one(
        Worth, "Of a card in another currency.", required=False, of="foreign_balance"
    )
    limit = payload_fields.minor("Use at most so much of it.", required=False, of="limit_minor")
    problem = payload_fields.word(PROBLEMS, "Why it can pay nothing now.", required=False)


class NotCovered(Payload):
    """A part of the grand total that gift cards may not pay."""

    reason = payload_fields.word(NOT_COVERED)
    amount = payload_fields.minor(of="amount_minor")


class CheckoutState(Payload):
    """A checkout as events carry it; amounts are minor units of its currency."""

    id = payload_fields.identity("chk")
    livemode = payload_fields.livemode()
    status = payload_fields.word(CHECKOUT_STATUSES)
    order_reference = payload_fields.text("The shop's own.", of="reference")
    currency = payload_fields.currency()
    items = payload_fields.many(Item)
    customer = payload_fields.one(
        Person, of=lambda cart: Contact(cart.customer_email or None, cart.customer_name or None)
    )
    shipping_address = payload_fields.document(nullable=True)
    items_amount = payload_fields.minor(of="amounts.items_minor")
    discount_amount = payload_fields.minor(of="amounts.discount_minor")
    tax_amount = payload_fields.minor(of="amounts.tax_minor")
    shipping_amount = payload_fields.minor(of="amounts.shipping_minor")
    grand_total = payload_fields.minor(
        "Items - discount + tax + shipping.", of="amounts.total_minor"
    )
    covered_amount_max = payload_fields.minor("What cards may pay.", of="coverable_minor")
    not_covered = payload_fields.many(
        NotCovered, "Why that is less than the grand total, part by part."
    )
    gift_card_amount = payload_fields.minor("What the cards pay.", of="paid_minor")
    amount_due = payload_fields.minor("What is left for other tenders.", of="due_minor")
    coverage = payload_fields.word(
        (NONE, PART, FULL), "`full`: the cards pay all that they may pay."
    )
    gift_cards = payload_fields.many(AppliedCard, of="cards")
    expires_at = payload_fields.instant("The cart's, then the hold's.")
    order_id = payload_fields.identity("ord", nullable=True)
