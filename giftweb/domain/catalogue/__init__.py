"""What a campaign sells, in which currency and at which rate; the lines of a cart.

Nothing here is bought yet. Door: the verbs of ``products``, and ``Item``.
"""

from giftweb.domain.catalogue import designs, items, prices, products, rates, taxes, teams
from giftweb.domain.catalogue.items import read
from giftweb.domain.catalogue.products import (
    change,
    create,
    find,
    gift_cards,
    of_campaign,
    sells,
)
