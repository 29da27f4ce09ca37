"""What the addresses about gift cards take and answer."""

from datetime import datetime
from typing import Any

from marshmallow import ValidationError, validates, validates_schema

from giftweb.blueprints.api.fields import (
    Address,
    After,
    Amount,
    Body,
    Currency,
    Day,
    Instant,
    Limit,
    Locale,
    Many,
    Part,
    Text,
    Typed,
    Word,
    YesNo,
)
from giftweb.blueprints.api.lists import list_of
from giftweb.domain import payload_fields
from giftweb.domain.cards import merging, tags
from giftweb.domain.cards.new_card import SOURCES
from giftweb.domain.cards.payload import ORIGINS, STATUSES, GiftCard, Transaction
from giftweb.domain.catalogue.items import may_deliver_at
from giftweb.money import LIMIT_MINOR

# Taken


class Holder(Body):
    """Whom a card is for."""

    email = Address(required=True)
    name = Text()
    locale = Locale()


def _source() -> Word:
    about = "Where the money comes from: sold, given, or given to promote sales."
    return Word(SOURCES, load_default="goodwill", metadata={"description": about})


def _tags() -> Many:
    return Many(
        Text(required=True, most=tags.LONGEST),
        "tags",
        most=tags.MOST,
        metadata={"description": "The shop's own words, to find the card again."},
    )


class Delivered(Body):
    """When a card is sent."""

    deliver_at = Instant(
        metadata={"description": "When it is mailed: from now to one year ahead; by default now."}
    )

    @validates("deliver_at")
    def a_card_is_mailed_within_a_year(self, moment: datetime | None, **_: Any) -> None:
        """A card is not mailed in the past, nor kept for years."""
        require_deliverable(moment)


def require_deliverable(moment: datetime | None) -> None:
    """Refuse a time that is past or more than a year ahead.

    Raises: ValidationError.
    """
    if moment is not None and not may_deliver_at(moment):
        raise ValidationError("Send a time from now to one year ahead.")


class NewGiftCard(Delivered):
    """A card to issue."""

    amount = Amount(required=True)
    currency = Currency(required=True)
    holder = Part(Holder, required=True)
    message = Text(most=1000, has_lines=True, metadata={"description": "Stands in the mail."})
    expires_on = Day(metadata={"description": "The card's last day, in the campaign's time zone."})
    send_email = YesNo(load_default=True)
    note = Text(most=1000, has_lines=True, metadata={"description": "For staff only."})
    tags = _tags()
    source = _source()
    bound_to_holder = YesNo(
        load_default=False,
        metadata={"description": "It pays only where the customer's email is the holder's."},
    )


class ChangedGiftCard(Delivered):
    """What of a card changes; the rest stays."""

    expires_on = Day(
        metadata={"description": "Its new last day, in the campaign's time zone; not in the past."}
    )
    note = Text(
        least=0,
        most=1000,
        has_lines=True,
        metadata={"description": "For staff only. Empty: none any more."},
    )
    tags = _tags()
    holder = Part(Holder, allow_none=True)
    deliver_at = Instant(
        metadata={"description": "When it is mailed: from now to one year ahead; while it waits."}
    )


class TypedCode(Body):
    """A code as somebody typed it."""

    code = Typed(required=True, metadata={"example": "7GK2M-4T9QX-1BC0Z"})


class TypedCodeAndPin(TypedCode):
    """A code and the PIN that some printed cards have."""

    pin = Typed(metadata={"example": "402718", "description": "Where the card has one."})


class NewActivation(TypedCode):
    """A card from stock, and what was paid for it."""

    amount = Amount(required=True)
    currency = Currency(required=True)
    holder = Part(Holder, allow_none=True)
    source = Word(
        SOURCES,
        load_default="sales",
        metadata={"description": "Where the money comes from: sold, or given."},
    )


class Merged(Body):
    """The cards whose rests are put on one."""

    codes = Many(
        Typed(required=True), "codes", required=True, least=merging.FEWEST, most=merging.MOST
    )
    pins = Many(
        Typed(allow_none=True),
        "PINs",
        most=merging.MOST,
        metadata={"description": "Of cards that have one, in the order of the codes."},
    )

    @validates_schema(skip_on_field_errors=True)
    def pins_belong_to_codes(self, body: dict[str, Any], **_: Any) -> None:
        """There are no more PINs than codes."""
        if len(body.get("pins", ())) > len(body["codes"]):
            raise ValidationError("Send a PIN for each code at the most.", "pins")


class TopUp(Body):
    """Money to add, in the card's currency."""

    amount = Amount(required=True)
    note = Text(most=1000, has_lines=True)
    source = _source()


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


class ActionReason(Body):
    """Why it is done; for the log, and for an order's notes."""

    reason = Text(most=1000, has_lines=True)


class Replacement(ActionReason):
    """Whether the new card is mailed."""

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
    tag = Text(most=tags.LONGEST)
    limit = Limit()
    after = After("gc")


class TransactionQuery(Body):
    """Which transactions."""

    limit = Limit()
    after = After("txn")


# Answered


class GiftCardWithCode(GiftCard):
    """A new card. Code and PIN are in this answer alone, and in its repetitions for a day."""

    code = payload_fields.text("15 characters.", required=False)
    pin = payload_fields.text("Where the card has one.", required=False)


class ReplacementCard(GiftCardWithCode):
    """The new card of a replaced one."""

    replaces = payload_fields.identity("gc", "The card whose money it has.")


GiftCardList = list_of(GiftCard)
TransactionList = list_of(Transaction)
