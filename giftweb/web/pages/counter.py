"""What all pages of the counter have in common: whose it is, and the hours there (B21)."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask import Response, make_response, render_template, session

from giftweb import days
from giftweb.domain import campaigns, cards
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.voucher_tax import Moved
from giftweb.domain.desk.counter import Entry
from giftweb.errors import Refused
from giftweb.web.http import clocks

_CHOSEN = "counter_campaign"


class ShopNotChosen(Refused):
    """Choose first whose counter this is."""


def shops() -> list[Campaign]:
    """Whose counter it may be."""
    return campaigns.find_all(only_active=True)


def choose(campaign_id: str) -> None:
    """Keep whose counter this is, for this sign-in."""
    session[_CHOSEN] = campaign_id


def shop() -> Campaign:
    """Whose counter this is, by whose clock its pages go: the only shop, or the one that was
    chosen.

    Raises: ShopNotChosen.
    """
    found = shops()
    chosen = [each for each in found if each.id == session.get(_CHOSEN)]
    if not chosen and len(found) != 1:
        raise ShopNotChosen
    here = (chosen or found)[0]
    clocks.use_clock_of(here.id)
    return here


def page(name: str, *, status: int = 200, **values: Any) -> Response:
    """A page of the counter."""
    html = render_template(f"counter/{name}.html", has_choice=len(shops()) > 1, **values)
    return make_response(html, status)


def clock(campaign: Campaign) -> Callable[[datetime], datetime]:
    """What clocks there show at an instant."""
    return partial(days.local, zone=campaign.time_zone)


def tax_of(entry: Entry) -> Moved | None:
    """The tax in what an entry moved on a single-purpose voucher."""
    return cards.voucher_tax.of_transfers([entry.transfer_id]).get(entry.transfer_id)
