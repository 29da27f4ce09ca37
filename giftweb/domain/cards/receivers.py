"""Whom staff cannot give money to: themselves, and one another.

A help against mistakes and plain temptation, and no control: who wants to has another address.
"""

from collections.abc import Iterable

from giftweb.domain import emails, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.new_card import NewCard
from giftweb.errors import NotAllowed
from giftweb.language import lazy_gettext

OWN = lazy_gettext("You cannot give a gift card to your own address.")
COLLEAGUE = lazy_gettext("This is a colleague's address. Staff cannot give one another gift cards.")


def require_not_oneself(email: str | None, by: Actor) -> None:
    """Refuse a person's own address, however it is written.

    Raises: NotAllowed.
    """
    if by.kind == "staff" and email and emails.canonical(by.email or "") == emails.canonical(email):
        raise NotAllowed(OWN, field="holder_email")


def require_not_staff(email: str | None, by: Actor) -> None:
    """Refuse the address of anybody who signs in to the desk, however it is written.

    Raises: NotAllowed.
    """
    _require_none_of([email], by)


def require_allowed(cards: Iterable[NewCard], by: Actor) -> None:
    """``require_not_staff`` for what is given, ``require_not_oneself`` for what was bought."""
    gifts = []
    for new in cards:
        if new.is_given:
            gifts.append(new.holder_email)
        else:
            require_not_oneself(new.holder_email, by)
    _require_none_of(gifts, by)


def refusal(email: str, by: Actor, *, colleagues: frozenset[str]) -> NotAllowed | None:
    """Why this address gets nothing from ``by``; None when it may.

    ``colleagues``: ``colleagues_of(by)``, to read them once for many addresses.
    """
    found = emails.canonical(email)
    if by.kind == "staff" and found == emails.canonical(by.email or ""):
        return NotAllowed(OWN, field="holder_email")
    return NotAllowed(COLLEAGUE, field="holder_email") if found in colleagues else None


def colleagues_of(by: Actor) -> frozenset[str]:
    """The addresses of everybody who signs in, in their canonical form; none for other actors."""
    return (
        frozenset(map(emails.canonical, staff.addresses())) if by.kind == "staff" else frozenset()
    )


def _require_none_of(addresses: Iterable[str | None], by: Actor) -> None:
    known = [email for email in addresses if email]
    colleagues = colleagues_of(by) if known else frozenset()
    for email in known:
        if why := refusal(email, by, colleagues=colleagues):
            raise why
