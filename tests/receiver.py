"""A shop's endpoint for the tests: a real server; by HTTPS, with an authority of its own."""

import datetime
import ipaddress
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "localhost"


class Authority:
    """A certificate authority that nobody knows, and the certificates it signs."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("The tests' authority")
        unsigned = _certificate(self._name, self._name, self._key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self._own = unsigned.sign(self._key, hashes.SHA256())

    @property
    def trust(self) -> ssl.SSLContext:
        """What a client has that trusts this authority alone."""
        path = self.folder / "authority.pem"
        path.write_bytes(self._own.public_bytes(serialization.Encoding.PEM))
        return ssl.create_default_context(cafile=path)

    def serve_as(self, name: str) -> ssl.SSLContext:
        """What a server has that answers under ``name``."""
        key = ec.generate_private_key(ec.SECP256R1())
        shown = x509.SubjectAlternativeName([_alternative(name)])
        certificate = (
            _certificate(_named(name), self._name, key.public_key())
            .add_extension(shown, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path = self.folder / f"{name}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _certificate(subject: x509.Name, issuer: x509.Name, key) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )


class Receiver:
    """Keeps what it receives, by plain HTTP without ``tls``.

    ``answer`` says how it answers: a status, or a function.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, *, answer: int | Callable = 204):
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.answer = answer
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver, self._server.tls = self, tls
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http{'s' if self._server.tls else ''}://{NAME}:{self.port}/hooks"

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def get_request(self):
        plain, address = super().get_request()
        if self.tls is None:
            return plain, address
        return self.tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request, client_address):
        """Clients that leave are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.received.append((dict(self.headers.items()), body))
        if callable(receiver.answer):
            receiver.answer(self)
        else:
            self.send_response(receiver.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *args) -> None:
        """Say nothing."""


def redirects(handler: BaseHTTPRequestHandler) -> None:
    """Sends the caller elsewhere."""
    handler.send_response(302)
    handler.send_header("Location", "https://127.0.0.1/inside")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def never_ends(handler: BaseHTTPRequestHandler) -> None:
    """Answers without end."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def dribbles(handler: BaseHTTPRequestHandler) -> None:
    """Answers a byte at a time, each in time."""
    for _ in range(200):
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.1)


def hangs(handler: BaseHTTPRequestHandler) -> None:
    """Takes the event and says nothing."""
    time.sleep(20)


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """Takes the event and closes the line."""
    handler.close_connection = True


def babbles(handler: BaseHTTPRequestHandler) -> None:
    """Answers something that is not HTTP."""
    handler.wfile.write(b"220 mail.example ESMTP\r\n")
