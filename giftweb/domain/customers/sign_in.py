"""Customers see their own cards: a mailed link opens a session (B20). No password, no code shown.

The link's secret lies sealed in the mail's row and hashed in its own; it works once, for ten
minutes.
"""

import hashlib
import secrets
from datetime import timedelta

from giftweb import clock, codes, database, models, security_log
from giftweb.database import records, transactional
from giftweb.domain import audit, cards, emails, outbox
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.customers import customers
from giftweb.domain.customers.customers import Customer
from giftweb.errors import LinkIsOver
from giftweb.models import CustomerSession, SignInLink, SignInRequest

LINK_LIFE = timedelta(minutes=10)
"""Also how long an address waits for its next link."""

SESSION_LIFE = timedelta(days=7)
IDLE_LIMIT = timedelta(hours=1)
_TOUCH_EVERY = timedelta(minutes=1)

LINKS_KEPT = timedelta(days=1)
"""How long a link that has ended stays in its table."""

_WAITING = SignInRequest.answered_at.is_null()


@transactional
def request_link(email: str) -> None:
    """Note that a link is wanted at this address: the same row, in the same time, whether anybody
    is known by it. The worker looks that up. Ten minutes pass before the next one.
    """
    now = clock.now()
    insert = SignInRequest.insert(email=emails.read(email), asked_at=now)
    insert.on_conflict(
        conflict_target=[SignInRequest.email],
        update={SignInRequest.asked_at: now, SignInRequest.answered_at: None},
        where=SignInRequest.asked_at <= now - LINK_LIFE,
    ).execute()


def requests(*, limit: int) -> list[str]:
    """Addresses at which a link is wanted, the longest wait first."""
    waiting = SignInRequest.select(SignInRequest.email).where(_WAITING)
    found = waiting.order_by(SignInRequest.asked_at).limit(limit)
    return [email for (email,) in found.tuples()]


@transactional
def answer(email: str) -> None:
    """Mail a link to an address that holds a card or has bought; nothing to any other. Links that
    were mailed before end.
    """
    now, is_wanted = clock.now(), SignInRequest.email == email
    if not SignInRequest.update(answered_at=now).where(is_wanted, _WAITING).execute():
        return
    found = _customer_of(email)
    if found is None:
        return
    is_open = SignInLink.used_at.is_null() & (SignInLink.expires_at > now)
    waiting = SignInLink.select(SignInLink.id).where(SignInLink.customer == found.id, is_open)
    for (link_id,) in list(database.locked(waiting).tuples()):
        seals.change(SignInLink, link_id, expires_at=now)
    secret, expires_at = _fresh(), now + LINK_LIFE
    seals.insert(
        SignInLink,
        id=_hash(secret),
        customer_id=found.id,
        created_at=now,
        expires_at=expires_at,
    )
    sealed = {
        "token_sealed": codes.seal(secret, email).hex(),
        "expires_at": clock.to_micros(expires_at),
    }
    outbox.mail("sign_in_link", to=email, data=sealed)


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
    now, link_id = clock.now(), _hash(secret)
    is_open = SignInLink.used_at.is_null() & (SignInLink.expires_at > now)
    found = SignInLink.select().where(SignInLink.id == link_id, is_open)
    link = database.locked(found).first()
    if link is None or not seals.holds(SignInLink, link_id):
        security_log.record("link.refused", what="customer")
        raise LinkIsOver
    seals.change(SignInLink, link_id, used_at=now)
    customer_id, key = str(link.customer_id), _fresh()
    seals.insert(
        CustomerSession,
        id=_hash(key),
        customer_id=customer_id,
        created_at=now,
        seen_at=now,
        expires_at=now + SESSION_LIFE,
    )
    # Whoever got in may soon want another link, on another device.
    own = models.Customer.select(models.Customer.email).where(models.Customer.id == customer_id)
    SignInRequest.delete().where(SignInRequest.email == own).execute()
    audit.record(
        by=Actor(kind="customer", id=customer_id, name=""),
        action="customer.signed_in",
        subject=customer_id,
    )
    return key


def signed_in(key: str | None) -> Customer | None:
    """The customer of a session; None when it has ended, by being idle too, or there is none."""
    if not key:
        return None
    session_id, now = _hash(key), clock.now()
    is_key = CustomerSession.id == session_id
    is_in_time = (CustomerSession.expires_at > now) & (CustomerSession.seen_at > now - IDLE_LIMIT)
    counts = CustomerSession.revoked_at.is_null() & is_in_time
    found = records.select(Customer, models.Customer).join(CustomerSession)
    customer = found.where(is_key, counts).first()
    if customer is not None and not seals.holds(CustomerSession, session_id):
        return None
    if customer is not None:
        is_older = CustomerSession.seen_at < now - _TOUCH_EVERY
        CustomerSession.update(seen_at=now).where(is_key, is_older).execute()
    return customer


@transactional
def leave(key: str | None) -> None:
    """End the session."""
    if key:
        seals.change(CustomerSession, _hash(key), revoked_at=clock.now())


@transactional
def prune() -> int:
    """Drop links that have ended, and requests that were answered; how many."""
    now = clock.now()
    links = SignInLink.delete().where(SignInLink.expires_at < now - LINKS_KEPT).execute()
    is_rested = SignInRequest.asked_at < now - LINK_LIFE
    return links + SignInRequest.delete().where(~_WAITING, is_rested).execute()


def _fresh() -> str:
    return secrets.token_urlsafe(32)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
