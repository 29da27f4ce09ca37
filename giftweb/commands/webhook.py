"""`flask webhook`: signed events for whoever develops a shop on this machine.

The listener forwards what happens while it runs, and keeps its address and secret beside the keys,
so that `flask webhook send EVENT` reaches the same program and the secret stays the same.
"""

import json
import os
import signal
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from giftweb import clock, ids
from giftweb.commands.options import domain_errors_to_click, find_campaign, writing
from giftweb.domain import outbox
from giftweb.domain.outbox.endpoints import TEST_EVENT, Event
from giftweb.errors import NotFound, Refused
from giftweb.gateways import webhook_forwarder
from giftweb.gateways.webhook_sender import Answer

webhook = AppGroup("webhook", help="Signed events for a shop that you develop on this machine.")

_PAUSE_SECONDS = 0.5
_OVERLAP = timedelta(seconds=30)
"""An event is seen when its transaction ends, perhaps after events that have later ids."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where events are forwarded to, and what they are signed with."""

    url: str
    secret: str

    def forward(self, event: Event) -> Answer:
        """Send one event."""
        content = outbox.payload.Event.of(event)
        return webhook_forwarder.forward(
            self.url, secret=self.secret, event_id=event.id, content=content
        )


class Listener:
    """Forwards each event once that happens from now on."""

    def __init__(self, target: Target, *, campaign_id: str | None = None):
        self._target = target
        self._campaign_id = campaign_id
        self._from = clock.now()
        self._seen: set[str] = {event.id for event in self._events()}

    def forward_new(self) -> list[str]:
        """Forward what has happened since the last time; a line for each."""
        began = clock.now()
        found = self._events()
        new = [event for event in found if event.id not in self._seen]
        lines = [_line(event, self._target.forward(event)) for event in new]
        self._seen = {event.id for event in found}
        self._from = max(self._from, began - _OVERLAP)
        return lines

    def _events(self) -> list[Event]:
        return outbox.endpoints.events_since(self._from, campaign_id=self._campaign_id)


@webhook.command("listen")
@click.option("--forward-to", "url", required=True, help="Such as http://127.0.0.1:3000/hook.")
@click.option("--campaign", "campaign_id", help="The events of one campaign; all without it.")
def listen(url: str, campaign_id: str | None) -> None:
    """Forward events as they happen, signed, and print what came back. Ctrl-C ends it."""
    with domain_errors_to_click():
        if campaign_id:
            find_campaign(campaign_id)
        target = _keep(webhook_forwarder.read_url(url))
        listener = Listener(target, campaign_id=campaign_id)
    click.echo(f"Events are forwarded to {target.url}. Ctrl-C ends it.")
    click.echo(f"They are signed with {target.secret}")
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.wait(_PAUSE_SECONDS):
        for line in listener.forward_new():
            click.echo(line)


@webhook.command("send")
@click.argument("event", metavar="EVENT")
@click.option("--forward-to", "url", help="Without it, where the listener forwards to.")
@click.option("--campaign", "campaign_id", help="An event of this campaign.")
def send(event: str, url: str | None, campaign_id: str | None) -> None:
    """Forward one event: the newest of a type such as gift_card.issued, one by its id (evt_...), or
    webhook.test, which means nothing. Exit status 1 when it was not accepted."""
    with domain_errors_to_click():
        if campaign_id:
            find_campaign(campaign_id)
        found = _event(event, campaign_id)
        target = _keep(webhook_forwarder.read_url(url)) if url else _kept()
    if url:
        click.echo(f"Signed with {target.secret}")
    answer = target.forward(found)
    click.echo(_line(found, answer))
    if not answer.is_taken:
        raise click.exceptions.Exit(1)


def _line(event: Event, answer: Answer) -> str:
    came = answer.problem or f"It answered {answer.status}."
    return f"{event.created_at:%H:%M:%S}  {event.type:<28} {event.id}  {came}"


def _event(name: str, campaign_id: str | None) -> Event:
    if name == TEST_EVENT:
        return _trial(campaign_id)
    try:
        if ids.looks_like(name, "evt"):
            return outbox.endpoints.find_event(name)
        return outbox.endpoints.latest_event(name, campaign_id=campaign_id)
    except NotFound as problem:
        raise Refused(
            f"No event {name} has happened yet. Let one happen with a test key,"
            f" or send {TEST_EVENT}."
        ) from problem


def _trial(campaign_id: str | None) -> Event:
    endpoint_id = ids.new("whk")
    return Event(
        id=ids.new("evt"),
        type=TEST_EVENT,
        campaign_id=campaign_id or "",
        is_test=True,
        subject=endpoint_id,
        payload=outbox.endpoints.trial_payload(endpoint_id),
        created_at=clock.now(),
    )


def _place() -> Path:
    return current_app.config["GIFTWEB"].keys_path.with_name("webhook-listener.json")


def _keep(url: str) -> Target:
    """The target at this address, kept for the next time; its secret stays what it was."""
    place = _place()
    secret = _kept().secret if place.exists() else outbox.endpoints.new_secret()
    with writing(place):
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"url": url, "secret": secret}, file)
    return Target(url, secret)


def _kept() -> Target:
    """The target of the last listener.

    Raises: Refused when there was none, or when its file is damaged.
    """
    try:
        content = json.loads(_place().read_text())
        return Target(content["url"], content["secret"])
    except FileNotFoundError as problem:
        raise Refused("Name the address with --forward-to.") from problem
    except (KeyError, TypeError, ValueError) as problem:
        raise Refused(f"{_place()} is damaged. Delete it, and name --forward-to.") from problem
