"""What tests are told about, made by the domain's own verbs."""

import functools
import itertools
from datetime import date
from typing import Any
from unittest import mock

from argon2 import PasswordHasher

from giftweb import clock, money
from giftweb.database import transactional
from giftweb.domain import campaigns, cards, catalogue, limits, staff, throttle
from giftweb.domain.audit import check_actors, seals
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.campaigns.settings import Settings
from giftweb.domain.cards.values import Issued
from giftweb.domain.carts.values import Checkout
from giftweb.domain.catalogue.items import Item
from giftweb.domain.limits import Terms
from giftweb.domain.staff.people import ROLES, Person
from giftweb.models import StaffSession
from giftweb.money import Money

AGENT = Actor("staff", "stf_agent", "Amy Agent", "customer_service", "amy@giftweb.test")
ADMIN = Actor("staff", "stf_admin", "Abe Admin", "customer_service_admin", "abe@giftweb.test")
ROOT = Actor("staff", "stf_root", "Rita Root", "root", "rita@giftweb.test")
STAND_INS = frozenset({AGENT.id, ADMIN.id, ROOT.id, "key_x", "key_1"})
"""Actors whom nobody has added: for tests that are about something else."""
PASSWORD = "seven-otters-cross-the-road"
ADDRESS = {
    "name": "Ann Smith",
    "line1": "1 High Street",
    "city": "Springfield",
    "postal_code": "12345",
    "country": "US",
}

_why_not = check_actors.Actors.why_not


def know_stand_ins() -> None:
    """Let the audit find nothing wrong with what the stand-ins do."""

    def but_for_them(actors: check_actors.Actors, actor_id: str, *more: Any) -> str | None:
        return None if actor_id in STAND_INS else _why_not(actors, actor_id, *more)

    check_actors.Actors.why_not = but_for_them  # type: ignore[method-assign]


_numbers = itertools.count(1)


def amount_of(text: str) -> Money:
    """``"50.00 USD"`` as Money."""
    figure, currency = text.split()
    return money.parse(figure, currency, least=0)


def make_card(
    amount: str = "50.00 USD",
    *,
    holder: str = "ann@example.com",
    by: Actor = SYSTEM,
    **more: Any,
) -> Issued:
    """A card and its code; ``more`` as in ``cards.NewCard``. The house itself has no limits."""
    new = cards.NewCard(amount=amount_of(amount), holder_email=holder, **more)
    return cards.issue(new, by=by)


def limit_to(amount: str, *, by: Actor = ROOT) -> None:
    """Whatever anybody gives above this amount at a time waits for another person."""
    most = amount_of(amount)
    for role in ROLES:
        limits.terms.put(role, currency=most.currency, terms=Terms(most.minor, None, None), by=by)


def forget_passwords_entered() -> None:
    """Nobody has entered their password lately."""
    for session_id in [found.id for found in StaffSession.select(StaffSession.id)]:
        transactional(seals.change)(StaffSession, session_id, confirmed_at=clock.from_micros(0))


def set_rate(base: str, quote: str, rate: str) -> None:
    """One unit of ``base`` in ``quote``, for as long as anybody remembers."""
    new = catalogue.rates.NewRate(on_date=date(2020, 1, 1), base=base, quote=quote, rate=rate)
    catalogue.rates.set_rates([new], by=ROOT)


def no_limits(*currencies: str) -> None:
    """Root has taken every limit in these currencies off, USD by default."""
    for currency in currencies or ("USD",):
        for role in (*ROLES, limits.BONUS):
            limits.terms.put(role, currency=currency, terms=Terms(None, None, None), by=ROOT)
    for role in ROLES:
        limits.terms.put_codes(role, count=None, by=ROOT)


OWN_HASHER = staff.passwords._hasher
"""The program's own: it is made to take long, and thousands sign in to the tests."""


@functools.cache
def _quick_hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def hash_quickly() -> None:
    """Let passwords of the tests be cheap to hash and to try."""
    staff.passwords._hasher = _quick_hasher


_hash_once = functools.cache(staff.passwords.hash_of)


def _is_strong(password: str, **_: str) -> None:
    """PASSWORD is; to find that out takes longer than all the rest of adding a person."""
    assert password == PASSWORD


def make_staff(role: str = "customer_service", *, email: str | None = None) -> Person:
    """A member of staff, whose password is PASSWORD."""
    number = next(_numbers)
    quick = {"hash_of": _hash_once, "require_strong": _is_strong}
    with mock.patch.multiple(staff.passwords, **quick):
        return staff.create(
            email=email or f"{role}-{number}@giftweb.test",
            name=f"{role.replace('_', ' ').title()} {number}",
            role=role,
            password=PASSWORD,
            by=SYSTEM,
        )


def person_with(email: str) -> Person:
    """The member of staff who signs in with this address."""
    (found,) = [person for person in staff.search(email, limit=9).items if person.email == email]
    return found


def make_campaign(
    name: str = "Corner Shop", *, by: Actor = ROOT, **settings: Any
) -> campaigns.Campaign:
    """A campaign in USD; ``settings`` as in ``campaign_settings.Settings``."""
    return campaigns.create(Settings(**{"name": name, "currency": "USD"} | settings), by=by)


def make_api_key(campaign_id: str, *, is_test: bool = False, by: Actor = ROOT) -> str:
    """The secret of a new API key."""
    return campaigns.api_keys.create(campaign_id, is_test=is_test, by=by).secret


def goods(amount: str = "70.00 USD", **more: Any) -> Item:
    """One item of goods at this price; ``more`` as in ``cart_items.Item``."""
    fields = {"sku": "MUG", "name": "A mug", "quantity": 1, "unit_minor": amount_of(amount).minor}
    return Item(**fields | more)


def make_checkout(
    *items: Item,
    campaign_id: str | None = None,
    is_test: bool = False,
    shipping: str = "9.00 USD",
    **more: Any,
) -> Checkout:
    """An open checkout, by default of goods for 70.00 USD and 9.00 USD shipping."""
    from giftweb.domain import carts

    price = amount_of(shipping)
    cart = carts.Cart(
        reference=more.pop("reference", f"R-{next(_numbers)}"),
        currency=price.currency,
        items=items or (goods(),),
        customer_email=more.pop("customer_email", "ann@example.com"),
        customer_name=more.pop("customer_name", "Ann Smith"),
        shipping_minor=price.minor,
        shipping_address=more.pop("shipping_address", ADDRESS),
        **more,
    )
    owner = campaign_id or make_campaign().id
    return carts.open_checkout(cart, campaign_id=owner, is_test=is_test)


def forget_failures() -> None:
    """Nobody has failed to type a code or a password before this test."""
    throttle.counters._rows("DELETE FROM throttle RETURNING source")
