"""A word in time: a card that is about to expire with money on it (B18)."""

from datetime import timedelta

import peewee
from peewee import fn

from giftweb import clock
from giftweb.database import transactional
from giftweb.database.listings import literal
from giftweb.domain import cards
from giftweb.models import Account, GiftCard, Mail

AHEAD = timedelta(days=15)
"""How long before the end of a card's last day its holder is reminded: two weeks before it."""

SETTLED = timedelta(days=7)
"""Whoever has had a card for less than this needs no reminder: its mail says when it expires."""

_KIND = "card_expiring"


def due(*, limit: int = 100) -> list[str]:
    """Cards that can still be spent, expire soon, and whose holder has not been reminded."""
    # The index of cards that expire has both states as its condition.
    is_indexed = GiftCard.state.in_([literal("open"), literal("frozen")])
    found = (
        GiftCard.select(GiftCard.id)
        .join(Account, on=Account.id == GiftCard.id)
        .where(
            GiftCard.expires_at > clock.now(),
            GiftCard.expires_at <= clock.now() + AHEAD,
            GiftCard.expires_at.is_null(False) & is_indexed & (GiftCard.state == "open"),
            GiftCard.deliver_at.is_null() | GiftCard.delivered_at.is_null(False),
            GiftCard.holder_email.is_null(False),
            fn.COALESCE(GiftCard.delivered_at, GiftCard.created_at)
            < clock.to_micros(clock.now() - SETTLED),
            Account.balance_minor > 0,
            ~fn.EXISTS(_reminders(GiftCard.id)),
        )
    )
    return [card_id for (card_id,) in found.order_by(GiftCard.expires_at).limit(limit).tuples()]


@transactional
def remind(card_id: str) -> None:
    """Mail the holder once. The card's lock keeps two workers from doing it twice."""
    card = cards.locking.lock_one(card_id).card
    is_reminded = _reminders(card_id).exists()
    if card.is_usable and not is_reminded:
        cards.locking.mail_holder(_KIND, card)


def _reminders(card_id: object) -> peewee.ModelSelect:
    return Mail.select(Mail.id).where(Mail.card_id == card_id, Mail.kind == _KIND)
