"""A word in time (B18): a card that is about to expire with money on it, and one that is forgotten.

Each campaign says when; a card of none is reminded of two weeks before its end. A holder hears of
each once, if the card has reached them, and no more after asking to be left in peace.
"""

from datetime import datetime, timedelta
from typing import Any

import peewee
from peewee import JOIN, fn

from giftweb import clock, days
from giftweb.database import transactional
from giftweb.database.listings import literal
from giftweb.domain import cards, emails, outbox
from giftweb.models import Account, Campaign, GiftCard, Mail, ReminderRefusal, Transfer

USUAL_DAYS = 14
"""How many days before its last day the holder of a card of no campaign is reminded."""

FURTHEST = timedelta(days=367)
"""No campaign reminds earlier than this."""

NEWLY_HELD = timedelta(days=7)
"""Whoever has had a card for less than this needs no reminder: its mail says when it expires."""

EXPIRING, UNUSED = "card_expiring", "card_unused"
KINDS = (EXPIRING, UNUSED)
_DAY = 24 * 60 * 60 * 1_000_000


def due(*, limit: int = 100) -> list[str]:
    """Cards that can still be spent, expire soon, and whose holder has not been reminded."""
    # The index of cards that expire has both states as its condition.
    is_indexed = GiftCard.state.in_([literal("open"), literal("frozen")])
    ahead = peewee.Case(
        None,
        ((Campaign.id.is_null(), USUAL_DAYS), (Campaign.remind_days_before_expiry.is_null(), -1)),
        Campaign.remind_days_before_expiry,
    )
    found = _spendable(EXPIRING).where(
        GiftCard.expires_at > clock.now(),
        GiftCard.expires_at <= clock.now() + FURTHEST,
        GiftCard.expires_at.is_null(False) & is_indexed,
        # ``expires_at`` is the end of the last day.
        GiftCard.expires_at <= clock.micros() + (ahead + 1) * _DAY,
        _had_since() < clock.to_micros(clock.now() - NEWLY_HELD),
    )
    return [card_id for (card_id,) in found.order_by(GiftCard.expires_at).limit(limit).tuples()]


def forgotten(*, limit: int = 100) -> list[str]:
    """Cards with money on which nothing has happened for as many months as their campaign says."""
    reminding = Campaign.select(Campaign.id, Campaign.remind_unused_months).where(
        Campaign.remind_unused_months.is_null(False)
    )
    found: list[str] = []
    for campaign_id, months in reminding.tuples():
        since = clock.to_micros(_months_ago(months))
        moved = Transfer.select(Transfer.number).where(
            Transfer.card_id == GiftCard.id, Transfer.created_at >= since
        )
        cards_of_it = _spendable(UNUSED).where(
            GiftCard.campaign == campaign_id, _had_since() < since, ~fn.EXISTS(moved)
        )
        found += [each for (each,) in cards_of_it.limit(limit - len(found)).tuples()]
    return found


def _months_ago(months: int) -> datetime:
    """The same day so many months ago; where there is none, the first of the next."""
    today = days.today(days.WORLD)
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    try:
        day = today.replace(year=year, month=month + 1)
    except ValueError:
        day = days.later(today.replace(year=year, month=month + 1, day=28), 1)
    return days.start_of(day, days.WORLD)


def _had_since() -> Any:
    return fn.COALESCE(GiftCard.delivered_at, GiftCard.created_at)


def _spendable(kind: str) -> peewee.ModelSelect:
    """Open cards with money that have reached a holder who wants to hear of them, and has not."""
    refused = ReminderRefusal.select(ReminderRefusal.email).where(
        ReminderRefusal.email == GiftCard.holder_email
    )
    carriers = Mail.select(Mail.id).where(
        Mail.card_id == GiftCard.id,
        Mail.kind.in_(list(outbox.addressees.CARRIERS)),
        Mail.state.in_(outbox.addressees.REACHED),
    )
    reached = carriers.where(Mail.to_email == GiftCard.holder_email)
    return (
        GiftCard.select(GiftCard.id)
        .join(Account, on=Account.id == GiftCard.id)
        .join(Campaign, JOIN.LEFT_OUTER, on=Campaign.id == GiftCard.campaign)
        .where(
            GiftCard.state == "open",
            GiftCard.deliver_at.is_null() | GiftCard.delivered_at.is_null(False),
            GiftCard.holder_email.is_null(False),
            Account.balance_minor > 0,
            ~fn.EXISTS(_reminders(GiftCard.id, kind)),
            ~fn.EXISTS(refused),
            # Who holds it by now may have had no mail with its code.
            fn.EXISTS(reached) | ~fn.EXISTS(carriers),
        )
    )


def remind(card_id: str) -> None:
    """Mail the holder that the card is about to expire, once."""
    _remind(card_id, EXPIRING)


def remind_of_forgotten(card_id: str) -> None:
    """Mail the holder that there is money on the card, once."""
    _remind(card_id, UNUSED)


@transactional
def _remind(card_id: str, kind: str) -> None:
    """The card's lock keeps two workers from doing it twice."""
    card = cards.locking.lock_one(card_id).card
    is_reminded = _reminders(card_id, kind).exists()
    if card.is_usable and not is_reminded and not wants_peace(card.holder_email):
        cards.locking.mail_holder(kind, card)


def _reminders(card_id: object, kind: str) -> peewee.ModelSelect:
    return Mail.select(Mail.id).where(Mail.card_id == card_id, Mail.kind == kind)


# Peace


def wants_peace(email: str | None) -> bool:
    """Whether whoever has this address wants no reminders."""
    return (
        email is not None
        and ReminderRefusal.select().where(ReminderRefusal.email == email).exists()
    )


@transactional
def leave_in_peace(email: str) -> None:
    """Remind this address of nothing any more, whichever shop a card is from."""
    row = {"email": emails.read(email), "created_at": clock.now()}
    insert = ReminderRefusal.insert(row)
    insert.on_conflict(action="nothing", conflict_target=[ReminderRefusal.email]).execute()


@transactional
def remind_again(email: str) -> None:
    """Take that back."""
    refusal = ReminderRefusal
    refusal.delete().where(refusal.email == emails.read(email)).execute()
