"""A gift card's life: issue, recharge, adjust, freeze. How it ends is in ``endings``."""

from collections.abc import Sequence

from giftweb import clock, codes, days, ids
from giftweb.database import transactional
from giftweb.domain import audit, law, ledger, limits, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import locking, pins, receivers, validity, voucher_tax
from giftweb.domain.cards.new_card import NewCard, issued_card
from giftweb.domain.cards.values import Card, Issued, Line
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.domain.limits import Gift, Request
from giftweb.errors import InsufficientBalance, Invalid
from giftweb.language import gettext
from giftweb.money import LIMIT_MINOR, Money, too_little, too_much

# Issue


@transactional
def issue(new: NewCard, *, by: Actor, reason: str | None = None) -> Issued:
    """Issue one card and mail it to its holder.

    Raises: Invalid (amount, expires_on), NotAllowed (to one's own address, or a colleague's),
    LimitExceeded.
    Source: S14, S25, docs/ledger.md.
    """
    return issue_many([new], by=by, reason=reason)[0]


@transactional
def issue_many(cards: Sequence[NewCard], *, by: Actor, reason: str | None = None) -> list[Issued]:
    """Issue all of the cards, or none (I25).

    Raises: as ``issue``.
    """
    ending = {new.campaign_id for new in cards if new.has_end}
    zones = {campaign_id: time_zones.of_campaign(campaign_id) for campaign_id in ending}
    for new in cards:
        _require_issuable(new, zones.get(new.campaign_id, days.WORLD))
    receivers.require_allowed(cards, by)
    limits.require([_gift(new) for new in cards if new.is_given or by.caps], by=by)
    return [
        _issue(new, by=by, reason=reason, zone=zones.get(new.campaign_id, days.WORLD))
        for new in cards
    ]


def _gift(new: NewCard) -> Gift:
    return Gift(amount=new.amount, email=new.holder_email, is_test=new.is_test)


def _require_issuable(new: NewCard, zone: str) -> None:
    if new.amount.minor < 1:
        raise too_little(new.amount.currency)
    if new.amount.minor > LIMIT_MINOR:
        raise too_much(new.amount.currency)
    validity.require_in_time(new.expires_on, deliver_at=new.deliver_at, zone=zone)
    if new.expires_on is not None and new.source == law.rules.SOLD:
        law.rules.require_lasting(
            law.of_campaign(new.campaign_id),
            expires_on=new.expires_on,
            first=days.day_of(new.deliver_at or clock.now(), zone),
            source=new.source,
        )


def _issue(new: NewCard, *, by: Actor, reason: str | None, zone: str) -> Issued:
    card_id, code = ids.new("gc"), codes.generate()
    pin = pins.generate() if new.needs_pin else None
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
    tax = voucher_tax.rate_for(new.campaign_id, source=new.source)
    is_long = new.valid_days is not None and law.rules.ends_with_year(
        new.campaign_id, source=new.source
    )
    card = issued_card(new, position, code, zone=zone, tax=tax, to_years_end=is_long)
    locking.store(card, code, pin)
    if new.send_email:
        locking.mail_holder("card_issued", card, not_before=card.deliver_at)
    locking.queue_event("gift_card.issued", card)
    return Issued(card, code, pin)


# Recharge and adjust


@transactional
def top_up(
    card_id: str,
    *,
    amount: Money,
    by: Actor,
    note: str | None = None,
    source: str = "goodwill",
    order_id: str | None = None,
    send_email: bool = True,
) -> Line:
    """Recharge a card: a movement, a mail, a line in the history (S12).

    ``order_id``: the order that bought it.

    Raises: NotFound, CardNotUsable (cancelled, replaced, expired), Invalid (amount, currency),
    NotAllowed (to one's own address, or a colleague's), LimitExceeded.
    """
    locked = locking.lock_one(card_id)
    _require_rechargeable(locked.card, amount)
    is_given = order_id is None
    refuse = receivers.require_not_staff if is_given else receivers.require_not_oneself
    refuse(locked.card.holder_email, by)
    if is_given or by.caps:
        request = Request(
            verb=limits.verbs.TOP_UP,
            subject=card_id,
            amount=amount,
            reason=note or None,
            arguments={"source": source},
        )
        _require_within_limits(request, locked.card, by=by)
    audit_id = audit.record(
        by=by,
        action="gift_card.recharged",
        subject=card_id,
        reason=note,
        data={"amount": amount.minor, "currency": amount.currency, "source": source},
        is_test=locked.card.is_test,
    )
    after, transfer_id = locking.move(
        locked, Movement("top_up", source, CARD, amount.minor, audit_id, order_id=order_id)
    )
    if send_email:
        data = {"amount": amount.minor, "note": note}
        locking.mail_holder("card_recharged", after.card, data=data, order_id=order_id)
    return line_of(after, locked, transfer_id, "top_up")


def _require_rechargeable(card: Card, amount: Money) -> None:
    _require_currency(card, amount)
    if amount.minor < 1:
        raise too_little(amount.currency)
    _require_room(card, amount.minor)
    locking.require_alive(card)


def _require_within_limits(request: Request, card: Card, *, by: Actor) -> None:
    """Money taken off a card counts for the person as money put on it does, but for no receiver."""
    change = request.amount
    size = Money(abs(change.minor), change.currency)
    email = card.holder_email if change.minor > 0 else None
    gift = Gift(amount=size, email=email, is_test=card.is_test)
    limits.require([gift], by=by, request=request)


def _require_currency(card: Card, amount: Money) -> None:
    if amount.currency != card.currency:
        raise Invalid(
            gettext("This card is in {currency}.", currency=card.currency), field="currency"
        )


def _require_room(card: Card, more_minor: int) -> None:
    if card.balance_minor + more_minor > LIMIT_MINOR:
        raise Invalid(gettext("The card cannot hold that much."), field="amount")


@transactional
def adjust(card_id: str, *, change: Money, reason: str, by: Actor) -> Line:
    """Correct a balance up (``change`` above zero) or down, with a reason.

    Raises: NotFound, CardNotUsable, InsufficientBalance, Invalid (amount, reason), NotAllowed (of
    one's own address, or a colleague's), LimitExceeded.
    """
    locked = locking.lock_one(card_id)
    card = locked.card
    _require_currency(card, change)
    if change.minor == 0 or abs(change.minor) > LIMIT_MINOR:
        raise Invalid(gettext("Enter an amount that is not zero."), field="amount")
    if not reason.strip():
        raise Invalid(gettext("Say why the balance is corrected."), field="reason")
    locking.require_alive(card)
    refuse = receivers.require_not_staff if change.minor > 0 else receivers.require_not_oneself
    refuse(card.holder_email, by)
    _require_room(card, change.minor)
    if -change.minor > card.available.minor:
        raise InsufficientBalance(available=card.available, asked=-change, field="amount")
    request = Request(verb=limits.verbs.ADJUST, subject=card_id, amount=change, reason=reason)
    _require_within_limits(request, card, by=by)
    audit_id = audit.record(
        by=by,
        action="gift_card.adjusted",
        subject=card_id,
        reason=reason,
        data={"amount": change.minor, "currency": change.currency},
        is_test=card.is_test,
    )
    sides = ("adjustments", CARD) if change.minor > 0 else (CARD, "adjustments")
    after, transfer_id = locking.move(
        locked, Movement("adjust", *sides, abs(change.minor), audit_id)
    )
    return line_of(after, locked, transfer_id, "adjust")


def line_of(after: locking.Locked, before: locking.Locked, transfer_id: str, kind: str) -> Line:
    """The line of the history that a movement has just become."""
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
    """Stop new holds. Earlier holds are honoured unless ``release_holds`` (D19).

    Freezing a frozen card changes nothing. Raises: NotFound, CardNotUsable (it has ended).
    """
    locked = locking.lock_one(card_id)
    locking.require_alive(locked.card)
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
    return locking.set_state(locked, "frozen")


def _released(locked: locking.Locked) -> locking.Locked:
    position = locked.position
    for hold in ledger.holds.of_card(locked.card.id):
        position = ledger.holds.release(position, hold)
    return locking.Locked(locking.after(locked.card, position), position)


@transactional
def unfreeze(card_id: str, *, by: Actor, reason: str | None = None) -> Card:
    """Let a frozen card be used again. A card that is not frozen stays as it is.

    Raises: NotFound, CardNotUsable (it has ended), InReview (releasing it is the way).
    """
    locked = locking.lock_one(card_id)
    locking.require_alive(locked.card)
    if locked.card.state == "frozen":
        locking.require_reviewed(card_id)
    if locked.card.state != "frozen":
        return locked.card
    audit.record(
        by=by,
        action="gift_card.unfrozen",
        subject=card_id,
        reason=reason,
        is_test=locked.card.is_test,
    )
    return locking.set_state(locked, "open")
