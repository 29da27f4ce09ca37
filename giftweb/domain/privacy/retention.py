"""How long names, mails and events stay: months that Root sets, kept by the worker (D18).

Nothing goes by itself until a number is set. The log and the books stay for ever: they name nobody.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from giftweb import clock
from giftweb.database import transactional
from giftweb.domain import audit, house_settings
from giftweb.domain.audit.log import Actor
from giftweb.domain.privacy import erasure, open_orders
from giftweb.errors import DomainError, Invalid, NotAllowed
from giftweb.language import gettext
from giftweb.models import (
    Account,
    Customer,
    CustomerSession,
    Event,
    GiftCard,
    Mail,
    Order,
    OrderItem,
)

_SETTING, _MARK = "retention", "retention_events"
MOST_MONTHS = 240
_MONTH = timedelta(days=31)
_ROWS, _PEOPLE = 500, 5
_NAMES = frozenset({"holder", "customer", "shipping_address", "recipient", "sender", "message"})
"""Parts of an event's payload that are about a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Months; None: for ever. ``mails``: that were sent. ``events``: the names in them. ``people``:
    since when nobody has heard of a customer who holds no money and gets none.
    """

    mails: int | None = None
    events: int | None = None
    people: int | None = None


def terms() -> Terms:
    """What Root has set."""
    return Terms(**(house_settings.get(_SETTING) or {}))


@transactional
def put(wanted: Terms, *, by: Actor) -> None:
    """Set how long it all stays.

    Raises: NotAllowed (only Root), Invalid.
    """
    if by.role != "root":
        raise NotAllowed
    for name, months in asdict(wanted).items():
        if months is not None and not 1 <= months <= MOST_MONTHS:
            raise Invalid(gettext("Enter 1 to {most} months.", most=MOST_MONTHS), field=name)
    house_settings.put(_SETTING, asdict(wanted))
    audit.record(by=by, action="retention.set", subject=_SETTING, data=asdict(wanted))


def apply() -> int:
    """Let go what has been there for too long, some of it at a time; how much went."""
    found, counts = terms(), dict[str, int]()
    steps: dict[str, Callable[[datetime], int]] = {
        "mails": _drop_mails,
        "events": _empty_events,
        "people": _erase_people,
    }
    for name, step in steps.items():
        months = getattr(found, name)
        if months is not None and (count := step(clock.now() - months * _MONTH)):
            counts[name] = count
    if counts:
        audit.record(
            by=audit.SYSTEM, action="retention.applied", subject=_SETTING, data=dict(counts)
        )
    return sum(counts.values())


@transactional
def _drop_mails(before: datetime) -> int:
    is_old = (Mail.state == "sent") & (Mail.created_at < before)
    old = Mail.select(Mail.id).where(is_old).order_by(Mail.id).limit(_ROWS)
    found = [mail_id for (mail_id,) in old.tuples()]
    return Mail.delete().where(Mail.id.in_(found)).execute() if found else 0


@transactional
def _empty_events(before: datetime) -> int:
    """Take the names out of old events, from where the last round ended."""
    mark = house_settings.get(_MARK) or ""
    is_next = (Event.id > mark) & (Event.created_at < before)
    rows = list(Event.select().where(is_next).order_by(Event.id).limit(_ROWS))
    count = 0
    for event in rows:
        emptied = _without_names(event.payload)
        if emptied != event.payload:
            Event.update(payload=emptied).where(Event.id == event.id).execute()
            count += 1
    if rows:
        house_settings.put(_MARK, rows[-1].id)
    return count


def _without_names(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: None if name in _NAMES else _without_names(each) for name, each in value.items()
        }
    return [_without_names(each) for each in value] if isinstance(value, list) else value


def _erase_people(before: datetime) -> int:
    """Erase customers who have not been heard of, hold nothing, and to whom nothing is to come."""
    count = 0
    for email in _forgotten(before):
        try:
            erasure.erase(email, by=audit.SYSTEM, reason="Not heard of for as long as is set")
            count += 1
        except DomainError:
            continue
    return count


def _forgotten(before: datetime) -> list[str]:
    held = GiftCard.select(1).join(Account, on=Account.id == GiftCard.id)
    holds = held.where(
        GiftCard.holder_email == Customer.email,
        (Account.balance_minor > 0) | (Account.moved_at >= before),
    )
    orders = Order.select(1).where(Order.customer == Customer.id, Order.created_at >= before)
    session = CustomerSession
    seen = session.select(1).where(session.customer == Customer.id, session.seen_at >= before)
    theirs = (Order.customer == Customer.id) | (Order.customer_email == Customer.email)
    kinds = open_orders.kinds(theirs, OrderItem.recipient_email == Customer.email)
    found = Customer.select(Customer.email).where(
        Customer.created_at < before,
        ~Customer.email.endswith(f"@{erasure.NOBODY_AT}"),
        *(~fn.EXISTS(each) for each in (holds, orders, seen)),
        *(~fn.EXISTS(kind.orders) for kind in kinds),
    )
    return [email for (email,) in found.order_by(Customer.id).limit(_PEOPLE).tuples()]
