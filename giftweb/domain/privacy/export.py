"""All that is known of a person, as one document for them to have (D18). Never a code."""

from collections.abc import Iterable
from typing import Any

from giftweb import clock, models
from giftweb.database import records
from giftweb.domain import cards, notes, orders
from giftweb.domain.audit.log import Entry
from giftweb.domain.privacy import people
from giftweb.domain.privacy.people import Person
from giftweb.errors import NotFound
from giftweb.language import gettext
from giftweb.models import AuditEntry, CustomerSession, GiftCard, Mail

Document = dict[str, Any]


def export(email: str) -> Document:
    """Everything that belongs to an address.

    Raises: Invalid, NotFound (nobody is known by this address).
    """
    person = people.find(email)
    mails = _mails(person)
    if not person.is_known and not mails:
        raise NotFound(gettext("Nobody is known by this address."))
    return {
        "email": person.email,
        "exported_at": _instant(clock.now()),
        "customer": _customer(person),
        "gift_cards": [_card(card) for card in _cards(person, is_own=True)],
        "gift_cards_given": [_gift(card) for card in _cards(person, is_own=False)],
        "orders": _orders(person),
        "carts": _carts(person),
        "mails": mails,
        "sign_ins": _sign_ins(person),
        "notes": [
            {"text": note.text, "at": _instant(note.created_at)}
            for note in notes.of(person.customer_id or "")
        ],
        "log": _log(person),
    }


def _instant(at: Any) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def _customer(person: Person) -> Document | None:
    found = models.Customer.get_or_none(models.Customer.id == person.customer_id)
    if found is None:
        return None
    return {
        "id": found.id,
        "email": found.email,
        "name": found.name,
        "created_at": _instant(found.created_at),
    }


def _cards(person: Person, *, is_own: bool) -> Iterable[cards.Card]:
    ids = person.of(GiftCard, is_own=is_own)
    found = cards.find_many(ids)
    return [found[card_id] for card_id in ids]


def _card(card: cards.Card) -> Document:
    return cards.payload.GiftCard.of(card) | {
        "message": card.message,
        "transactions": [
            cards.payload.Transaction.of(line) for line in cards.history(card, limit=10_000).lines
        ],
    }


def _gift(card: cards.Card) -> Document:
    return {
        "id": card.id,
        "last4": card.last4,
        "initial_amount": card.initial_minor,
        "currency": card.currency,
        "message": card.message,
        "created_at": _instant(card.created_at),
    }


def _orders(person: Person) -> list[Document]:
    found = [orders.find(order_id) for order_id in person.of(models.Order)]
    return [orders.payload.Order.of(sheet) for sheet in orders.values.sheets(found)]


def _carts(person: Person) -> list[Document]:
    checkout = models.Checkout
    found = checkout.select().where(
        checkout.id.in_(person.of(checkout)), checkout.status != "captured"
    )
    return [
        {
            "id": each.id,
            "status": each.status,
            "reference": each.reference,
            "customer": {"email": each.customer_email, "name": each.customer_name},
            "shipping_address": each.shipping_address,
            "items": each.items,
            "created_at": _instant(each.created_at),
        }
        for each in found.order_by(checkout.id)
    ]


def _mails(person: Person) -> list[Document]:
    found = Mail.select().where(Mail.to_email == person.email).order_by(Mail.id)
    return [
        {"kind": each.kind, "status": each.state, "at": _instant(each.sent_at or each.created_at)}
        for each in found
    ]


def _sign_ins(person: Person) -> list[Document]:
    session = CustomerSession
    found = session.select().where(session.customer == person.customer_id).order_by(session.id)
    return [{"at": _instant(each.created_at), "seen_at": _instant(each.seen_at)} for each in found]


def _log(person: Person) -> list[Document]:
    """What was done about them, without who did it: that is about somebody else."""
    found = records.select(Entry, AuditEntry).where(AuditEntry.subject.in_(sorted(person.ids)))
    return [
        {"at": _instant(entry.at), "action": entry.action, "subject": entry.subject}
        for entry in found.order_by(AuditEntry.id)
    ]
