"""A link that puts a gift card into Google Wallet, signed by a service account (B13).

``GOOGLE_WALLET_KEY`` is the file of the service account's key, ``GOOGLE_WALLET_ISSUER`` the number
of the issuer. The card's code stands in the signed part of the link, for Google alone.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from giftweb import clock, language
from giftweb.gateways import google_account, google_wallet
from giftweb.language import gettext

PLACE = "https://pay.google.com/gp/v/save/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is on the card there. ``logo``: the address of the shop's, "" without one."""

    card_id: str
    campaign_id: str
    shop: str
    colour: str
    code: str
    link: str
    balance_minor: int
    currency: str
    status: str
    origin: str
    logo: str = ""


def link(content: Content, *, key_path: Path, issuer: str) -> str:
    """The address to open on the phone."""
    account = google_account.read(key_path)
    claims = {
        "iss": account.email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": clock.micros() // 1_000_000,
        "origins": [content.origin],
        "payload": _payload(content, issuer),
    }
    return PLACE + google_account.sign(account, claims)


def _payload(content: Content, issuer: str) -> dict[str, Any]:
    class_id = f"{issuer}.{content.campaign_id or 'giftweb'}"
    return {
        "giftCardClasses": [
            {
                "id": class_id,
                "issuerName": content.shop,
                "merchantName": content.shop,
                "reviewStatus": "UNDER_REVIEW",
                "hexBackgroundColor": content.colour,
                "cardNumberLabel": gettext("Code"),
                **_logo(content),
            }
        ],
        "giftCardObjects": [
            {
                "id": google_wallet.object_id(issuer, content.card_id),
                "classId": class_id,
                "cardNumber": content.code,
                **google_wallet.content(
                    balance_minor=content.balance_minor,
                    currency=content.currency,
                    status=content.status,
                ),
                "barcode": {
                    "type": "QR_CODE",
                    "value": content.link,
                    "alternateText": content.code,
                },
            }
        ],
    }


def _logo(content: Content) -> dict[str, Any]:
    """Google fetches the picture, and draws a wide one in place of the round one."""
    if not content.logo:
        return {}
    name = {"defaultValue": {"language": language.current(), "value": content.shop}}
    picture = {"sourceUri": {"uri": content.logo}, "contentDescription": name}
    return {"programLogo": picture, "wideProgramLogo": picture}
