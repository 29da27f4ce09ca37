"""What templates may use beyond plain Jinja: filters, labels, icons, addresses, the side menu."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for
from markupsafe import Markup

from giftweb.clock import EPOCH, to_micros
from giftweb.money import money_text
from giftweb.web.text import conversions
from giftweb.web.text.amounts import NOTHING, money, signed_money

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
HIDDEN = Markup('aria-hidden="true"')
BRANDS = ("cobalt", "ink", "teal", "forest", "rust", "rose", "plum")
"""The colours a shop may choose for its public pages; static/site.css draws them."""

STATUSES: dict[str, tuple[str, str]] = {
    # Gift cards (D12)
    "active": ("Active", "good"),
    "used_up": ("Used up", "quiet"),
    "frozen": ("Frozen", "careful"),
    "expired": ("Expired", "quiet"),
    "cancelled": ("Cancelled", "quiet"),
    "replaced": ("Replaced", "quiet"),
    # Orders and their fulfilment
    "placed": ("Placed", "info"),
    "completed": ("Completed", "good"),
    "shipping_denied": ("Shipping Denied", "bad"),
    "shipped": ("Shipped", "good"),
    "pending": ("Pending", "careful"),
    "not_needed": ("Nothing to ship", "quiet"),
    "awaited": ("Waiting for payment", "careful"),
    "paid": ("Paid", "good"),
    # Payments and refunds
    "authorised": ("Authorised", "info"),
    "captured": ("Captured", "good"),
    "voided": ("Voided", "quiet"),
    "partly_refunded": ("Partly refunded", "careful"),
    "refunded": ("Refunded", "quiet"),
    "charged_back": ("Charged back", "bad"),
    "succeeded": ("Succeeded", "good"),
    "requested": ("Requested", "careful"),
    "failed": ("Failed", "bad"),
    # Checkouts, holds, mails, webhooks, people
    "open": ("Open", "info"),
    "held": ("Held", "info"),
    "released": ("Released", "quiet"),
    "lapsed": ("Lapsed", "quiet"),
    "waiting": ("Waiting", "careful"),
    "sending": ("Sending", "info"),
    "unclear": ("May have been sent", "careful"),
    "scheduled": ("Scheduled", "info"),
    "withdrawn": ("Withdrawn", "quiet"),
    "sent": ("Sent", "good"),
    "delivered": ("Delivered", "good"),
    "kept": ("Kept here", "info"),
    "approved": ("Approved", "good"),
    "declined": ("Declined", "bad"),
    "rejected": ("Rejected", "bad"),
    "disabled": ("Switched off", "quiet"),
}
"""Stored word -> (word on the screen, tone of its badge)."""

LABELS: dict[str, str] = {
    # What a line in a card's history is (D11)
    "top_up": "Recharged",
    "recharged": "Recharged",
    "purchase": "Purchase",
    "issue": "Issued",
    # How an order was paid
    "gift_card": "Gift card",
    "credit_card": "Credit card",
    "paypal": "PayPal",
    "bank_transfer": "Bank transfer",
    # Where its money comes from (D29)
    "sales": "Sold",
    "goodwill": "Given",
    "promotions": "Given to promote sales",
    "imports": "Imported",
    "adjustments": "Added by corrections",
    # Where a card comes from
    "api": "API",
    "cli": "Command line",
    "staff": "Staff",
    # Who acts
    "customer_service": "Customer Service",
    "customer_service_admin": "Customer Service Admin",
    "root": "Root",
}
"""Stored words whose words on the screen cannot be had by a capital and spaces."""


@dataclass(frozen=True)
class MenuItem:
    """One line of the side menu: ``key`` follows g on the keyboard, ``count`` waits there."""

    label: str
    href: str
    icon: str
    is_current: bool = False
    key: str = ""
    count: int = 0
    children: tuple["MenuItem", ...] = ()


MENU: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("Dashboard", "/staff/", "home", ()),
    ("Orders", "/staff/orders/", "order", ()),
    ("Awaited Payments", "/staff/awaited-payments/", "clock", ()),
    ("Gift Cards", "/staff/gift-cards/", "gift-card", ()),
    ("Customers", "/staff/customers/", "people", ()),
    ("Approvals", "/staff/approvals/", "check", ()),
    ("Campaign Management", "", "campaign", (("Settings", "/staff/campaigns/"),)),
    ("Products", "/staff/products/", "product", ()),
    ("Reports", "/staff/reports/", "report", ()),
    ("Outbox", "/staff/outbox", "mail", ()),
    ("Audit log", "/staff/audit", "audit", ()),
    ("People", "/staff/people/", "person", ()),
)
"""(label, address, icon, sub-entries) in the order of the screen; a group has no address."""

KEYS = {"Dashboard": "d", "Orders": "o", "Gift Cards": "g", "Customers": "c", "Products": "p"}
"""The key that opens an entry after g."""


def side_menu(current: str, may_open: Callable[[str], bool]) -> list[MenuItem]:
    """The entries whose address ``may_open``; the one that leads to ``current`` is marked."""
    addresses = [href for _, href, _, subs in MENU for href in (href, *(h for _, h in subs))]
    # Every page of the desk lies below the dashboard's address; only that page is the dashboard.
    above = [
        a for a in addresses if a and current.startswith(a) and (a != "/staff/" or a == current)
    ]
    nearest = max(above, key=len, default="")
    items = []
    for label, href, icon_name, subs in MENU:
        below = tuple(MenuItem(n, h, "", h == nearest) for n, h in subs if may_open(h))
        if below or (href and may_open(href)):
            is_current = href == nearest != ""
            key = KEYS.get(label, "")
            items.append(MenuItem(label, href, icon_name, is_current, key, children=below))
    return items


_TWO = tuple(f"{number:02}" for number in range(100))
"""Two digits each: pages print many instants, and formatting takes three times as long."""


def date_text(on: date) -> str:
    """By hand: strftime takes four times as long, and follows the machine's language."""
    return f"{on.day} {MONTHS[on.month * 4 - 4 : on.month * 4 - 1]} {on.year}"


@lru_cache(maxsize=1024)
def _day_texts(since_1970: int) -> tuple[str, str]:
    on = EPOCH.date() + timedelta(days=since_1970)
    return on.isoformat(), date_text(on)


def stamp(micros: int) -> str:
    """``when`` for a stored instant, as HTML that has nothing to escape."""
    seconds = micros // 1_000_000
    days = seconds // 86_400
    seconds -= days * 86_400
    iso, text = _day_texts(days)
    at = f"{_TWO[seconds // 3600]}:{_TWO[seconds // 60 % 60]}"
    full = f"{at}:{_TWO[seconds % 60]}"
    return f'<time datetime="{iso}T{full}Z" title="{text}, {full} UTC">{text}, {at}</time>'


def when(instant: datetime | None) -> Markup:
    """``22 Nov 2026, 14:05``; the seconds and the zone on hover."""
    return NOTHING if instant is None else Markup(stamp(to_micros(instant)))  # noqa: S704


def day(on: date | None) -> Markup:
    """``22 Nov 2026``."""
    if on is None:
        return NOTHING
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), date_text(on))


def last4(four: str) -> Markup:
    """``•••• 7K2Q``, never broken over two lines."""
    return Markup('<span class="last4">•••• {}</span>').format(four)


def status_label(status: str) -> str:
    """The word on the screen for a stored status: ``used_up`` is ``Used up``."""
    return STATUSES[status][0] if status in STATUSES else type_label(status)


def status_tone(status: str) -> str:
    """The tone of a status' badge: good, careful, bad, info, quiet or plain."""
    return STATUSES[status][1] if status in STATUSES else "plain"


def type_label(word: str) -> str:
    """The word on the screen for a stored type, method, origin or role."""
    return LABELS.get(word) or word.replace("_", " ").capitalize()


@cache
def asset(name: str) -> str:
    """The address of a file under static/, with its content's hash so that it can be kept."""
    content = (Path(__file__).parents[2] / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


@cache
def icon(name: str, label: str = "") -> Markup:
    """A picture from static/icons.svg; without ``label`` it is decoration."""
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else HIDDEN
    picture = Markup('<svg class="icon" {} focusable="false"><use href="{}#{}"/></svg>')
    return picture.format(spoken, asset("icons.svg"), name)


def here(**changes: Any) -> str:
    """This page's address with some of its query changed: ``here(sort="-amount", after=None)``."""
    query: dict[str, Any] = {k: v for k, v in request.args.items(multi=False) if v}
    query.update(changes)
    kept = {k: v for k, v in query.items() if v not in (None, "")}
    return url_for(request.endpoint or "static", **(request.view_args or {}), **kept)


def options(words: Iterable[str]) -> list[tuple[str, str]]:
    """(value, label) pairs for a select of statuses, types or roles."""
    return [(word, status_label(word)) for word in words]


def install(app: Flask) -> None:
    """Give the app's templates everything above."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        money=money,
        signed_money=signed_money,
        money_text=money_text,
        when=when,
        day=day,
        last4=last4,
        status_label=status_label,
        status_tone=status_tone,
        type_label=type_label,
        worth_text=conversions.worth_text,
    )
    app.jinja_env.globals.update(icon=icon, asset=asset, here=here)
