"""A gift card's life: issue, recharge, adjust, freeze. Its end is in card_endings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from giftweb import clock, codes, database, ids
from giftweb.database import transactional
from giftweb.domain import audit, holds, ledger, outbox
from giftweb.domain import card_values as values
from giftweb.domain.audit import Actor
from giftweb.domain.card_values import Card, Issued, Line
from giftweb.domain.holds import Hold
from giftweb.domain.ledger import CARD, Movement, Position
from giftweb.errors import (
    CardNotUsable,
    InsufficientBalance,
    Invalid,
    NotAllowed,
    NotFound,
)
from giftweb.money import LIMIT_MINOR, Money

OVER = (values.CANCELLED, values.REPLACED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCard:
    """What a card is issued with. ``source`` is the house account that funds it (B10)."""

    amount: Money
    holder_email: str | None
    holder_name: str | None = None
    is_test: bool = False
    source: str = "goodwill"
    origin: str = "staff"
    campaign_id: str | None = None
    type: str = "virtual"
    sender_name: str | None = None
    sender_email: str | None = None
    message: str | None = None
    note: str | None = None
    expires_on: date | None = None
    order_id: str | None = None
    order_item_id: str | None = None
    send_email: bool = True
    mail_not_before: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "holder_email", normal_email(self.holder_email))


def normal_email(text: str | None) -> str | None:
    """An address as it is kept and compared: in lower case; None when there is none."""
    return (text or "").strip().lower() or None


@dataclass(frozen=True, slots=True)
class Locked:
    """A card and its account under the lock, lapsed holds already written."""

    card: Card
    position: Position


# Issue


@transactional
def issue(new: NewCard, *, by: Actor, reason: str | None = None) -> Issued:
    """Issue one card and mail it to its holder.

    Raises: Invalid (amount, expires_on), NotAllowed (to one's own address).
    Source: S14, S25, DESIGN 3.
    """
    return issue_many([new], by=by, reason=reason)[0]


@transactional
def issue_many(cards: Sequence[NewCard], *, by: Actor, reason: str | None = None) -> list[Issued]:
    """Issue all of the cards, or none (I25).

    Raises: as ``issue``.
    """
    for new in cards:
        _require_issuable(new, by)
    return [
        _issue(new, code, by=by, reason=reason)
        for new, code in zip(cards, codes.generate_many(len(cards)), strict=True)
    ]


def _require_issuable(new: NewCard, by: Actor) -> None:
    if not 0 < new.amount.minor <= LIMIT_MINOR:
        raise Invalid("Enter an amount of at least one minor unit.", field="amount")
    if new.expires_on is not None and new.expires_on < clock.today():
        raise Invalid("Enter a date that is not in the past.", field="expires_on")
    require_not_oneself(new.holder_email, by)


def require_not_oneself(email: str | None, by: Actor) -> None:
    """Staff cannot give money to their own address.

    Raises: NotAllowed. Source: INVARIANTS 2, insider.
    """
    if by.kind == "staff" and email is not None and normal_email(by.email) == normal_email(email):
        raise NotAllowed("You cannot give a gift card to your own address.", field="holder_email")


def _issue(new: NewCard, code: str, *, by: Actor, reason: str | None) -> Issued:
    card_id, now = ids.new("gc"), clock.now()
    audit_id = audit.record(
        by=by,
        action="gift_card.issued",
        subject=card_id,
        reason=reason or new.note,
        data={"amount": new.amount.minor, "currency": new.amount.currency, "source": new.source},
        is_test=new.is_test,
    )
    movement = Movement(
        "issue", new.source, CARD, new.amount.minor, audit_id, order_id=new.order_id
    )
    position, _ = ledger.open_with(
        card_id, currency=new.amount.currency, is_test=new.is_test, movement=movement
    )
    card = _card(new, card_id, position, code, now)
    store(card, code)
    if new.send_email:
        mail_holder("card_issued", card, not_before=new.mail_not_before)
    tell("gift_card.issued", card)
    return Issued(card, code)


def _card(new: NewCard, card_id: str, position: Position, code: str, now: datetime) -> Card:
    return Card(
        id=card_id,
        currency=position.currency,
        is_test=position.is_test,
        balance_minor=position.balance_minor,
        held_minor=0,
        version=position.version,
        last4=code[-4:],
        type=new.type,
        origin=new.origin,
        source=new.source,
        state="open",
        initial_minor=new.amount.minor,
        campaign_id=new.campaign_id,
        order_id=new.order_id,
        order_item_id=new.order_item_id,
        replaces_id=None,
        holder_email=new.holder_email,
        holder_name=new.holder_name,
        sender_name=new.sender_name,
        sender_email=new.sender_email,
        message=new.message,
        note=new.note,
        expires_on=new.expires_on,
        created_at=now,
    )


_STORED = (
    "id",
    "currency",
    "is_test",
    "last4",
    "type",
    "origin",
    "source",
    "state",
    "initial_minor",
    "campaign_id",
    "order_id",
    "order_item_id",
    "replaces_id",
    "holder_email",
    "holder_name",
    "sender_name",
    "sender_email",
    "message",
    "note",
)


def store(card: Card, code: str) -> None:
    """Write the row of a new card whose account is open."""
    sealed = codes.seal(code, card.id)
    database.insert(
        "gift_card",
        **{name: getattr(card, name) for name in _STORED},
        code_index=codes.index(code),
        code_sealed=sealed,
        key_version=int.from_bytes(sealed[:2], "big"),
        expires_on=None if card.expires_on is None else card.expires_on.isoformat(),
        created_at=clock.to_micros(card.created_at),
    )


# Lock, then check


def lock(card_ids: Iterable[str]) -> dict[str, Locked]:
    """Lock cards by id until the transaction ends, and write the lapse of their holds.

    Raises: NotFound when one of them does not exist.
    """
    wanted = sorted(set(card_ids))
    if not wanted:
        return {}
    found = database.rows(
        f"SELECT {values.COLUMNS}, a.held_minor, a.moved_at, a.seal {values.FROM}"
        f" WHERE a.id IN ({database.marks(wanted)}) ORDER BY a.id{database.for_update()}",
        clock.micros(),
        *wanted,
    )
    if len(found) != len(wanted):
        raise NotFound
    return {row[0]: _locked(row) for row in found}


def _locked(row: tuple) -> Locked:
    *columns, held, moved_at, seal = row
    card = values.card_from(tuple(columns))
    position = holds.lapse(
        Position(
            card.id,
            card.currency,
            card.is_test,
            card.balance_minor,
            held,
            card.version,
            moved_at,
            bytes(seal),
        )
    )
    return Locked(_after(card, position), position)


def _after(card: Card, position: Position) -> Card:
    return values.with_balance(
        card,
        balance_minor=position.balance_minor,
        held_minor=position.held_minor,
        version=position.version,
    )


def lock_one(card_id: str) -> Locked:
    """``lock`` for a single card."""
    return lock([card_id])[card_id]


def move(locked: Locked, movement: Movement, *, settles: Hold | None = None) -> tuple[Locked, str]:
    """Post a transfer of a locked card and tell its campaign; the card after it, the transfer.

    ``settles``: the hold whose money this transfer takes; it is freed in the same write.
    """
    freed = settles.amount.minor if settles else 0
    position, transfer_id = ledger.post(locked.position, movement, freed_minor=freed)
    if settles:
        holds.settle(settles, transfer_id=transfer_id)
    after = Locked(_after(locked.card, position), position)
    tell("gift_card.balance_changed", after.card)
    return after, transfer_id


def require_alive(card: Card) -> None:
    """Refuse a card that is cancelled, replaced or expired.

    Raises: CardNotUsable.
    """
    if card.status in (*OVER, values.EXPIRED):
        raise CardNotUsable(status=card.status)


# Recharge and adjust


@transactional
def top_up(
    card_id: str,
    *,
    amount: Money,
    by: Actor,
    note: str | None = None,
    source: str = "goodwill",
    send_email: bool = True,
) -> Line:
    """Recharge a card: a movement, a mail, a line in the history (S12).

    Raises: NotFound, CardNotUsable (cancelled, replaced, expired), Invalid (amount, currency).
    """
    locked = lock_one(card_id)
    _require_rechargeable(locked.card, amount, by)
    audit_id = audit.record(
        by=by,
        action="gift_card.recharged",
        subject=card_id,
        reason=note,
        data={"amount": amount.minor, "currency": amount.currency},
        is_test=locked.card.is_test,
    )
    after, transfer_id = move(locked, Movement("top_up", source, CARD, amount.minor, audit_id))
    if send_email:
        mail_holder("card_recharged", after.card, data={"amount": amount.minor, "note": note})
    return _line(after, locked, transfer_id, "top_up")


def _require_rechargeable(card: Card, amount: Money, by: Actor) -> None:
    _require_currency(card, amount)
    if amount.minor < 1:
        raise Invalid("Enter an amount of at least one minor unit.", field="amount")
    _require_room(card, amount.minor)
    require_alive(card)
    require_not_oneself(card.holder_email, by)


def _require_currency(card: Card, amount: Money) -> None:
    if amount.currency != card.currency:
        raise Invalid(f"This card is in {card.currency}.", field="currency")


def _require_room(card: Card, more_minor: int) -> None:
    if card.balance_minor + more_minor > LIMIT_MINOR:
        raise Invalid("The card cannot hold that much.", field="amount")


@transactional
def adjust(card_id: str, *, change: Money, reason: str, by: Actor) -> Line:
    """Correct a balance up (``change`` above zero) or down, with a reason.

    Raises: NotFound, CardNotUsable, InsufficientBalance, Invalid (amount, reason).
    """
    locked = lock_one(card_id)
    card = locked.card
    _require_currency(card, change)
    if change.minor == 0 or abs(change.minor) > LIMIT_MINOR:
        raise Invalid("Enter an amount that is not zero.", field="amount")
    if not reason.strip():
        raise Invalid("Say why the balance is corrected.", field="reason")
    require_alive(card)
    require_not_oneself(card.holder_email, by)
    _require_room(card, change.minor)
    if -change.minor > card.available.minor:
        raise InsufficientBalance(available=card.available, asked=-change, field="amount")
    audit_id = audit.record(
        by=by,
        action="gift_card.adjusted",
        subject=card_id,
        reason=reason,
        data={"amount": change.minor, "currency": change.currency},
        is_test=card.is_test,
    )
    sides = ("adjustments", CARD) if change.minor > 0 else (CARD, "adjustments")
    after, transfer_id = move(locked, Movement("adjust", *sides, abs(change.minor), audit_id))
    return _line(after, locked, transfer_id, "adjust")


def _line(after: Locked, before: Locked, transfer_id: str, kind: str) -> Line:
    return Line(
        id=transfer_id,
        kind=kind,
        amount_minor=after.card.balance_minor - before.card.balance_minor,
        balance_after_minor=after.card.balance_minor,
        version=after.card.version,
        currency=after.card.currency,
        order_number=None,
        order_reference=None,
        created_at=clock.from_micros(after.position.moved_at),
    )


# Freeze and unfreeze


@transactional
def freeze(
    card_id: str, *, by: Actor, reason: str | None = None, release_holds: bool = False
) -> Card:
    """Stop new holds. Holds made before are honoured unless ``release_holds`` (D19).

    Freezing a frozen card changes nothing. Raises: NotFound, CardNotUsable (it is over).
    """
    locked = lock_one(card_id)
    require_alive(locked.card)
    if locked.card.state == "frozen" and not release_holds:
        return locked.card
    audit.record(
        by=by,
        action="gift_card.frozen",
        subject=card_id,
        reason=reason,
        data={"release_holds": release_holds},
        is_test=locked.card.is_test,
    )
    if release_holds:
        locked = _released(locked)
    return set_state(locked, "frozen")


def _released(locked: Locked) -> Locked:
    position = locked.position
    for hold in holds.of_card(locked.card.id):
        position = holds.release(position, hold)
    return Locked(_after(locked.card, position), position)


@transactional
def unfreeze(card_id: str, *, by: Actor, reason: str | None = None) -> Card:
    """Let a frozen card be used again. A card that is not frozen stays as it is.

    Raises: NotFound, CardNotUsable (it is over).
    """
    locked = lock_one(card_id)
    require_alive(locked.card)
    if locked.card.state != "frozen":
        return locked.card
    audit.record(
        by=by,
        action="gift_card.unfrozen",
        subject=card_id,
        reason=reason,
        is_test=locked.card.is_test,
    )
    return set_state(locked, "open")


def set_state(locked: Locked, state: str) -> Card:
    """Write what was done to a locked card and tell its campaign."""
    database.write("UPDATE gift_card SET state = ? WHERE id = ?", state, locked.card.id)
    card = replace(locked.card, state=state)
    tell("gift_card.updated", card)
    return card


def mail_holder(
    kind: str, card: Card, *, not_before: datetime | None = None, data: dict | None = None
) -> None:
    """Queue a mail about the card to its holder, if there is an address."""
    outbox.mail(
        kind,
        to=card.holder_email,
        card_id=card.id,
        order_id=card.order_id,
        not_before=not_before,
        data=data,
        is_test=card.is_test,
    )


def tell(type: str, card: Card) -> None:
    """Queue an event about the card for its campaign."""
    outbox.event(
        type,
        subject=card.id,
        campaign_id=card.campaign_id,
        is_test=card.is_test,
        payload=card.to_object(),
    )
