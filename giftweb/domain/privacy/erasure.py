"""A person out of everything; every sum stays (D18).

What belongs to them is emptied row by row, and then every other text of the database is searched
for their address, and what is about them for their names. It all happens in one transaction, or not
at all; only files that wait for their import are read before it. Backups that were made before
still have them: docs/privacy.md.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

from peewee import Model

from giftweb import models
from giftweb.database import transactional
from giftweb.domain import audit, cards, emails, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.audit.redactions import ERASED
from giftweb.domain.cards.values import Card
from giftweb.domain.privacy import open_orders, people, texts, waiting_files
from giftweb.domain.privacy.people import Person
from giftweb.errors import NotFound, Refused
from giftweb.language import gettext
from giftweb.models import CustomerSession, GiftCard, Mail, SignInLink, SignInRequest
from giftweb.money import Money

NOBODY_AT = "erased.invalid"
"""The domain of the address that an erased customer has: nobody ever receives a mail there."""


class HoldsMoney(Refused):
    """Gift cards of this person still hold {amounts}: {cards}. Once nobody is known by them, only
    whoever has a code can spend it."""

    code = "holds_money"


class IsStaff(Refused):
    """This is the address of a member of staff, who signs in with it."""


def erase(
    email: str, *, by: Actor, reason: str | None = None, force: bool = False
) -> dict[str, int]:
    """Take a person out of everything; how many rows of each kind had them.

    ``force``: also when cards of theirs hold money, or an order of theirs is not done.

    Raises: Invalid, NotFound (nobody is known by this address), IsStaff, HoldsMoney, OrderOpen,
    FileBeingImported.
    """
    search = waiting_files.Search(emails.read(email))
    while True:
        search.read()
        with suppress(waiting_files.NotSearched):
            return _erase(email, search, by=by, reason=reason, force=force)


@transactional
def _erase(
    email: str,
    search: waiting_files.Search,
    *,
    by: Actor,
    reason: str | None,
    force: bool,
) -> dict[str, int]:
    person = people.find(email)
    if person.email in staff.addresses():
        raise IsStaff
    counts = Counter(_mails_of(person))
    if files := search.drop():
        counts["files of cards"] = files
    if not person.is_known and not counts:
        found = next(texts.naming(person), None)
        if found is None:
            raise NotFound(gettext("Nobody is known by this address."))
    if not force:
        _require_no_money(person)
        open_orders.require_none(person)
    counts["cards, orders, carts and lines"] += _empty(person)
    counts["sign-ins"] += _end_sign_ins(person)
    counts["wallets"] += _drop_wallets(person)
    counts["notes"] += _drop_notes(person)
    for text in texts.naming(person):
        texts.write(text)
        counts["other texts"] += 1
    _rename(person)
    audit.record(
        by=by,
        action="customer.erased",
        subject=person.customer_id or "person",
        reason=reason,
        data={_word(name): count for name, count in counts.items() if count},
    )
    return {name: count for name, count in sorted(counts.items()) if count}


def _word(name: str) -> str:
    return name.replace(",", "").replace(" ", "_")


def _require_no_money(person: Person) -> None:
    held = [card for card in cards.find_many(person.of(GiftCard)).values() if card.balance_minor]
    alive = [card for card in held if not card.is_test]
    if alive:
        listed = ", ".join(f"•••• {card.last4}" for card in alive[:10])
        more = f" and {len(alive) - 10} more" if len(alive) > 10 else ""
        raise HoldsMoney(amounts=_sums(alive), cards=listed + more)


def _sums(found: Iterable[Card]) -> str:
    sums: Counter[str] = Counter()
    for card in found:
        sums[card.currency] += card.balance_minor
    return " and ".join(str(Money(minor, currency)) for currency, minor in sorted(sums.items()))


# What belongs to them


def _mails_of(person: Person) -> dict[str, int]:
    refusal = models.ReminderRefusal
    refusal.delete().where(refusal.email == person.email).execute()
    gone = Mail.delete().where(Mail.to_email == person.email).execute()
    return {"mails": gone} if gone else {}


def _empty(person: Person) -> int:
    """Empty the columns that are about the person; how many rows had them."""
    count = 0
    for each in person.belongings:
        fields = [each.table._meta.columns[name] for name in each.columns]
        empty = {field.column_name: None if field.null else "" for field in fields}
        for row_id in each.ids:
            _change(each.table, row_id, empty)
            count += 1
    return count


def _change(table: type[Model], row_id: str, changes: dict[str, str | None]) -> None:
    if table._meta.table_name in audit.seals.SEALED:
        audit.seals.change(table, row_id, **changes)
    else:
        key = table._meta.columns["id"]
        table.update({table._meta.columns[n]: v for n, v in changes.items()}).where(
            key == row_id
        ).execute()


def _end_sign_ins(person: Person) -> int:
    gone = SignInRequest.delete().where(SignInRequest.email == person.email).execute()
    for table in (SignInLink, CustomerSession):
        gone += table.delete().where(table.customer == person.customer_id).execute()
    return gone


def _drop_wallets(person: Person) -> int:
    """Forget the devices that hold cards of theirs in a wallet."""
    held = models.WalletPass
    return held.delete().where(held.card.in_(person.of(GiftCard))).execute()


def _drop_notes(person: Person) -> int:
    note = models.Note
    return note.delete().where(note.subject == person.customer_id).execute()


def _rename(person: Person) -> None:
    """Their orders still name a customer: an address at which there is nobody."""
    customer = models.Customer
    nobody = {
        "email": f"{person.customer_id}@{NOBODY_AT}",
        "name": ERASED,
        "erasure_asked_at": None,
    }
    audit.seals.change(customer, str(person.customer_id), **nobody)
