"""The other tenders behind one interface (giftweb.domain.payments.Gateway)."""

from giftweb.config import Config
from giftweb.domain.payments import Gateway
from giftweb.gateways.by_hand import Offline, Shop


def available(config: Config) -> dict[str, Gateway]:
    """The providers that this installation is set up for, by name."""
    return {gateway.name: gateway for gateway in (Shop(), Offline())}
