"""Stripe: PaymentIntents, authorised first and captured after the order is placed.

A card is named in the browser by Stripe's own script through a SetupIntent, so that no card number
ever reaches us and the method can be charged again for an upsell. PayPal sends the shopper away and
back, without a script.
"""

import logging
from typing import Any

import stripe
from stripe import StripeClient

from giftweb import ids
from giftweb.domain.payments.providers import (
    Answer,
    Notice,
    Prepared,
    ProviderRefund,
    Setup,
    Source,
)
from giftweb.errors import NotFound
from giftweb.gateways import stripe_events
from giftweb.money import Money

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20
AUTHORISED = ("requires_capture", "succeeded")
PROCESSING = "processing"
DECLINED = ("requires_payment_method", "canceled")
_OVER = ("succeeded", "failed", "canceled")
_CLOCKS_APART_SECONDS = 24 * 3600
UNKNOWN = Answer("unknown", problem="Stripe did not answer")


class Stripe:
    """One Stripe account. ``publishable_key`` and ``script_url`` are for the shopper's browser."""

    name = "stripe"
    asks_shop = False
    is_remote = True

    def __init__(
        self,
        secret_key: str,
        publishable_key: str,
        api_base: str | None = None,
        *,
        webhook_secret: str = "",
        retries: int = 2,
    ):
        self.publishable_key = publishable_key
        self._webhook_secret = webhook_secret
        self.script_url = f"{api_base or 'https:/'}/js.stripe.com/v3/"
        addresses: Any = {"api": api_base} if api_base else {}
        self._client = StripeClient(
            secret_key,
            base_addresses=addresses,
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )

    def open_setup(self, *, email: str, name: str, order: str) -> Setup | None:
        """A SetupIntent for this checkout alone; None when Stripe is out of reach."""
        try:
            customer = self._client.v1.customers.create({"email": email, "name": name})
            setup = self._client.v1.setup_intents.create(
                {"customer": customer.id, "metadata": {"checkout": order}}
            )
        except stripe.StripeError as problem:
            log.warning("stripe: no set-up: %s", problem)
            return None
        return Setup(setup.id, str(setup.client_secret))

    def authorise(self, *, source: Source, amount: Money, key: str, order: str) -> Prepared:
        """Authorise on the shopper's payment method; the same ``key`` twice is one payment."""
        metadata = {"checkout": order, "key": key}
        try:
            method = self._method(source, order=order)
            if method is None:
                return Prepared(problem="The card was not confirmed.")
            intent = self._client.v1.payment_intents.create(
                _request(amount, metadata) | method,
                {"idempotency_key": key},
            )
        except stripe.CardError as problem:
            return Prepared(problem=_sentence(problem))
        except stripe.InvalidRequestError as problem:
            log.warning("stripe: refused to authorise: %s", problem)
            return Prepared(problem="This way to pay is not offered here.")
        except stripe.StripeError as problem:
            log.warning("stripe: not authorised: %s", problem)
            return Prepared(problem="The payment provider could not be reached.")
        return _prepared(intent)

    def _method(self, source: Source, *, order: str) -> dict[str, Any] | None:
        """What Stripe is to charge; None for a card that was not named for this checkout."""
        if source.kind == "paypal":
            return {
                "payment_method_types": ["paypal"],
                "payment_method_data": {"type": "paypal"},
                "return_url": source.return_url,
            }
        setup = self._client.v1.setup_intents.retrieve(source.token)
        if setup.status != "succeeded" or _part(setup.metadata, "checkout") != order:
            return None
        return {"customer": setup.customer, "payment_method": setup.payment_method}

    def retrieve(self, *, reference: str) -> Answer:
        """The payment's state."""
        try:
            intent = self._client.v1.payment_intents.retrieve(
                reference, {"expand": ["payment_method"]}
            )
        except stripe.StripeError as problem:
            log.warning("stripe: %s: %s", reference, problem)
            return UNKNOWN
        if intent.status in (*AUTHORISED, PROCESSING):
            return _authorised(intent)
        if intent.status in DECLINED:
            why = _part(intent.last_payment_error, "message")
            return Answer("failed", reference, why or "It was not confirmed.")
        return UNKNOWN

    def capture(self, *, reference: str, amount: Money, key: str) -> Answer:
        """Capture an authorised payment; one that is captured already is a success."""
        try:
            intent = self._client.v1.payment_intents.capture(
                reference, {"amount_to_capture": amount.minor}, {"idempotency_key": key}
            )
        except stripe.StripeError as problem:
            log.warning("stripe: %s was not captured: %s", reference, problem)
            return self._state_after_refusal(reference)
        return _captured(intent, reference)

    def void(self, *, reference: str | None, key: str, amount: Money) -> Answer:
        """Cancel a payment that is not captured, found by its key when no reference was kept."""
        try:
            found = reference or self._find(key)
        except stripe.StripeError as problem:
            log.warning("stripe: %s was not found: %s", key, problem)
            return UNKNOWN
        if found is None:
            return Answer("succeeded")
        try:
            self._client.v1.payment_intents.cancel(found)
        except stripe.StripeError as problem:
            log.warning("stripe: %s was not voided: %s", found, problem)
            return self._current(found, "canceled")
        return Answer("succeeded", found)

    def refund(self, *, reference: str, amount: Money, key: str) -> Answer:
        """Refund a part of a captured payment."""
        try:
            refund = self._client.v1.refunds.create(
                {
                    "payment_intent": reference,
                    "amount": amount.minor,
                    "metadata": {"refund": key},
                },
                {"idempotency_key": key},
            )
        except stripe.InvalidRequestError as problem:
            return Answer("failed", problem=_sentence(problem))
        except stripe.StripeError as problem:
            log.warning("stripe: no answer to refund %s: %s", key, problem)
            return UNKNOWN
        failed = refund.status in ("failed", "canceled")
        return Answer("failed" if failed else "succeeded", refund.id)

    def authorise_off_session(self, *, method: str, amount: Money, key: str) -> Answer:
        """Authorise on ``customer:payment method`` without the shopper."""
        customer, _, payment_method = method.partition(":")
        try:
            intent = self._client.v1.payment_intents.create(
                {
                    "amount": amount.minor,
                    "currency": amount.currency.lower(),
                    "customer": customer,
                    "payment_method": payment_method,
                    "capture_method": "manual",
                    "confirm": True,
                    "off_session": True,
                    "metadata": {"key": key},
                },
                {"idempotency_key": key},
            )
        except stripe.CardError as problem:
            return Answer("failed", problem=_sentence(problem))
        except stripe.StripeError as problem:
            log.warning("stripe: not authorised off session: %s", problem)
            return UNKNOWN
        return Answer("succeeded" if intent.status in AUTHORISED else "failed", intent.id)

    def _find(self, key: str) -> str | None:
        """The payment created under a key whose answer was lost."""
        oldest = ids.micros_of(key) // 1_000_000 - _CLOCKS_APART_SECONDS
        newest_first = self._client.v1.payment_intents.list({"limit": 100})
        for each in newest_first.auto_paging_iter():
            if _part(each.metadata, "key") == key:
                return str(each.id)
            if each.created < oldest:
                break
        return None

    def read_notice(self, body: bytes, signature: str) -> Notice | None:
        """What Stripe has sent to our endpoint, once its signature is right."""
        if not self._webhook_secret:
            raise NotFound
        return stripe_events.read(body, signature, self._webhook_secret)

    def refunds_of(self, *, reference: str) -> list[ProviderRefund] | None:
        """Every refund of a payment that is done or has failed."""
        try:
            listed = self._client.v1.refunds.list({"payment_intent": reference, "limit": 100})
            found = [each for each in listed.auto_paging_iter() if each.status in _OVER]
        except stripe.StripeError as problem:
            log.warning("stripe: no refunds of %s: %s", reference, problem)
            return None
        return [
            ProviderRefund(
                reference=each.id,
                key=_part(each.metadata, "refund") or "",
                amount=Money(each.amount, each.currency.upper()),
                has_failed=each.status != "succeeded",
            )
            for each in found
        ]

    def _state_after_refusal(self, reference: str) -> Answer:
        """After a refusal to capture: what has become of the payment."""
        try:
            intent = self._client.v1.payment_intents.retrieve(reference)
        except stripe.StripeError:
            return UNKNOWN
        return _captured(intent, reference)

    def _current(self, reference: str, wanted: str) -> Answer:
        """After a refusal: success when an earlier call has done it."""
        try:
            intent = self._client.v1.payment_intents.retrieve(reference)
        except stripe.StripeError:
            return UNKNOWN
        return Answer("succeeded", reference) if intent.status == wanted else UNKNOWN


def _request(amount: Money, metadata: dict[str, str]) -> Any:
    return {
        "amount": amount.minor,
        "currency": amount.currency.lower(),
        "capture_method": "manual",
        "confirm": True,
        "metadata": metadata,
    }


def _prepared(intent: Any) -> Prepared:
    if intent.status in DECLINED:
        why = _part(intent.last_payment_error, "message")
        return Prepared(intent.id, problem=why or "It was declined.")
    if intent.status != "requires_action":
        return Prepared(intent.id)
    if url := _part(_part(intent.next_action, "redirect_to_url"), "url"):
        return Prepared(intent.id, redirect_url=url)
    return Prepared(intent.id, client_secret=intent.client_secret)


def _captured(intent: Any, reference: str) -> Answer:
    if intent.status in DECLINED:
        return Answer("failed", reference, _part(intent.last_payment_error, "message") or "")
    states = {"succeeded": "succeeded", PROCESSING: "processing"}
    return Answer(states.get(intent.status, "unknown"), reference)


def _authorised(intent: Any) -> Answer:
    method = intent.payment_method
    is_card = getattr(method, "type", "card") == "card"
    reusable = f"{intent.customer}:{method.id}" if intent.customer and is_card else None
    return Answer(
        PROCESSING if intent.status == PROCESSING else "succeeded",
        intent.id,
        method="credit_card" if is_card else "paypal",
        reusable_method=reusable,
    )


def _part(found: Any, name: str) -> Any:
    """A field of Stripe's response, which may leave out any of them."""
    return getattr(found, name, None)


def _sentence(problem: stripe.StripeError) -> str:
    return problem.user_message or "The payment was declined."
