"""The checkouts that a campaign opened, as its shop's program reaches them (API.md 3, 4)."""

from giftweb import models
from giftweb.errors import NotFound


def currency_of(checkout_id: str, *, campaign_id: str, is_test: bool) -> str:
    """The currency of a checkout of this campaign and mode: one small look-up.

    Raises: NotFound.
    """
    checkout = models.Checkout
    found = checkout.select(checkout.currency).where(
        checkout.id == checkout_id, checkout.campaign == campaign_id, checkout.is_test == is_test
    )
    currency = found.scalar()
    if currency is None:
        raise NotFound
    return currency
