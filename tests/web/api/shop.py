"""A shop that a test opens: its program's key, and the bodies that it sends."""

from typing import Any

from werkzeug.test import TestResponse

from tests.api_client import ApiClient
from tests.factories import ADDRESS

CARD = {"amount": 5000, "currency": "USD", "holder": {"email": "ann@example.com", "name": "Ann"}}
MUG = {"sku": "MUG", "name": "A mug", "quantity": 1, "unit_amount": 7000}
CART = {
    "order_reference": "R-1",
    "currency": "USD",
    "items": [MUG],
    "shipping_amount": 900,
    "customer": {"email": "bob@example.com", "name": "Bob"},
    "shipping_address": ADDRESS,
}


def says(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Assert that the answer is this problem; its body."""
    assert (answer.status_code, answer.json.get("code")) == (status, code), answer.json
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["request_id"].startswith("req_")
    assert answer.json["detail"]
    return answer.json


def faults(answer: TestResponse) -> set[str]:
    """The fields that a 422 names."""
    return {fault["field"] for fault in says(answer, 422, "invalid")["errors"]}


def done(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    """Assert that it was done; the object."""
    assert answer.status_code == status, answer.json
    return answer.json


class Shop:
    """What tests do again and again through the API."""

    def __init__(self, api: ApiClient):
        self.api = api
        self.charges: dict[str, str] = {}

    def issue(self, amount: int = 5000, **more: Any) -> dict[str, Any]:
        """A card, with its code."""
        return done(self.api.post("/gift-cards", CARD | {"amount": amount} | more), 201)

    def card(self, card_id: str) -> dict[str, Any]:
        """The card as it stands."""
        return done(self.api.get(f"/gift-cards/{card_id}"))

    def open(self, *cards: dict[str, Any], **more: Any) -> str:
        """A checkout with these cards on it; its address."""
        path = f"/checkouts/{done(self.api.post('/checkouts', CART | more), 201)['id']}"
        for card in cards:
            done(self.apply(path, card))
        return path

    def apply(self, path: str, card: dict[str, Any]) -> TestResponse:
        """Put a card on a checkout."""
        return self.api.post(f"{path}/gift-cards", {"code": card["code"]})

    def pay(self, path: str, amount: int | None = None, **more: Any) -> TestResponse:
        """Capture, with one credit card payment of what is due or of ``amount``."""
        due = done(self.api.get(path))["amount_due"] if amount is None else amount
        charge = self.charges.setdefault(path, f"ch_{len(self.charges) + 1}")
        paid = {"method": "credit_card", "amount": due, "reference": charge}
        body = {"payments": [paid] if due else []}
        return self.api.post(f"{path}/capture", body, **more)

    def order(self, *cards: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A placed order, what the cards do not pay paid by credit card."""
        return done(self.pay(self.open(*cards, **more)), 201)
