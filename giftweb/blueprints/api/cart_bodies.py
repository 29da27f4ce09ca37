"""The bodies of carts and payments, as values of the domain."""

from datetime import timedelta
from typing import Any

from giftweb.domain import json_values
from giftweb.domain.catalogue.items import Item
from giftweb.domain.payments.payments import Tender
from giftweb.money import Money

Body = dict[str, Any]


def cart_fields(body: Body) -> Body:
    """The fields of ``carts.Cart`` that the body names."""
    plain = {
        "order_reference": "reference",
        "currency": "currency",
        "discount_amount": "discount_minor",
        "tax_amount": "tax_minor",
        "shipping_amount": "shipping_minor",
        "shipping_address": "shipping_address",
    }
    found = {field: body[name] for name, field in plain.items() if name in body}
    if "items" in body:
        found["items"] = items(body["items"])
    if "customer" in body:
        found |= {f"customer_{name}": body["customer"][name] for name in ("email", "name")}
        found["customer_locale"] = body["customer"].get("locale")
    if "expires_in" in body:
        found["expires_in"] = timedelta(seconds=body["expires_in"])
    return found


def items(bodies: list[Body]) -> tuple[Item, ...]:
    """The lines of a cart."""
    return tuple(_item(body) for body in bodies)


def _item(body: Body) -> Item:
    is_card = body["kind"] == "gift_card"
    type = body.get("type", "virtual") if is_card else None
    return Item(
        sku=body["sku"],
        name=body["name"],
        quantity=body["quantity"],
        unit_minor=body["unit_amount"],
        kind=body["kind"],
        requires_shipping=body.get("requires_shipping", type != "virtual"),
        type=type,
        message=body.get("message"),
        category=body.get("category"),
        gift_card_payable=body["gift_card_payable"],
        deliver_at=json_values.instant(body.get("deliver_at")),
        **_person("recipient", body),
        recipient_locale=(body.get("recipient") or {}).get("locale"),
        **_person("sender", body),
    )


def _person(role: str, body: Body) -> Body:
    found = body.get(role, {})
    return {f"{role}_{name}": found.get(name) for name in ("name", "email")}


def tenders(body: Body, currency: str) -> list[Tender]:
    """The payments that the shop took, in the order's currency."""
    return [
        Tender(
            method=payment["method"],
            amount=Money(payment["amount"], currency),
            reference=payment["reference"],
            state=payment["status"],
        )
        for payment in body.get("payments", ())
    ]
