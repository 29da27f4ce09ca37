"""A mail server that refuses, hangs and drops at any moment: no mail is lost, none sent twice."""

import asyncio
import collections
import random
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest import mock

import app as application
from giftweb import clock, database
from giftweb.config import from_environment
from giftweb.domain import cards, outbox
from giftweb.domain.audit.log import SYSTEM
from giftweb.serving.worker import Worker
from giftweb.web import mail
from tests import engines
from tests.factories import amount_of
from tests.mail_server import MailServer
from tests.soak import turns

MAILS = 40
WORKERS = 2
MOODY_ROUNDS = 3
ROUNDS = 12
PATIENCE = 0.3
"""Seconds that the workers wait for a moody server, so that an episode is over in a moment. A calm
one may take the usual time, also on a busy machine."""

MOODS = ("well", "refuses", "refuses for good", "hangs", "drops", "drops the answer", "hangs late")


class MoodyServer(MailServer):
    """Does as it likes with each step of each conversation."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        self.is_moody = True
        super().__init__()

    def _mood(self) -> str:
        if not self.is_moody or self.chance.random() < 0.6:
            return "well"
        return self.chance.choice(MOODS)

    async def _step(self, server) -> str | None:
        mood = self._mood()
        if mood == "refuses":
            return "451 not now"
        if mood == "refuses for good":
            return "550 never"
        if mood == "hangs":
            await asyncio.sleep(3 * PATIENCE)
        if mood == "drops":
            server.transport.close()
        return None

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:
        refusal = await self._step(server)
        envelope.mail_from = address
        return refusal or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        refusal = await self._step(server)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        mood = self._mood()
        if mood == "refuses":
            return "451 not now"
        if mood == "refuses for good":
            return "554 never"
        if mood == "drops":
            server.transport.close()
            return "250 OK"
        self.taken.append(envelope)
        if mood == "drops the answer":
            server.transport.close()
        if mood == "hangs late":
            await asyncio.sleep(3 * PATIENCE)
        return "250 OK"


def run(seconds: int) -> dict[str, int]:
    """Episode after episode on each engine; raises at the first breach."""
    counts: collections.Counter = collections.Counter()
    for engine, keys_path, _ in turns.on_each_engine(seconds):
        counts += episode(engine, keys_path)
    return dict(counts)


def episode(engine: engines.Engine, keys_path: Path) -> collections.Counter:
    """Some mails, a server in its moods, then a calm one; and then every mail is asked about."""
    engine.empty()
    issue()
    server = MoodyServer(random.Random())
    made = application.create_app(settings(engine, keys_path, server.port))
    engine.use()
    try:
        with mock.patch.multiple(mail.smtp, STEP_SECONDS=PATIENCE, ANSWER_SECONDS=PATIENCE):
            for number in range(MOODY_ROUNDS):
                with clock.moved(timedelta(days=number)):
                    work(made)
        server.is_moody = False
        for number in range(MOODY_ROUNDS, ROUNDS):
            with clock.moved(timedelta(days=number)):
                work(made)
    finally:
        server.stop()
    return check(server)


def issue() -> None:
    """As many cards as mails, each for somebody else."""
    new = [
        cards.NewCard(amount=amount_of("5.00 USD"), holder_email=f"holder{number}@example.com")
        for number in range(MAILS)
    ]
    cards.issue_many(new, by=SYSTEM)


def settings(engine: engines.Engine, keys_path: Path, port: int):
    environ = {"DATABASE_URL": engine.url, "GIFTWEB_KEYS": str(keys_path)}
    return replace(from_environment(environ), mail_server="127.0.0.1", mail_port=port)


def work(made) -> None:
    """Several workers at once, until they find nothing to do."""

    def drain() -> None:
        Worker(made).drain()
        database.close()

    workers = [threading.Thread(target=drain) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def check(server: MoodyServer) -> collections.Counter:
    """Every mail was sent once, or is shown as failed or in doubt; none is forgotten."""
    taken = collections.Counter(server.recipients)
    twice = [address for address, count in taken.items() if count > 1]
    assert not twice, f"sent twice: {twice}"
    states = dict(database.rows("SELECT to_email, state FROM mail"))
    assert len(states) == MAILS
    under_way = [to for to, state in states.items() if state in ("waiting", "sending")]
    assert not under_way, f"forgotten: {under_way}"
    unknown = [to for to, state in states.items() if state == "sent" and to not in taken]
    assert not unknown, f"said to be sent and never was: {unknown}"
    unsaid = [to for to in taken if states[to] not in (outbox.mails.SENT, outbox.mails.UNCLEAR)]
    assert not unsaid, f"sent and said not to be: {unsaid}"
    counts = collections.Counter(states.values())
    return collections.Counter(
        {"episodes": 1, "mails": MAILS, "in doubt": counts["unclear"], "refused": counts["failed"]}
    )
