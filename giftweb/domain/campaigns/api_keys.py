"""The keys of the HTTP API: shown once, kept as a hash, two at a time to roll over (B5)."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from giftweb import clock, database, ids, models
from giftweb.database import records, transactional
from giftweb.database.records import Reader
from giftweb.domain import audit
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor, Caps
from giftweb.domain.campaigns.key_terms import LABELS, KeyTerms, is_within
from giftweb.errors import NotFound, Refused
from giftweb.language import LazyText, gettext
from giftweb.money import Money

AT_A_TIME = 2
"""Active keys of one campaign and mode: the one in use, and the one that takes over."""

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LENGTH = 32
_SHAPE = re.compile(rf"gwk_(live|test)_[0-9A-Za-z]{{{_LENGTH}}}")
_NOTED_EVERY = timedelta(minutes=5)


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
    scopes: str | None
    card_cap_minor: int | None
    day_cap_minor: int | None
    addresses: str | None

    @property
    def actor(self) -> Actor:
        """The key as the one who acts."""
        return Actor(kind="api", id=self.key_id, name=self.campaign_name, caps=self.caps)

    @property
    def caps(self) -> Caps | None:
        """What the key gives at most; None when it has no cap."""
        if self.card_cap_minor is None and self.day_cap_minor is None:
            return None
        return Caps(self.currency, self.card_cap_minor, self.day_cap_minor)

    def may(self, *scopes: str) -> bool:
        """Whether the key has one of the scopes."""
        return self.scopes is None or not set(scopes).isdisjoint(self.scopes.split())

    def is_at(self, address: str) -> bool:
        """Whether the key may be used from this address."""
        return self.addresses is None or is_within(address, self.addresses)

    @property
    def scope(self) -> str:
        """What keeps its idempotency keys apart from others: the campaign and mode."""
        return f"{self.campaign_id}:{'test' if self.is_test else 'live'}"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the desk may see it; ``waiting_since``: until another person has approved it."""

    id: str
    campaign_id: str
    is_test: bool
    last4: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    scopes: str | None
    card_cap_minor: int | None
    day_cap_minor: int | None
    expires_at: datetime | None
    addresses: str | None
    waiting_since: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether its last instant has passed."""
        return self.expires_at is not None and self.expires_at <= clock.now()

    @property
    def labels(self) -> list[LazyText]:
        """What people read of each of its scopes; none: it may do everything."""
        return [LABELS[scope] for scope in (self.scopes or "").split()]

    def caps(self, currency: str) -> list[str]:
        """What the key gives at most, in its campaign's currency, as people read it."""
        found = []
        if self.card_cap_minor is not None:
            most = Money(self.card_cap_minor, currency)
            found.append(gettext("{most} on a card", most=most))
        if self.day_cap_minor is not None:
            most = Money(self.day_cap_minor, currency)
            found.append(gettext("{most} a day", most=most))
        return found


@dataclass(frozen=True, slots=True)
class Created:
    """A new key and its secret, which is shown once."""

    key: Key
    secret: str


@transactional
def create(
    campaign_id: str,
    *,
    is_test: bool,
    by: Actor,
    terms: KeyTerms | None = None,
    waits: bool = False,
) -> Created:
    """A new key of the campaign. With ``waits`` it opens nothing until it is approved.

    Raises: NotFound, TooManyKeys, Invalid (as ``KeyTerms.require_sound``).
    """
    campaign = models.Campaign.select().where(models.Campaign.id == campaign_id)
    found = database.locked(campaign).first()
    if found is None:
        raise NotFound
    terms = (terms or KeyTerms()).require_sound(found.currency)
    active = [
        key
        for key in all_of(campaign_id)
        if key.is_test == is_test and not key.revoked_at and not key.is_over
    ]
    if len(active) >= AT_A_TIME:
        raise TooManyKeys
    secret = _secret(is_test)
    key = Key(
        id=ids.new("key"),
        campaign_id=campaign_id,
        is_test=is_test,
        last4=secret[-4:],
        created_at=clock.now(),
        last_used_at=None,
        revoked_at=None,
        waiting_since=clock.now() if waits else None,
        **terms.columns,
    )
    seals.insert(models.ApiKey, key, key_hash=_hash(secret))
    audit.record(by=by, action="api_key.created", subject=key.id, data={"campaign": campaign_id})
    return Created(key, secret)


@transactional
def approve(key_id: str, *, by: Actor) -> None:
    """Let a key that waits be used from now on.

    Raises: NotFound (none waits, or it was revoked).
    """
    key = _locked(key_id)
    if key is None or key.waiting_since is None or key.revoked_at:
        raise NotFound(gettext("There is no such key that waits."))
    seals.change(models.ApiKey, key_id, waiting_since=None)
    audit.record(by=by, action="api_key.approved", subject=key_id)


@transactional
def revoke(key_id: str, *, by: Actor) -> None:
    """End a key; the next request with it is refused.

    Raises: NotFound (none, or revoked already).
    """
    key = _locked(key_id)
    if key is None or key.revoked_at:
        raise NotFound(gettext("There is no such active key."))
    seals.change(models.ApiKey, key_id, revoked_at=clock.now())
    audit.record(by=by, action="api_key.revoked", subject=key_id)


def _locked(key_id: str) -> Key | None:
    found = records.select(Key, models.ApiKey).where(models.ApiKey.id == key_id)
    return database.locked(found).first()


def revoke_if_active(key_id: str, *, by: Actor) -> None:
    """End a key, unless somebody has already."""
    if models.ApiKey.get_by_id(key_id).revoked_at is None:
        revoke(key_id, by=by)


def all_of(campaign_id: str) -> list[Key]:
    """The campaign's keys, newest first, revoked ones included."""
    found = records.select(Key, models.ApiKey).where(models.ApiKey.campaign == campaign_id)
    return list(found.order_by(models.ApiKey.id.desc()))


def _secret(is_test: bool) -> str:
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return f"gwk_{'test' if is_test else 'live'}_{random}"


def _hash(secret: str) -> str:
    # 190 random bits need no slow hash, and authenticating must be fast.
    return hashlib.sha256(secret.encode()).hexdigest()


# Hot: every request of the API looks up its key, 0.05 ms; the query builder takes 0.5 ms.


_READER = Reader(
    Caller,
    {"key_id": "k.id", "campaign_name": "c.name"},
    k=models.ApiKey,
    c=models.Campaign,
)


_SEALED = ", ".join(f"k.{column}" for column in seals.SEALED["api_key"])


def authenticate(secret: str) -> Caller | None:
    """Whose key this is, by one look-up of its hash; None when it is nobody's, revoked, over or not
    approved yet."""
    if not _SHAPE.fullmatch(secret):
        return None
    row = database.row(
        f"SELECT {_READER.columns}, {_SEALED}, k.seal, k.last_used_at"
        " FROM api_key k JOIN campaign c ON c.id = k.campaign_id"
        " WHERE k.key_hash = ? AND k.revoked_at IS NULL AND k.waiting_since IS NULL"
        " AND (k.expires_at IS NULL OR k.expires_at > ?)",
        _hash(secret),
        clock.micros(),
    )
    if row is None or not seals.is_whole(models.ApiKey, row[_READER.width : -1]):
        return None
    caller = _READER.read(row)
    _note_use(caller.key_id, row[-1])
    return caller


def _note_use(key_id: str, last_used_at: int | None) -> None:
    """Note that the key is in use, now and then: a look-up should not write."""
    stale_at = clock.now() - _NOTED_EVERY
    if last_used_at is None or last_used_at < clock.to_micros(stale_at):
        key = models.ApiKey
        is_stale = key.last_used_at.is_null() | (key.last_used_at < stale_at)
        key.update(last_used_at=clock.now()).where(key.id == key_id, is_stale).execute()
