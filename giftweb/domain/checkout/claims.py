"""What a payment provider is asked for a checkout, stored before it is asked (D3)."""

from dataclasses import asdict, dataclass, replace

from giftweb import clock, models
from giftweb.database import transactional
from giftweb.domain import carts
from giftweb.domain.carts.values import Checkout
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Claim:
    """A charge that a provider is asked for; its fields are those of the stored document.

    ``amount`` is in minor units. ``key`` is the idempotency key of every call. ``reference`` is the
    provider's, once it has answered. A claim that ``is_over`` waits for the provider to void it.
    """

    gateway: str
    key: str
    amount: int
    currency: str
    at: int
    reference: str | None = None
    is_over: bool = False

    @property
    def due(self) -> Money:
        """What the provider is to charge."""
        return Money(self.amount, self.currency)


def of(checkout: Checkout) -> Claim | None:
    """The claim of a checkout, if it has one."""
    return None if checkout.claim is None else Claim(**checkout.claim)


def store(checkout: Checkout, claim: Claim | None) -> Checkout:
    """Write the claim of a locked checkout; the checkout with it."""
    table, document = models.Checkout, None if claim is None else asdict(claim)
    table.update(claim=document).where(table.id == checkout.id).execute()
    return checkout._replace(claim=document)


@transactional
def store_reference(checkout_id: str, *, key: str, reference: str | None) -> None:
    """Write down what the provider calls this charge, unless the claim is another one by now."""
    checkout = carts.lock(checkout_id)
    claim = of(checkout)
    if claim is not None and claim.key == key:
        store(checkout, replace(claim, reference=reference))


@transactional
def remove(checkout_id: str, *, key: str) -> None:
    """Remove a claim whose charge is void, unless it is another one by now."""
    checkout = carts.lock(checkout_id)
    claim = of(checkout)
    if claim is not None and claim.key == key:
        store(checkout, None)


def abandoned() -> list[str]:
    """The checkouts whose claim nobody finishes any more: they were closed, or have expired."""
    table = models.Checkout
    is_over = (table.status != carts.AUTHORISED) | (table.expires_at <= clock.now())
    found = table.select(table.id).where(table.claim.is_null(False), is_over)
    return [each.id for each in found.order_by(table.id)]
