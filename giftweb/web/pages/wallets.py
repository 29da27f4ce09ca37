"""A gift card for the wallet of a phone: Apple's and Google's, where they are configured.

What signs is imported when a pass is asked for.
"""

import hmac
from datetime import datetime
from pathlib import Path

from flask import Response, abort, current_app, render_template

from giftweb import clock, codes, days
from giftweb.domain import campaigns, cards, catalogue
from giftweb.domain.cards.values import Card
from giftweb.language import gettext
from giftweb.money import decimal_text
from giftweb.web.mail.letters import COLOURS
from giftweb.web.pages import downloads
from giftweb.web.present import qr
from giftweb.web.text.templating import picture

ENDED = ("cancelled", "replaced", "expired", "used_up")


def apple_folder() -> Path | None:
    """Where Apple's certificates are; None: passes are not offered."""
    return current_app.config["GIFTWEB"].apple_wallet


def has_google() -> bool:
    """Whether a service account signs links for Google Wallet."""
    return "google" in offered()


def offered() -> tuple[str, ...]:
    """The wallets that are configured: ``apple``, ``google``."""
    return current_app.config["GIFTWEB"].wallets


def answer(wallet: str, card: Card, code: str) -> Response:
    """The pass for Apple's wallet, or the page that leads to Google's.

    Raises: werkzeug's NotFound where that wallet is not configured.
    """
    if wallet == "apple":
        return apple_pass(card, code)
    address = google_link(card, code)
    cards.wallets.note_link(card.id)
    response = Response(render_template("public/google_wallet.html", address=address, shop=None))
    response.headers["Cache-Control"] = "no-store"
    return response


def apple_pass(card: Card, code: str) -> Response:
    """The card's pass.

    Raises: werkzeug's NotFound where no certificates are configured.
    """
    folder = apple_folder() or abort(404)
    from giftweb.gateways import apple_certificates
    from giftweb.web.present import apple

    shop, colour = _shop(card)
    content = apple.Content(
        serial=card.id,
        shop=shop,
        colour=colour,
        last4=card.last4,
        code=codes.grouped(code),
        link=_link(card, code),
        amount=decimal_text(card.balance_minor, card.currency),
        currency=card.currency,
        until=days.day_text(card.expires_on) if card.expires_on else "",
        message=card.message or "",
        is_over=card.status in ENDED,
        service_url=f"{current_app.config['GIFTWEB'].base_url}/wallets/apple/",
        token=apple_token(card.id),
        logo=_logo(card),
    )
    response = Response(
        apple.draw(content, by=apple_certificates.signer(folder)),
        mimetype=apple.MIMETYPE,
        headers=downloads.saved_as(f"gift-card-{card.last4}.pkpass"),
    )
    if changed := _last_modified(card.id):
        response.last_modified = changed
    return response


def _last_modified(card_id: str) -> datetime | None:
    """When the pass changed; None in that second: the header counts in seconds, and a device would
    take what changes in the rest of it for known.
    """
    changed, now = cards.wallets.changed_at(card_id), clock.micros()
    is_over = changed // 1_000_000 < now // 1_000_000
    return clock.from_micros(changed) if is_over else None


def apple_token(card_id: str) -> str:
    """What a device that holds the card's pass proves itself by."""
    from giftweb.web.present import apple

    return apple.token(current_app.config["SECRET_KEY"], card_id)


def is_token_of(card_id: str, sent: str) -> bool:
    """Whether a device has proved that it holds the card's pass."""
    return hmac.compare_digest(apple_token(card_id).encode(), sent.encode())


def apple_type(folder: Path) -> str:
    """The kind of pass that the certificates are for."""
    from giftweb.gateways import apple_certificates

    return apple_certificates.signer(folder).pass_type


def google_link(card: Card, code: str) -> str:
    """The address that puts the card into Google Wallet.

    Raises: werkzeug's NotFound where no service account is configured.
    """
    if not has_google():
        abort(404)
    from giftweb.web.present import google

    config = current_app.config["GIFTWEB"]
    shop, colour = _shop(card)
    content = google.Content(
        card_id=card.id,
        campaign_id=card.campaign_id or "",
        shop=shop,
        colour=colour,
        code=codes.grouped(code),
        link=_link(card, code),
        balance_minor=card.balance_minor,
        currency=card.currency,
        status=card.status,
        origin=config.base_url,
        logo=f"{config.base_url}{picture(logo_id, 'jpg')}" if (logo_id := _logo_id(card)) else "",
    )
    return google.link(
        content, key_path=config.google_wallet_key, issuer=config.google_wallet_issuer
    )


def _shop(card: Card) -> tuple[str, str]:
    place = campaigns.spending.places([card.campaign_id]).get(card.campaign_id or "")
    name = place.name if place else gettext("Gift card")
    return name, COLOURS.get(place.colour if place else "", COLOURS["cobalt"])


def _logo(card: Card) -> bytes | None:
    logo_id = _logo_id(card)
    return catalogue.designs.picture(logo_id).webp if logo_id else None


def _logo_id(card: Card) -> str | None:
    place = campaigns.spending.places([card.campaign_id]).get(card.campaign_id or "")
    return place.logo_id if place else None


def _link(card: Card, code: str) -> str:
    base_url = current_app.config["GIFTWEB"].base_url
    return qr.link(base_url, campaign_id=card.campaign_id, code=code)
