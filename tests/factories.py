"""What tests are told about, made by the domain's own verbs."""

from typing import Any

from giftweb import money
from giftweb.domain import cards
from giftweb.domain.audit import Actor
from giftweb.domain.card_values import Issued
from giftweb.money import Money

AGENT = Actor(kind="staff", id="stf_agent", name="Amy Agent", role="customer_service")
ADMIN = Actor(kind="staff", id="stf_admin", name="Abe Admin", role="customer_service_admin")
ROOT = Actor(kind="staff", id="stf_root", name="Rita Root", role="root")


def amount_of(text: str) -> Money:
    """``"50.00 USD"`` as Money."""
    figure, currency = text.split()
    return money.parse(figure, currency)


def make_card(
    amount: str = "50.00 USD",
    *,
    holder: str = "ann@example.com",
    by: Actor = AGENT,
    **more: Any,
) -> Issued:
    """A card and its code; ``more`` as in ``cards.NewCard``."""
    new = cards.NewCard(amount=amount_of(amount), holder_email=holder, **more)
    return cards.issue(new, by=by)
