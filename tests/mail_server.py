"""A mail server for the tests: real SMTP on loopback, well-behaved or not."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope

from tests.postgres import free_port


class MailServer:
    """Keeps the mails that it takes. ``answers`` holds what it says to a step instead of yes:

    ``{"DATA": "451 later"}``, ``{"RCPT": "550 no such mailbox"}``; or a function of the address.
    ``options`` are the controller's own, such as ``tls_context`` and ``authenticator``.
    """

    def __init__(self, **options: object) -> None:
        self.taken: list[Envelope] = []
        self.answers: dict[str, str | Callable[[str], str | None]] = {}
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()

    def _answer(self, step: str, about: str) -> str | None:
        answer = self.answers.get(step)
        return answer(about) if callable(answer) else answer

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:
        envelope.mail_from = address
        return self._answer("MAIL", address) or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if refusal := self._answer("RCPT", address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session, envelope: Envelope) -> str:
        if refusal := self._answer("DATA", envelope.rcpt_tos[0]):
            return refusal
        self.taken.append(envelope)
        return "250 OK"

    @property
    def messages(self) -> list[EmailMessage]:
        """The mails it took, read."""
        return [message_from_bytes(e.original_content, policy=policy.default) for e in self.taken]

    @property
    def recipients(self) -> list[str]:
        """Whom it took mails for."""
        return [address for envelope in self.taken for address in envelope.rcpt_tos]

    def stop(self) -> None:
        """Listen no more."""
        self._controller.stop()


class BadServer:
    """Speaks just enough SMTP to fail at a chosen moment.

    ``misbehave`` is one of silent (never greets), drop_greeting, hang_data, drop_data, drop_body
    (in the middle of the mail), drop_answer and hang_answer (has the mail whole, says nothing).
    """

    def __init__(self, misbehave: str):
        self.misbehave = misbehave
        self.had_whole = 0
        self.conversations = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._main())

    async def _main(self) -> None:
        server = await asyncio.start_server(self._talk, sock=self._listener)
        async with server:
            await server.serve_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.conversations += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._converse(reader, writer)
        writer.close()

    async def _converse(self, reader, writer) -> None:
        if self.misbehave == "silent":
            await asyncio.sleep(60)
        if self.misbehave == "drop_greeting":
            return
        writer.write(b"220 bad.example ESMTP\r\n")
        while line := await reader.readline():
            if line[:4].upper() != b"DATA":
                writer.write(b"250 OK\r\n")
                continue
            if self.misbehave == "hang_data":
                await asyncio.sleep(60)
            if self.misbehave == "drop_data":
                return
            writer.write(b"354 go on\r\n")
            if self.misbehave == "drop_body":
                await reader.read(100)
                return
            await reader.readuntil(b"\r\n.\r\n")
            self.had_whole += 1
            if self.misbehave == "hang_answer":
                await asyncio.sleep(60)
            return

    def stop(self) -> None:
        """Listen no more."""
        self._loop.call_soon_threadsafe(lambda: [t.cancel() for t in asyncio.all_tasks(self._loop)])
        self._thread.join(5)
