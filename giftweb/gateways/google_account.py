"""A service account of Google's: the file of its key, and what it signs (B13)."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

TOKEN_PLACE = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address


@dataclass(frozen=True, slots=True)
class Account:
    """The account. ``token_place``: where it gets leave to use Google's API."""

    email: str
    private_key: str
    token_place: str


def read(path: Path) -> Account:
    """The account of a key's file."""
    found = json.loads(path.read_text())
    place = found.get("token_uri") or TOKEN_PLACE
    return Account(found["client_email"], found["private_key"], place)


def sign(account: Account, claims: dict[str, Any]) -> str:
    """A JSON Web Token (RS256)."""
    key = serialization.load_pem_private_key(account.private_key.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - Google makes no others
    parts = [_part(json.dumps(each).encode()) for each in ({"alg": "RS256", "typ": "JWT"}, claims)]
    signature = key.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
    return ".".join([*parts, _part(signature)])


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
