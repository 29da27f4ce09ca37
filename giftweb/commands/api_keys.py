"""``flask campaign key``: keys of the HTTP API, and the options that say what a key may do."""

import functools
from collections.abc import Callable
from datetime import date
from typing import Any

import click

from giftweb import days, money
from giftweb.commands.options import OPERATOR, domain_errors_to_click, find_campaign, print_json
from giftweb.domain import campaigns
from giftweb.domain.campaigns.key_terms import SCOPES, KeyTerms
from giftweb.errors import Invalid


def terms_options(command: Callable) -> Callable:
    """What a new key may do. Without one of them a key of the command line has no limit."""
    options = [
        click.option("--scopes", help=f"Some of {','.join(SCOPES)}. Without it, all of them."),
        click.option("--cap-card", help="The most on one card, such as 100.00; or any amount."),
        click.option("--cap-day", help="The most in a day, such as 5000.00; or any amount."),
        click.option("--expires-on", help="The key's last day, such as 2027-12-31; or none."),
        click.option(
            "--address",
            "addresses",
            multiple=True,
            help="Where it may be used from, such as 203.0.113.0/24; repeat. Or anywhere.",
        ),
    ]
    return functools.reduce(lambda done, option: option(done), reversed(options), command)


def key_terms(options: dict[str, Any], currency: str, time_zone: str) -> KeyTerms:
    """What the options say; the last day is a day of the campaign's time zone.

    Raises: Invalid.
    """
    scopes, last_day = options["scopes"], options["expires_on"]
    return KeyTerms(
        scopes=tuple(scopes.replace(",", " ").split()) if scopes is not None else None,
        card_cap=_cap(options, "cap_card", currency),
        day_cap=_cap(options, "cap_day", currency),
        expires_at=None if last_day is None else days.end_of(_day(last_day), time_zone),
        addresses=tuple(options["addresses"]),
    )


def _cap(options: dict[str, Any], name: str, currency: str) -> money.Money | None:
    text = options[name]
    return None if text is None else money.parse(text, currency, field=name, least=0)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Enter a day such as 2027-12-31.", field="expires_on") from error


@click.group("key")
def key() -> None:
    """API keys: two of each mode at a time, to roll over."""


@key.command("create")
@click.argument("campaign_id")
@click.option("--test", "is_test", is_flag=True, help="A key of the test book.")
@terms_options
def create(campaign_id: str, is_test: bool, **options: Any) -> None:
    """Print a new key of the campaign. It is shown this once."""
    with domain_errors_to_click():
        found = find_campaign(campaign_id)
        terms = key_terms(options, found.currency, found.time_zone)
        created = campaigns.api_keys.create(campaign_id, is_test=is_test, terms=terms, by=OPERATOR)
    print_json({"id": created.key.id, "key": created.secret})


@key.command("list")
@click.argument("campaign_id")
def show_all(campaign_id: str) -> None:
    """Print the campaign's keys, newest first, without their secrets."""
    with domain_errors_to_click():
        found = find_campaign(campaign_id)
    print_json([_values(each) for each in campaigns.api_keys.all_of(found.id)])


@key.command("revoke")
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """End a key at once."""
    with domain_errors_to_click():
        campaigns.api_keys.revoke(key_id, by=OPERATOR)
    print_json({"id": key_id, "revoked": True})


def _values(found: campaigns.api_keys.Key) -> dict[str, Any]:
    return {
        "id": found.id,
        "livemode": not found.is_test,
        "last4": found.last4,
        "created_at": str(found.created_at),
        "last_used_at": found.last_used_at and str(found.last_used_at),
        "revoked_at": found.revoked_at and str(found.revoked_at),
        "scopes": found.scopes.split() if found.scopes else list(SCOPES),
        "cap_card": found.card_cap_minor,
        "cap_day": found.day_cap_minor,
        "expires_at": found.expires_at and str(found.expires_at),
        "addresses": found.addresses.split() if found.addresses else [],
        "is_waiting": found.waiting_since is not None,
    }
