"""Google's wallet: the object of a gift card there is brought up to date (B13).

The service account signs for a token that is good for an hour; with it the object is changed. The
library is imported where a service account is configured.
"""

import ssl
import threading
from pathlib import Path
from typing import Any

from giftweb import clock, money
from giftweb.gateways import google_account
from giftweb.gateways.webhook_sender import Answer

TIMEOUT_SECONDS = 10
SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
STATES = {
    "used_up": "COMPLETED",
    "expired": "EXPIRED",
    "cancelled": "INACTIVE",
    "replaced": "INACTIVE",
}
"""A card's status -> the state of its object; all others are active."""

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SPARE_SECONDS = 60


def object_id(issuer: str, card_id: str) -> str:
    """What the card is called there."""
    return f"{issuer}.{card_id}"


def content(*, balance_minor: int, currency: str, status: str) -> dict[str, Any]:
    """What of the object changes with the card. Google counts in millionths of a unit."""
    micros = balance_minor * 10 ** (6 - money.exponent(currency))
    return {
        "state": STATES.get(status, "ACTIVE"),
        "balance": {"micros": str(micros), "currencyCode": currency},
    }


class GoogleWallet:
    """Changes objects. ``trust`` holds the authorities that count; tests pass their own."""

    def __init__(
        self, *, key_path: Path, issuer: str, base: str, trust: ssl.SSLContext | None = None
    ):
        import httpx

        self._account = google_account.read(key_path)
        self._issuer = issuer
        self._base = base.rstrip("/")
        self._faults = (httpx.HTTPError, httpx.InvalidURL, OSError)
        self._client = httpx.Client(
            verify=trust or ssl.create_default_context(), timeout=TIMEOUT_SECONDS, trust_env=False
        )
        self._lock = threading.Lock()
        self._token, self._good_until = "", 0

    def update(self, card_id: str, changes: dict[str, Any]) -> Answer:
        """Change the card's object. Never raises for anything that the other side does."""
        try:
            token = self._access_token()
            place = f"{self._base}/walletobjects/v1/giftCardObject"
            found = self._client.patch(
                f"{place}/{object_id(self._issuer, card_id)}",
                json=changes,
                headers={"Authorization": f"Bearer {token}"},
            )
        except (*self._faults, _NoToken) as problem:
            return Answer(None, f"Google was not reached ({type(problem).__name__}).")
        if found.status_code == 401:
            self._good_until = 0
        return Answer(found.status_code, _problem(found.status_code))

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _access_token(self) -> str:
        """The token, a new one shortly before the old one ends."""
        with self._lock:
            now = clock.micros() // 1_000_000
            if now >= self._good_until:
                self._token, seconds = self._fetch_token(now)
                self._good_until = now + max(seconds - _SPARE_SECONDS, 0)
            return self._token

    def _fetch_token(self, now: int) -> tuple[str, int]:
        claims = {
            "iss": self._account.email,
            "scope": SCOPE,
            "aud": self._account.token_place,
            "iat": now,
            "exp": now + 3600,
        }
        form = {"grant_type": _GRANT, "assertion": google_account.sign(self._account, claims)}
        found = self._client.post(self._account.token_place, data=form)
        answer = _json(found)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if found.status_code != 200 or not isinstance(token, str) or not isinstance(seconds, int):
            raise _NoToken
        return token, seconds


class _NoToken(Exception):
    """The service account got no token."""


def _json(answer: Any) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _problem(status: int) -> str | None:
    return None if 200 <= status < 300 else f"Google answered {status}."
