"""Whose clock the pages of the desk show: the shop's, where all campaigns share one (D25)."""

from flask import Flask, request

from giftweb import days
from giftweb.domain import time_zones

DESK = "/staff/"


def install(app: Flask) -> None:
    """Show each page of the desk by the house's clock, and all else by the world's."""

    def choose() -> None:
        if request.path.startswith(DESK):
            days.display_in(time_zones.of_house())

    def forget(_problem: BaseException | None) -> None:
        days.display_in(days.WORLD)

    app.before_request(choose)
    app.teardown_request(forget)


def use_clock_of(campaign_id: str | None) -> None:
    """Show the page of something that a campaign has sold by that campaign's clock."""
    days.display_in(time_zones.of_campaign(campaign_id))
