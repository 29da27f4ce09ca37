"""The checkouts that a campaign opened, as its shop's program reaches them (API.md 3, 4)."""

from giftweb import codes, database
from giftweb.errors import NotFound


def currency_of(checkout_id: str, *, campaign_id: str, is_test: bool) -> str:
    """The currency of a checkout of this campaign and mode: one small look-up.

    Raises: NotFound.
    """
    found = database.row(
        "SELECT currency, campaign_id, is_test FROM checkout WHERE id = ?", checkout_id
    )
    if found is None or found[1] != campaign_id or bool(found[2]) != is_test:
        raise NotFound
    return found[0]


def client_token(checkout_id: str, *, campaign_id: str) -> str:
    """``<campaign id>.<secret>``: what the widget is given.

    Raises: NotFound.
    """
    sealed = database.scalar("SELECT token_sealed FROM checkout WHERE id = ?", checkout_id)
    if sealed is None:
        raise NotFound
    return f"{campaign_id}.{codes.unseal(bytes(sealed), checkout_id)}"
