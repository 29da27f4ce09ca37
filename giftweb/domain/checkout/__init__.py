"""Authorise, capture and void a cart; charge another tender in steps.

Changing a cart is carts. Door: ``authorise``, ``capture``, ``void``, ``redemptions``.
"""

from giftweb.domain.checkout import charges, checkout, claims, redemptions, setups
from giftweb.domain.checkout.checkout import (
    allocate_again,
    authorise,
    capture,
    capture_as_sheet,
    due_to_lapse,
    lapse,
    reopen,
    reopen_broken,
    void,
)
