"""The details of an entry of the audit log in words: how its data is called, and what it holds."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from giftweb import days
from giftweb.errors import Invalid
from giftweb.language import count_text, gettext, lazy_gettext
from giftweb.money import Money, money_text
from giftweb.web.text.words import APPROVALS, status_label, type_label

LABELS = {
    # Money, and what it belongs to
    "amount": lazy_gettext("Amount"),
    "due": lazy_gettext("Due"),
    "taken": lazy_gettext("Taken"),
    "currency": lazy_gettext("Currency"),
    "source": lazy_gettext("Source"),
    "order": lazy_gettext("Order"),
    "number": lazy_gettext("Number"),
    "campaign": lazy_gettext("Campaign"),
    "cards": lazy_gettext("Cards"),
    "rule": lazy_gettext("Rule"),
    # What was changed, and to what
    "changed": lazy_gettext("Changed"),
    "expires_on": lazy_gettext("Expires on"),
    "deliver_at": lazy_gettext("Deliver at"),
    "release_holds": lazy_gettext("Release holds"),
    "role": lazy_gettext("Role"),
    "before": lazy_gettext("Before"),
    # Limits
    "single": lazy_gettext("At a time"),
    "receiver": lazy_gettext("To one address in a day"),
    "day": lazy_gettext("In a day"),
    "codes": lazy_gettext("Codes in a day"),
    # Approvals, sign-ins and refused attempts
    "verb": lazy_gettext("Asked for"),
    "on": lazy_gettext("About"),
    "with": lazy_gettext("With"),
    "method": lazy_gettext("HTTP method"),
    "from": lazy_gettext("Other record"),
    # Lists and files that were taken
    "status": lazy_gettext("Status"),
    "origin": lazy_gettext("Origin"),
    "mode": lazy_gettext("Mode"),
    "has_text": lazy_gettext("Has text"),
    "chosen": lazy_gettext("Chosen"),
    "form": lazy_gettext("Form"),
    "month": lazy_gettext("Month"),
    "entries": lazy_gettext("Entries"),
    "names": lazy_gettext("Names"),
    "rates": lazy_gettext("Rates"),
    # What was sent, deleted, or is kept for so many months
    "key": lazy_gettext("Key"),
    "endpoint": lazy_gettext("Endpoint"),
    "count": lazy_gettext("Count"),
    "answers_to_requests": lazy_gettext("Answers to requests"),
    "cards_orders_carts_and_lines": lazy_gettext("Cards, orders, carts and lines"),
    "carts": lazy_gettext("Carts"),
    "deliveries": lazy_gettext("Deliveries"),
    "events": lazy_gettext("Events"),
    "files_of_cards": lazy_gettext("Files of cards"),
    "gift_cards": lazy_gettext("Gift cards"),
    "holds": lazy_gettext("Holds"),
    "log_entries": lazy_gettext("Log entries"),
    "mails": lazy_gettext("Mails"),
    "notes": lazy_gettext("Notes"),
    "notes_on_orders": lazy_gettext("Notes on orders"),
    "orders": lazy_gettext("Orders"),
    "other_texts": lazy_gettext("Other texts"),
    "payments": lazy_gettext("Payments"),
    "people": lazy_gettext("People"),
    "refunds": lazy_gettext("Refunds"),
    "sign-ins": lazy_gettext("Sign-ins"),
    "transfers": lazy_gettext("Transfers"),
    "wallets": lazy_gettext("Wallets"),
}
"""A key of the data -> what it is called."""

FIELDS = {
    # Of gift cards and customers
    "email": lazy_gettext("Email"),
    "expires_on": lazy_gettext("Expires on"),
    "name": lazy_gettext("Name"),
    "note": lazy_gettext("Note"),
    "tags": lazy_gettext("Tags"),
    # Of campaigns, as their form calls them
    "currency": lazy_gettext("Currency"),
    "time_zone": lazy_gettext("Time zone"),
    "origins": lazy_gettext("Sites that may show the widget"),
    "is_active": lazy_gettext("Active"),
    "covers": lazy_gettext("What gift cards may pay"),
    "hold_minutes": lazy_gettext("Minutes that an order may hold a card"),
    "shipping_minor": lazy_gettext("Shipping in the hosted shop"),
    "card_valid_days": lazy_gettext("Days that sold cards are valid"),
    "brand_name": lazy_gettext("Name on its pages and mails"),
    "brand_colour": lazy_gettext("Colour"),
    "contact": lazy_gettext("Whom holders ask"),
    "bank_details": lazy_gettext("Bank account for transfers"),
    "issue_after_sales": lazy_gettext("Issue After Sales"),
    "relative_hundredths": lazy_gettext("Relative Percentage"),
    "absolute_on": lazy_gettext("Absolute Amount"),
    "absolute_minor": lazy_gettext("Absolute Amount"),
    "bonus_base": lazy_gettext("Percentage of"),
    "bonus_minimum_minor": lazy_gettext("Smallest order that earns one"),
    "bonus_cap_minor": lazy_gettext("The most that the percentage gives"),
    "bonus_waiting_days": lazy_gettext("Days to wait before it is mailed"),
    "bonus_valid_days": lazy_gettext("Days it is valid"),
    "bonus_claw_back": lazy_gettext("Take it back with a refund"),
    "bonus_on_gift_cards": lazy_gettext("Gift cards earn it, too"),
    "payment_days": lazy_gettext("Days to wait for a payment"),
    "ship_before_payment": lazy_gettext("Ship before the payment has come"),
    "shop_url": lazy_gettext("Address of the shop"),
    "remind_days_before_expiry": lazy_gettext("Days before the last day"),
    "remind_unused_months": lazy_gettext("Months without use"),
    "rules": lazy_gettext("Rules of the law that it keeps"),
    "language": lazy_gettext("Language"),
    "accepts": lazy_gettext("Whose gift cards pay here"),
    "excluded_categories": lazy_gettext("Categories that gift cards do not pay"),
    "minimum_order_minor": lazy_gettext("Smallest order that gift cards pay for"),
    "review_amount_above_minor": lazy_gettext("Review bought cards of more than"),
    "review_cards_per_day": lazy_gettext("Review bought cards beyond so many a day"),
    "review_amount_per_day_minor": lazy_gettext("Review bought cards beyond so much a day"),
    "review_first_order_above_minor": lazy_gettext("Review a first order of more than"),
    "voucher_tax_hundredths": lazy_gettext("Value added tax on cards that are sold"),
    "tax_rates": lazy_gettext("Tax in the hosted shop"),
}
"""What can be changed of a gift card, a customer or a campaign -> what it is called."""

_MEANS = {
    "password": lazy_gettext("password"),
    "passkey": lazy_gettext("passkey"),
    "authenticator": lazy_gettext("authenticator"),
    "recovery code": lazy_gettext("recovery code"),
}
"""What somebody has signed in with."""

_AMOUNTS = ("amount", "due", "taken", "single", "receiver", "day")
"""What is stored in minor units of the entry's ``currency``."""

_PARTS_OF_SUM = 4
"""A sum of a closed month is called ``USD cmp_... capture sales``."""


def details_text(data: dict[str, Any], names: dict[str, str]) -> str:
    """``Amount: $50.00 · Source: Given``; ``names`` are those of ids."""
    return " · ".join(
        gettext("{label}: {value}", label=label, value=text)
        for label, text in _details(data, names)
        if text
    )


def _details(data: dict[str, Any], names: dict[str, str]) -> Iterator[tuple[str, str]]:
    currency = data.get("currency")
    amounts = [key for key in _AMOUNTS if currency and isinstance(data.get(key), int)]
    for key, value in data.items():
        parts = key.split(" ")
        if key in amounts:
            yield label_of(key), _amount(value, str(currency))
        elif len(parts) == _PARTS_OF_SUM:
            yield _sum_label(*parts[1:], names=names), _amount(value, parts[0])
        elif key != "currency" or not amounts:
            yield label_of(key), _text(key, value, names)


def label_of(key: str) -> str:
    """What a key of the data is called; one that is not known keeps its name."""
    return str(LABELS.get(key) or key.replace("_", " ").capitalize())


def _sum_label(campaign: str, kind: str, source: str, *, names: dict[str, str]) -> str:
    shop = gettext("No campaign") if campaign == "-" else names.get(campaign, campaign)
    return ", ".join((shop, type_label(kind), type_label(source)))


def _amount(minor: int, currency: str) -> str:
    try:
        return money_text(Money(minor, currency))
    except Invalid:
        return f"{minor} {currency}"


def _text(key: str, value: Any, names: dict[str, str]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_text(key, one, names) for one in value)
    if isinstance(value, int) and key != "number":
        return count_text(value)
    text = str(value)
    return names.get(text) or _READERS.get(key, str)(text)


def _instant(text: str) -> str:
    there = days.local(datetime.fromisoformat(text), days.display_zone())
    return f"{days.day_text(there.date())}, {there:%H:%M}"


_READERS: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(("source", "status", "origin", "mode", "role", "before", "form"), status_label),
    "changed": lambda name: str(FIELDS.get(name) or type_label(name)),
    "deliver_at": _instant,
    "expires_on": lambda text: days.day_text(date.fromisoformat(text)),
    "verb": lambda verb: str(APPROVALS.get(verb) or type_label(verb)),
    "with": lambda means: str(_MEANS.get(means, means)),
}
"""How the words of a key are read; those of others stay as they are."""
