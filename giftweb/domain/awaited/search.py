"""Awaited payments that somebody has to look for on a statement: the list, and its search."""

from dataclasses import dataclass
from datetime import date, datetime

from peewee import Expression, ModelSelect

from giftweb import database, days, models, money
from giftweb.database import records
from giftweb.database.listings import Listing, Page, combine, literal
from giftweb.domain import payments, search_terms
from giftweb.errors import Invalid
from giftweb.models import Order, Payment
from giftweb.money import Money

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedPayment:
    """A payment that has not come, with what a statement and a person say about it.

    ``order_reference`` is what the customer was asked to name, ``reference`` what the shop or the
    provider calls the payment itself; they may be the same.
    """

    id: str
    created_at: datetime
    amount_minor: int
    currency: str
    method: str
    reference: str
    pay_until: datetime | None
    campaign_id: str
    time_zone: str
    order_number: int
    order_reference: str
    customer_name: str | None
    customer_email: str
    is_test: bool

    @property
    def amount(self) -> Money:
        """What is to come."""
        return Money(self.amount_minor, self.currency)

    @property
    def last_day(self) -> date | None:
        """The last day in its shop on which it may come; None: there is none."""
        return self.pay_until and days.last_day_before(self.pay_until, self.time_zone)


BY_HAND = (Payment.state == literal("pending")) & Payment.gateway.in_(payments.REPORTED_BY_HAND)
"""Awaited, and for a person to look for: a provider says itself what becomes of its own."""


def _query() -> ModelSelect:
    found = records.select(
        AwaitedPayment,
        Payment,
        currency=Order.currency,
        campaign_id=Order.campaign_id,
        time_zone=models.Campaign.time_zone,
        order_number=Order.number,
        order_reference=Order.reference,
        customer_name=Order.customer_name,
        customer_email=Order.customer_email,
        is_test=Order.is_test,
    )
    found = found.join(Order, on=Payment.order == Order.id)
    return found.join(models.Campaign, on=models.Campaign.id == Order.campaign_id).where(BY_HAND)


LISTING: Listing[AwaitedPayment] = Listing(
    _query,
    key=Payment.id,
    sorts={"since": (Payment.created_at,), "amount": (Payment.amount_minor,)},
    default="since",
)


def search(
    text: str = "", *, mode: str = "", sort: str = "", after: str | None = None, limit: int = PAGE
) -> Page[AwaitedPayment]:
    """A page of the awaited payments, those that wait longest first.

    ``text`` is the beginning of a reference, an order's number, the customer's name or address, or
    an amount as a person types it; ``mode`` is live, test or neither.
    """
    text = search_terms.cleaned(text)
    found = _alternatives(text) or ([Payment.id == ""] if text else [])
    any_of = combine(found, filters=search_terms.of_mode(Order.is_test, mode))
    return LISTING.page(any_of, sort=sort, after=after, limit=limit, uses_own_index=False)


def _alternatives(text: str) -> list[Expression]:
    if not text:
        return []
    found = [
        search_terms.begins(Order.reference, text),
        search_terms.begins(Payment.reference, text),
        search_terms.begins(Order.customer_email, text.lower()),
        *search_terms.person_begins(Order.customer_name, text),
        *_by_amount(text),
    ]
    digits = text.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) <= 9:
        found.append(Order.number == int(digits))
    return found


def _by_amount(text: str) -> list[Expression]:
    """Amounts that the text may mean: in the currency that it names, or in any that is awaited."""
    typed, named = text, ""
    for word in text.split():
        if len(word) == 3 and word.isascii() and word.isalpha():
            named, typed = word.upper(), text.replace(word, "").strip()
    currencies = [named] if named else awaited_currencies()
    found = []
    for currency in currencies:
        try:
            minor = money.parse(typed, currency).minor
        except Invalid:
            continue
        found.append((Order.currency == currency) & (Payment.amount_minor == minor))
    return found


def awaited_currencies() -> list[str]:
    """The currencies in which something is awaited."""
    found = models.Order.select(Order.currency).distinct().join(Payment)
    found = found.where(Payment.state == literal("pending")).order_by(Order.currency)
    return [currency for (currency,) in database.db.execute(found)]


def everything() -> list[AwaitedPayment]:
    """All that is awaited, longest first."""
    return [each for portion in LISTING.portions() for each in portion]


def of_customer(customer_id: str) -> list[AwaitedPayment]:
    """What a customer has still to pay, longest first."""
    return list(LISTING.uncounted([Order.customer_id == customer_id], limit=PAGE).items)
