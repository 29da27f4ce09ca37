"""Above which amounts a second person has to look: one limit a currency, set by Root."""

from giftweb.database import transactional
from giftweb.domain import audit, house_settings
from giftweb.domain.audit.log import Actor
from giftweb.errors import NotAllowed
from giftweb.money import Money, exponent

_SETTING = "approval_limits"


def all_of_them() -> list[Money]:
    """The limits that Root has set, by currency."""
    found = house_settings.get(_SETTING) or {}
    return [Money(minor, currency) for currency, minor in sorted(found.items())]


@transactional
def put(currency: str, *, amount: Money | None, by: Actor) -> None:
    """Ask for approval above ``amount``; None: never, in this currency.

    Raises: NotAllowed (only Root), Invalid (currency).
    """
    if by.role != "root":
        raise NotAllowed
    exponent(currency)
    kept = {limit.currency: limit.minor for limit in all_of_them() if limit.currency != currency}
    if amount is not None:
        kept[currency] = amount.minor
    house_settings.put(_SETTING, kept)
    data = {"currency": currency, "amount": None if amount is None else amount.minor}
    audit.record(by=by, action="approval.limit_set", subject=_SETTING, data=data)


def of(currency: str) -> Money | None:
    """The limit in a currency; None when there is none."""
    return next((limit for limit in all_of_them() if limit.currency == currency), None)
