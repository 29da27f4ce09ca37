"""Apple's push service: a device is informed that one of its passes has changed (B13).

A request by HTTP/2 with the pass's own certificate. Its message is empty: what has changed, the
device asks us for. The library is imported where passes are configured.
"""

import re
import ssl
from urllib.parse import quote

from giftweb.gateways.apple_certificates import Signer
from giftweb.gateways.webhook_sender import Answer

TIMEOUT_SECONDS = 10
GONE = ("BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered", "ExpiredToken")
"""Apple's reasons for which a token is never good again."""

_REASON = re.compile("[A-Za-z]{1,40}")


class ApplePush:
    """Informs devices. ``trust`` holds the authorities that count; tests pass their own."""

    def __init__(self, signer: Signer, *, base: str, trust: ssl.SSLContext | None = None):
        import httpx

        certificate, key, _ = signer.paths
        context = trust or ssl.create_default_context()
        context.load_cert_chain(certificate, key)
        self._faults = (httpx.HTTPError, httpx.InvalidURL, OSError)
        self._client = httpx.Client(
            http1=False, http2=True, verify=context, timeout=TIMEOUT_SECONDS, trust_env=False
        )
        self._base = base.rstrip("/")
        self._headers = {"apns-topic": signer.pass_type, "apns-push-type": "background"}
        self._headers["apns-priority"] = "5"

    def send(self, push_token: str) -> tuple[Answer, bool]:
        """Inform the device of a token; Apple's answer, and whether the token is over."""
        url = f"{self._base}/3/device/{quote(push_token, safe='')}"
        try:
            found = self._client.post(url, content=b"{}", headers=self._headers)
        except self._faults as problem:
            return Answer(None, f"Apple was not reached ({type(problem).__name__})."), False
        if found.status_code == 200:
            return Answer(200, None), False
        reason = _reason(found.text)
        is_gone = found.status_code == 410 or reason in GONE
        return Answer(found.status_code, f"Apple answered {found.status_code} {reason}."), is_gone

    def close(self) -> None:
        """End the connection."""
        self._client.close()


def _reason(body: str) -> str:
    """Apple's word for why, if it is one."""
    _, _, rest = body[:300].partition('"reason"')
    found = _REASON.search(rest)
    return found[0] if found else "without a reason"
