"""Root's changes of the limits, of which every Root is mailed."""

from giftweb.database import transactional
from giftweb.domain import limits, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.limits import Terms


@transactional
def put(role: str, *, currency: str, terms: Terms, codes: int | None, by: Actor) -> None:
    """Set what a role, BONUS or API_KEY may give in a currency, and how many codes in a day.

    Raises: NotAllowed (only Root), Invalid (role, currency, codes).
    """
    limits.terms.put(role, currency=currency, terms=terms, by=by)
    if role not in (limits.BONUS, limits.API_KEY) and codes != limits.terms.codes_of(role):
        limits.terms.put_codes(role, count=codes, by=by)
    staff.notices.to_every_root("limit.set", by=by, role=role, currency=currency)
