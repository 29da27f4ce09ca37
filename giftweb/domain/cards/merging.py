"""Small rests of several cards put onto one (B25).

The new card has what was left on them, of the sources it was of; the old ones are replaced by it,
and their histories stay. A refund of what an old card paid goes to the new one (D7).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from giftweb import clock, codes, ids, models
from giftweb.database import transactional
from giftweb.domain import audit, law, ledger, limits, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import expected, locking, receivers, validity, values
from giftweb.domain.cards.locking import Locked
from giftweb.domain.cards.values import Card, Issued, funded
from giftweb.domain.ledger.funding import NOTHING
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.domain.limits import Gift
from giftweb.errors import CardInUse, CardNotUsable, CurrencyMismatch, Invalid, ModeMismatch
from giftweb.language import gettext
from giftweb.models import GiftCard
from giftweb.money import LIMIT_MINOR, Money

ORIGIN = "merge"
FEWEST, MOST = 2, 50


class CardsUnlike(CardNotUsable):
    """These cards cannot be merged."""


def groups(found: Iterable[Card]) -> list[list[Card]]:
    """Those of some cards that may be put together, two or more each."""
    alike: dict[tuple[Any, ...], list[Card]] = {}
    for card in found:
        if _is_free(card):
            alike.setdefault(_kind(card), []).append(card)
    return [group for group in alike.values() if len(group) >= FEWEST]


def others_of(card: Card) -> list[Card]:
    """The holder's other cards that may be put together with this one."""
    if card.holder_email is None or not _is_free(card):
        return []
    found = values.select().where(GiftCard.holder_email == card.holder_email)
    same = [each for each in found.order_by(GiftCard.id) if each.id != card.id]
    return [each for each in same if _is_free(each) and _kind(each) == _kind(card)]


def _is_free(card: Card) -> bool:
    is_bonus = card.origin == "campaign"
    return card.is_usable and not (card.held_minor or card.is_scheduled or is_bonus)


def _kind(card: Card) -> tuple[Any, ...]:
    bound = card.holder_email if card.bound_to_holder else None
    return card.campaign_id, card.currency, card.is_test, card.expires_on, bound


@transactional
def merge(card_ids: Sequence[str], *, by: Actor, reason: str | None = None) -> Issued:
    """Move what is left on these cards to a new one for the holder of the first; mail its code.

    Raises: NotFound, Invalid (codes: fewer than two, or too many), CardNotUsable (one cannot be
    used, is a bonus, or is bound to somebody else or to another end than the first; for staff also
    one that another person holds), CardInUse, CurrencyMismatch, ModeMismatch, NotAllowed (one's own
    cards), LimitExceeded.
    """
    ordered = list(dict.fromkeys(card_ids))
    if not FEWEST <= len(ordered) <= MOST:
        raise Invalid(
            gettext("Name {fewest} to {most} different cards.", fewest=FEWEST, most=MOST),
            field="codes",
        )
    found = locking.lock(ordered)
    locked = [found[card_id] for card_id in ordered]
    first = locked[0].card
    for each in locked:
        _require_mergeable(each, first)
    _require_one_holder([each.card for each in locked], by)
    _require_no_bonus(ordered)
    total = sum(each.card.balance_minor for each in locked)
    if total > LIMIT_MINOR:
        raise Invalid(gettext("One card cannot hold that much."), field="codes")
    _require_within_limits([each.card for each in locked], by=by)
    issued = _move(locked, total, by=by, reason=reason)
    if issued.card.holder_email:
        locking.mail_holder("card_replaced", issued.card, data={"merged": len(locked)})
    locking.queue_event("gift_card.issued", issued.card)
    return issued


def _require_mergeable(locked: Locked, first: Card) -> None:
    card = locked.card
    if card.is_test != first.is_test:
        raise ModeMismatch
    card.require_usable()
    if locked.position.held_minor:
        raise CardInUse(gift_card_id=card.id)
    if card.currency != first.currency:
        sentence = gettext(
            "These cards are in {currency} and {other}: they stay apart.",
            currency=first.currency,
            other=card.currency,
        )
        raise CurrencyMismatch(sentence, gift_card_id=card.id)
    if why := _difference(card, first):
        raise CardsUnlike(why, gift_card_id=card.id)


def _require_one_holder(found: Sequence[Card], by: Actor) -> None:
    """Whoever has the codes may merge any cards; staff, who do not, only those of one other person:
    merging is no way to move one customer's money to another's card."""
    if by.kind != "staff":
        return
    receivers.require_not_oneself(found[0].holder_email, by)
    holders = {card.holder_email for card in found}
    if len(holders) > 1 or None in holders:
        raise CardsUnlike(
            gettext("These cards cannot be merged: they are not known to be held by one person.")
        )


def _difference(card: Card, first: Card) -> str | None:
    if card.campaign_id != first.campaign_id:
        return gettext("These cards cannot be merged: they are of different shops.")
    if card.expires_on != first.expires_on:
        return gettext("These cards cannot be merged: they end on different days.")
    if card.voucher_tax_hundredths != first.voucher_tax_hundredths:
        return gettext("These cards cannot be merged: they were sold with different rates of tax.")
    if card.is_scheduled:
        return gettext("These cards cannot be merged: one waits for its day.")
    if bool(card.bound_to_holder) != bool(first.bound_to_holder):
        return gettext("These cards cannot be merged: one is bound to its holder.")
    if card.bound_to_holder and card.holder_email != first.holder_email:
        return gettext("These cards cannot be merged: they are bound to different holders.")
    return None


def _require_no_bonus(card_ids: Sequence[str]) -> None:
    """A bonus hangs on its order: a refund of that takes it back."""
    for card_id in card_ids:
        chain = ledger.funding.chain_of(card_id)
        bonus = GiftCard.select().where(GiftCard.id.in_(chain), GiftCard.origin == "campaign")
        if bonus.exists():
            sentence = gettext(
                "These cards cannot be merged: one is a bonus,"
                " which a refund of its order takes back."
            )
            raise CardsUnlike(sentence, gift_card_id=card_id)


def _require_within_limits(found: Sequence[Card], *, by: Actor) -> None:
    """A new code is a new way to the money, so it counts as giving it."""
    first = found[0]
    amount = Money(sum(expected.balance(card).minor for card in found), first.currency)
    email, is_test = first.holder_email, first.is_test
    gift = Gift(amount=amount, email=email, is_test=is_test, brings_code=True)
    limits.require([gift], by=by)


def _move(locked: Sequence[Locked], total_minor: int, *, by: Actor, reason: str | None) -> Issued:
    first, card_id, code = locked[0].card, ids.new("gc"), codes.generate()
    audit_id = audit.record(
        by=by,
        action="gift_card.merged",
        subject=card_id,
        reason=reason,
        data={
            "cards": [each.card.id for each in locked],
            "amount": total_minor,
            "currency": first.currency,
        },
        is_test=first.is_test,
    )
    emptied = [_emptied(each, audit_id) for each in locked]
    parts = NOTHING
    for each in locked:
        parts = ledger.funding.add(parts, each.card.parts)
    position, _ = ledger.open_with(
        card_id,
        currency=first.currency,
        is_test=first.is_test,
        movement=Movement("replace", "replacements", CARD, total_minor, audit_id, parts=parts),
    )
    card = _merged([each.card for each in locked], card_id, code, position)
    locking.store(card, code)
    for each in emptied:
        changes: dict[str, Any] = {"state": "replaced", "merged_into_id": card_id}
        audit.seals.change(models.GiftCard, each.card.id, **changes)
        locking.queue_event("gift_card.updated", each.card._replace(**changes))
    return Issued(card, code)


def _emptied(locked: Locked, audit_id: str) -> Locked:
    away = Movement("replace", CARD, "replacements", locked.card.balance_minor, audit_id)
    return locking.move(locked, away)[0]


def _merged(cards: Sequence[Card], card_id: str, code: str, position: ledger.Position) -> Card:
    first, now = cards[0], clock.now()
    deliver_at = now if first.holder_email else None
    ends = validity.moved(
        first,
        deliver_at=deliver_at,
        now=now,
        zone=time_zones.of_campaign(first.campaign_id),
        to_years_end=law.rules.ends_with_year(first.campaign_id, source=first.source),
    )
    tags = sorted({tag for card in cards for tag in card.tags or ()})
    return first._replace(
        id=card_id,
        last4=code[-4:],
        type="virtual",
        origin=ORIGIN,
        source="replacements",
        balance_minor=position.balance_minor,
        held_minor=0,
        initial_minor=position.balance_minor,
        version=position.version,
        order_id=None,
        order_item_id=None,
        replaces_id=None,
        merged_into_id=None,
        needs_pin=None,
        tags=tags or None,
        deliver_at=deliver_at,
        delivered_at=None,
        **ends._asdict(),
        created_at=now,
        **funded(position.funding),
    )
