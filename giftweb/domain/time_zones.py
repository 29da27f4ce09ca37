"""Whose days count: the time zone of a campaign, and of what belongs to none (D25)."""

from giftweb import days, models


def of_campaign(campaign_id: str | None) -> str:
    """The time zone of a campaign; without one, that of the house."""
    if campaign_id is None:
        return of_house()
    table = models.Campaign
    return table.select(table.time_zone).where(table.id == campaign_id).scalar()


def of_house() -> str:
    """The time zone that all campaigns share; UTC when they differ, or there is none."""
    zone = models.Campaign.time_zone
    found = list(models.Campaign.select(zone).distinct().limit(2).tuples())
    return found[0][0] if len(found) == 1 else days.WORLD
