"""The addresses of a campaign that a shop puts into its own pages and mails."""

from typing import NamedTuple

from flask import current_app, url_for

WIDGET = (
    '<script src="{}/widget.js" async></script>\n'
    '<giftweb-checkout token="CLIENT_TOKEN"></giftweb-checkout>'
)


class Addresses(NamedTuple):
    """As anybody can open them: with the site's own name."""

    shop: str
    balance: str
    widget: str


def of(campaign_id: str) -> Addresses:
    """Its hosted shop, its balance page, and the tag of the widget."""
    base = current_app.config["GIFTWEB"].base_url
    return Addresses(
        shop=base + url_for("store.index", campaign_id=campaign_id),
        balance=base + url_for("public.ask", shop=campaign_id),
        widget=WIDGET.format(base),
    )
