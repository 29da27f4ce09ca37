"""The terms of a limit."""

from dataclasses import dataclass

BONUS = "bonus"
"""Stands in place of a role for the bonus cards of a campaign."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Minor units; None: no limit.

    ``single``: what one action comes to. ``receiver``: what one address is given in a day, by
    everybody together. ``day``: what one person (a bonus: one campaign) gives in a day.
    """

    single: int | None
    receiver: int | None
    day: int | None
