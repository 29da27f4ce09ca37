"""A card from stock becomes money: once, for what was paid (B22)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from giftweb import clock, models
from giftweb.database import records, transactional
from giftweb.domain import audit, emails, law, ledger, limits, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import by_code, locking, receivers, stock, validity, voucher_tax
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Card
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.domain.limits import Gift
from giftweb.errors import CurrencyMismatch, UnknownCode
from giftweb.language import gettext
from giftweb.money import LIMIT_MINOR, Money, too_little, too_much


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """What a card from stock gets. ``campaign_id``: who sells it, if it is nobody's yet.

    ``valid_days`` count from now. ``source``: where its money comes from (D29). ``more``: further
    columns of a card that an order sells, such as its dedication; ``deliver_at``: when its parcel
    is to go out.
    """

    amount: Money
    source: str = "sales"
    campaign_id: str | None = None
    holder_email: str | None = None
    holder_name: str | None = None
    valid_days: int | None = None
    expires_on: date | None = None
    order_id: str | None = None
    deliver_at: datetime | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        email = emails.read(self.holder_email, field="holder_email") if self.holder_email else None
        object.__setattr__(self, "holder_email", email)


def of_new(new: NewCard) -> Activation:
    """The activation of a card from stock in place of a new one that an order buys."""
    same = {name: getattr(new, name) for name in _SAME}
    return Activation(more={name: getattr(new, name) for name in _MORE}, **same)


_SAME = (
    *("amount", "source", "campaign_id", "holder_email", "holder_name"),
    *("valid_days", "expires_on", "order_id", "deliver_at"),
)
_MORE = tuple(
    name
    for name in records.names(NewCard)
    if name in records.names(Card)
    and name not in _SAME
    and name not in ("is_test", "origin", "type", "bound_to_holder", "needs_pin", "tags", "note")
)
"""What a new card is issued with that stock does not have, and what it has of its own."""


def find(code: str, *, campaign_id: str | None, is_test: bool) -> Card:
    """The card of a code that a campaign may activate: its own stock, or that of nobody.

    Raises: CodeMalformed, UnknownCode (another campaign's, or of the other book).
    """
    card = by_code.find_by_code(code)
    if card.is_test != is_test or card.campaign_id not in (None, campaign_id):
        raise UnknownCode
    return card


@transactional
def activate(card_id: str, *, activation: Activation, by: Actor) -> Card:
    """Put the first money on a card from stock, and make it a card like any other.

    Nothing is mailed: whoever bought it has it in the hand.

    Raises: NotFound, CardNotUsable (it is not in stock any more), CurrencyMismatch, Invalid
    (amount), NotAllowed (to one's own address), LimitExceeded.
    """
    locked = locking.lock_one(card_id)
    stock.require_waiting(locked.card)
    _require_amount(activation.amount, locked.card)
    _require_allowed(activation, is_test=locked.card.is_test, by=by)
    audit_id = _record(locked.card, activation, by=by)
    movement = Movement(
        *("issue", activation.source, CARD, activation.amount.minor, audit_id),
        order_id=activation.order_id,
    )
    position, _ = ledger.post(locked.position, movement)
    columns = _columns(locked.card, activation)
    audit.seals.change(models.GiftCard, card_id, **columns)
    card = locking.after(locked.card._replace(**columns), position)
    locking.queue_event("gift_card.issued", card)
    return card


def _require_allowed(new: Activation, *, is_test: bool, by: Actor) -> None:
    is_sold = new.source == "sales"
    refuse = receivers.require_not_oneself if is_sold else receivers.require_not_staff
    refuse(new.holder_email, by)
    if new.order_id is None or by.caps:  # What an order bought is watched where its money comes.
        limits.require([Gift(amount=new.amount, email=new.holder_email, is_test=is_test)], by=by)


def _record(card: Card, new: Activation, *, by: Actor) -> str:
    data = {"amount": new.amount.minor, "currency": new.amount.currency, "source": new.source}
    return audit.record(
        by=by, action="gift_card.activated", subject=card.id, data=data, is_test=card.is_test
    )


def _require_amount(amount: Money, card: Card) -> None:
    if amount.currency != card.currency:
        sentence = gettext("This card is made for {currency}.", currency=card.currency)
        raise CurrencyMismatch(sentence, gift_card_id=card.id)
    if amount.minor < 1:
        raise too_little(amount.currency)
    if amount.minor > LIMIT_MINOR:
        raise too_much(amount.currency)


def _columns(card: Card, new: Activation) -> dict[str, Any]:
    campaign_id = card.campaign_id or new.campaign_id
    zone = time_zones.of_campaign(campaign_id)
    now = clock.now()
    deliver_at = None if new.deliver_at is None else max(new.deliver_at, now)
    ends = validity.of_new(
        new,
        issued_at=now,
        deliver_at=deliver_at,
        zone=zone,
        to_years_end=law.rules.ends_with_year(campaign_id, source=new.source),
    )
    return {
        "state": "open",
        "source": new.source,
        "voucher_tax_hundredths": voucher_tax.rate_for(campaign_id, source=new.source),
        "initial_minor": new.amount.minor,
        "campaign_id": campaign_id,
        "holder_email": new.holder_email,
        "holder_name": new.holder_name,
        "order_id": new.order_id,
        "deliver_at": deliver_at,
        **new.more,
        **ends._asdict(),
    }
