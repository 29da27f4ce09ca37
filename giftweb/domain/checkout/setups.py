"""The card that a shopper names in a provider's script: it pays for this very checkout alone.

The provider's id of it is no secret: it stands in addresses and logs. So it stays with the checkout
that it was made for, and none is taken from a browser.
"""

from dataclasses import replace

from giftweb import models
from giftweb.database import transactional
from giftweb.domain import carts, payments
from giftweb.domain.payments.providers import Source
from giftweb.errors import PaymentDeclined, PaymentMethodRequired
from giftweb.language import gettext


def open_setup(checkout_id: str, *, gateway: str) -> str:
    """The secret with which the browser names a card for this checkout; it replaces one before.

    Raises: PaymentDeclined when the provider cannot be reached; NotFound.
    """
    opened = carts.find(checkout_id)
    setup = payments.providers.charging_gateway(gateway).open_setup(
        email=opened.customer_email, name=opened.customer_name, order=checkout_id
    )
    if setup is None:
        raise PaymentDeclined(reason=gettext("the payment provider cannot be reached."))
    _keep(checkout_id, setup.reference)
    return setup.client_secret


@transactional
def _keep(checkout_id: str, reference: str) -> None:
    checkout = models.Checkout
    checkout.update(setup=reference).where(checkout.id == checkout_id).execute()


def with_own_card(source: Source, checkout_id: str) -> Source:
    """The source with the card that was named for this checkout, whatever it had before.

    Raises: PaymentMethodRequired when none was named.
    """
    if source.kind != "card":
        return source
    checkout = models.Checkout
    kept = checkout.select(checkout.setup).where(checkout.id == checkout_id).scalar()
    if kept is None:
        raise PaymentMethodRequired(gettext("Name the card first."))
    return replace(source, token=kept)
