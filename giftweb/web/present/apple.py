"""A gift card as a pass for Apple Wallet: balance, last day, and the code as a QR code (B13)."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageOps
from py_pkpass.models import Barcode, BarcodeFormat, Pass, StoreCard

from giftweb.gateways.apple_certificates import Signer
from giftweb.language import gettext

MIMETYPE = "application/vnd.apple.pkpass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the pass says. ``amount`` is in units of the currency, as decimal text."""

    serial: str
    shop: str
    colour: str
    last4: str
    code: str
    link: str
    amount: str
    currency: str
    until: str = ""
    message: str = ""
    is_over: bool = False
    service_url: str
    token: str
    logo: bytes | None = None


def token(secret: str, serial: str) -> str:
    """What a device that holds the pass proves itself by."""
    return hmac.new(secret.encode(), f"apple {serial}".encode(), hashlib.sha256).hexdigest()


def draw(content: Content, *, by: Signer) -> bytes:
    """The signed pass."""
    card = StoreCard()
    card.addPrimaryField("balance", content.amount, gettext("Balance"))
    card.addSecondaryField("last4", f"•••• {content.last4}", gettext("Gift card"))
    if content.until:
        card.addSecondaryField("until", content.until, gettext("Valid until"))
    if content.message:
        card.addBackField("message", content.message, gettext("Message"))
    card.addBackField("code", content.code, gettext("Code"))
    wallet_pass = Pass(
        card,
        passTypeIdentifier=by.pass_type,
        organizationName=content.shop,
        teamIdentifier=by.team,
    )
    wallet_pass.serialNumber = content.serial
    wallet_pass.description = gettext("Gift card of {shop}", shop=content.shop)
    wallet_pass.logoText = content.shop
    wallet_pass.backgroundColor = _rgb(content.colour)
    wallet_pass.foregroundColor = wallet_pass.labelColor = "rgb(255, 255, 255)"
    wallet_pass.barcode = Barcode(content.link, BarcodeFormat.QR, content.code, "utf-8")
    wallet_pass.webServiceURL, wallet_pass.authenticationToken = content.service_url, content.token
    wallet_pass.voided = content.is_over
    balance = card.primaryFields[0]
    balance.value, balance.currencyCode = json.loads(content.amount), content.currency
    balance.changeMessage = gettext("Left on the card: {amount}", amount="%@")
    for name, side in (("icon.png", 29), ("icon@2x.png", 58), ("logo.png", 50)):
        wallet_pass.addFile(name, BytesIO(_icon(content.colour, side)))
    if content.logo:
        for name, size in (("logo.png", (160, 50)), ("logo@2x.png", (320, 100))):
            wallet_pass.addFile(name, BytesIO(_png(content.logo, size)))
    return wallet_pass.create(*by.paths, password="").getvalue()


def _rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def _png(picture: bytes, size: tuple[int, int]) -> bytes:
    """A picture as Apple takes it, at most so large."""
    out = BytesIO()
    with Image.open(BytesIO(picture), formats=("WEBP",)) as opened:
        ImageOps.contain(opened.convert("RGB"), size).save(out, "PNG")
    return out.getvalue()


@lru_cache(maxsize=64)
def _icon(colour: str, side: int) -> bytes:
    """A present in the shop's colour."""
    scale = 4
    picture = Image.new("RGB", (side * scale, side * scale), colour)
    pen, full = ImageDraw.Draw(picture), side * scale
    pen.rectangle((full * 0.44, 0, full * 0.56, full), fill="#ffffff")
    pen.rectangle((0, full * 0.34, full, full * 0.46), fill="#ffffff")
    out = BytesIO()
    picture.resize((side, side), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()
