"""What a program sends about carts and payments, as the domain's values."""

from datetime import timedelta
from typing import Any

from giftweb.domain import json_values
from giftweb.domain.catalogue.items import Item
from giftweb.domain.payments.payments import Tender
from giftweb.money import Money

Given = dict[str, Any]


def cart_fields(body: Given) -> Given:
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
    if "expires_in" in body:
        found["expires_in"] = timedelta(seconds=body["expires_in"])
    return found


def items(given: list[Given]) -> tuple[Item, ...]:
    """The lines of a cart."""
    return tuple(_item(each) for each in given)


def _item(given: Given) -> Item:
    is_card = given["kind"] == "gift_card"
    type = given.get("type", "virtual") if is_card else None
    return Item(
        sku=given["sku"],
        name=given["name"],
        quantity=given["quantity"],
        unit_minor=given["unit_amount"],
        kind=given["kind"],
        requires_shipping=given.get("requires_shipping", type != "virtual"),
        type=type,
        message=given.get("message"),
        deliver_at=json_values.instant(given.get("deliver_at")),
        **_person("recipient", given),
        **_person("sender", given),
    )


def _person(role: str, given: Given) -> Given:
    found = given.get(role, {})
    return {f"{role}_{name}": found.get(name) for name in ("name", "email")}


def tenders(given: Given, currency: str) -> list[Tender]:
    """The payments that the shop took, in the order's currency."""
    return [
        Tender(
            method=payment["method"],
            amount=Money(payment["amount"], currency),
            reference=payment["reference"],
        )
        for payment in given.get("payments", ())
    ]
