"""The interface of every tender that is not a gift card (D2).

The implementations are in giftweb.gateways; create_app passes them in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from giftweb.errors import NotFound
from giftweb.language import gettext
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's response. ``status``: succeeded, failed, processing (it has begun, and may take
    days), or unknown when there is none (yet).
    """

    status: str
    reference: str = ""
    problem: str = ""
    method: str = ""
    reusable_method: str | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """A card that the shopper is about to name: the provider's id of that, which stays with us, and
    the secret with which the browser does it.
    """

    reference: str
    client_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the shopper pays with at a provider. ``token`` is the provider's id of the ``Setup``
    that was made for the same checkout, never one that a browser sends.

    ``return_url`` is where the provider sends the shopper back to, if it takes them away.
    """

    kind: str
    token: str = ""
    return_url: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A payment under way: the shopper may have to go to ``redirect_url``, or to prove themself
    with ``client_secret``; with neither it needs nothing more. ``problem``: it was declined.
    """

    reference: str = ""
    client_secret: str = ""
    redirect_url: str = ""
    problem: str = ""


PAYMENT, REFUND = "payment", "refund"
DISPUTE, DISPUTE_WON, INQUIRY = "dispute", "dispute won", "inquiry"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a provider reports by itself. ``kind``: one of the words above; ``reference``: of the
    payment; ``subject``: the provider's id of what it is about; ``amount``: of a dispute.
    """

    kind: str
    reference: str
    subject: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund as the provider has it. ``key``: ours, when we asked for it; else it was made there.

    One that is still under way is none yet.
    """

    reference: str
    key: str
    amount: Money
    has_failed: bool


class Gateway(Protocol):
    """Where a tender's money is. ``asks_shop``: the shop itself returns refunds."""

    name: str
    asks_shop: bool
    is_remote: bool

    def refund(self, *, reference: str, amount: Money, key: str) -> Answer:
        """Refund; the same ``key`` twice has one effect. Never raises for a refusal."""
        ...


class ChargingGateway(Gateway, Protocol):
    """A provider that charges for us. No call raises for a refusal or a missing response.

    ``publishable_key`` and ``script_url`` are for the shopper's browser.
    """

    publishable_key: str
    script_url: str

    def open_setup(self, *, email: str, name: str, order: str) -> Setup | None:
        """Let the browser name a card for this checkout; None when the provider is out of reach."""
        ...

    def authorise(self, *, source: Source, amount: Money, key: str, order: str) -> Prepared:
        """Authorise the amount; the same ``key`` twice is one payment."""
        ...

    def retrieve(self, *, reference: str) -> Answer:
        """succeeded: authorised; failed: declined; processing: confirmed, and yet to come;
        unknown: not confirmed yet.
        """
        ...

    def capture(self, *, reference: str, amount: Money, key: str) -> Answer:
        """Capture an authorised payment; a repeated call has no further effect. One that was
        ``processing`` may have come by itself, or have failed.
        """
        ...

    def void(self, *, reference: str | None, key: str, amount: Money) -> Answer:
        """Void an authorisation; without a reference, the one created under ``key``."""
        ...

    def authorise_off_session(self, *, method: str, amount: Money, key: str) -> Answer:
        """Authorise on a reusable method without the shopper; ``capture`` charges it."""
        ...

    def read_notice(self, body: bytes, signature: str) -> Notice | None:
        """What the provider has sent by itself; None when it concerns nothing of ours.

        Raises: NotAllowed when the provider has not signed it; NotFound when it may send nothing.
        """
        ...

    def refunds_of(self, *, reference: str) -> list[ProviderRefund] | None:
        """Every refund of a payment, wherever it was made; None without an answer."""
        ...


_gateways: dict[str, Gateway] = {}


def use_gateways(gateways: Mapping[str, Gateway]) -> None:
    """Set the providers there are; called once by create_app."""
    _gateways.clear()
    _gateways.update(gateways)


def gateway(name: str) -> Gateway:
    """The provider of that name.

    Raises: NotFound when it is not set up here.
    """
    if name not in _gateways:
        raise NotFound(gettext("The payment method {name} is not set up here.", name=name))
    return _gateways[name]


def charging_gateway(name: str) -> ChargingGateway:
    """The remote provider of that name.

    Raises: NotFound when it is not set up here.
    """
    found = gateway(name)
    if not found.is_remote:
        raise NotFound(gettext("The payment method {name} charges nothing.", name=name))
    return cast(ChargingGateway, found)
