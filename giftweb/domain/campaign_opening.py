"""A campaign with everything that its shop needs on the first day, in one step."""

from dataclasses import dataclass

from giftweb.database import transactional
from giftweb.domain import api_keys, campaigns
from giftweb.domain.audit import Actor
from giftweb.domain.campaign_settings import Settings
from giftweb.domain.campaigns import Campaign


@dataclass(frozen=True, slots=True)
class Opened:
    """A new campaign and its secrets, which are shown once."""

    campaign: Campaign
    live_key: str
    test_key: str


@transactional
def open_campaign(settings: Settings, *, by: Actor) -> Opened:
    """Create a campaign with a live and a test key.

    Raises: Invalid with every fault.
    """
    campaign = campaigns.create(settings, by=by)
    live = api_keys.create(campaign.id, is_test=False, by=by)
    test = api_keys.create(campaign.id, is_test=True, by=by)
    return Opened(campaign, live.secret, test.secret)
