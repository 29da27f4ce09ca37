"""Which wallets hold a gift card, and which of their cards have changed (B13).

A device of Apple's registers each pass that it holds; Google keeps one object of a card for all
devices. Whatever changes a card has its wallets wait for the news, and the worker sends it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import ModelSelect, fn

from giftweb import clock
from giftweb.database import records, transactional
from giftweb.domain.outbox import leases
from giftweb.models import Account, GiftCard, WalletPass

APPLE, GOOGLE = "apple", "google"
LEASE = timedelta(minutes=2)
BACK_OFF = tuple(
    timedelta(seconds=seconds) for seconds in (30, 300, 1800, 7200, 21600, 43200, 86400, 86400)
)
"""The waits between tries: three days in all. The next change of the card tries again anyway."""

NOT_SAVED = "The card is not in Google's wallet, or not yet."
"""Its link was handed out and nobody has saved it: no fault of anybody's."""

_PROBLEM_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Notice:
    """A claimed pass: a wallet that is to be informed. ``due_at`` is the end of the lease."""

    id: str
    wallet: str
    card_id: str
    push_token: str
    attempts: int
    due_at: datetime


@transactional
def register(card_id: str, *, device: str, push_token: str) -> bool:
    """A device holds the card and wants to be informed; whether that is new."""
    known = WalletPass.update(push_token=push_token).where(WalletPass.id == _id(card_id, device))
    return not known.execute() and _add(APPLE, card_id, device=device, push_token=push_token)


@transactional
def note_link(card_id: str) -> None:
    """The card's link for Google's wallet was handed out: its object there may exist from now."""
    if not WalletPass.select().where(WalletPass.id == _id(card_id, "")).exists():
        _add(GOOGLE, card_id, device="", push_token="")


@transactional
def forget(card_id: str, *, device: str) -> None:
    """The card was taken off the device."""
    WalletPass.delete().where(WalletPass.id == _id(card_id, device)).execute()


def changed_since(device: str, since: int) -> dict[str, int]:
    """The cards on a device that have changed after an instant in microseconds: id -> when."""
    at = WalletPass.changed_at.coerce(False)
    query = WalletPass.select(WalletPass.card, at).where(WalletPass.device == device)
    return {card_id: at for card_id, at in query.tuples() if at > since}


def changed_at(card_id: str) -> int:
    """When the card changed last for its wallets, in microseconds; without any, when it moved."""
    newest = WalletPass.select(fn.MAX(WalletPass.changed_at).coerce(False))
    found = newest.where(WalletPass.card == card_id).scalar()
    moved = Account.select(Account.moved_at.coerce(False)).where(Account.id == card_id)
    return found or moved.scalar() or 0


# The desk's side


@dataclass(frozen=True, slots=True)
class Held:
    """A wallet that holds a card, and how it was informed of the card's last change."""

    wallet: str
    card_id: str
    last4: str
    created_at: datetime
    state: str
    problem: str | None

    @property
    def has_failed(self) -> bool:
        """Whether it could not be informed, and no try is left until the card changes again."""
        return self.state == "failed" and self.problem != NOT_SAVED


def of_card(card_id: str) -> list[Held]:
    """The wallets that hold a card, oldest first."""
    found = _held().where(WalletPass.card == card_id)
    return list(found.order_by(WalletPass.created_at, WalletPass.id))


def failures(*, limit: int = 20) -> list[Held]:
    """Wallets that could not be informed, those first whose last try is newest."""
    has_failed = (WalletPass.state == "failed") & (WalletPass.problem != NOT_SAVED)
    return list(_held().where(has_failed).order_by(WalletPass.due_at.desc()).limit(limit))


def _held() -> ModelSelect:
    return records.select(Held, WalletPass, last4=GiftCard.last4).join(GiftCard)


# The worker's side


def claim(wallets: Collection[str], *, limit: int = 50) -> list[Notice]:
    """Claim passes in these wallets whose cards have changed."""
    return _claim(wallets, limit) if leases.is_any_due(WalletPass) else []


@transactional
def _claim(wallets: Collection[str], limit: int) -> list[Notice]:
    ours = WalletPass.wallet.in_(list(wallets))
    claimed = leases.claim(WalletPass, ours, limit=limit, lease=LEASE)
    return list(records.select(Notice, WalletPass).where(WalletPass.id.in_(claimed)))


@transactional
def mark_informed(notice: Notice) -> None:
    """The wallet knows of the change.

    Raises: leases.LeaseLost (the card has changed again).
    """
    _write_outcome(notice, state="current", problem=None)


@transactional
def put_off(notice: Notice, *, problem: str) -> bool:
    """The wallet could not be informed: wait and try again; whether it will be.

    Raises: leases.LeaseLost.
    """
    due_at = leases.next_try(notice.attempts, BACK_OFF)
    state = "failed" if due_at is None else "waiting"
    due_at = due_at or clock.now()
    _write_outcome(notice, state=state, due_at=due_at, problem=problem[:_PROBLEM_LIMIT])
    return state == "waiting"


@transactional
def drop(notice: Notice) -> None:
    """The device has the pass no more. One that has registered again meanwhile stays."""
    is_same = (WalletPass.id == notice.id) & (WalletPass.push_token == notice.push_token)
    WalletPass.delete().where(is_same).execute()


def _write_outcome(notice: Notice, **changes: Any) -> None:
    leases.write_outcome(WalletPass, notice.id, lease_end=notice.due_at, **changes)


def _add(wallet: str, card_id: str, *, device: str, push_token: str) -> bool:
    """Whether it is new: two registrations may come at once."""
    now = clock.now()
    insert = WalletPass.insert(
        id=_id(card_id, device),
        wallet=wallet,
        device=device,
        card=card_id,
        push_token=push_token,
        created_at=now,
        changed_at=clock.from_micros(changed_at(card_id)),
        due_at=now,
    )
    rows = insert.on_conflict(action="nothing", conflict_target=[WalletPass.id]).as_rowcount()
    return bool(rows.execute())


def _id(card_id: str, device: str) -> str:
    return f"{card_id}:{device}"
