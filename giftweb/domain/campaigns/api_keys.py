"""The keys of the HTTP API: shown once, kept as a hash, two at a time to roll over (B5)."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from giftweb import clock, database, ids
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.errors import NotFound, Refused

AT_A_TIME = 2
"""Active keys of one campaign and mode: the one in use, and the one that takes over."""

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LENGTH = 32
_SHAPE = re.compile(rf"gwk_(live|test)_[0-9A-Za-z]{{{_LENGTH}}}")
_TOUCH_EVERY = timedelta(minutes=5)


class TooManyKeys(Refused):
    """This campaign has two active keys of this kind. Revoke one first."""

    code = "too_many_keys"


@dataclass(frozen=True, slots=True)
class Caller:
    """The shop behind a request: a campaign in one mode."""

    key_id: str
    campaign_id: str
    campaign_name: str
    currency: str
    is_test: bool
    is_active: bool

    @property
    def actor(self) -> Actor:
        """The key as the one who acts."""
        return Actor(kind="api", id=self.key_id, name=self.campaign_name)

    @property
    def scope(self) -> str:
        """Where its idempotency keys are told apart: the campaign and mode (API.md 3)."""
        return f"{self.campaign_id}:{'test' if self.is_test else 'live'}"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the desk may see it."""

    id: str
    campaign_id: str
    is_test: bool
    last4: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Made:
    """A new key and its secret, which is shown once."""

    key: Key
    secret: str


@transactional
def create(campaign_id: str, *, is_test: bool, by: Actor) -> Made:
    """A new key of the campaign.

    Raises: NotFound, TooManyKeys.
    """
    if not database.scalar(
        f"SELECT 1 FROM campaign WHERE id = ?{database.for_update()}", campaign_id
    ):
        raise NotFound
    active = [key for key in all_of(campaign_id) if key.is_test == is_test and not key.revoked_at]
    if len(active) >= AT_A_TIME:
        raise TooManyKeys
    secret = _secret(is_test)
    key_id, now = ids.new("key"), clock.now()
    database.insert(
        "api_key",
        id=key_id,
        campaign_id=campaign_id,
        is_test=is_test,
        key_hash=_hash(secret),
        last4=secret[-4:],
        created_at=clock.to_micros(now),
    )
    audit.record(by=by, action="api_key.created", subject=key_id, data={"campaign": campaign_id})
    return Made(Key(key_id, campaign_id, is_test, secret[-4:], now, None, None), secret)


@transactional
def revoke(key_id: str, *, by: Actor) -> None:
    """End a key; the next request with it is refused.

    Raises: NotFound (none, or revoked already).
    """
    if not database.execute(
        "UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
        clock.micros(),
        key_id,
    ):
        raise NotFound("There is no such active key.")
    audit.record(by=by, action="api_key.revoked", subject=key_id)


def all_of(campaign_id: str) -> list[Key]:
    """The campaign's keys, newest first, revoked ones included."""
    found = database.rows(
        "SELECT id, campaign_id, is_test, last4, created_at, last_used_at, revoked_at"
        " FROM api_key WHERE campaign_id = ? ORDER BY id DESC",
        campaign_id,
    )
    return [_key(row) for row in found]


def authenticate(secret: str) -> Caller | None:
    """Whose key this is; None when it is nobody's or revoked. One look-up by its hash."""
    if not _SHAPE.fullmatch(secret):
        return None
    found = database.row(
        "SELECT k.id, k.campaign_id, c.name, c.currency, k.is_test, c.is_active, k.last_used_at"
        " FROM api_key k JOIN campaign c ON c.id = k.campaign_id"
        " WHERE k.key_hash = ? AND k.revoked_at IS NULL",
        _hash(secret),
    )
    if found is None:
        return None
    key_id, campaign_id, name, currency, is_test, is_active, last_used_at = found
    _touch(key_id, last_used_at)
    return Caller(key_id, campaign_id, name, currency, bool(is_test), bool(is_active))


def _touch(key_id: str, last_used_at: int | None) -> None:
    """Note that the key is in use, now and then: a look-up should not write."""
    now = clock.micros()
    stale = now - _TOUCH_EVERY // timedelta(microseconds=1)
    if last_used_at is None or last_used_at < stale:
        database.execute(
            "UPDATE api_key SET last_used_at = ? WHERE id = ?"
            " AND (last_used_at IS NULL OR last_used_at < ?)",
            now,
            key_id,
            stale,
        )


def _secret(is_test: bool) -> str:
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return f"gwk_{'test' if is_test else 'live'}_{random}"


def _hash(secret: str) -> str:
    # 190 random bits need no slow hash, and authenticating must be fast.
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: tuple) -> Key:
    key_id, campaign_id, is_test, last4, created_at, last_used_at, revoked_at = row
    return Key(
        id=key_id,
        campaign_id=campaign_id,
        is_test=bool(is_test),
        last4=last4,
        created_at=clock.from_micros(created_at),
        last_used_at=None if last_used_at is None else clock.from_micros(last_used_at),
        revoked_at=None if revoked_at is None else clock.from_micros(revoked_at),
    )
