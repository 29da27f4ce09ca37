"""A customer corrected, and merged with another record of them (B29).

Cards are held by an address, so they follow it: each as a correction of its holder, which counts
as giving what is on it and tells the address before. What awaited orders will make, and what the
customer has bought for others and may print, counts in the same way, order by order.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from peewee import Expression

from giftweb import models
from giftweb.database import transactional
from giftweb.domain import audit, awaited, cards, customers, emails, limits, orders, outbox
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.customers.customers import LONGEST_NAME, Customer
from giftweb.domain.limits import Gift, LimitExceeded
from giftweb.errors import Invalid, Refused
from giftweb.language import gettext
from giftweb.models import CustomerSession, GiftCard, Note, Order, SignInLink
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Merge:
    """What one record brings to another, before it does. ``worth``: what its cards hold."""

    other: Customer
    cards: int
    orders: int
    worth: list[Money]


@transactional
def edit(customer_id: str, *, email: str, name: str, by: Actor, reason: str | None) -> Customer:
    """Correct a customer's name or address. Cards and orders go along with another address, and
    whoever is signed in by the address before is signed out.

    Raises: NotFound, Invalid (email, name, reason), NotAllowed (one's own address, or a
    colleague's), Refused (what goes along is above a limit).
    """
    before, to, called = _person(customer_id), emails.read(email), name.strip()
    if not 0 < len(called) <= LONGEST_NAME:
        raise Invalid(gettext("Enter the customer's name."), field="name")
    if to != before.email:
        _require_reason(reason)
        if customers.find_by_emails([to]):
            raise Invalid(
                gettext("Another customer has this address. Merge the two."), field="email"
            )
        _hand_over(before, to, called, by=by, reason=reason)
        _move_orders(models.Order.customer == customer_id, customer_email=to)
        _sign_out(customer_id)
    audit.seals.change(models.Customer, customer_id, email=to, name=called)
    changes = [
        field
        for field, is_new in (("email", to != before.email), ("name", called != before.name))
        if is_new
    ]
    audit.record(
        by=by,
        action="customer.changed",
        subject=customer_id,
        reason=reason,
        data={"changed": changes},
    )
    return customers.find(customer_id)


def preview(customer_id: str, *, email: str) -> Merge:
    """What the record with this address would bring.

    Raises: NotFound, Invalid (nobody else has this address).
    """
    other = _other(_person(customer_id), email)
    held = customers.cards_of(other)
    count = models.Order.select().where(models.Order.customer == other.id).count()
    return Merge(other, len(held), count, customers.worth(held))


@transactional
def merge(customer_id: str, *, email: str, by: Actor, reason: str | None) -> Customer:
    """Merge the record with this address into a customer: cards, orders, notes and sign-ins follow,
    and the other record is gone.

    Raises: NotFound, Invalid (email, reason), NotAllowed, Refused (above a limit).
    """
    kept = _person(customer_id)
    other = _other(kept, email)
    _require_reason(reason)
    _hand_over(other, kept.email, kept.name, by=by, reason=reason)
    _move_orders(models.Order.customer == other.id, customer_id=kept.id, customer_email=kept.email)
    Note.update(subject=kept.id).where(Note.subject == other.id).execute()
    SignInLink.delete().where(SignInLink.customer == other.id).execute()
    _move_sessions(other.id, kept.id)
    models.Customer.delete().where(models.Customer.id == other.id).execute()
    audit.record(
        by=by, action="customer.merged", subject=kept.id, reason=reason, data={"from": other.id}
    )
    return kept


def _person(customer_id: str) -> Customer:
    """A customer whom somebody knows.

    Raises: NotFound, Refused (it stands for all who pay at a till).
    """
    found = customers.find(customer_id)
    if found.is_anybody:
        raise Refused(gettext("This stands for everybody who pays at a till: it is nobody's."))
    return found


def _other(kept: Customer, email: str) -> Customer:
    found = customers.find_by_emails([emails.read(email)])
    other = next(iter(found.values()), None)
    if other is None or other.id == kept.id:
        raise Invalid(gettext("No other customer has this address."), field="email")
    return other


def _require_reason(reason: str | None) -> None:
    if not (reason or "").strip():
        raise Invalid(gettext("Say why: cards and orders go along."), field="reason")


def _hand_over(of: Customer, to: str, name: str, *, by: Actor, reason: str | None) -> None:
    """What a customer holds, and what their orders bring to them, is another address's now.

    Raises: NotAllowed (one's own address, or a colleague's), Refused (above a limit).
    """
    by_order = _gifts_by_order(of, to)
    if by_order:
        cards.receivers.require_not_staff(to, by)
    for order_id, gifts in sorted(by_order.items()):
        with _left_to_a_colleague():
            limits.require(gifts, by=by)
        is_test = gifts[0].is_test
        outbox.mail("order_moved", to=of.email, order_id=order_id, is_test=is_test)
    _move_cards(of, to, name, by=by, reason=reason)


def _gifts_by_order(of: Customer, to: str) -> dict[str, list[Gift]]:
    """What the customer's orders have made or will make for them to use or to print, besides the
    cards that they hold."""
    found = defaultdict(list)
    for each in awaited.expected.of_customer(of.id):
        gift = Gift(amount=each.amount, email=to, is_test=each.is_test, brings_code=True)
        found[each.order_id].append(gift)
    for card in orders.gifts.in_reach(of.id, besides=(of.email, to)):
        gift = Gift(amount=card.balance, email=to, is_test=card.is_test, brings_code=True)
        found[str(card.order_id)].append(gift)
    return found


def _move_cards(of: Customer, to: str, name: str, *, by: Actor, reason: str | None) -> None:
    """Every card of a customer is another address's now; one that has ended moves in its row."""
    while found := customers.cards_of(of):
        for card in found:
            if _is_alive(card):
                _move_card(card, to, name, by=by, reason=reason)
            else:
                audit.seals.change(GiftCard, card.id, holder_email=to, holder_name=name)
                outbox.addressees.follow(card.id)


def _move_card(card: Card, to: str, name: str, *, by: Actor, reason: str | None) -> None:
    with _left_to_a_colleague():
        cards.holder.correct_holder(card.id, email=to, name=name, by=by, reason=reason)


@contextmanager
def _left_to_a_colleague() -> Iterator[None]:
    """Nobody is asked to approve a part of what goes along: all of it does, or nothing."""
    try:
        yield
    except LimitExceeded as exceeded:
        sentence = exceeded.sentence
        raise Refused(
            gettext("{sentence} Ask a colleague with a higher limit.", sentence=sentence)
        ) from exceeded


def _is_alive(card: Card) -> bool:
    return card.status not in (*cards.locking.ENDED, cards.EXPIRED)


def _move_orders(which: Expression, **changes: str) -> None:
    for (order_id,) in list(Order.select(Order.id).where(which).tuples()):
        audit.seals.change(Order, order_id, **changes)


def _move_sessions(of: str, to: str) -> None:
    found = CustomerSession.select(CustomerSession.id).where(CustomerSession.customer == of)
    for (session_id,) in list(found.tuples()):
        audit.seals.change(CustomerSession, session_id, customer_id=to)


def _sign_out(customer_id: str) -> None:
    SignInLink.delete().where(SignInLink.customer == customer_id).execute()
    CustomerSession.delete().where(CustomerSession.customer == customer_id).execute()
