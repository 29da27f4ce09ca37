"""One thing done with many cards: looked at in numbers first, then each by itself (B29).

A card that it cannot be done with is left alone, and said why; the others are done.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from giftweb.domain import cards
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.changes import Changes
from giftweb.domain.cards.values import Card
from giftweb.errors import DomainError, Invalid
from giftweb.language import gettext
from giftweb.money import Money

TAG, EXTEND, FREEZE, RESEND = "tag", "extend", "freeze", "resend"
ACTIONS = (TAG, EXTEND, FREEZE, RESEND)
MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be done with each card. ``tag`` and ``expires_on``: for the actions of that."""

    action: str
    reason: str
    tag: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The cards that it can be done with, what they hold, and why the others are left alone."""

    ready: list[Card]
    others: dict[str, int]

    def trace(self, wish: Wish) -> dict[str, Any]:
        """What ``take_back`` needs, once it is done; ``cards``: what each had before."""
        had = {card.id: _had(card) for card in self.ready if wish.tag not in (card.tags or ())}
        on = wish.expires_on.isoformat() if wish.expires_on else None
        return {"action": wish.action, "tag": wish.tag, "expires_on": on, "cards": had}

    @property
    def worth(self) -> list[Money]:
        """What these cards hold, by currency, without test money."""
        sums: Counter[str] = Counter()
        for card in self.ready:
            if not card.is_test:
                sums[card.currency] += card.balance_minor
        return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def plan(action: str, card_ids: Sequence[str]) -> Plan:
    """What an action would be done with.

    Raises: Invalid (action; none, or too many cards).
    """
    if action not in ACTIONS:
        raise Invalid(gettext("Choose what to do."), field="action")
    if not card_ids:
        raise Invalid(gettext("Choose gift cards first."), field="card")
    if len(card_ids) > MOST:
        raise Invalid(
            gettext("Choose at most {most} gift cards at a time.", most=MOST), field="card"
        )
    ready: list[Card] = []
    others: Counter[str] = Counter()
    for card in cards.find_many(list(dict.fromkeys(card_ids))).values():
        problem = _problem(action, card)
        if problem is None:
            ready.append(card)
        else:
            others[problem] += 1
    return Plan(ready, dict(others))


def _problem(action: str, card: Card) -> str | None:
    if action != TAG and card.status in (*cards.locking.ENDED, cards.EXPIRED):
        return cards.refusals.unusable(card.status)
    if action == FREEZE and card.state == cards.FROZEN:
        return gettext("This card is frozen already.")
    if action == RESEND and not card.holder_email:
        return gettext("Nobody's address is known for this card.")
    return None


def do(wish: Wish, *, card_ids: Sequence[str], by: Actor) -> Plan:
    """Do it with each card that it can be done with; which these were, and why others were not.

    Raises: as ``plan``; Invalid (reason, tag, expires_on).
    """
    _require_whole(wish)
    found = plan(wish.action, card_ids)
    done: list[Card] = []
    others = Counter(found.others)
    for card in found.ready:
        try:
            _DO[wish.action](card, wish, by)
            done.append(card)
        except DomainError as error:
            others[error.sentence] += 1
    return Plan(done, dict(others))


def _require_whole(wish: Wish) -> None:
    if not wish.reason.strip():
        raise Invalid(gettext("Say why; it is kept in the log."), field="reason")
    if wish.action == TAG and not wish.tag.strip():
        raise Invalid(gettext("Enter the tag."), field="tag")
    if wish.action == EXTEND and wish.expires_on is None:
        raise Invalid(gettext("Choose the last day."), field="expires_on")


def _tag(card: Card, wish: Wish, by: Actor) -> None:
    tags = [*(card.tags or ()), wish.tag]
    cards.changes.change(card.id, changes=Changes(tags=tags), by=by, reason=wish.reason)


def _extend(card: Card, wish: Wish, by: Actor) -> None:
    changes = Changes(expires_on=wish.expires_on)
    cards.changes.change(card.id, changes=changes, by=by, reason=wish.reason)


def _freeze(card: Card, wish: Wish, by: Actor) -> None:
    cards.freeze(card.id, by=by, reason=wish.reason)


def _resend(card: Card, wish: Wish, by: Actor) -> None:
    cards.holder.resend(card.id, by=by)


_DO: dict[str, Callable[[Card, Wish, Actor], None]] = {
    TAG: _tag,
    EXTEND: _extend,
    FREEZE: _freeze,
    RESEND: _resend,
}


# Back again


UNDONE = (TAG, EXTEND, FREEZE)
"""What can be taken back; a mail cannot."""

_REASON = "Taken back: it was done with many cards at once"


def _had(card: Card) -> list[Any]:
    """The last day that a card has, and whether it counts from a delivery that is still to come."""
    is_expected = card.expires_on is not None and card.expires_at is None
    return [card.expires_on.isoformat() if card.expires_on else None, is_expected]


def take_back(trace: Mapping[str, Any], *, by: Actor) -> tuple[int, dict[str, int]]:
    """Undo what ``do`` did, by its trace: with how many cards, and why others were left alone.

    A card that somebody has changed since stays as it is.
    """
    done, others = 0, Counter[str]()
    for card in cards.find_many(list(trace["cards"])).values():
        try:
            if not _is_as_left(card, trace):
                raise Invalid(gettext("It was changed since."))
            _back(card, trace, by)
            done += 1
        except DomainError as error:
            others[error.sentence] += 1
    return done, dict(others)


def _is_as_left(card: Card, trace: Mapping[str, Any]) -> bool:
    if trace["action"] == TAG:
        return trace["tag"] in (card.tags or ())
    if trace["action"] == FREEZE:
        return card.state == cards.FROZEN
    return card.expires_on is not None and card.expires_on.isoformat() == trace["expires_on"]


def _back(card: Card, trace: Mapping[str, Any], by: Actor) -> None:
    if trace["action"] == TAG:
        tags = [tag for tag in card.tags or () if tag != trace["tag"]]
        cards.changes.change(card.id, changes=Changes(tags=tags), by=by, reason=_REASON)
    elif trace["action"] == FREEZE:
        cards.unfreeze(card.id, by=by, reason=_REASON)
    else:
        on, is_expected = trace["cards"][card.id]
        last = date.fromisoformat(on) if on else None
        cards.changes.restore_last_day(
            card.id, last_day=last, is_expected=is_expected, by=by, reason=_REASON
        )
