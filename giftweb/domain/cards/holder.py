"""What keeps a card in its holder's hands: send again, correct the address, show the code (B9)."""

from datetime import timedelta
from typing import Any

from giftweb import clock, codes, models
from giftweb.database import transactional
from giftweb.domain import audit, emails, limits, outbox
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import expected, locking, pins, receivers, values
from giftweb.domain.cards.values import Card
from giftweb.domain.limits import Gift, Request
from giftweb.errors import Invalid, NotFound
from giftweb.language import gettext

SHOWN, SHOW_ALLOWED = "gift_card.code_shown", "gift_card.show_allowed"
ALLOWED_FOR = timedelta(days=1)
"""How long what another person has approved may be looked at."""


@transactional
def resend(card_id: str, *, by: Actor, email: str | None = None) -> str:
    """Mail the card again, to its holder or to ``email``; where it went.

    Raises: NotFound, CardNotUsable (it has ended), Invalid (email: no address known), NotAllowed
    (to one's own address, or a colleague's), LimitExceeded (elsewhere).
    """
    card = locking.lock_one(card_id).card
    locking.require_alive(card)
    locking.require_reviewed(card_id)
    to = emails.read(email) if email else card.holder_email
    if not to:
        raise Invalid(gettext("Enter the address to send the card to."), field="email")
    receivers.require_not_staff(to, by)
    is_elsewhere = to != card.holder_email
    if is_elsewhere:
        _require_within_limits(card, to, by=by)
    audit.record(by=by, action="gift_card.sent_again", subject=card_id, is_test=card.is_test)
    data = {"elsewhere": True} if is_elsewhere else None
    locking.mail_holder("card_resent", card._replace(holder_email=to), data=data)
    return to


@transactional
def correct_holder(
    card_id: str,
    *,
    email: str,
    name: str | None,
    by: Actor,
    reason: str | None = None,
    send: bool = False,
) -> Card:
    """Change who holds the card; what was not mailed yet goes to the new address (D26).

    Another address is another owner: it counts as giving what is on the card or on its way there,
    needs a reason of whoever does it by hand, and the address before is mailed.

    ``send``: the card is mailed there, by what is still to be sent if there is such a mail: one
    that failed goes out now, and one that waits for its day still does.

    Raises: NotFound, CardNotUsable (it has ended), NotAllowed (to one's own address, or a
    colleague's), Invalid (reason), LimitExceeded.
    """
    card, to = locking.lock_one(card_id).card, emails.read(email)
    locking.require_alive(card)
    receivers.require_not_staff(to, by)
    if to != card.holder_email:
        _require_reason(reason, by, gettext("Say why the card gets another address."))
        arguments = {"email": to, "name": name, "send": send}
        request = _request(limits.verbs.CORRECT, card, reason=reason, arguments=arguments)
        _require_within_limits(card, to, by=by, request=request)
        _tell_the_address_before(card)
    audit.record(
        by=by,
        action="gift_card.holder_corrected",
        subject=card_id,
        reason=reason,
        is_test=card.is_test,
    )
    audit.seals.change(models.GiftCard, card_id, holder_email=to, holder_name=name)
    changed = card._replace(holder_email=to, holder_name=name)
    outbox.addressees.follow(card_id)
    if send and not outbox.resending.retry(card_id):
        resend(card_id, by=by)
    locking.queue_event("gift_card.updated", changed)
    return changed


@transactional
def reveal(card_id: str, *, by: Actor, reason: str) -> str:
    """The code itself, for staff who may see it; who saw it and why is kept (I30).

    Raises: NotFound, Invalid (reason), LimitExceeded.
    """
    if not reason.strip():
        raise Invalid(gettext("Say why you need to see the code."), field="reason")
    card = values.find(card_id)
    if not _may_see_once(card, by):
        request = _request(limits.verbs.REVEAL, card, reason=reason)
        _require_within_limits(card, None, by=by, request=request)
    audit.record(by=by, action=SHOWN, subject=card_id, reason=reason, is_test=card.is_test)
    return open_code(card_id)


@transactional
def allow_reveal(card_id: str, *, by: Actor) -> None:
    """Let a person see a code once within a day, whatever their limit, as long as no more is on the
    card: another one has approved it.

    Raises: NotFound.
    """
    card = values.find(card_id)
    audit.record(by=by, action=SHOW_ALLOWED, subject=card.id, data={"amount": card.balance_minor})


def _may_see_once(card: Card, by: Actor) -> bool:
    entry = models.AuditEntry
    own = (entry.subject == card.id) & (entry.actor_id == by.id)
    shows = entry.select().where(own, entry.action.in_((SHOWN, SHOW_ALLOWED)))
    last = shows.order_by(entry.id.desc()).first()
    if last is None or last.action != SHOW_ALLOWED or last.at + ALLOWED_FOR <= clock.now():
        return False
    return card.balance_minor <= (last.data or {}).get("amount", -1)


@transactional
def print_out(card_id: str, *, by: Actor) -> str:
    """The code for the card on paper, for who holds the card or gives it; that is kept (I30).

    Whether they do is for the caller to know.

    Raises: NotFound, CardNotUsable (it has ended).
    """
    card = values.find(card_id)
    locking.require_alive(card)
    audit.record(by=by, action="gift_card.printed", subject=card_id, is_test=card.is_test)
    return open_code(card_id)


def _require_reason(reason: str | None, by: Actor, sentence: str) -> None:
    if by.kind == "staff" and not (reason or "").strip():
        raise Invalid(sentence, field="reason")


def _tell_the_address_before(card: Card) -> None:
    """Mail whoever had the card that somebody else has it now, if its code had reached them."""
    if card.holder_email and outbox.addressees.is_reached(card.id, card.holder_email):
        locking.mail_holder("holder_changed", card)


def _request(verb: str, card: Card, **more: Any) -> Request:
    return Request(verb=verb, subject=card.id, amount=expected.balance(card), **more)


def _require_within_limits(
    card: Card, email: str | None, *, by: Actor, request: Request | None = None
) -> None:
    """Whoever brings a code to another place gives what is on its card, or will be."""
    amount = expected.balance(card)
    gift = Gift(amount=amount, email=email, is_test=card.is_test, brings_code=True)
    limits.require([gift], by=by, request=request)


def open_secrets(card_id: str) -> dict[str, str | None]:
    """The code of a card and its PIN, if it has one, for the answer that creates it.

    Raises: NotFound; keys.KeysUnusable.
    """
    return {"code": open_code(card_id), "pin": pins.find(values.find(card_id))}


def open_code(card_id: str) -> str:
    """The code of a card, for the mail that carries it and the answer that created it.

    Raises: NotFound; InReview (nobody has released it yet), ReviewRefused; keys.KeysUnusable.
    """
    card = models.GiftCard.get_or_none(models.GiftCard.id == card_id)
    if card is None:
        raise NotFound
    if card.state in (values.FROZEN, values.CANCELLED):
        locking.require_reviewed(card_id)
    return codes.unseal(bytes(card.code_sealed), card_id)
