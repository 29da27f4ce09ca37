"""The errors of the domain, one small class a reason.

A class's docstring is the sentence a person reads, in the language now; keyword arguments fill its
braces. ``code`` is the word other programs read (docs/api.md). The web layer maps the five families
to a status.
"""

from typing import Any

from giftweb.language import LazyText, gettext


class DomainError(Exception):
    """Something is not as it should be."""

    code = "refused"
    is_logged = False
    """Whether the security log has it already."""

    def __init__(
        self, sentence: str | LazyText | None = None, *, field: str | None = None, **details: Any
    ):
        self.details = details
        self.field = field
        self.sentence = str(sentence) if sentence else gettext(own_sentence(type(self)), **details)
        super().__init__(self.sentence)


def own_sentence(family: type[DomainError]) -> str:
    """The sentence of a class, which its catalogues know it by."""
    return " ".join((family.__doc__ or "").split())


class NotFound(DomainError):
    """There is nothing at this address."""

    code = "not_found"


class LinkIsOver(NotFound):
    """This link has been used or has expired. Ask for a new one."""


class Refused(DomainError):
    """This cannot be done now."""

    code = "refused"


class NotAllowed(DomainError):
    """Your role does not allow this."""

    code = "forbidden"


class TooManyTries(DomainError):
    """Too many tries. Wait {retry_after} seconds and try again."""

    code = "too_many_tries"

    @property
    def retry_after(self) -> int:
        """Seconds until another try is worth it."""
        return int(self.details["retry_after"])

    @property
    def challenge(self) -> str:
        """What a browser may prove work for instead of waiting; empty where waiting is all."""
        return str(self.details.get("challenge", ""))


class Invalid(DomainError):
    """What was entered cannot be used: see the fields."""

    code = "invalid"

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(field, message) of every fault; one entry for an error raised on a single field."""
        return self.details.get("errors") or [(self.field or "", self.sentence)]


class Unavailable(DomainError):
    """The service cannot answer right now. Nothing was changed; try again in a moment."""

    code = "unavailable"


class SchemaChanged(Unavailable):
    """The database is not in order right now. Nothing was changed; try again in a moment."""


# People and sign-in


class SignInFailed(Invalid):
    """This email and password do not belong together. Check both and try again."""


class PasskeyRequired(Invalid):
    """Your role needs more than a password. Sign in with your passkey."""


class CodeWrong(Invalid):
    """This code is not right, or was used already. Wait for the next one and enter it."""


class PasswordWrong(Invalid):
    """This is not your password. Check it and try again."""


class PasswordTooWeak(Invalid):
    """This password is too easy to guess. {advice}"""


class LastRoot(Refused):
    """This is the last person with the role Root. Give the role to somebody else first."""


class NotOneself(Refused):
    """You cannot do this to yourself. Ask another person with the role Root."""


# Codes and look-ups


class CodeMalformed(Invalid):
    """This is not a gift card code. Check it for a typing error."""

    code = "code_malformed"


class UnknownCode(NotFound):
    """No gift card has this code. Check it against the card or the email."""


# Cards


class CardNotUsable(Refused):
    """This gift card cannot be used."""

    code = "card_not_usable"


class PinRequired(Refused):
    """This gift card has a PIN. Enter it, too."""

    code = "pin_required"


class InReview(CardNotUsable):
    """This gift card waits for a review of its order. Nothing is sent before."""


class ReviewRefused(CardNotUsable):
    """This gift card was refused after a review. Its code is sent and shown to nobody."""


class CardNotRechargeable(CardNotUsable):
    """This gift card cannot be recharged. Take it out of your cart."""


class CardAlreadyUsed(Refused):
    """This card has been used, so it cannot be cancelled. You can freeze it instead."""

    code = "card_already_used"


class CardInUse(Refused):
    """An open order holds money on this card. Wait until it is placed or abandoned."""

    code = "card_in_use"


class InsufficientBalance(Refused):
    """This card has {available} left; {asked} was asked for."""

    code = "insufficient_balance"


class ModeMismatch(Refused):
    """A test card pays test orders only, and a real card real orders only."""

    code = "mode_mismatch"


class CurrencyMismatch(Refused):
    """This card is in {card_currency}, the order in {order_currency}, and no rate is known."""

    code = "currency_mismatch"


# Checkouts


class AlreadyApplied(Refused):
    """This gift card is already on the order."""

    code = "already_applied"


class CheckoutClosed(Refused):
    """This checkout is closed; nothing can be changed any more."""

    code = "checkout_closed"


class CheckoutExpired(Refused):
    """This checkout has expired. Start again from the cart."""

    code = "checkout_expired"


class HoldExpired(Refused):
    """The time to place this order has run out, and the cards are free again."""

    code = "hold_expired"


class PaymentIncomplete(Refused):
    """The payments do not add up to the order's total: {paid} of {total}."""

    code = "payment_incomplete"


class PaymentMethodRequired(Refused):
    """A gift card leaves nothing to charge. Choose another way to pay."""

    code = "payment_method_required"


class PaymentAlreadyUsed(Refused):
    """This payment of the provider has paid for something already: {payment_id}."""

    code = "payment_already_used"


class PaymentNotAwaited(Refused):
    """This payment is not awaited: it has come, or was given up."""

    code = "payment_not_awaited"


class PaymentDeclined(Refused):
    """The payment was declined: {reason} Nothing was charged; try another way to pay."""

    code = "payment_declined"


class ShippingAddressRequired(Refused):
    """Something in this order is shipped: a shipping address is needed."""

    code = "shipping_address_required"


# Orders


class RefundExceedsPayment(Refused):
    """Only {left} of this payment is left to refund."""

    code = "refund_exceeds_payment"


class OrderTotalExceeded(Refused):
    """Refunds plus gift cards would exceed the order's total by {excess}. Contact the manager."""

    code = "order_total_exceeded"


class GiftCardNotAllowed(Refused):
    """This cannot be done with a gift card payment."""

    code = "gift_card_not_allowed"


# The same request twice


class IdempotencyKeyMissing(Invalid):
    """Send the header Idempotency-Key (1 to 255 printable ASCII characters)."""

    code = "idempotency_key_missing"


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"


class IdempotencyInProgress(Refused):
    """A request with this Idempotency-Key is still being worked on. Try again in a moment."""

    code = "idempotency_in_progress"
