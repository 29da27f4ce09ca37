"""The worker: delivers the outbox and writes down what time has done.

Each job runs in a thread of its own, so that one that fails or waits never stops the others.
Several workers may run at once: what one has claimed or locked, another passes over.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from flask import Flask

from giftweb import clock, database
from giftweb.domain import (
    audit,
    awaited,
    cards,
    checkout,
    customers,
    imports,
    mail,
    operations,
    outbox,
    payments,
    privacy,
    refunds,
    staff,
)
from giftweb.domain.outbox.deliveries import Attempt
from giftweb.errors import Refused
from giftweb.gateways import anchors
from giftweb.gateways.webhook_sender import Answer, WebhookSender
from giftweb.serving.wallet_news import WalletNews
from giftweb.web.mail.postman import Postman
from giftweb.web.mail.smtp import has_server

log = logging.getLogger("giftweb.serving.worker")

GRACE_SECONDS = 8
"""How long a step under way may take to end when the worker is stopped."""

_POLL_SECONDS = 1
_HOUSEKEEPING_SECONDS = 5
_REFUND_SECONDS = 30
_REFUND_PATIENCE = timedelta(minutes=2)
_PRUNE_SECONDS = 3600
_SUMS_SECONDS = 300
_WALLET_SECONDS = 5
_RATES_SECONDS = 6 * 3600
_AFTER_FAULT_SECONDS = 5
_TROUBLE_SECONDS = 30
_SENDERS = 8
_BATCH = 100
_MOST_ROUNDS = 10_000


@dataclass(frozen=True, slots=True)
class Job:
    """Work done in steps; a step says how much it did, and after one that did nothing it rests."""

    name: str
    step: Callable[[], int]
    rest_seconds: int


class Worker:
    """Does the jobs, for ever or until nothing is due."""

    def __init__(
        self,
        app: Flask,
        *,
        sender: WebhookSender | None = None,
        wallet_news: WalletNews | None = None,
    ):
        self._app = app
        wallet_news = wallet_news or WalletNews(app.config["GIFTWEB"])
        self._sender = sender or WebhookSender()
        self._postman = Postman()
        self._stopping = threading.Event()
        self._mails_rest_until = 0.0
        self._resting: dict[str, float] = {}
        self.jobs = (
            Job("housekeeping", self._keep_house, _HOUSEKEEPING_SECONDS),
            Job("refunds", self._ask_for_refunds, _REFUND_SECONDS),
            Job("charges", self._reconcile_charges, _REFUND_SECONDS),
            Job("checkpoints", self._checkpoint, _PRUNE_SECONDS),
            Job("sums by day", audit.checkpoints_by_day.write, _SUMS_SECONDS),
            Job("worth of orders", audit.checkpoints_of_orders.write, _SUMS_SECONDS),
            Job("audit", audit.runs.run_if_due, _PRUNE_SECONDS),
            Job("forgotten cards", self._remind_of_forgotten, _PRUNE_SECONDS),
            Job("rates", self._fetch_rates, _RATES_SECONDS),
            Job("pruning", self._prune, _PRUNE_SECONDS),
            Job("sign-in links", self._mail_links, _POLL_SECONDS),
            Job("mails", self._send_mails, _POLL_SECONDS),
            Job("webhooks", self._send_webhooks, _POLL_SECONDS),
            Job("wallets", wallet_news.send, _WALLET_SECONDS),
            Job("imports", imports.work.next_file, _POLL_SECONDS),
        )

    def run(self) -> None:
        """Work until ``stop`` is called; then end what is under way and leave."""
        threads = [
            threading.Thread(target=self._repeat, args=(job,), name=job.name, daemon=True)
            for job in self.jobs
        ]
        for thread in threads:
            thread.start()
        while not self._stopping.wait(1):
            continue
        deadline = time.monotonic() + GRACE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def stop(self) -> None:
        """Have ``run`` end soon. Whatever is cut off is claimed again when its lease is over."""
        self._stopping.set()

    def drain(self) -> None:
        """Do everything that is due now, one job after the other."""
        for job in self.jobs:
            for _ in range(_MOST_ROUNDS):
                if not self._step(job):
                    break

    def _repeat(self, job: Job) -> None:
        while not self._stopping.is_set():
            done = self._step(job)
            if done is None:
                self._stopping.wait(_AFTER_FAULT_SECONDS)
            elif not done:
                self._stopping.wait(job.rest_seconds)
        database.close()

    def _step(self, job: Job) -> int | None:
        """One step; None when it failed. A fault is logged and goes no further."""
        try:
            with self._app.app_context():
                return job.step()
        except Exception:
            log.exception("The job %s failed; it goes on in a moment", job.name)
            database.close()
            return None

    # Mails

    def _send_mails(self) -> int:
        if not has_server() or time.monotonic() < self._mails_rest_until:
            return 0
        claimed = outbox.sending.claim()
        done = 0
        try:
            for letter in claimed:
                if self._stopping.is_set() or not self._deliver(letter):
                    break
                done += 1
        finally:
            self._give_back(claimed[done:])
        if len(claimed) == done:
            return done
        self._postman.close()
        self._mails_rest_until = time.monotonic() + _TROUBLE_SECONDS
        return 0

    def _deliver(self, letter: outbox.mails.Mail) -> bool:
        try:
            return self._postman.deliver(letter)
        except outbox.leases.LeaseLost:
            log.info("%s is another worker's by now", letter.id)
            return True

    def _give_back(self, claimed: list[outbox.mails.Mail]) -> None:
        """What was not come to is due again at once. What was sent or refused is not ours."""
        for letter in claimed:
            try:
                outbox.sending.give_back(letter)
            except outbox.leases.LeaseLost:
                continue

    # Webhooks

    def _send_webhooks(self) -> int:
        now = time.monotonic()
        resting = {endpoint for endpoint, until in self._resting.items() if until > now}
        attempts = outbox.deliveries.claim(without=resting)
        with ThreadPoolExecutor(_SENDERS) as pool:
            for attempt, answer in zip(attempts, pool.map(self._send, attempts), strict=True):
                self._record_answer(attempt, answer)
        return len(attempts)

    def _send(self, attempt: Attempt) -> Answer:
        event = attempt.event
        try:
            return self._sender.send(
                attempt.url,
                secret=attempt.secret,
                event_id=event.id,
                content=outbox.payload.Event.of(event),
            )
        except Exception as fault:
            log.exception("%s could not be sent", attempt.id)
            return Answer(None, f"It could not be sent ({type(fault).__name__}).")

    def _record_answer(self, attempt: Attempt, answer: Answer) -> None:
        try:
            if answer.is_taken and answer.status is not None:
                outbox.deliveries.mark_delivered(attempt, status=answer.status)
                self._resting.pop(attempt.endpoint_id, None)
                return
            problem = answer.problem or "It did not answer."
            outbox.deliveries.put_off(attempt, problem=problem, status=answer.status)
            # An endpoint in trouble must not keep the others waiting.
            self._resting[attempt.endpoint_id] = time.monotonic() + _TROUBLE_SECONDS
        except outbox.leases.LeaseLost:
            log.info("the answer to %s was recorded by another worker", attempt.id)

    # What time does

    def _keep_house(self) -> int:
        operations.housekeeping.note_worker()
        return sum(
            self._each(due, verb)
            for due, verb in (
                (checkout.due_to_lapse, checkout.lapse),
                (
                    operations.housekeeping.cards_with_lapsed_holds,
                    operations.housekeeping.lapse_holds,
                ),
                (cards.endings.due_to_expire, cards.endings.expire),
                (mail.reminders.due, mail.reminders.remind),
                (awaited.due_to_lapse, awaited.lapse),
                (awaited.due_to_remind, awaited.remind),
            )
        )

    def _remind_of_forgotten(self) -> int:
        return self._each(mail.reminders.forgotten, mail.reminders.remind_of_forgotten)

    def _mail_links(self) -> int:
        return self._each(customers.sign_in.requests, customers.sign_in.answer)

    def _checkpoint(self) -> int:
        config = self._app.config["GIFTWEB"]
        post = partial(anchors.post, config.anchor_url) if config.anchor_url else None
        operations.evidence.checkpoint(file=config.anchor_file, post=post)
        return 0

    def _fetch_rates(self) -> int:
        source = self._app.config["GIFTWEB"].rates_source
        if source:
            # A worker without a source has no use for the library.
            from giftweb.gateways import ecb

            ecb.fetch(source, by=audit.SYSTEM)
        return 0

    def _prune(self) -> int:
        return sum(
            prune()
            for prune in (
                operations.housekeeping.prune,
                customers.sign_in.prune,
                staff.links.prune,
                imports.files.prune,
                privacy.retention.apply,
            )
        )

    def _reconcile_charges(self) -> int:
        """Payments that a crash cut off. One pass: a provider that is silent is not pressed."""
        self._for_each(checkout.claims.abandoned(), checkout.charges.abandon)
        self._for_each(checkout.charges.unanswered(), checkout.charges.capture_pending)
        return 0

    def _ask_for_refunds(self) -> int:
        """Refunds that were promised and whose provider was never asked, or did not answer."""
        abandoned = clock.now() - _REFUND_PATIENCE
        return self._each(
            lambda limit: list(payments.refund_values.waiting(older_than=abandoned, limit=limit)),
            lambda refund_id: refunds.send([refund_id]),
        )

    def _each(self, due: Callable[..., list[str]], verb: Callable[[str], object]) -> int:
        """Do the verb for each that is due; how many, if there may be more of them."""
        try:
            found = due(limit=_BATCH)
        except Exception:
            log.exception("What is due could not be read; it goes on in a moment")
            return 0
        done = self._for_each(found, verb)
        return done if len(found) == _BATCH else 0

    def _for_each(self, subjects: Sequence[str], verb: Callable[[str], object]) -> int:
        """Do the verb for each, whatever becomes of the others; how many it was done for."""
        done = 0
        for subject in subjects:
            try:
                verb(subject)
                done += 1
            except Refused:
                continue
            except Exception:
                log.exception("%s could not be brought up to date", subject)
        return done
