"""Where a shopper orders gift cards from: a digest, by which purchases are counted (B26)."""

from giftweb import keys, models
from giftweb.database import transactional
from giftweb.domain import throttle
from giftweb.domain.carts.values import OPEN, Checkout


@transactional
def remember_network(cart: Checkout, *, address: str) -> None:
    """Keep the network of an open cart that buys gift cards; nobody can read the address of it."""
    if not any(item.is_gift_card for item in cart.items):
        return
    name = f"network\x1f{throttle.source_of(address)}"
    row = models.Checkout
    kept = row.update(network=keys.ring().seal_of(name.encode()).hex())
    kept.where(row.id == cart.id, row.status == OPEN).execute()
