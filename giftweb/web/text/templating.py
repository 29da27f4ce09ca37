"""What templates may use beyond plain Jinja: filters, labels, icons, addresses, the side menu."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request, url_for
from jinja2 import pass_context
from markupsafe import Markup, escape

from giftweb import days, language, percentages
from giftweb.clock import EPOCH, from_micros, to_micros
from giftweb.domain.catalogue.designs import DRAWN
from giftweb.domain.catalogue.items import Delivery
from giftweb.language import LazyText, gettext, lazy_gettext
from giftweb.money import money_text
from giftweb.web.text import contacts, conversions, taxes, translations, vouchers, words
from giftweb.web.text.addresses import address_lines
from giftweb.web.text.amounts import NOTHING, money, signed_money

HIDDEN = Markup('aria-hidden="true"')
BRANDS = ("cobalt", "ink", "teal", "forest", "rust", "rose", "plum")
"""The colours a shop may choose for its public pages; static/site.css draws them."""


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


MENU: tuple[tuple[LazyText, str, str, tuple[tuple[LazyText, str], ...]], ...] = (
    (lazy_gettext("Dashboard"), "/staff/", "home", ()),
    (lazy_gettext("Orders"), "/staff/orders/", "order", ()),
    (lazy_gettext("Packing"), "/staff/packing/", "truck", ()),
    (lazy_gettext("Awaited Payments"), "/staff/awaited-payments/", "clock", ()),
    (lazy_gettext("Gift Cards"), "/staff/gift-cards/", "gift-card", ()),
    (lazy_gettext("Counter"), "/staff/counter/", "counter", ()),
    (lazy_gettext("Customers"), "/staff/customers/", "people", ()),
    (lazy_gettext("Stock"), "/staff/stock/", "product", ()),
    (lazy_gettext("Imports"), "/staff/imports/", "upload", ()),
    (lazy_gettext("Approvals"), "/staff/approvals/", "check", ()),
    (
        lazy_gettext("Campaign Management"),
        "",
        "campaign",
        ((lazy_gettext("Settings"), "/staff/campaigns/"),),
    ),
    (lazy_gettext("Products"), "/staff/products/", "product", ()),
    (lazy_gettext("Reports"), "/staff/reports/", "report", ()),
    (lazy_gettext("Outbox"), "/staff/outbox", "mail", ()),
    (lazy_gettext("Audit log"), "/staff/audit", "audit", ()),
    (lazy_gettext("People"), "/staff/people/", "person", ()),
)
"""(label, address, icon, sub-entries) in the order of the screen; a group has no address."""

KEYS = {
    "/staff/": "d",
    "/staff/orders/": "o",
    "/staff/gift-cards/": "g",
    "/staff/customers/": "c",
    "/staff/products/": "p",
}
"""The key that opens an entry after g."""


def side_menu(
    current: str, may_open: Callable[[str], bool], counts: Mapping[str, int] | None = None
) -> list[MenuItem]:
    """The entries whose address ``may_open``; the one that leads to ``current`` is marked.

    ``counts``: how much waits at an address.
    """
    addresses = [href for _, href, _, subs in MENU for href in (href, *(h for _, h in subs))]
    # Every page of the desk lies below the dashboard's address; only that page is the dashboard.
    above = [
        a for a in addresses if a and current.startswith(a) and (a != "/staff/" or a == current)
    ]
    nearest = max(above, key=len, default="")
    items = []
    for label, href, icon_name, subs in MENU:
        below = tuple(MenuItem(str(n), h, "", h == nearest) for n, h in subs if may_open(h))
        if below or (href and may_open(href)):
            is_current = href == nearest != ""
            key = KEYS.get(href, "")
            count = (counts or {}).get(href, 0)
            items.append(MenuItem(str(label), href, icon_name, is_current, key, count, below))
    return items


_TWO = tuple(f"{number:02}" for number in range(100))
"""Two digits each: pages print many instants, and formatting takes three times as long."""


@lru_cache(maxsize=1024)
def _day_texts(since_1970: int, _spoken: str) -> tuple[str, str]:
    on = EPOCH.date() + timedelta(days=since_1970)
    return on.isoformat(), days.day_text(on)


def stamp(micros: int) -> str:
    """``when`` for a stored instant, as HTML that has nothing to escape."""
    if (zone := days.display_zone()) != days.WORLD:
        return _stamp_in(zone, micros)
    seconds = micros // 1_000_000
    since_1970 = seconds // 86_400
    seconds -= since_1970 * 86_400
    iso, text = _day_texts(since_1970, language.current())
    at = f"{_TWO[seconds // 3600]}:{_TWO[seconds // 60 % 60]}"
    full = f"{at}:{_TWO[seconds % 60]}"
    title = f"{text}, {full} UTC"
    return f'<time datetime="{iso}T{full}Z" title="{title}"><span>{text},</span> {at}</time>'


def _stamp_in(zone: str, micros: int) -> str:
    instant = from_micros(micros)
    there = days.local(instant, zone)
    text, name = days.day_text(there.date()), escape(there.tzname() or zone)
    return (
        f'<time datetime="{instant:%Y-%m-%dT%H:%M:%S}Z" title="{text}, {there:%H:%M:%S} {name}">'
        f"<span>{text},</span> {there:%H:%M}</time>"
    )


def when(instant: datetime | None) -> Markup:
    """``22 Nov 2026, 14:05``; the seconds and the zone on hover."""
    return NOTHING if instant is None else Markup(stamp(to_micros(instant)))  # noqa: S704


def day(on: date | None) -> Markup:
    """``22 Nov 2026``."""
    if on is None:
        return NOTHING
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), days.day_text(on))


def last4(four: str) -> Markup:
    """``•••• 7K2Q``, never broken over two lines."""
    return Markup('<span class="last4">•••• {}</span>').format(four)


@cache
def asset(name: str) -> str:
    """The address of a file under static/, with its content's hash so that it can be kept."""
    content = (Path(__file__).parents[2] / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def delivery_text(found: Delivery | None) -> str:
    """``24 Dec 2026, 08:00 (Tokyo)``: when a gift card is sent; "" when it is sent at once."""
    if found is None:
        return ""
    hour, place = f"{found.hour:%H:%M}", days.place_of(found.zone)
    return gettext("{day}, {hour} ({place})", day=days.day_text(found.day), hour=hour, place=place)


def picture(key: str, kind: str = "webp") -> str:
    """The address of a picture or design by its key (``domain.catalogue.designs``)."""
    if key in DRAWN:
        return asset(f"designs/{key}.{kind}")
    return f"/pictures/{key}.{kind}"


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


def language_address() -> str:
    """This page's address up to a language: ``?shop=cmp_1&lang=``."""
    kept = [(k, v) for k, v in request.args.items(multi=True) if k != "lang" and v]
    return f"?{urlencode([*kept, ('lang', '')])}"


def _by_language(label: Callable[[Any], str]) -> Callable[..., str]:
    """The filter, which Jinja does not compute when it compiles a template: each reader's language
    has its own words."""

    @pass_context
    def in_page(_context: Any, value: Any) -> str:
        return label(value)

    return in_page


def install(app: Flask) -> None:
    """Give the app's templates everything above."""
    translations.install(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        money=money,
        signed_money=signed_money,
        money_text=money_text,
        when=when,
        day=day,
        last4=last4,
        status_label=_by_language(words.status_label),
        status_tone=words.status_tone,
        type_label=_by_language(words.type_label),
        worth_text=conversions.worth_text,
        line_tax_text=vouchers.line_tax_text,
        percent_text=percentages.percent_text,
        moved_tax_text=vouchers.moved_tax_text,
        price_tax=taxes.price_tax,
        contact_address=contacts.address,
        email=contacts.email,
        seconds_text=_by_language(language.seconds_text),
        month=_by_language(days.month_text),
        tax_name=taxes.tax_name,
        shipping_name=taxes.shipping_name,
        address_lines=address_lines,
        delivery=delivery_text,
    )
    app.jinja_env.globals.update(
        icon=icon,
        asset=asset,
        here=here,
        picture_of=picture,
        languages=language.LANGUAGES,
        language_address=language_address,
    )
