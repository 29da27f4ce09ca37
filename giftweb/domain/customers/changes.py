"""A customer registered from a card, and one who asks to be forgotten (B29)."""

from giftweb import clock, database, models
from giftweb.database import transactional
from giftweb.domain import audit, cards
from giftweb.domain.audit.log import Actor
from giftweb.domain.customers import customers
from giftweb.domain.customers.customers import LONGEST_NAME, Customer
from giftweb.errors import Invalid
from giftweb.language import gettext


@transactional
def register_from_card(card_id: str, *, by: Actor) -> Customer:
    """Register whoever holds a card; who is registered already is found.

    Raises: NotFound, Invalid (nobody's address is known).
    """
    card = cards.find(card_id)
    if not card.holder_email:
        raise Invalid(gettext("Nobody's address is known for this card."), field="email")
    known = customers.find_by_emails([card.holder_email])
    if known:
        return known[card.holder_email]
    name = card.holder_name or card.holder_email.partition("@")[0]
    return customers.register(email=card.holder_email, name=name[:LONGEST_NAME], by=by)


@transactional
def ask_for_erasure(customer_id: str) -> None:
    """Note that a customer wants to be forgotten; asked twice is asked."""
    customer = models.Customer
    waiting = customer.select(customer.id).where(
        customer.id == customer_id, customer.erasure_asked_at.is_null()
    )
    if database.locked(waiting).first():
        audit.seals.change(customer, customer_id, erasure_asked_at=clock.now())
        by = Actor(kind="customer", id=customer_id, name="")
        audit.record(by=by, action="customer.asked_to_be_erased", subject=customer_id)


def has_asked_for_erasure(customer_id: str) -> bool:
    """Whether the customer has asked to be forgotten."""
    asked = models.Customer.select(models.Customer.erasure_asked_at)
    return asked.where(models.Customer.id == customer_id).scalar() is not None
