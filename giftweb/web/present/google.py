"""A link that puts a gift card into Google Wallet, signed by a service account (B13).

``GOOGLE_WALLET_KEY`` is the file of the service account's key, ``GOOGLE_WALLET_ISSUER`` the number
of the issuer. The card's code stands in the signed part of the link, for Google alone.
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from giftweb import clock
from giftweb.language import gettext

PLACE = "https://pay.google.com/gp/v/save/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is on the card there. ``micros``: millionths of a unit of the currency."""

    card_id: str
    campaign_id: str
    shop: str
    colour: str
    code: str
    link: str
    micros: int
    currency: str
    origin: str


def link(content: Content, *, key_path: Path, issuer: str) -> str:
    """The address to open on the phone."""
    account = json.loads(key_path.read_text())
    claims = {
        "iss": account["client_email"],
        "aud": "google",
        "typ": "savetowallet",
        "iat": clock.micros() // 1_000_000,
        "origins": [content.origin],
        "payload": _payload(content, issuer),
    }
    return PLACE + _signed(claims, account["private_key"])


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
            }
        ],
        "giftCardObjects": [
            {
                "id": f"{issuer}.{content.card_id}",
                "classId": class_id,
                "state": "ACTIVE",
                "cardNumber": content.code,
                "balance": {"micros": str(content.micros), "currencyCode": content.currency},
                "barcode": {
                    "type": "QR_CODE",
                    "value": content.link,
                    "alternateText": content.code,
                },
            }
        ],
    }


def _signed(claims: dict[str, Any], private_key: str) -> str:
    """A JSON Web Token (RS256)."""
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - Google makes no others
    parts = [_part(json.dumps(each).encode()) for each in ({"alg": "RS256", "typ": "JWT"}, claims)]
    signature = key.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
    return ".".join([*parts, _part(signature)])


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
