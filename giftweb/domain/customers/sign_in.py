"""Customers see their own cards: a mailed link opens a session (B20). No password, no code shown.

The link's secret lies sealed in the mail's row and hashed in its own; it works once, for an hour.
"""

import hashlib
import secrets
from datetime import timedelta

from giftweb import clock, codes, database
from giftweb.database import transactional
from giftweb.domain import audit, emails, outbox
from giftweb.domain.audit.log import Actor
from giftweb.domain.customers import customers
from giftweb.domain.customers.customers import Customer
from giftweb.errors import NotFound

LINK_LIFE = timedelta(hours=1)
SESSION_LIFE = timedelta(days=7)


class LinkIsOver(NotFound):
    """This link has been used or has expired. Ask for a new one."""


@transactional
def ask(email: str) -> None:
    """Mail a link to an address that holds a card or has bought; nothing to any other.

    Whoever asks is told the same either way.
    """
    email = emails.read(email)
    found = _customer_of(email)
    if found is None:
        return
    secret, now = _fresh(), clock.now()
    database.insert(
        "sign_in_link",
        id=_hash(secret),
        customer_id=found.id,
        created_at=clock.to_micros(now),
        expires_at=clock.to_micros(now + LINK_LIFE),
    )
    outbox.mail("sign_in_link", to=email, data={"token_sealed": codes.seal(secret, email).hex()})


def _customer_of(email: str) -> Customer | None:
    known = customers.find_by_emails([email])
    if known:
        return known[email]
    name = database.row(
        "SELECT holder_name FROM gift_card WHERE holder_email = ? ORDER BY id DESC LIMIT 1", email
    )
    if name is None:
        return None
    return customers.find(customers.ensure(email, name[0] or ""))


@transactional
def enter(secret: str) -> str:
    """Use a link: it opens one session, and the session's key is given.

    Raises: LinkIsOver.
    """
    now = clock.micros()
    used = database.execute(
        "UPDATE sign_in_link SET used_at = ? WHERE id = ? AND used_at IS NULL AND expires_at > ?",
        *(now, _hash(secret), now),
    )
    if not used:
        raise LinkIsOver
    customer_id = database.scalar(
        "SELECT customer_id FROM sign_in_link WHERE id = ?", _hash(secret)
    )
    key = _fresh()
    database.insert(
        "customer_session",
        id=_hash(key),
        customer_id=customer_id,
        created_at=now,
        expires_at=clock.to_micros(clock.now() + SESSION_LIFE),
    )
    audit.record(
        by=Actor(kind="customer", id=customer_id, name=""),
        action="customer.signed_in",
        subject=customer_id,
    )
    return key


def signed_in(key: str | None) -> Customer | None:
    """Whose session it is; None when it is over or there is none."""
    if not key:
        return None
    customer_id = database.scalar(
        "SELECT customer_id FROM customer_session"
        " WHERE id = ? AND revoked_at IS NULL AND expires_at > ?",
        *(_hash(key), clock.micros()),
    )
    return None if customer_id is None else customers.find(customer_id)


@transactional
def leave(key: str | None) -> None:
    """End the session."""
    if key:
        database.execute(
            "UPDATE customer_session SET revoked_at = ? WHERE id = ?", clock.micros(), _hash(key)
        )


def _fresh() -> str:
    return secrets.token_urlsafe(32)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
