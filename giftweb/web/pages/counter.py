"""What all pages of the counter have in common: whose it is, and the hours there (B21)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from functools import partial
from typing import Any

from flask import Response, make_response, render_template, session

from giftweb import days
from giftweb.domain import campaigns, cards, desk
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.voucher_tax import Moved
from giftweb.domain.desk.approvals import Approval
from giftweb.domain.desk.counter_entries import Entry
from giftweb.domain.idempotency import Answer
from giftweb.domain.limits import LimitExceeded
from giftweb.errors import Refused
from giftweb.web.access import actors
from giftweb.web.forms.once import OnceForm
from giftweb.web.pages import action
from giftweb.web.text.words import APPROVALS

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
    days.display_in(here.time_zone)
    return here


def page(name: str, *, status: int = 200, **values: Any) -> Response:
    """A page of the counter."""
    campaign = values.get("campaign")
    local = partial(days.local, zone=campaign.time_zone) if campaign else None
    shared = {"has_choice": len(shops()) > 1, "local": local}
    html = render_template(f"counter/{name}.html", **shared, **values)
    return make_response(html, status)


def once_or_ask(form: OnceForm, verb: Callable[[], dict[str, Any]]) -> Answer:
    """What the verb returned; as ``waits``, that it waits for another person. The same form again
    has the same answer, whatever has become of it meanwhile.

    Raises: as ``pages.action.once``.
    """
    try:
        return action.once(form, verb)
    except LimitExceeded as exceeded:
        refused = exceeded
    return action.once(form, lambda: {"waits": desk.asking.ask(refused, by=actors.current())})


@dataclass(frozen=True, slots=True)
class Asked:
    """What another person was asked for at the counter."""

    approval: Approval
    what: str
    is_own: bool


def requests_of(campaign: Campaign) -> list[Asked]:
    """What waits for another person, and what was decided today, newest first."""
    since = days.at(days.today(campaign.time_zone), time(), campaign.time_zone)
    own_id = actors.current().id
    return [
        Asked(each, str(APPROVALS[each.verb]), each.asked_by_id == own_id)
        for each in desk.approvals.at_counter(campaign.id, since=since)
    ]


def tax_of(entry: Entry) -> Moved | None:
    """The tax in what an entry moved on a single-purpose voucher."""
    return cards.voucher_tax.of_transfers([entry.transfer_id]).get(entry.transfer_id)
