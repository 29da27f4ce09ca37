"""Where the gift cards of campaigns are spent (B31)."""

from collections.abc import Iterable
from dataclasses import dataclass

from giftweb import shop_urls
from giftweb.domain import catalogue
from giftweb.domain.campaigns import campaigns
from giftweb.domain.campaigns.campaigns import Campaign


@dataclass(frozen=True, slots=True)
class Place:
    """A shop by its name, and the address where its cards are spent, without a code; "" when it has
    none. ``contact``: whom holders ask, or "". ``logo_id``: the picture of its logo."""

    campaign_id: str
    name: str
    colour: str
    url: str
    contact: str
    logo_id: str | None


def url_of(campaign: Campaign) -> str:
    """The address that the campaign names, else the path of its hosted shop; it may hold a
    ``{code}`` (``giftweb.shop_urls``). "" when it names none and sells nothing here.
    """
    sells = campaign.is_active and catalogue.sells(campaign.id)
    return campaign.shop_url or (shop_urls.hosted(campaign.id) if sells else "")


def places(campaign_ids: Iterable[str | None]) -> dict[str, Place]:
    """The shops of these campaigns, by id; None and unknown ids are left out."""
    wanted = {each for each in campaign_ids if each}
    found = [campaigns.find(each) for each in sorted(wanted)]
    return {
        each.id: Place(
            campaign_id=each.id,
            name=each.brand_name or each.name,
            colour=each.brand_colour,
            url=shop_urls.plain(url_of(each)),
            contact=each.contact or "",
            logo_id=each.logo_id,
        )
        for each in found
    }
