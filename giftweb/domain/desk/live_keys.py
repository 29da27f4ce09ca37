"""Keys of the HTTP API that are made at the desk: a live one waits for a second person (X5).

The command line makes keys of any kind: who holds it holds the house.
"""

from giftweb import days
from giftweb.database import transactional
from giftweb.domain import campaigns, limits, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.api_keys import Created
from giftweb.domain.campaigns.key_terms import LABELS, KeyTerms
from giftweb.domain.desk import asking
from giftweb.domain.limits import Request, details
from giftweb.errors import Invalid
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money


@transactional
def create(campaign_id: str, *, is_test: bool, terms: KeyTerms, reason: str, by: Actor) -> Created:
    """A new key and its secret. A live one opens nothing until another person has approved it.

    Raises: NotFound, TooManyKeys, Invalid (scopes, caps beyond Root's limit, expires_at,
    addresses, reason).
    """
    if is_test:
        return campaigns.api_keys.create(campaign_id, is_test=True, terms=terms, by=by)
    campaign = campaigns.find(campaign_id)
    if not reason.strip():
        raise Invalid(gettext("Say what the key is for."), field="reason")
    most = limits.terms.of(limits.API_KEY, campaign.currency)
    _require_cap("card_cap", terms.card_cap, most.single, campaign.currency)
    _require_cap("day_cap", terms.day_cap, most.day, campaign.currency)
    created = campaigns.api_keys.create(campaign_id, is_test=False, terms=terms, waits=True, by=by)
    rows = [
        details.row(lazy_gettext("Campaign"), campaign.name),
        *_details(terms, campaign.time_zone),
        details.row(lazy_gettext("Key ends in"), created.key.last4),
    ]
    request = Request(
        verb=limits.verbs.KEY,
        subject=created.key.id,
        amount=terms.day_cap or Money(0, campaign.currency),
        reason=reason,
        arguments={"campaign": campaign_id, "details": rows},
    )
    asking.keep(request, by=by)
    staff.notices.to_every_root("api_key.asked", by=by, campaign=campaign_id)
    return created


def _require_cap(field: str, cap: Money | None, most: int | None, currency: str) -> None:
    if most is not None and (cap is None or cap.minor > most):
        limit = Money(most, currency)
        raise Invalid(
            gettext("Enter {limit} or less: that is the limit for keys.", limit=limit), field=field
        )


def _details(terms: KeyTerms, time_zone: str) -> list[list[details.Kept]]:
    scopes = tuple(LABELS[scope] for scope in terms.scopes or ())
    rows = [
        details.row(lazy_gettext("May do"), scopes or lazy_gettext("Everything")),
        details.row(LABELS["card_cap"], _cap(terms.card_cap)),
        details.row(LABELS["day_cap"], _cap(terms.day_cap)),
    ]
    if terms.expires_at:
        last_day = days.last_day_before(terms.expires_at, time_zone)
        rows.append(details.row(LABELS["expires_at"], last_day))
    addresses = ", ".join(terms.addresses) or lazy_gettext("Any")
    return [*rows, details.row(LABELS["addresses"], addresses)]


def _cap(amount: Money | None) -> details.Text:
    return lazy_gettext("No limit") if amount is None else amount
