"""How mails read: subject, HTML with its style in the elements, and plain text.

The words stand in templates/email/, one pair a kind. Styles are written into each element, because
many mail programs drop a style sheet; what they keep of it makes the mail dark where it is dark.
"""

import base64
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import css_inline
from flask import Flask, current_app
from markupsafe import Markup

from giftweb import days, language, shop_urls
from giftweb.domain import catalogue, countries
from giftweb.domain.mail import reminders
from giftweb.domain.mail.letters import CARRIERS, Enclosed, Letter
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.language import gettext
from giftweb.money import Money
from giftweb.web.mail import account_words, peace, subjects
from giftweb.web.present import designs, qr
from giftweb.web.text import browsers, taxes
from giftweb.web.text.words import type_label

COLOURS = {
    "cobalt": "#2a46c2",
    "ink": "#2b3440",
    "teal": "#0b6170",
    "forest": "#1d5c38",
    "rust": "#9a3412",
    "rose": "#a3184f",
    "plum": "#6b2a86",
}
"""The shops' colours of static/site.css, for a mail."""

LOGO_WIDTH, LOGO_HEIGHT = 240, 48
"""What a shop's logo has at most in a mail, in pixels."""

_LINE = 76
_LABEL = 8
_inliner = css_inline.CSSInliner(
    keep_at_rules=True, load_remote_stylesheets=False, apply_width_attributes=False
)


@dataclass(frozen=True, slots=True)
class Written:
    """A mail as it goes out; ``sender_name`` is the shop's. ``pictures``: parts of the mail that
    its HTML shows, by their Content-ID: (kind, content). ``peace_url``: where a reminder's reader
    asks for no more of them.
    """

    subject: str
    text: str
    html: str
    sender_name: str
    pictures: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    peace_url: str = ""


def write(letter: Letter) -> Written:
    """Write a mail in its reader's language. Codes stand in the body alone, not in the subject."""
    with language.use(letter.language):
        return _written(letter)


def _written(letter: Letter) -> Written:
    subject = subjects.subject(letter)
    values: dict[str, Any] = {
        "letter": letter,
        "subject": subject,
        "colour": COLOURS.get(letter.colour, COLOURS["cobalt"]),
        "balance_url": _balance_address(letter),
        "shop_now": _shop_address(letter),
        "wallet_links": _wallet_links(letter),
        "peace_url": peace.address(letter.mail) if letter.mail.kind in reminders.KINDS else "",
        "link": _sign_in_address(letter),
        "desk_url": f"{_base_url()}/staff/",
        "sentence": account_words.sentence(letter),
    }
    if letter.sheet:
        values |= {"sums": _sums(letter.sheet.order), "address": _address(letter.sheet.order)}
        values["sends_later"] = any(card.is_scheduled for card in letter.sheet.purchased)
        values["account_url"] = f"{_base_url()}/account/"
        values["buys_cards"] = any(line.is_gift_card for line in letter.sheet.lines)
    pictures = _qr_codes(letter) | _designs(letter) | _logo(letter)
    values["logo_size"] = _logo_size(letter)
    values["pictures"] = pictures
    html, text = (_rendered(f"email/{letter.mail.kind}.{end}", values) for end in ("html", "txt"))
    rich = _alphabet_first(_inliner.inline(html))
    return Written(subject, _tidy(text), rich, letter.shop, pictures, values["peace_url"])


def for_screen(written: Written) -> str:
    """The mail's HTML for a browser, with the parts that it shows written into it."""
    html = written.html
    for name, (kind, content) in written.pictures.items():
        data = base64.b64encode(content).decode()
        html = html.replace(f"cid:{name}", f"data:image/{kind};base64,{data}")
    return html


def _qr_codes(letter: Letter) -> dict[str, tuple[str, bytes]]:
    """A QR code for each card whose code the mail carries, as parts of the mail."""
    return {
        f"qr-{each.card.id}": ("png", qr.png(_qr_link(each)))
        for each in letter.cards
        if each.code is not None
    }


def _designs(letter: Letter) -> dict[str, tuple[str, bytes]]:
    """The picture of each design in the mail, once."""
    keys = {each.card.design for each in letter.cards} if letter.mail.kind in CARRIERS else set()
    found = {key: designs.for_mail(key) for key in keys}
    return {f"design-{key}": ("jpeg", content) for key, content in found.items() if content}


def _logo_size(letter: Letter) -> tuple[int, int]:
    """Width and height of the shop's logo in a mail."""
    if letter.logo is None:
        return 0, 0
    width, height = letter.logo.width, letter.logo.height
    if width * LOGO_HEIGHT > height * LOGO_WIDTH:
        return LOGO_WIDTH, max(height * LOGO_WIDTH // width, 1)
    return max(width * LOGO_HEIGHT // height, 1), LOGO_HEIGHT


def _logo(letter: Letter) -> dict[str, tuple[str, bytes]]:
    """The shop's logo, where it has one."""
    if letter.logo is None:
        return {}
    return {"logo": ("jpeg", catalogue.designs.picture(letter.logo.id).fallback)}


def _qr_link(enclosed: Enclosed) -> str:
    campaign_id = enclosed.card.campaign_id
    return qr.link(_base_url(), campaign_id=campaign_id, code=enclosed.code or "")


def _wallet_links(letter: Letter) -> dict[str, str]:
    """For the only card of a letter the way into each wallet that is configured: the balance page,
    which reads the code from the fragment and shows its button for that wallet."""
    only = letter.cards[0] if len(letter.cards) == 1 else None
    if only is None or only.code is None:
        return {}
    offered = current_app.config["GIFTWEB"].wallets
    return {wallet: f"{_qr_link(only)}&wallet={wallet}" for wallet in offered}


_ALPHABET = '<meta charset="utf-8">'


def _alphabet_first(html: str) -> str:
    """The mail with its alphabet where programs look for it, before the styles that were kept."""
    return html.replace(_ALPHABET, "", 1).replace("<head>", f"<head>{_ALPHABET}", 1)


def _rendered(name: str, values: dict[str, Any]) -> str:
    # Without the app's context processors: the worker has no request.
    return current_app.jinja_env.get_template(name).render(values)


def _base_url() -> str:
    return current_app.config["GIFTWEB"].base_url


def _balance_address(letter: Letter) -> str:
    """The balance page, in the name and colour of the letter's shop."""
    query = f"?shop={letter.campaign_id}" if letter.campaign_id else ""
    return f"{_base_url()}/balance{query}"


def _shop_address(letter: Letter) -> str:
    """Where the cards are spent; with the code of the only one, for a shop that takes it."""
    if not letter.shop_url:
        return ""
    only = letter.cards[0] if len(letter.cards) == 1 else None
    address = shop_urls.with_code(letter.shop_url, only.code or "" if only else "")
    return f"{_base_url()}{address}" if address.startswith("/") else address


def _sign_in_address(letter: Letter) -> str | None:
    if letter.token is None:
        return None
    path = letter.mail.data.get("path", "/account/sign-in")
    return f"{_base_url()}{path}?token={quote(letter.token, safe='')}"


# Parts


def _sums(order: Order) -> list[tuple[str, Money]]:
    """What stands between the items and the total: only what is not nothing."""
    rows = (
        (gettext("Discount"), -order.discount_minor),
        (taxes.tax_name(order.tax), order.tax_minor),
        (taxes.shipping_name(order.tax), order.shipping_minor),
    )
    return [(name, Money(minor, order.currency)) for name, minor in rows if minor]


def _address(order: Order) -> list[str]:
    """The lines of an address on a parcel."""
    parts = order.shipping_address or {}
    town = " ".join(parts.get(part) or "" for part in ("city", "region", "postal_code"))
    lines = [parts.get(part) for part in ("name", "line1", "line2")]
    country = parts.get("country") or ""
    lines += [" ".join(town.split()), countries.names(language.current()).get(country, country)]
    return [line for line in lines if line]


def plain_moment(at: datetime) -> str:
    """``22 Nov 2026, 14:05 UTC``, without markup."""
    return f"{days.day_text(at.date())}, {at:%H:%M} UTC"


def one_line(text: str) -> str:
    """A name in a plain text mail: whatever was typed, it makes no lines of its own."""
    return " ".join(text.split())


def quoted(text: str) -> str:
    """Somebody else's words in a plain text mail: each line behind a ``>``."""
    lines = [
        part
        for line in text.splitlines()
        for part in textwrap.wrap(line, _LINE - 2, break_on_hyphens=False) or [""]
    ]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def labelled(text: str) -> str:
    """A word before its value, in a column of a plain text mail."""
    return f"{text.ljust(_LABEL)}  "


def bdi(text: str) -> Markup:
    """A name in HTML, whose direction turns nothing around it."""
    return Markup("<bdi>{}</bdi>").format(text)


def strong(text: str) -> Markup:
    """What matters in a sentence of an HTML mail."""
    return Markup("<strong>{}</strong>").format(text)


def code(text: str) -> Markup:
    """A command in a sentence of an HTML mail."""
    return Markup("<code>{}</code>").format(text)


def column(text: str) -> str:
    """An amount in a column of a plain text mail."""
    return text.rjust(14)


def tender(payment: Payment) -> str:
    """What paid, in words: ``Gift card ending in 7K2Q``."""
    if payment.gift_card_last4:
        return gettext("Gift card ending in {last4}", last4=payment.gift_card_last4)
    return type_label(payment.method)


def _tidy(text: str) -> str:
    """At most one empty line at a time, and long lines folded, but not those that are set in."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if not line.strip():
            if lines and lines[-1]:
                lines.append("")
        elif line[0] in " >" or "://" in line:
            lines.append(line.rstrip())
        else:
            lines += textwrap.wrap(line, _LINE, break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def install(app: Flask) -> None:
    """Give the mails' templates what they use beyond the pages' filters."""
    app.jinja_env.filters.update(
        day_text=days.day_text,
        plain_moment=plain_moment,
        one_line=one_line,
        quoted=quoted,
        column=column,
        labelled=labelled,
        bdi=bdi,
        strong=strong,
        code=code,
        tender=tender,
        browser_name=browsers.name_of,
    )
