"""A campaign with everything that its shop needs on the first day, in one step."""

from dataclasses import dataclass

from giftweb.database import transactional
from giftweb.domain import outbox
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns import api_keys, campaigns
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.campaigns.key_terms import KeyTerms
from giftweb.domain.campaigns.settings import Settings


@dataclass(frozen=True, slots=True)
class Opened:
    """A new campaign and its secrets, which are shown once."""

    campaign: Campaign
    live_key: str
    test_key: str
    webhook_secret: str | None


@transactional
def open_campaign(
    settings: Settings,
    *,
    by: Actor,
    webhook_url: str | None = None,
    terms: KeyTerms | None = None,
) -> Opened:
    """Create a campaign with a live and a test key, and perhaps a webhook endpoint.

    ``terms``: what both keys may do; without them, everything.

    Raises: Invalid with every fault.
    """
    campaign = campaigns.create(settings, by=by)
    live = api_keys.create(campaign.id, is_test=False, terms=terms, by=by)
    test = api_keys.create(campaign.id, is_test=True, terms=terms, by=by)
    secret = None
    if webhook_url is not None:
        _, secret = outbox.endpoints.create(campaign.id, url=webhook_url, by=by)
    return Opened(campaign, live.secret, test.secret, secret)
