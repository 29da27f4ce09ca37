"""What has happened to an order, in one list: its payments, the mails about it, the notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from giftweb.domain.notes import Note
from giftweb.domain.orders.values import OrderSheet
from giftweb.domain.outbox.mails import Mail
from giftweb.domain.payments.payments import Payment
from giftweb.language import gettext
from giftweb.money import money_text
from giftweb.web import mail
from giftweb.web.access import gate
from giftweb.web.text.order_effects import payer_in_sentence
from giftweb.web.text.words import status_label, status_tone, type_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry. ``by`` is empty for what the system or a program did."""

    id: str
    icon: str
    tone: str
    text: str
    at: datetime
    by: str = ""
    more: str = ""
    href: str = ""


def of_order(sheet: OrderSheet, mails: Sequence[Mail]) -> list[Event]:
    """Newest first; of what happened at one instant, too, the last comes first."""
    found = [
        *(_note(each) for each in sheet.notes),
        *_payments(sheet.payments),
        *(_mail(each) for each in mails),
    ]
    oldest_first = sorted(found, key=lambda event: event.at)
    return oldest_first[::-1]


def of_notes(notes: Sequence[Note]) -> list[Event]:
    """Notes alone, newest first."""
    return [_note(each) for each in reversed(notes)]


def _note(note: Note) -> Event:
    return Event(
        id=note.id,
        icon="note" if note.author else "info",
        tone="" if note.author else "quiet",
        text=note.text,
        at=note.created_at,
        by=note.author or gettext("System"),
    )


def _payments(payments: Sequence[Payment]) -> Iterator[Event]:
    """Once for each payment that has come; what is awaited has not happened yet."""
    for payment in payments:
        if payment.is_awaited or payment.status == "cancelled":
            continue
        yield Event(
            id=payment.id,
            icon="gift-card" if payment.is_gift_card else "money",
            tone="good",
            text=gettext(
                "{amount} paid by {payer}",
                amount=money_text(payment.amount),
                payer=payer_in_sentence(payment),
            ),
            at=payment.created_at,
        )


def _mail(each: Mail) -> Event:
    status = mail.smtp.status_of(each)
    can_open = gate.may_open("outbox.show")
    return Event(
        id=each.id,
        icon="mail",
        tone=status_tone(status),
        text=gettext("{kind}: {status}", kind=type_label(each.kind), status=status_label(status)),
        more=each.problem or "",
        by=each.to,
        at=each.sent_at or (each.due_at if status == "scheduled" else each.created_at),
        href=url_for("outbox.show", mail_id=each.id) if can_open else "",
    )
