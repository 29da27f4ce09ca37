"""The last days of cards end at midnight where the shop is: they follow its time zone (D25)."""

from peewee import Expression, fn

from giftweb import clock, days, models
from giftweb.domain import time_zones


def follow(campaign_id: str, *, before: str, house_before: str) -> None:
    """Move the ends of cards after a change of the campaign's time zone, or of the house's by it.

    Within the transaction of the change. No card is over by it, and none comes back.
    """
    card = models.GiftCard
    for owner, was, zone in (
        (card.campaign == campaign_id, before, time_zones.of_campaign(campaign_id)),
        (card.campaign.is_null(), house_before, time_zones.of_house()),
    ):
        if was != zone:
            _move(owner, zone)


def _move(owner: Expression, zone: str) -> None:
    card, now = models.GiftCard, clock.now()
    lives = owner & card.state.in_(("open", "frozen")) & (card.expires_at > now)
    last_days = card.select(card.expires_on).where(lives).distinct().tuples()
    for (last_day,) in list(last_days):
        end = days.end_of(last_day, zone)
        sent_at = fn.COALESCE(card.delivered_at, card.deliver_at, clock.to_micros(now))
        fits = sent_at < clock.to_micros(end)
        if end > now:
            moved = card.update(expires_at=end)
            moved.where(lives, card.expires_on == last_day, fits).execute()
