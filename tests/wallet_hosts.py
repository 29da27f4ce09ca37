"""Where wallets are informed, for the tests: a real HTTP/2 server over TLS, and what Apple and
Google give a shop: the certificates of a kind of pass, the key of a service account.
"""

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from hypercorn.asyncio import serve
from hypercorn.config import Config

from giftweb import clock
from tests.receiver import NAME, Authority

PASS_TYPE, TEAM = "pass.example.giftcards", "TEAM123456"
PEM = serialization.Encoding.PEM


def pem_of(key) -> bytes:
    kind, closed = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(PEM, kind, closed)


def certificate(key) -> x509.Certificate:
    """What Apple would give for a kind of pass."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.USER_ID, PASS_TYPE),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, TEAM),
            x509.NameAttribute(NameOID.COMMON_NAME, "Pass Type ID"),
        ]
    )
    now = clock.now()
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    return made.sign(key, hashes.SHA256())


def write_certificates(folder: Path, key) -> Path:
    """The folder that ``APPLE_WALLET_FOLDER`` names."""
    folder.mkdir()
    for name in ("certificate.pem", "wwdr.pem"):
        (folder / name).write_bytes(certificate(key).public_bytes(PEM))
    (folder / "key.pem").write_bytes(pem_of(key))
    return folder


def write_account(path: Path, key, **more: str) -> Path:
    """The file that ``GOOGLE_WALLET_KEY`` names."""
    account = {"client_email": "cards@shop.example", "private_key": pem_of(key).decode()}
    path.write_text(json.dumps(account | more))
    return path


@dataclass
class Request:
    """One that came."""

    version: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Host:
    """A server over TLS that keeps what comes. ``answer`` gives a status and a JSON body.

    With ``asks_for`` it wants a certificate of its caller, and trusts that file alone.
    """

    folder: Path
    answer: Callable[[Request], tuple[int, Any]] = lambda request: (200, {})
    asks_for: Path | None = None
    received: list[Request] = field(default_factory=list)

    def __enter__(self) -> "Host":
        authority = Authority(self.folder)
        authority.serve_as(NAME)
        self.trust: ssl.SSLContext = authority.trust
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://{NAME}:{self._socket.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        # It hears nobody from now; a connection that its client keeps may end long after the test.
        self._thread.join(0.2)

    def _run(self) -> None:
        config = Config()
        config.bind = [f"fd://{self._socket.detach()}"]
        config.certfile = config.keyfile = str(self.folder / f"{NAME}.pem")
        config.errorlog = None
        config.graceful_timeout = 0.1
        if self.asks_for:
            config.verify_mode, config.ca_certs = ssl.CERT_REQUIRED, str(self.asks_for)
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(serve(self._take, config, shutdown_trigger=self._end.wait))

    async def _take(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (part := await receive())["type"] == "http.request":
            body += part["body"]
            if not part["more_body"]:
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        path = scope["raw_path"].decode()
        request = Request(scope["http_version"], scope["method"], path, headers, body)
        self.received.append(request)
        status, content = self.answer(request)
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})
