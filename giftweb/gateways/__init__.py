"""The other tenders behind one interface (giftweb.domain.payments.Gateway).

A gift card is none of them. The sender of webhooks is here too: both talk to strangers. Door:
``available``.
"""

from giftweb.config import Config
from giftweb.domain.payments.providers import Gateway
from giftweb.gateways.by_hand import Offline, Shop


def available(config: Config) -> dict[str, Gateway]:
    """The providers that this installation is set up for, by name."""
    found: list[Gateway] = [Shop(), Offline()]
    if config.stripe_secret_key:
        # Imported only where it is used: the library is large.
        from giftweb.gateways.stripe import Stripe

        found.append(
            Stripe(
                config.stripe_secret_key,
                config.stripe_publishable_key or "",
                config.stripe_api_base,
                webhook_secret=config.stripe_webhook_secret or "",
            )
        )
    return {gateway.name: gateway for gateway in found}
