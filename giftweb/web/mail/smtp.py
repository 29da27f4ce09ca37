"""Mails over SMTP: Flask-Mail with time limits of its own, and one moment that decides.

A mail has been sent when the server has its last line, a lone dot. Everything before it can be
tried again without harm; so the worker's claim is turned into "may have been sent" right before
that line and into "sent" right after the server's answer to it (domain.deliveries).
"""

import re
import select
import smtplib
import socket
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

import flask_mail
from flask import Flask, current_app

from giftweb.config import Config
from giftweb.domain.outbox.mails import WAITING, Mail
from giftweb.language import gettext
from giftweb.web.mail import headers, letters
from giftweb.web.mail.letters import Written

STEP_SECONDS = 15
"""How long the server may take for one step."""

ANSWER_SECONDS = 60
"""How long it may take to confirm a mail: it may scan the mail first."""

_POLICY = headers.LiteralPolicy(cte_type="7bit", linesep="\r\n")
_LONGEST_LINE = 900
_TAKEN, _CLOSING, _FOR_EVER = 250, (421, -1), 500


class NotSent(Exception):
    """The mail certainly did not go out; ``problem`` is the reason.

    ``is_final``: trying again would change nothing. ``is_the_servers``: no other mail would have
    gone out either. ``was_handed_over``: the server had it whole and refused it.
    """

    def __init__(
        self,
        problem: str,
        *,
        is_final: bool = False,
        is_the_servers: bool = False,
        was_handed_over: bool = False,
    ):
        super().__init__(problem)
        self.problem = problem
        self.is_final = is_final
        self.is_the_servers = is_the_servers
        self.was_handed_over = was_handed_over


class Unanswered(Exception):
    """The server received the whole mail and did not respond: it may have gone out."""


class Message(flask_mail.Message):
    """A mail as an ``EmailMessage``; what people typed stands in its headers as text.

    ``content`` is the mail as it goes over the line; one that cannot be written raises here.
    """

    def __init__(self, mail: Mail, written: Written, *, sender: str):
        super().__init__(
            subject=written.subject,
            recipients=[mail.to],
            body=written.text,
            html=written.html,
            sender=sender,
        )
        self.mail_id = mail.id
        self.sender_name = written.sender_name
        self.pictures = written.pictures
        self.peace_url = written.peace_url
        self.content = self.as_bytes()

    def _message(self) -> EmailMessage:  # type: ignore[override]
        own_name, own_address = parseaddr(str(self.sender))
        domain = own_address.rpartition("@")[2]
        message = EmailMessage(policy=_POLICY.clone(utf8=not self.recipient.isascii()))
        message["Subject"] = headers.subject(str(self.subject))
        message["From"] = headers.address(own_address, name=own_name or self.sender_name)
        message["To"] = headers.address(self.recipient)
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = f"<{self.mail_id}@{domain or 'localhost'}>"
        message["Auto-Submitted"] = "auto-generated"
        if self.peace_url:
            message["List-Unsubscribe"] = f"<{self.peace_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self.body or "", cte=_encoding(self.body or ""))
        message.add_alternative(self.html or "", subtype="html", cte="quoted-printable")
        rich = message.get_body(("html",))
        for name, (kind, content) in self.pictures.items():
            assert rich is not None  # noqa: S101 - it was added above
            rich.add_related(content, "image", kind, cid=f"<{name}>", disposition="inline")
        return message

    @property
    def recipient(self) -> str:
        """The one address it goes to, its domain in ASCII."""
        local, _, domain = str(self.recipients[0]).rpartition("@")
        return f"{local}@{domain.encode('idna').decode() if not domain.isascii() else domain}"

    @property
    def own_address(self) -> str:
        """The address it comes from, without a name."""
        return parseaddr(str(self.sender))[1]


def _encoding(text: str) -> str:
    is_plain = text.isascii() and max(map(len, text.split("\n"))) < _LONGEST_LINE
    return "7bit" if is_plain else "quoted-printable"


class Connection(flask_mail.Connection):
    """A conversation with the mail server."""

    def configure_host(self) -> smtplib.SMTP:
        """Connect, with a time limit; over TLS the server's certificate is checked.

        Raises: NotSent.
        """
        host: smtplib.SMTP | None = None
        try:
            host = smtplib.SMTP(self.mail.server, self.mail.port or 25, timeout=STEP_SECONDS)
            if self.mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
            host.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as problem:
            if host is not None:
                host.close()
            raise NotSent(_in_words(problem), is_the_servers=True) from problem
        return host

    def send_once(self, message: Message, *, before_last_line: Callable[[], None]) -> None:
        """Send a message; ``before_last_line`` is called when it is about to become irrevocable.

        Raises: NotSent, Unanswered, and whatever ``before_last_line`` raises.
        """
        try:
            content = self._prepare(message)
            before_last_line()
        except (OSError, smtplib.SMTPException) as problem:
            raise NotSent(_in_words(problem), is_the_servers=True) from problem
        self._finish(content)
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        flask_mail.email_dispatched.send(app, message=message)

    def _prepare(self, message: Message) -> bytes:
        """Everything up to the last line; what is left to send is that line."""
        assert self.host is not None  # noqa: S101 - inside the `with` there is one
        options = self._options(message)
        _expect(self.host.mail(message.own_address, options), "the sender", is_the_servers=True)
        _expect(self.host.rcpt(message.recipient), "the address", is_final=True)
        _expect(self.host.docmd("DATA"), "the mail", starts_with=3)
        body = re.sub(rb"(?m)^\.", b"..", message.content)
        self.host.send(body if body.endswith(b"\r\n") else body + b"\r\n")
        return b".\r\n"

    def _options(self, message: Message) -> list[str]:
        assert self.host is not None  # noqa: S101 - inside the `with` there is one
        if message.recipient.isascii() and message.own_address.isascii():
            return []
        if not self.host.has_extn("smtputf8"):
            raise NotSent("The mail server cannot write to this address.", is_final=True)
        return ["SMTPUTF8", "BODY=8BITMIME"]

    def _finish(self, last_line: bytes) -> None:
        assert self.host is not None  # noqa: S101 - inside the `with` there is one
        line = self.host.sock
        assert line is not None  # noqa: S101 - and it is connected
        _send_last(line, last_line)
        try:
            line.settimeout(ANSWER_SECONDS)
            code, _ = self.host.getreply()
            line.settimeout(STEP_SECONDS)
        except (OSError, smtplib.SMTPException) as problem:
            raise Unanswered("The mail server took the mail and did not answer.") from problem
        if code != _TAKEN:
            raise NotSent(
                f"The mail server refused the mail ({code}).",
                is_final=code >= _FOR_EVER,
                was_handed_over=True,
            )


def _send_last(line: socket.socket, last_line: bytes) -> None:
    """Send the line that decides. If it cannot even leave us, the mail was not sent."""
    try:
        if _has_hung_up(line):
            raise ConnectionResetError
        line.sendall(last_line)
    except TimeoutError as problem:
        raise Unanswered("The mail server stopped listening at the last line.") from problem
    except OSError as problem:
        raise NotSent(
            "The mail server closed the connection.", is_the_servers=True, was_handed_over=True
        ) from problem


def _has_hung_up(line: socket.socket) -> bool:
    """Whether the other side has closed: it will not read another word."""
    if not select.select([line], [], [], 0)[0]:
        return False
    # The plain method also under TLS: the question is whether the line itself is closed.
    return socket.socket.recv(line, 1, socket.MSG_PEEK) == b""


def _expect(
    reply: tuple[int, bytes],
    what: str,
    *,
    starts_with: int = 2,
    is_final: bool = False,
    is_the_servers: bool = False,
) -> None:
    code = reply[0]
    if code // 100 == starts_with:
        return
    raise NotSent(
        f"The mail server refused {what} ({code}).",
        is_final=is_final and code >= _FOR_EVER,
        is_the_servers=is_the_servers or code in _CLOSING,
    )


def _in_words(problem: Exception) -> str:
    """Why, in a sentence; never what the server wrote."""
    if isinstance(problem, TimeoutError) or isinstance(problem.__context__, TimeoutError):
        return "The mail server does not answer."
    if isinstance(problem, ssl.SSLError):
        return "The mail server's certificate is not trusted, or it speaks no TLS."
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return "The mail server refused our user name or password."
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"The mail server refused us ({problem.smtp_code})."
    if isinstance(problem, smtplib.SMTPServerDisconnected):
        return "The mail server closed the connection."
    return "The mail server cannot be reached."


def install(app: Flask) -> None:
    """Let Flask-Mail know the server, and mails their words."""
    config: Config = app.config["GIFTWEB"]
    app.config.update(
        MAIL_SERVER=config.mail_server,
        MAIL_PORT=config.mail_port,
        MAIL_USERNAME=config.mail_username,
        MAIL_PASSWORD=config.mail_password,
        MAIL_USE_TLS=config.mail_use_tls,
        MAIL_DEFAULT_SENDER=config.mail_sender,
        MAIL_SUPPRESS_SEND=False,
    )
    flask_mail.Mail(app)
    letters.install(app)
    app.jinja_env.filters["mail_status"] = status_of
    app.jinja_env.globals["mails_leave"] = has_server


def has_server() -> bool:
    """Whether mails leave this house at all; without a server they are kept for Root to read."""
    return bool(current_app.config["GIFTWEB"].mail_server)


def on_its_way(what: str, to: str = "") -> str:
    """That something was queued to be mailed: where no server is, nothing is on its way."""
    if not has_server():
        return gettext("{what} is kept in the outbox: no mail server is set.", what=what)
    if to:
        return gettext("{what} is on its way to {to}.", what=what, to=to)
    return gettext("{what} is on its way.", what=what)


def status_of(mail: Mail) -> str:
    """A mail's status as the desk shows it: where no server is, what waits is kept."""
    is_kept = mail.status == WAITING and not has_server()
    return "kept" if is_kept else mail.status
