"""A campaign's logo: a picture that stands where its name does, in its shop and mails and on its
cards.
"""

from dataclasses import dataclass
from functools import lru_cache

from giftweb import models
from giftweb.database import transactional
from giftweb.domain import audit, catalogue
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign, find
from giftweb.domain.catalogue.designs import Redrawn
from giftweb.errors import NotFound


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo by the id of its picture, and its size in pixels."""

    id: str
    width: int
    height: int


def of(campaign: Campaign) -> Logo | None:
    """The campaign's logo, if it has one."""
    return by_id(campaign.logo_id) if campaign.logo_id else None


@lru_cache(maxsize=256)
def by_id(picture_id: str) -> Logo:
    """A logo by the id of its picture, which names the same one for ever.

    Raises: NotFound.
    """
    found = catalogue.designs.picture(picture_id)
    return Logo(picture_id, found.width, found.height)


@transactional
def put(campaign_id: str, *, new: Redrawn, by: Actor) -> None:
    """Give the campaign a logo, in place of the one that it had.

    Raises: NotFound.
    """
    find(campaign_id)
    picture_id = catalogue.designs.keep(new)
    seals.change(models.Campaign, campaign_id, logo_id=picture_id)
    audit.record(by=by, action="campaign.logo_set", subject=campaign_id)


@transactional
def remove(campaign_id: str, *, by: Actor) -> None:
    """Take the logo off. Mails that went out keep it.

    Raises: NotFound (the campaign has none).
    """
    if find(campaign_id).logo_id is None:
        raise NotFound
    seals.change(models.Campaign, campaign_id, logo_id=None)
    audit.record(by=by, action="campaign.logo_removed", subject=campaign_id)
