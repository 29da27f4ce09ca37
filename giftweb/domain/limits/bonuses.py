"""What a campaign's bonus may come to: a sale goes on without it, and people look."""

from giftweb.domain.limits import daily_use, terms
from giftweb.domain.limits.values import BONUS
from giftweb.money import Money


def admits(campaign_id: str, amount: Money) -> bool:
    """Whether a bonus card is within the limits; counted for the campaign's day if it is.

    Nothing is written where there is no limit of the day.
    """
    limit = terms.of(BONUS, amount.currency)
    if limit.single is not None and amount.minor > limit.single:
        return False
    if limit.day is None:
        return True
    counter = f"bonus {campaign_id} {amount.currency}"
    if daily_use.add(counter, amount.minor) <= limit.day:
        return True
    daily_use.add(counter, -amount.minor)
    return False


def is_first_refusal(campaign_id: str) -> bool:
    """Whether no other bonus of the campaign was left out today; from now on one was."""
    return daily_use.add(f"bonus-refused {campaign_id}", 1) == 1
