"""A gift card on paper, as a PDF that a browser shows or saves.

Who may have it, each view knows; the library that draws it is imported when one is drawn.
"""

from flask import Response, current_app, request

from giftweb import codes, days, shop_urls
from giftweb.domain import campaigns, catalogue
from giftweb.domain.campaigns.spending import Place
from giftweb.domain.cards.values import Card
from giftweb.language import gettext
from giftweb.money import money_text
from giftweb.web.http import requests
from giftweb.web.mail.letters import COLOURS
from giftweb.web.pages import downloads

LETTER_COUNTRIES = ("US", "CA", "MX", "CL", "CO", "CR", "GT", "PA", "PH", "PR", "SV", "VE")
"""Where paper is US letter, not A4."""


def answer(card: Card, code: str) -> Response:
    """The card with its code; the browser is not to keep it."""
    from giftweb.web.present import designs, paper, qr

    place = campaigns.spending.places([card.campaign_id]).get(card.campaign_id or "")
    base_url = current_app.config["GIFTWEB"].base_url
    sheet = paper.Sheet(
        shop=place.name if place else gettext("Gift card"),
        colour=COLOURS.get(place.colour if place else "", COLOURS["cobalt"]),
        amount=money_text(card.balance),
        code=codes.grouped(code),
        link=qr.link(base_url, campaign_id=card.campaign_id, code=code),
        spend_at=_spend_at(place, base_url),
        recipient=card.holder_name or "",
        sender=card.sender_name or "",
        message=card.message or "",
        until=_until(card),
        picture=designs.for_paper(card.design),
        logo=_logo(place),
        is_test=card.is_test,
    )
    return Response(
        paper.draw(sheet, paper=chosen()),
        mimetype="application/pdf",
        headers=downloads.saved_as(f"gift-card-{card.last4}.pdf", disposition="inline"),
    )


def chosen() -> str:
    """The paper that was chosen, else that of the country in the browser's language."""
    wanted = request.args.get("paper") or requests.posted("paper")
    if wanted in ("a4", "letter"):
        return wanted
    country = str(request.accept_languages.best or "").partition("-")[2].upper()
    return "letter" if country in LETTER_COUNTRIES else "a4"


def _logo(place: Place | None) -> bytes | None:
    from giftweb.web.present import pictures

    if place is None or place.logo_id is None:
        return None
    return pictures.to_jpeg(catalogue.designs.picture(place.logo_id).webp)


def _spend_at(place: Place | None, base_url: str) -> str:
    if place is None or not place.url:
        return ""
    address = shop_urls.plain(place.url)
    return f"{base_url}{address}" if address.startswith("/") else address


def _until(card: Card) -> str:
    if card.expires_on is None:
        return gettext("No expiry date")
    return gettext("Valid until {day}", day=days.day_text(card.expires_on))
