"""Where a campaign's money and data go: changed at the desk, they wait for a second person (X5).

That is the bank account that shoppers pay to, the bonus, goods that leave before the payment, the
sites that may show the widget, the shop that mails with codes lead to, limits of reviews that let
more through, and the addresses that hear of everything. What makes less of them holds at once: an
account, a site or a bonus that is taken away, an endpoint that is switched off.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from giftweb import models
from giftweb.database import transactional
from giftweb.domain import campaigns, limits, outbox, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.campaigns.settings import Settings, checked
from giftweb.domain.desk import asking, second_person
from giftweb.domain.limits import Request, details
from giftweb.domain.outbox.endpoints import Endpoint
from giftweb.errors import Invalid
from giftweb.language import LazyText, gettext, lazy_gettext
from giftweb.money import Money
from giftweb.percentages import Percentage

BONUS = {
    "issue_after_sales": lazy_gettext("Issue after sales"),
    "relative_hundredths": lazy_gettext("Percentage"),
    "absolute_on": lazy_gettext("Absolute amount is on"),
    "absolute_minor": lazy_gettext("Absolute amount"),
    "bonus_base": lazy_gettext("Percentage of"),
    "bonus_minimum_minor": lazy_gettext("Smallest order that earns one"),
    "bonus_cap_minor": lazy_gettext("The most that the percentage gives"),
    "bonus_claw_back": lazy_gettext("Taken back with a refund"),
    "bonus_on_gift_cards": lazy_gettext("Gift cards earn it, too"),
}
"""The settings of the bonus, which hold together or not at all."""

OTHERS = {
    "bank_details": lazy_gettext("Bank account for transfers"),
    "ship_before_payment": lazy_gettext("Ship before the payment has come"),
    "origins": lazy_gettext("Sites that may show the widget"),
    "shop_url": lazy_gettext("Address of the shop, to which codes are led"),
}

REVIEWS = {
    "review_amount_above_minor": lazy_gettext("Review bought cards of more than"),
    "review_cards_per_day": lazy_gettext("Review bought cards beyond so many a day"),
    "review_amount_per_day_minor": lazy_gettext("Review bought cards beyond so much a day"),
    "review_first_order_above_minor": lazy_gettext("Review a first order of more than"),
}

CAMPAIGN = lazy_gettext("Campaign")
YES, NO, NO_LIMIT = lazy_gettext("Yes"), lazy_gettext("No"), lazy_gettext("No limit")
NOTHING = "–"
BASES = {
    "grand_total": lazy_gettext("The grand total"),
    "without_shipping": lazy_gettext("The total without shipping"),
}


def held_back(before: Settings, wanted: Settings) -> dict[str, Any]:
    """The settings of ``wanted`` that another person has to approve, by name.

    ``origins`` are the added ones alone.
    """
    found: dict[str, Any] = {}
    if wanted.issue_after_sales and any(
        getattr(before, name) != getattr(wanted, name) for name in BONUS
    ):
        found |= {name: getattr(wanted, name) for name in BONUS}
    if wanted.bank_details not in ("", before.bank_details):
        found["bank_details"] = wanted.bank_details
    if wanted.shop_url not in ("", before.shop_url):
        found["shop_url"] = wanted.shop_url
    if wanted.ship_before_payment and not before.ship_before_payment:
        found["ship_before_payment"] = True
    if added := sorted(set(wanted.origins) - set(before.origins)):
        found["origins"] = added
    for name in REVIEWS:
        limit, new = getattr(before, name), getattr(wanted, name)
        if limit is not None and (new is None or new > limit):
            found[name] = new
    return found


@transactional
def create(settings: Settings, *, by: Actor) -> tuple[Campaign, bool]:
    """A new campaign; whether something of it waits for another person.

    In a house with nobody else who could approve it nothing waits. Its sites hold at once: a
    campaign without cards, keys or an account has nothing to lose to them.

    Raises: Invalid with every fault.
    """
    plain = Settings(name=settings.name, currency=settings.currency)
    held = held_back(plain, replace(settings, origins=()))
    if not (held and second_person.exists(by, needs_root=True)):
        return campaigns.create(settings, by=by), False
    checked(settings)
    now = replace(settings, **{name: getattr(plain, name) for name in held})
    campaign = campaigns.create(now, by=by)
    _ask(campaign, held, reason=gettext("A new campaign"), by=by)
    return campaign, True


@transactional
def change(campaign_id: str, *, settings: Settings, reason: str | None, by: Actor) -> bool:
    """Change a campaign; whether something of it waits for another person.

    Raises: NotFound, Invalid with every fault (reason, where something waits).
    """
    before = campaigns.find(campaign_id)
    wanted = replace(settings, origins=checked(settings))
    held = held_back(before, wanted)
    if held and not (reason or "").strip():
        raise Invalid(gettext("Say why: another person has to approve this."), field="reason")
    now = replace(wanted, **{name: getattr(before, name) for name in held if name != "origins"})
    if "origins" in held:
        now = replace(now, origins=tuple(set(before.origins) & set(wanted.origins)))
    if now != before.settings:
        campaigns.change(campaign_id, settings=now, by=by)
    if held:
        _ask(before, held, reason=str(reason), by=by)
    return bool(held)


def _ask(campaign: Campaign, held: dict[str, Any], *, reason: str, by: Actor) -> None:
    rows = [details.row(CAMPAIGN, campaign.name)]
    for name, label in (BONUS | OTHERS | REVIEWS).items():
        if name in held:
            rows.append(_detail(label, campaign, name, held[name]))
    request = Request(
        verb=limits.verbs.CAMPAIGN,
        subject=campaign.id,
        amount=Money(0, campaign.currency),
        reason=reason,
        arguments={"campaign": campaign.id, "held": held, "details": rows},
    )
    asking.keep(request, by=by)
    staff.notices.to_every_root("campaign.asked", by=by, campaign=campaign.id)


def _detail(label: LazyText, campaign: Campaign, name: str, value: Any) -> list[details.Kept]:
    """What is asked for and, where it takes the place of something, what there is now."""
    old = getattr(campaign, name)
    text = _text(campaign, name, value)
    if name == "origins" or isinstance(old, bool) or old in (None, "", value):
        return details.row(label, text)
    return details.row(label, details.WITH_OLD, new=text, old=_text(campaign, name, old))


def _text(campaign: Campaign, name: str, value: Any) -> details.Text:
    if value is not None and name.endswith("_minor"):
        return Money(value, campaign.currency)
    if value is not None and name == "relative_hundredths":
        return Percentage(value)
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(value)
    if name == "bonus_base":
        return BASES[value]
    if value is None:
        return NOTHING if name in ("absolute_minor", "relative_hundredths") else NO_LIMIT
    return str(value)


# Webhooks


@transactional
def add_endpoint(
    campaign_id: str, *, url: str, reason: str | None, by: Actor
) -> tuple[Endpoint, str]:
    """An endpoint that is off until another person has approved it, and its secret.

    Raises: Invalid (url, reason), NotFound (campaign).
    """
    created = outbox.endpoints.create(campaign_id, url=url, by=by, is_active=False)
    _ask_for_endpoint(created[0], reason, by=by)
    return created


@transactional
def switch_on(endpoint_id: str, *, by: Actor) -> bool:
    """Send to an endpoint again, if it was ever on; else it waits. Whether it is on now.

    Raises: NotFound.
    """
    endpoint = outbox.endpoints.find_endpoint(endpoint_id)
    if _was_on(endpoint):
        outbox.endpoints.enable(endpoint_id, by=by)
        return True
    _ask_for_endpoint(endpoint, gettext("Asked for again"), by=by)
    return False


def _was_on(endpoint: Endpoint) -> bool:
    entry = models.AuditEntry
    switched = entry.action.in_(("webhook.enabled", "webhook.disabled"))
    was_switched = entry.select().where(entry.subject == endpoint.id, switched).exists()
    return endpoint.is_active or was_switched


def _ask_for_endpoint(endpoint: Endpoint, reason: str | None, *, by: Actor) -> None:
    if not (reason or "").strip():
        raise Invalid(gettext("Say why: another person has to approve this."), field="reason")
    campaign = campaigns.find(endpoint.campaign_id)
    request = Request(
        verb=limits.verbs.WEBHOOK,
        subject=endpoint.id,
        amount=Money(0, campaign.currency),
        reason=reason,
        arguments={
            "campaign": campaign.id,
            "details": [
                details.row(CAMPAIGN, campaign.name),
                details.row(lazy_gettext("Hears of everything"), endpoint.url),
            ],
        },
    )
    asking.keep(request, by=by)
    staff.notices.to_every_root("webhook.asked", by=by, campaign=campaign.id)
