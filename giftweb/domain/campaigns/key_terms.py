"""What a key of the HTTP API may do: scopes, caps, its last instant, and from where."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from giftweb import clock
from giftweb.errors import Invalid
from giftweb.language import LazyText, gettext, lazy_gettext
from giftweb.money import LIMIT_MINOR, Money, too_much

CHECKOUT, ISSUE, REFUND, READ = SCOPES = ("checkout", "issue", "refund", "read")
MOST_ADDRESSES = 20

LABELS: dict[str, LazyText] = {
    CHECKOUT: lazy_gettext("Checkout: carts, payments, orders"),
    READ: lazy_gettext("Read: cards, orders, events"),
    ISSUE: lazy_gettext("Issue: new cards, money on cards, other addresses"),
    REFUND: lazy_gettext("Refund: refunds, cancellations, chargebacks"),
    "card_cap": lazy_gettext("Most on one card"),
    "day_cap": lazy_gettext("Most in a day"),
    "expires_at": lazy_gettext("Last day"),
    "addresses": lazy_gettext("Addresses of the shop's servers"),
}
"""What people read of each scope and of each term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTerms:
    """``scopes`` None: every scope, those of later versions too. A cap or end of None: none.

    ``card_cap`` is the most on one card, ``day_cap`` all that the key gives in a day. ``addresses``
    are addresses or networks; empty: from anywhere.
    """

    scopes: tuple[str, ...] | None = None
    card_cap: Money | None = None
    day_cap: Money | None = None
    expires_at: datetime | None = None
    addresses: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a key with these terms."""
        return {
            "scopes": None if self.scopes is None else " ".join(self.scopes),
            "card_cap_minor": self.card_cap and self.card_cap.minor,
            "day_cap_minor": self.day_cap and self.day_cap.minor,
            "expires_at": self.expires_at,
            "addresses": " ".join(self.addresses) or None,
        }

    def require_sound(self, currency: str) -> "KeyTerms":
        """The terms with every address in its usual form.

        Raises: Invalid (scopes, card_cap, day_cap, expires_at, addresses).
        """
        if self.scopes is not None and not (self.scopes and set(self.scopes) <= set(SCOPES)):
            raise Invalid(gettext("Choose what the key may do."), field="scopes")
        for field, cap in (("card_cap", self.card_cap), ("day_cap", self.day_cap)):
            if cap is not None and cap.currency != currency:
                raise Invalid(
                    gettext("This campaign is in {currency}.", currency=currency), field=field
                )
            if cap is not None and cap.minor > LIMIT_MINOR:
                raise too_much(currency, field=field)
        if self.expires_at is not None and self.expires_at <= clock.now():
            raise Invalid(gettext("Enter a date that is not in the past."), field="expires_at")
        return KeyTerms(
            scopes=self.scopes,
            card_cap=self.card_cap,
            day_cap=self.day_cap,
            expires_at=self.expires_at,
            addresses=_networks(self.addresses),
        )


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    if len(texts) > MOST_ADDRESSES:
        raise Invalid(
            gettext("Enter at most {most_addresses} addresses.", most_addresses=MOST_ADDRESSES),
            field="addresses",
        )
    try:
        return tuple(str(ipaddress.ip_network(text, strict=False)) for text in texts)
    except ValueError as error:
        way_out = "Enter IP addresses or networks, such as 203.0.113.7 or 203.0.113.0/24."
        raise Invalid(way_out, field="addresses") from error


def is_within(address: str, networks: str) -> bool:
    """Whether an address is one of those that are listed, between blanks."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network) for network in networks.split())
