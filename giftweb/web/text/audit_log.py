"""The audit log in words: who, what, on what, and further details."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app

from giftweb import ids
from giftweb.domain import audit
from giftweb.domain.audit.log import Entry
from giftweb.domain.staff.people import ROLES
from giftweb.errors import Invalid
from giftweb.money import Money, money_text
from giftweb.web.text.templating import status_label

NOUNS = {
    "gift_card": "Gift cards",
    "order": "Orders",
    "payment": "Payments and refunds",
    "customer": "Customers",
    "campaign": "Campaigns",
    "api_key": "API keys",
    "webhook": "Webhooks",
    "event": "Events sent again",
    "mail": "Mails",
    "staff": "People and sign-ins",
    "rights": "Refused attempts",
    "limit": "Limits",
    "audit": "This log",
    "books": "Closed months and files for the accountant",
}
"""What an action is about -> the words of the filter."""

ACTORS = {
    "api": "Any shop, by the API",
    "customer": "Any customer",
    "cli": "Command line",
    "system": "The system itself",
}
"""The kinds of actors that the filter offers beside the people by name."""

_NOUN = {"gift_card": "Gift card", "api_key": "API key", "staff": "Person"}
_ACTIONS = {
    "limit.set": "Limit changed",
    "books.month_closed": "Month closed",
    "books.exported": "Journal exported",
    "books.accounts_named": "Accounts of the journal named",
    "api_key.approved": "Live API key approved",
    "rights.refused": "Tried to open a page without the right",
    "gift_card.cashed_out": "Rest of a gift card paid out in cash",
    "gift_card.sent_again": "Gift card mailed again",
    "gift_card.clawed_back": "Bonus clawed back",
    "gift_card.taken_back": "Money of a refunded order taken back",
    "gift_card.list_downloaded": "List of gift cards downloaded",
    "gift_card.code_shown": "Code of a gift card shown",
    "gift_card.show_allowed": "May see the code of a gift card once, as approved",
    "gift_card.printed": "Gift card printed",
    "product.picture_added": "Picture of a product added",
    "product.picture_removed": "Picture of a product taken off",
    "gift_card.delivery_moved": "Another day to send a gift card",
    "gift_card.holder_corrected": "Holder of a gift card corrected",
    "gift_card.imported": "Gift cards imported",
    "gift_card.stocked": "Gift cards made for stock",
    "gift_card.merged": "Gift card merged with others",
    "mail.sent_again": "Mail sent again",
    "mail.failed_sent_again": "All failed mails sent again",
    "event.failed_replayed": "All failed deliveries sent again",
    "mail.opened": "Mail shown with its code",
    "webhook.created": "Webhook endpoint added",
    "webhook.disabled": "Webhook endpoint switched off",
    "webhook.enabled": "Webhook endpoint switched on",
    "webhook.tested": "Test event sent",
    "event.replayed": "Event sent again",
    "audit.downloaded": "Audit log downloaded",
    "staff.created": "Person added",
    "staff.role_changed": "Role changed",
    "staff.renamed": "Name corrected",
    "staff.signed_in": "Signed in",
    "staff.password_reset": "Password reset: a link was mailed",
    "staff.password_chosen": "Password chosen by a mailed link",
    "staff.password_changed": "Own password changed",
    "staff.session_revoked": "Own sign-in ended",
    "staff.sessions_revoked": "Own other sign-ins ended",
    "staff.totp_set_up": "Authenticator set up",
    "staff.totp_removed": "Authenticator removed",
    "staff.totp_reset": "Lost authenticator and passkeys taken away",
    "staff.passkey_added": "Passkey added",
    "staff.passkey_removed": "Passkey removed",
    "staff.recovery_codes_renewed": "New recovery codes made",
}
_PAGES = {
    "gc": "/staff/gift-cards/{id}",
    "stf": "/staff/people/{id}",
    "cus": "/staff/customers/{id}",
    "mail": "/staff/outbox/{id}",
    "cmp": "/staff/campaigns/{id}",
    "ord": "/staff/orders/{name}",
}
_ACTOR_WORDS = {"cli": "Command line", "system": "System", "shop": "Shop", "customer": "Customer"}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a person reads it. ``href`` leads to what it is about; what somebody does to
    themselves has no ``subject``.
    """

    id: str
    at: datetime
    who: str
    role: str
    what: str
    subject: str
    href: str
    reason: str
    more: str


def lines(entries: Sequence[Entry]) -> list[Line]:
    """Entries in words, with the names of today."""
    names = audit.search.names_of(_mentioned(entries))
    return [_line(entry, names) for entry in entries]


def timeline(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Entries for the part ``timeline`` of a page about one thing."""
    return [
        {
            "text": line.what,
            "at": line.at,
            "by": f"{line.who} · {line.role}" if line.role else line.who,
            "more": " · ".join(part for part in (line.reason, line.more) if part),
        }
        for line in lines(entries)
    ]


def what(action: str) -> str:
    """``gift_card.frozen`` is ``Gift card frozen``."""
    noun, _, verb = action.partition(".")
    plain = noun.replace("_", " ").capitalize()
    return _ACTIONS.get(action) or f"{_NOUN.get(noun, plain)} {verb.replace('_', ' ')}".strip()


def _line(entry: Entry, names: dict[str, str]) -> Line:
    subject, href = _subject(entry.subject, names)
    return Line(
        id=entry.id,
        at=entry.at,
        who=_who(entry, names),
        role=status_label(entry.actor_role) if entry.actor_role else "",
        what=what(entry.action),
        subject="" if entry.subject == entry.actor_id else subject,
        href=href,
        reason=entry.reason or "",
        more=_more(entry.data or {}, names),
    )


def _subject(subject_id: str, names: dict[str, str]) -> tuple[str, str]:
    """What people call it, and the address of its page; for lack of a name the id and none.

    A page that somebody tried to open is named by its address.
    """
    name = names.get(subject_id)
    if name is None:
        return _address_of(subject_id), ""
    kind = subject_id.partition("_")[0]
    href = _PAGES[kind].format(id=subject_id, name=name) if kind in _PAGES else ""
    return (f"•••• {name}" if kind == "gc" else name), href


def _address_of(endpoint: str) -> str:
    try:
        return next(current_app.url_map.iter_rules(endpoint)).rule
    except KeyError:
        return endpoint


def _who(entry: Entry, names: dict[str, str]) -> str:
    name = names.get(entry.actor_id, "")
    if entry.actor_kind == "api":
        return f"{name or entry.actor_id} by the API"
    return name or _ACTOR_WORDS.get(entry.actor_kind) or entry.actor_id


_AMOUNTS = ("amount", "due", "taken")
"""What is stored in minor units of the entry's ``currency``."""


def _more(data: dict[str, Any], names: dict[str, str]) -> str:
    details = dict(data)
    currency = details.pop("currency", None)
    for name in _AMOUNTS:
        if isinstance(details.get(name), int) and isinstance(currency, str):
            details[name] = _amount(details[name], currency)
    return " · ".join(
        f"{key.replace('_', ' ').capitalize()}: {text}"
        for key, value in details.items()
        if (text := _text(value, names))
    )


def _amount(minor: int, currency: str) -> str:
    try:
        return money_text(Money(minor, currency))
    except Invalid:
        return f"{minor} {currency}"


def _text(value: Any, names: dict[str, str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_text(one, names) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(one, names)}" for key, one in value.items())
    if value is None:
        return ""
    text = str(value)
    return names.get(text) or (status_label(text) if text in ROLES else text)


def _mentioned(entries: Iterable[Entry]) -> Iterable[str]:
    for entry in entries:
        yield from (entry.actor_id, entry.subject)
        for value in (entry.data or {}).values():
            ones = value if isinstance(value, list) else [value]
            yield from (one for one in ones if isinstance(one, str) and ids.SHAPE.fullmatch(one))
