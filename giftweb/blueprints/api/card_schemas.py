"""What the addresses about gift cards take and answer."""

from marshmallow import Schema, ValidationError, fields

from giftweb.blueprints.api import answer_fields
from giftweb.blueprints.api.fields import (
    Address,
    After,
    Amount,
    Body,
    Currency,
    Day,
    Limit,
    Text,
    Typed,
    Word,
    YesNo,
)
from giftweb.domain.cards.of_campaign import ORIGINS
from giftweb.domain.cards.values import STATUSES, TYPES
from giftweb.money import LIMIT_MINOR

# Taken


class Holder(Body):
    """Whom a card is for."""

    email = Address(required=True)
    name = Text()


class NewGiftCard(Body):
    """A card to issue."""

    amount = Amount(required=True)
    currency = Currency(required=True)
    holder = fields.Nested(Holder, required=True)
    message = Text(most=1000, has_lines=True, metadata={"description": "Stands in the mail."})
    expires_on = Day(metadata={"description": "The card's last day."})
    send_email = YesNo(load_default=True)
    note = Text(most=1000, has_lines=True, metadata={"description": "For staff only."})


class Code(Body):
    """A code as somebody typed it."""

    code = Typed(required=True, metadata={"example": "7GK2M-4T9QX-1BC0Z"})


class TopUp(Body):
    """Money to add, in the card's currency."""

    amount = Amount(required=True)
    note = Text(most=1000, has_lines=True)


def _not_zero(amount: int) -> None:
    if amount == 0:
        raise ValidationError("Send an amount that is not zero.")


class Adjustment(Body):
    """A correction, in the card's currency: above zero adds, below zero takes."""

    amount = Amount(
        required=True,
        least=-LIMIT_MINOR,
        also=_not_zero,
        metadata={"not": {"const": 0}, "description": "Signed, not 0."},
    )
    reason = Text(required=True, most=1000, has_lines=True)


class Why(Body):
    """Why it is done, for the log."""

    reason = Text(most=1000, has_lines=True)


class Replacement(Why):
    """How the new card is given."""

    send_email = YesNo(load_default=True)


class Sending(Body):
    """Where to send the card; without an address, to its holder."""

    email = Address()


class GiftCardQuery(Body):
    """Which cards."""

    status = Word(STATUSES)
    holder_email = Text(most=254)
    last4 = Text(most=4)
    origin = Word(ORIGINS)
    limit = Limit()
    after = After("gc")


class TransactionQuery(Body):
    """Which transactions."""

    limit = Limit()
    after = After("txn")


# Answered


class Person(Schema):
    """A holder; the name only when it is known."""

    email = answer_fields.text(nullable=True)
    name = answer_fields.text(required=False)


class GiftCard(Schema):
    """A gift card; amounts are minor units of its currency."""

    id = answer_fields.identity("gc")
    livemode = answer_fields.yes("False for a test card.")
    last4 = answer_fields.text("The code's last characters.")
    currency = answer_fields.currency()
    initial_amount = answer_fields.minor()
    balance = answer_fields.minor()
    held = answer_fields.minor("What open orders hold.")
    available = answer_fields.minor("The balance less what is held.")
    status = answer_fields.word(STATUSES)
    origin = answer_fields.word(ORIGINS)
    holder = answer_fields.one(Person)
    expires_on = answer_fields.day("The last day it can be used.")
    created_at = answer_fields.instant()


class GiftCardWithCode(GiftCard):
    """A new card. The code stands in this answer alone, and in its repetitions for a day."""

    code = answer_fields.text("15 characters.", required=False)


class ReplacementCard(GiftCardWithCode):
    """The new card of a replaced one."""

    replaces = answer_fields.identity("gc", "The card whose money it has.")


class Transaction(Schema):
    """One movement of a card's money."""

    id = answer_fields.identity("txn")
    type = answer_fields.word(sorted(set(TYPES.values())))
    amount = answer_fields.minor("Signed: its effect on the card.", least=-LIMIT_MINOR)
    balance_after = answer_fields.minor()
    order_reference = answer_fields.text("The shop's own.", nullable=True)
    created_at = answer_fields.instant("Strictly increasing along one card.")


GiftCardList = answer_fields.page_of(GiftCard)
TransactionList = answer_fields.page_of(Transaction)
