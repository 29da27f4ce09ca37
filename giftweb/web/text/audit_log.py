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
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money, money_text
from giftweb.web.text.words import status_label

NOUNS = {
    "gift_card": lazy_gettext("Gift cards"),
    "order": lazy_gettext("Orders"),
    "payment": lazy_gettext("Payments and refunds"),
    "customer": lazy_gettext("Customers"),
    "campaign": lazy_gettext("Campaigns"),
    "api_key": lazy_gettext("API keys"),
    "webhook": lazy_gettext("Webhooks"),
    "event": lazy_gettext("Events sent again"),
    "mail": lazy_gettext("Mails"),
    "staff": lazy_gettext("People and sign-ins"),
    "rights": lazy_gettext("Refused attempts"),
    "limit": lazy_gettext("Limits"),
    "audit": lazy_gettext("This log"),
    "books": lazy_gettext("Closed months and files for the accountant"),
}
"""What an action is about -> the words of the filter."""

ACTORS = {
    "api": lazy_gettext("Any shop, by the API"),
    "customer": lazy_gettext("Any customer"),
    "cli": lazy_gettext("Command line"),
    "system": lazy_gettext("The system itself"),
}
"""The kinds of actors that the filter offers beside the people by name."""

_NOUN = {
    "gift_card": lazy_gettext("Gift card"),
    "api_key": lazy_gettext("API key"),
    "staff": lazy_gettext("Person"),
}
_ACTIONS = {
    "counter.entered": lazy_gettext("Entered in the day's list of a counter"),
    "limit.set": lazy_gettext("Limit changed"),
    "books.month_closed": lazy_gettext("Month closed"),
    "books.exported": lazy_gettext("Journal exported"),
    "books.accounts_named": lazy_gettext("Accounts of the journal named"),
    "api_key.approved": lazy_gettext("Live API key approved"),
    "rights.refused": lazy_gettext("Tried to open a page without the right"),
    "gift_card.cashed_out": lazy_gettext("Rest of a gift card paid out in cash"),
    "gift_card.sent_again": lazy_gettext("Gift card mailed again"),
    "gift_card.clawed_back": lazy_gettext("Bonus clawed back"),
    "gift_card.taken_back": lazy_gettext("Money of a refunded order taken back"),
    "retention.set": lazy_gettext("How long data is kept changed"),
    "retention.applied": lazy_gettext("Old data deleted by itself"),
    "order.list_downloaded": lazy_gettext("List of orders downloaded"),
    "customer.list_downloaded": lazy_gettext("List of customers downloaded"),
    "customer.exported": lazy_gettext("Data of a customer handed out"),
    "customer.erased": lazy_gettext("Customer erased"),
    "customer.asked_to_be_erased": lazy_gettext("Asked to be forgotten"),
    "customer.merged": lazy_gettext("Customers merged"),
    "gift_card.import_started": lazy_gettext("Import of gift cards begun"),
    "gift_card.import_discarded": lazy_gettext("File of gift cards forgotten"),
    "test_data.purged": lazy_gettext("Test data deleted"),
    "gift_card.list_downloaded": lazy_gettext("List of gift cards downloaded"),
    "gift_card.code_shown": lazy_gettext("Code of a gift card shown"),
    "gift_card.pin_guessed": lazy_gettext("Wrong PINs of a gift card entered, so that tries wait"),
    "gift_card.show_allowed": lazy_gettext("May see the code of a gift card once, as approved"),
    "gift_card.printed": lazy_gettext("Gift card printed"),
    "campaign.logo_set": lazy_gettext("Logo of a campaign saved"),
    "campaign.logo_removed": lazy_gettext("Logo of a campaign taken off"),
    "product.picture_added": lazy_gettext("Picture of a product added"),
    "product.picture_removed": lazy_gettext("Picture of a product taken off"),
    "gift_card.delivery_moved": lazy_gettext("Another day to send a gift card"),
    "gift_card.holder_corrected": lazy_gettext("Holder of a gift card corrected"),
    "gift_card.imported": lazy_gettext("Gift cards imported"),
    "gift_card.stocked": lazy_gettext("Gift cards made for stock"),
    "gift_card.merged": lazy_gettext("Gift card merged with others"),
    "mail.sent_again": lazy_gettext("Mail sent again"),
    "mail.failed_sent_again": lazy_gettext("All failed mails sent again"),
    "event.failed_replayed": lazy_gettext("All failed deliveries sent again"),
    "mail.opened": lazy_gettext("Mail shown with its code"),
    "webhook.created": lazy_gettext("Webhook endpoint added"),
    "webhook.disabled": lazy_gettext("Webhook endpoint switched off"),
    "webhook.enabled": lazy_gettext("Webhook endpoint switched on"),
    "webhook.tested": lazy_gettext("Test event sent"),
    "event.replayed": lazy_gettext("Event sent again"),
    "audit.downloaded": lazy_gettext("Audit log downloaded"),
    "staff.created": lazy_gettext("Person added"),
    "staff.role_changed": lazy_gettext("Role changed"),
    "staff.renamed": lazy_gettext("Name corrected"),
    "staff.language_chosen": lazy_gettext("Own language chosen"),
    "staff.signed_in": lazy_gettext("Signed in"),
    "staff.password_reset": lazy_gettext("Password reset: a link was mailed"),
    "staff.password_chosen": lazy_gettext("Password chosen by a mailed link"),
    "staff.password_changed": lazy_gettext("Own password changed"),
    "staff.session_revoked": lazy_gettext("Own sign-in ended"),
    "staff.sessions_revoked": lazy_gettext("Own other sign-ins ended"),
    "staff.totp_set_up": lazy_gettext("Authenticator set up"),
    "staff.totp_removed": lazy_gettext("Authenticator removed"),
    "staff.totp_reset": lazy_gettext("Lost authenticator and passkeys taken away"),
    "staff.passkey_added": lazy_gettext("Passkey added"),
    "staff.passkey_removed": lazy_gettext("Passkey removed"),
    "staff.recovery_codes_renewed": lazy_gettext("New recovery codes made"),
}
_PAGES = {
    "gc": "/staff/gift-cards/{id}",
    "stf": "/staff/people/{id}",
    "cus": "/staff/customers/{id}",
    "mail": "/staff/outbox/{id}",
    "cmp": "/staff/campaigns/{id}",
    "ord": "/staff/orders/{name}",
}
_ACTOR_WORDS = {
    "cli": lazy_gettext("Command line"),
    "system": lazy_gettext("System"),
    "shop": lazy_gettext("Shop"),
    "customer": lazy_gettext("Customer"),
}


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
    known = _ACTIONS.get(action)
    return str(known or f"{_NOUN.get(noun, plain)} {verb.replace('_', ' ')}".strip())


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
        return gettext("{name} by the API", name=name or entry.actor_id)
    return str(name or _ACTOR_WORDS.get(entry.actor_kind) or entry.actor_id)


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
