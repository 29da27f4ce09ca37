"""Errors in the OpenAPI document: their shape, and every code with its sentence."""

from marshmallow import Schema, fields

from giftweb.blueprints.api.cart_schemas import Checkout
from giftweb.domain import payload_fields
from giftweb.domain.payload_fields import Payload

CODES: dict[str, tuple[int, str]] = {
    "malformed_json": (400, "The body is not JSON, or has a name twice in one object."),
    "idempotency_key_missing": (400, "This request needs the header Idempotency-Key."),
    "unauthorised": (401, "The key is missing, unknown or revoked."),
    "forbidden": (403, "The key may not do this, here or for so much; or the campaign is closed."),
    "not_found": (404, "There is no such thing in this campaign and mode, or no such address."),
    "method_not_allowed": (405, "The address does not take this method; see Allow."),
    "already_applied": (409, "The card is on the checkout already."),
    "card_already_used": (409, "A used card cannot be cancelled. It can be frozen."),
    "card_in_use": (409, "An open order holds money on the card."),
    "card_not_usable": (
        409,
        "The card is not activated, frozen, expired, cancelled, replaced or used up, or it is bound"
        " to another customer.",
    ),
    "checkout_closed": (409, "The checkout is authorised, captured or voided, or the order over."),
    "checkout_expired": (409, "The time of the cart is over."),
    "currency_mismatch": (409, "Card and order have different currencies, and no rate is known."),
    "gift_card_not_allowed": (409, "This cannot be done with a gift card."),
    "hold_expired": (409, "The time of the hold is over; the cards are free again."),
    "idempotency_in_progress": (409, "The first request with this key is still being worked on."),
    "insufficient_balance": (
        409,
        "The card has less than it is to pay; see `gift_card_id` and `available`.",
    ),
    "mode_mismatch": (409, "A test card pays test orders only, a live card live ones."),
    "payment_already_used": (409, "The provider's payment has paid before; see `payment_id`."),
    "payment_incomplete": (409, "Payments and cards do not add up to the grand total."),
    "payment_method_required": (409, "A gift card leaves nothing to charge: send a payment."),
    "payment_not_awaited": (409, "The payment has come, or was given up."),
    "pin_required": (409, "The card has a PIN, and none or a wrong one was sent."),
    "refund_exceeds_payment": (409, "Less than that is left of the payment."),
    "refused": (409, "This cannot be done in the state that the order is in."),
    "shipping_address_required": (409, "Something is shipped, and there is no address."),
    "too_large": (413, "The body is larger than 1 MB."),
    "unsupported_media_type": (415, "The body is not application/json."),
    "code_malformed": (422, "This cannot be a code: it is a typing error."),
    "idempotency_key_reused": (422, "The key was used for another body or address."),
    "invalid": (422, "Fields cannot be used; see `errors`."),
    "too_many_tries": (429, "Too many wrong codes, or too many requests; see Retry-After."),
    "server_error": (500, "Something went wrong on our side."),
    "unavailable": (503, "The service cannot answer right now. Nothing was changed."),
}


ANYWHERE = frozenset(
    {
        "malformed_json",
        "idempotency_key_missing",
        "unauthorised",
        "not_found",
        "idempotency_in_progress",
        "too_large",
        "unsupported_media_type",
        "idempotency_key_reused",
        "invalid",
    }
)
"""What any request may be answered with."""

TYPED_CODE = ("card_not_usable", "currency_mismatch", "mode_mismatch", "pin_required")
"""Why a card whose code was typed is not taken."""

PAYING_CODE = (*TYPED_CODE, "gift_card_not_allowed", "insufficient_balance")
"""Why it does not pay."""


class FieldFault(Payload):
    """What is wrong with one field."""

    field = payload_fields.text("Such as `items.0.quantity`; empty for the body as a whole.")
    message = payload_fields.text()


class Problem(Payload):
    """RFC 9457. Programs read `code`, people `detail`."""

    type = payload_fields.text("Where the code is explained.")
    title = payload_fields.text()
    status = payload_fields.number()
    detail = payload_fields.text("A sentence for a person.")
    code = payload_fields.text()
    request_id = payload_fields.text("Name it when you ask us about this answer.")
    payment_id = payload_fields.identity(
        "pay", "With `payment_already_used`: the payment that came first.", required=False
    )
    gift_card_id = payload_fields.identity(
        "gc", "The card that could not pay, or be used.", required=False
    )
    available = payload_fields.minor(
        "With `insufficient_balance`: what the card could pay, in minor units of `currency`.",
        required=False,
    )
    currency = payload_fields.currency("Of `available`. ISO 4217, in capitals.", required=False)


class InvalidProblem(Problem):
    """A problem with fields."""

    errors = fields.List(fields.Nested(FieldFault))


class AllocationProblem(Problem):
    """A problem of a checkout. When a card could not pay its part, it is named, and what the cards
    can pay now is stored: the checkout is open, and that card pays nothing, or what it has."""

    checkout = fields.Nested(
        Checkout, metadata={"description": "With the new allocation, when there is one."}
    )


PROBLEM_OF: dict[int, type[Schema]] = {422: InvalidProblem}
