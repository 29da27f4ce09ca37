"""The terms of a limit."""

from dataclasses import dataclass

BONUS, API_KEY = "bonus", "api_key"
"""Stand in place of a role: for the bonus cards of a campaign, for a live key made at the desk."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Minor units; None: no limit.

    ``single``: what one action comes to. ``receiver``: what one address is given in a day, by
    everybody together. ``day``: what one person (a bonus: one campaign) gives in a day.
    """

    single: int | None
    receiver: int | None
    day: int | None
