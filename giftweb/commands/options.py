"""What the commands share: who acts, how amounts are read, how a result is printed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from giftweb import money
from giftweb.domain import campaigns
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.errors import DomainError, Invalid, NotFound

OPERATOR = Actor(kind="cli", id="cli", name="Command line")


@contextmanager
def domain_errors_to_click() -> Iterator[None]:
    """Print a refusal of the domain in its own sentence, on standard error; exit code 1."""
    try:
        yield
    except Invalid as error:
        lines = [f"{field}: {message}" if field else message for field, message in error.errors]
        raise click.ClickException("\n".join(lines)) from error
    except DomainError as error:
        raise click.ClickException(error.sentence) from error


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Print why a file cannot be written, on standard error; exit code 1."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.ClickException(f"{file} cannot be written: {reason}.") from error


def find_campaign(campaign_id: str) -> Campaign:
    """The campaign that an option names.

    Raises: NotFound.
    """
    try:
        return campaigns.find(campaign_id)
    except NotFound as error:
        raise NotFound(f"There is no campaign {campaign_id}.") from error


def minor_of(text: str | None, currency: str, *, field: str, least: int = 0) -> int | None:
    """An amount such as ``25.00`` in minor units; None without one.

    Raises: Invalid.
    """
    if text is None:
        return None
    return money.parse(text, currency, field=field, least=least).minor


def print_json(value: Any) -> None:
    """The result, alone on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
