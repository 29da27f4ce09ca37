"""Customers see their own cards: a mailed link opens a session (B20). No password, no code shown.

The link's secret lies sealed in the mail's row and hashed in its own; it works once, for an hour.
"""

import hashlib
import secrets
from datetime import timedelta

from giftweb import clock, codes, models
from giftweb.database import records, transactional
from giftweb.domain import audit, cards, emails, outbox
from giftweb.domain.audit.log import Actor
from giftweb.domain.customers import customers
from giftweb.domain.customers.customers import Customer
from giftweb.errors import NotFound
from giftweb.models import CustomerSession, SignInLink

LINK_LIFE = timedelta(hours=1)
SESSION_LIFE = timedelta(days=7)


class LinkIsOver(NotFound):
    """This link has been used or has expired. Ask for a new one."""


@transactional
def request_link(email: str) -> None:
    """Mail a link to an address that holds a card or has bought; nothing to any other.

    The result is the same for both.
    """
    email = emails.read(email)
    found = _customer_of(email)
    if found is None:
        return
    secret, now = _fresh(), clock.now()
    SignInLink.insert(
        id=_hash(secret), customer=found.id, created_at=now, expires_at=now + LINK_LIFE
    ).execute()
    outbox.mail("sign_in_link", to=email, data={"token_sealed": codes.seal(secret, email).hex()})


def _customer_of(email: str) -> Customer | None:
    if registered := customers.find_by_emails([email]):
        return registered[email]
    held = cards.search.of_holder(email, limit=1)
    return customers.find(customers.ensure(email, held[0].holder_name or "")) if held else None


@transactional
def enter(secret: str) -> str:
    """Use a link, once: open a session and return its key.

    Raises: LinkIsOver.
    """
    now, is_link = clock.now(), SignInLink.id == _hash(secret)
    is_open = SignInLink.used_at.is_null() & (SignInLink.expires_at > now)
    if not SignInLink.update(used_at=now).where(is_link, is_open).execute():
        raise LinkIsOver
    customer_id = SignInLink.select(SignInLink.customer).where(is_link).scalar()
    key = _fresh()
    CustomerSession.insert(
        id=_hash(key), customer=customer_id, created_at=now, expires_at=now + SESSION_LIFE
    ).execute()
    audit.record(
        by=Actor(kind="customer", id=customer_id, name=""),
        action="customer.signed_in",
        subject=customer_id,
    )
    return key


def signed_in(key: str | None) -> Customer | None:
    """The customer of a session; None when it has ended or there is none."""
    if not key:
        return None
    counts = CustomerSession.revoked_at.is_null() & (CustomerSession.expires_at > clock.now())
    found = records.select(Customer, models.Customer).join(CustomerSession)
    return found.where(CustomerSession.id == _hash(key), counts).first()


@transactional
def leave(key: str | None) -> None:
    """End the session."""
    if key:
        end = CustomerSession.update(revoked_at=clock.now())
        end.where(CustomerSession.id == _hash(key)).execute()


def _fresh() -> str:
    return secrets.token_urlsafe(32)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
