"""What names a provider's charge, which pays for one thing only (E13)."""

from collections.abc import Iterable

from giftweb import database, models
from giftweb.database import constraints
from giftweb.errors import Invalid, PaymentAlreadyUsed
from giftweb.language import gettext, lazy_gettext

WITHOUT_CHARGE = ("bank_transfer", "cash", "offline")
"""Methods without a provider: several payments may have one reference, such as the order's."""

# Hot: each capture over HTTP asks for each of its charges, and peewee would add 0.5 ms.


def charge_of(
    method: str, reference: str, gateway: str, campaign_id: str, *, is_test: bool
) -> str | None:
    """What names a provider's charge, which pays once; None where there is no such thing."""
    if not reference or gateway == "offline" or method in WITHOUT_CHARGE:
        return None
    return " ".join((campaign_id, "test" if is_test else "live", gateway, reference))


def find_by_charge(gateway: str, reference: str) -> str | None:
    """The payment of a provider's charge, in whatever shop and mode; None for none of ours."""
    shops = [row.id for row in models.Campaign.select(models.Campaign.id)]
    names = [f"{shop} {mode} {gateway} {reference}" for shop in shops for mode in ("live", "test")]
    charge = models.Payment.charge
    found = models.Payment.select(models.Payment.id).where(charge.in_(names)).first()
    return None if found is None else str(found.id)


def require_distinct(charges: Iterable[str | None]) -> None:
    """Refuse payments of one order that name the same charge.

    Raises: Invalid (payments.N.reference).
    """
    known = set[str]()
    for place, charge in enumerate(charges):
        if charge in known:
            sentence = gettext("Send a reference of its own for each payment.")
            raise Invalid(sentence, field=f"payments.{place}.reference")
        if charge is not None:
            known.add(charge)


def require_unused(charge: str | None) -> None:
    """Refuse a charge that has paid for something.

    Raises: PaymentAlreadyUsed.
    """
    if charge is None:
        return
    if found := database.scalar("SELECT id FROM payment WHERE charge = ?", charge):
        raise PaymentAlreadyUsed(payment_id=found)


constraints.declare(
    "payment_charge",
    PaymentAlreadyUsed,
    lazy_gettext("This payment has paid for something just now."),
)
