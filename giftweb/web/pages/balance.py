"""How the balance page is put together from what the domain found."""

from collections.abc import Iterator
from dataclasses import astuple
from functools import lru_cache
from typing import Any, NamedTuple

from flask import Response, current_app
from markupsafe import Markup, escape

from giftweb import clock, language, shop_urls
from giftweb.domain import campaigns, cards
from giftweb.domain.campaigns.logos import Logo
from giftweb.domain.cards.statement import PAGE, Line, Shop, Statement
from giftweb.domain.cards.values import TYPES
from giftweb.money import minor_text
from giftweb.web.http import languages
from giftweb.web.http.htmx import is_fragment
from giftweb.web.pages import wallets
from giftweb.web.pages.prepared import Prepared, respond
from giftweb.web.text import contacts
from giftweb.web.text.templating import BRANDS, day, picture, stamp
from giftweb.web.text.words import type_label

CACHED_PAGES = 256
"""How many pages of histories a process keeps, of some 7 kB each."""

LONG_MINOR = 10_000_000
"""From this balance on the amount is written smaller, so that it stays on one line."""

_FORM = ("address", "in_language", "typed", "pin", "error", "challenge", "shop_name", "colour")
_LOGO = ("logo_id", "logo_width", "logo_height")
_CARD = ("last4", "balance", "minus_held", "available", "until", "now", "shop_url")
_MORE = ("face_webp", "face_jpg", "recharge_url", "contact", "contact_url")
_HISTORY = ("rows", "first", "last", "count", "next_before")
_PARTS = {
    name: Prepared(f"public/{name}.html", *_FORM, *_LOGO, *_CARD, *_MORE, *_HISTORY)
    for name in ("balance", "_balance", "_history")
}
_LINE = Prepared(
    "public/line.html", "number", "id", "order", "reference", "type", "at", "tone", "amount"
)


class _Variant(NamedTuple):
    """What the page is drawn by; without a status it is the form alone."""

    is_part: bool
    has_error: bool
    has_challenge: bool
    has_shop: bool
    has_logo: bool
    status: str = ""
    card_is_test: bool = False
    has_until: bool = False
    has_held: bool = False
    is_long: bool = False
    has_lines: bool = False
    is_first: bool = False
    has_more: bool = False
    has_shop_url: bool = False
    may_recharge: bool = False
    has_face: bool = False
    contact_kind: str = ""
    wallets: tuple[str, ...] = ()
    fits: bool = False
    needs_pin: bool = False
    has_pin: bool = False


class _LineVariant(NamedTuple):
    """What a line of the history is drawn by."""

    has_order: bool


def answer(
    *,
    typed: str,
    shop: Shop | None,
    pin: str = "",
    needs_pin: bool = False,
    found: Statement | None = None,
    is_later_page: bool = False,
    error: str = "",
    challenge: str = "",
    status: int = 200,
) -> Response:
    """The page, or for htmx the fragment of it that changes. It does not use the session."""
    if shop:
        languages.use_shop_language(shop.language)
    logo = campaigns.logos.by_id(shop.logo_id) if shop and shop.logo_id else None
    name = "balance" if not is_fragment() else "_history" if is_later_page else "_balance"
    variant = _Variant(
        is_part=name != "balance",
        has_error=error != "",
        has_challenge=challenge != "",
        has_shop=shop is not None,
        has_logo=logo is not None,
        needs_pin=needs_pin,
        has_pin=pin != "",
    )
    slots = {
        "address": _address(shop, languages.chosen()),
        "in_language": _address(shop, "") + escape("&lang=" if shop else "?lang="),
        "typed": typed,
        "pin": pin,
        "error": error,
        "challenge": challenge,
        **_shop_slots(shop, logo),
    }
    if found:
        variant = _with_card(variant, found)
        slots |= _card_slots(found, typed)
    return respond(_PARTS[name].render(current_app.jinja_env, variant, slots), status)


def _shop_slots(shop: Shop | None, logo: Logo | None) -> dict[str, Any]:
    colour = shop.colour if shop and shop.colour in BRANDS else BRANDS[0]
    columns = dict(zip(_LOGO, astuple(logo), strict=True)) if logo else {}
    return columns | {"shop_name": shop.name if shop else "", "colour": colour}


def _address(shop: Shop | None, chosen: str) -> Markup:
    """Where the form leads: in the shop's colour, and in the language that was chosen."""
    parts = [
        *([f"shop={shop.campaign_id}"] if shop else []),
        *([f"lang={chosen}"] if chosen else []),
    ]
    return escape(f"/balance?{'&'.join(parts)}" if parts else "/balance")


def _with_card(variant: _Variant, found: Statement) -> _Variant:
    return variant._replace(
        status=found.status,
        card_is_test=found.is_test,
        has_until=found.expires_on is not None,
        has_held=found.held.minor > 0,
        is_long=found.balance.minor >= LONG_MINOR,
        has_lines=found.shown > 0,
        is_first=found.newest == found.length,
        has_more=found.next_before is not None,
        has_shop_url=found.shop_url != "" and found.status == "active",
        may_recharge=found.may_recharge and found.status in ("active", "used_up"),
        has_face=bool(found.design),
        contact_kind=contacts.kind(found.contact),
        wallets=wallets.offered() if found.status == "active" else (),
        fits=found.length <= PAGE,
    )


def _card_slots(found: Statement, typed: str) -> dict[str, Any]:
    balance, held, currency = found.balance.minor, found.held.minor, found.balance.currency
    return {
        "last4": found.last4,
        "balance": minor_text(balance, currency),
        "minus_held": minor_text(-held, currency),
        "available": minor_text(balance - held, currency),
        "now": Markup(stamp(clock.micros())),  # noqa: S704 - digits and a month
        "until": "" if found.expires_on is None else day(found.expires_on),
        "rows": _page(found.card_id, found.newest, currency, language.current()),
        "first": found.length - found.newest + 1,
        "last": found.length - found.newest + found.shown,
        "count": found.length,
        "next_before": found.next_before or "",
        "shop_url": shop_urls.with_code(found.shop_url, typed),
        "face_webp": picture(found.design) if found.design else "",
        "face_jpg": picture(found.design, "jpg") if found.design else "",
        "recharge_url": f"/account/cards/{found.card_id}/recharge",
        "contact": found.contact,
        "contact_url": contacts.address(found.contact),
    }


@lru_cache(maxsize=CACHED_PAGES)
def _page(card_id: str, newest: int, currency: str, _spoken: str) -> Markup:
    """The rows of a page of the history in a language. They never change, so a few are kept."""
    found = cards.statement.lines(card_id, newest=newest)
    return Markup("".join(_rows(found, currency)))  # noqa: S704 - see _rows


def _rows(lines: list[Line], currency: str) -> Iterator[str]:
    """The rows of the table. All that is in them but an order's reference is ours."""
    env = current_app.jinja_env
    types = {kind: type_label(word) for kind, word in TYPES.items()}
    plain, ordered = (_LINE.row(env, _LineVariant(has_order)) for has_order in (False, True))
    for version, line_id, kind, minor, created_at, number, reference in lines:
        tone = " money-in" if minor > 0 else ""
        rest = (types[kind], stamp(created_at), tone, minor_text(minor, currency, "+"))
        if number is None:
            yield plain % (version, line_id, *rest)
        else:
            yield ordered % (version, line_id, number, escape(reference), *rest)
