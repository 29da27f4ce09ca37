"""A gift card and its transactions as other programs see them (docs/api.md). Never a code."""

from typing import Any

from giftweb.domain import payload_fields
from giftweb.domain.cards.values import STATUSES, TYPES, Card
from giftweb.domain.payload_fields import Contact, Payload, Person
from giftweb.money import LIMIT_MINOR
from giftweb.tables.cards import ORIGINS
from giftweb.tables.ledger import FUNDING


class Funding(Payload):
    """What of a balance came from one source, in minor units of the card's currency."""

    source = payload_fields.word(FUNDING)
    amount = payload_fields.minor(of="amount.minor")


class GiftCard(Payload):
    """A gift card; amounts are minor units of its currency."""

    id = payload_fields.identity("gc")
    livemode = payload_fields.livemode("False for a test card.")
    last4 = payload_fields.text("The code's last characters.")
    currency = payload_fields.currency()
    initial_amount = payload_fields.minor(of="initial_minor")
    balance = payload_fields.minor(of="balance_minor")
    held = payload_fields.minor("What open orders hold.", of="held_minor")
    available = payload_fields.minor("The balance less what is held.", of="available_minor")
    status = payload_fields.word(STATUSES)
    origin = payload_fields.word(ORIGINS)
    holder = payload_fields.one(
        Person, of=lambda card: Contact(card.holder_email, card.holder_name or None)
    )
    expires_on = payload_fields.day("The last day it can be used, in the campaign's time zone.")
    created_at = payload_fields.instant()
    funding = payload_fields.many(
        Funding, "What is left, by where it came from; it adds up to the balance."
    )
    deliver_at = payload_fields.instant(
        "When it is sent, if it is not sent at once.", required=False, of="scheduled_at"
    )
    delivered_at = payload_fields.instant("When it was first sent.", required=False)
    bound_to_holder = payload_fields.yes(
        "Whether it pays for its holder alone.", of=lambda card: bool(card.bound_to_holder)
    )
    needs_pin = payload_fields.yes(
        "Whether its PIN is asked for besides the code.", of=lambda card: bool(card.needs_pin)
    )
    note = payload_fields.text("For staff only.", required=False)
    tags = payload_fields.words("The shop's own.", of=lambda card: card.tags or ())


def seen_by(card: Card, campaign_id: str) -> dict[str, Any]:
    """A card as somebody sees it who has its code: another campaign's without its holder, note and
    tags."""
    if card.campaign_id != campaign_id:
        card = card._replace(holder_email=None, holder_name=None, note=None, tags=None)
    return GiftCard.of(card)


class Transaction(Payload):
    """One movement of a card's money."""

    id = payload_fields.identity("txn")
    type = payload_fields.word(sorted(set(TYPES.values())))
    amount = payload_fields.minor(
        "Signed: its effect on the card.", least=-LIMIT_MINOR, of="amount_minor"
    )
    balance_after = payload_fields.minor(of="balance_after_minor")
    order_reference = payload_fields.text("The shop's own.", nullable=True)
    created_at = payload_fields.instant("Strictly increasing along one card.")
