"""Carries one mail at a time from the outbox to the mail server, over a line kept open."""

import logging
import time

from flask import current_app

from giftweb.domain import outbox
from giftweb.domain.mail import sent
from giftweb.domain.mail.letters import NothingToSend, gather
from giftweb.domain.outbox.mails import Mail
from giftweb.errors import Unavailable
from giftweb.web.mail import letters
from giftweb.web.mail.smtp import Connection, Message, NotSent, Unanswered

log = logging.getLogger("giftweb.serving.worker")

_MARK_TRIES = 20
_MARK_WAIT_SECONDS = 0.5


class Postman:
    """Delivers mails and records the outcome of each."""

    def __init__(self) -> None:
        self._line: Connection | None = None

    def deliver(self, mail: Mail) -> bool:
        """Send a claimed mail and record the outcome; False when the mail server is in trouble.

        Raises: leases.LeaseLost when another worker has the mail; nothing was sent then.
        """
        message = self._write(mail)
        if message is None:
            return True
        try:
            self._hand_over(mail, message)
        except Unanswered as problem:
            self.close()
            _log_outcome(mail, outbox.sending.leave_unclear(mail, problem=str(problem)))
            return True
        except NotSent as problem:
            self.close()
            _log_outcome(mail, _record_failure(mail, problem))
            return not problem.is_the_servers
        except BaseException:
            self.close()
            raise
        _mark_sent(mail)
        _log_outcome(mail, outbox.mails.SENT)
        return True

    def _write(self, mail: Mail) -> Message | None:
        try:
            sender = current_app.extensions["mail"].default_sender
            return Message(mail, letters.write(gather(mail)), sender=sender)
        except NothingToSend as ending:
            _log_outcome(mail, outbox.sending.withdraw(mail, problem=str(ending)))
        except Unavailable:
            raise
        except Exception as fault:
            log.exception("%s could not be written", mail.id)
            problem = f"It could not be written ({type(fault).__name__})."
            _log_outcome(mail, outbox.sending.put_off(mail, problem=problem))
        return None

    def _hand_over(self, mail: Mail, message: Message) -> None:
        is_used = self._line is not None
        try:
            self._send(mail, message)
        except NotSent as problem:
            # A server may have closed a line that was open for long: that is not trouble yet.
            if not (is_used and problem.is_the_servers) or problem.was_handed_over:
                raise
            self.close()
            self._send(mail, message)

    def _send(self, mail: Mail, message: Message) -> None:
        if self._line is None:
            self._line = Connection(current_app.extensions["mail"]).__enter__()
        self._line.send_once(message, before_last_line=lambda: outbox.sending.hand_over(mail))

    def close(self) -> None:
        """Hang up. Called between batches, so that no line stays open for nothing."""
        line, self._line = self._line, None
        if line is not None and line.host is not None:
            line.host.close()


def _log_outcome(mail: Mail, state: str) -> None:
    log.info("%s (%s): %s", mail.id, mail.kind, state)


def _record_failure(mail: Mail, problem: NotSent) -> str:
    verb = outbox.sending.refuse if problem.is_final else outbox.sending.put_off
    return verb(mail, problem=problem.problem, handed_over=problem.was_handed_over)


def _mark_sent(mail: Mail) -> None:
    """Write that it went out, however long the database takes: only we know it."""
    for _ in range(_MARK_TRIES):
        try:
            return sent.mark_sent(mail)
        except Unavailable:
            time.sleep(_MARK_WAIT_SECONDS)
    return sent.mark_sent(mail)
