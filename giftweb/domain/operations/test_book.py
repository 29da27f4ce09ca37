"""The test book emptied: test cards, test orders and all that hangs on them (D16).

The database lets nothing else of the books be deleted: its guards look at each row's mode.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

import peewee

from giftweb import models
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.errors import NotFound
from giftweb.models import (
    Account,
    AuditEntry,
    Checkout,
    Delivery,
    Event,
    GiftCard,
    Hold,
    IdempotencyKey,
    Order,
    OrderItem,
    Payment,
    Refund,
    Transfer,
)

_A_QUERY = 500

Keys = set[str]


@transactional
def purge(*, by: Actor, campaign_id: str | None = None) -> dict[str, int]:
    """Delete the test book, or what of it hangs on a campaign; how many rows of each kind went.

    ``campaign_id``: its test cards and test orders, and the test cards and orders of others that
    have paid one another.

    Raises: NotFound (campaign).
    """
    if campaign_id is not None and not _is_campaign(campaign_id):
        raise NotFound(f"There is no campaign {campaign_id}.")
    cards, orders, checkouts = _connected(campaign_id)
    counts: Counter[str] = Counter()
    for name, count in _delete(cards, orders, checkouts, campaign_id):
        counts[name] += count
    found = {name: count for name, count in counts.items() if count}
    if found:
        audit.record(
            by=by,
            action="test_data.purged",
            subject=campaign_id or "test_data",
            data={name.replace(" ", "_"): count for name, count in found.items()},
        )
    return found


def _is_campaign(campaign_id: str) -> bool:
    return models.Campaign.select().where(models.Campaign.id == campaign_id).exists()


# What goes


def _connected(campaign_id: str | None) -> tuple[Keys, Keys, Keys]:
    """The test cards, orders and checkouts that go: those of the campaign, and all of others that
    hang together with them, because a card's history is whole or gone."""
    if campaign_id is None:
        return _ids(GiftCard), _ids(Order), _ids(Checkout)
    is_its = lambda table: table.campaign == campaign_id  # noqa: E731
    cards, orders = _ids(GiftCard, is_its(GiftCard)), _ids(Order, is_its(Order))
    checkouts = _ids(Checkout, is_its(Checkout))
    while True:
        before = len(cards) + len(orders) + len(checkouts)
        checkouts |= _column(Order.checkout, Order.id, orders)
        checkouts |= _column(Hold.checkout, Hold.card, cards)
        cards |= _column(Hold.card, Hold.checkout, checkouts)
        orders |= _column(Order.id, Order.checkout, checkouts)
        orders |= _column(Transfer.order_id, Transfer.card_id, cards)
        orders |= _column(GiftCard.order_id, GiftCard.id, cards)
        orders |= _column(OrderItem.order, OrderItem.recharges, cards)
        cards |= _column(Transfer.card_id, Transfer.order_id, orders)
        cards |= _column(GiftCard.id, GiftCard.order_id, orders)
        cards |= _column(OrderItem.recharges, OrderItem.order, orders)
        cards |= _column(GiftCard.replaces, GiftCard.id, cards)
        cards |= _column(GiftCard.id, GiftCard.replaces, cards)
        cards |= _column(GiftCard.merged_into_id, GiftCard.id, cards)
        cards |= _column(GiftCard.id, GiftCard.merged_into_id, cards)
        if before == len(cards) + len(orders) + len(checkouts):
            return cards, orders, checkouts


def _ids(table: type[peewee.Model], *conditions: peewee.Expression) -> Keys:
    found = table.select(table.id).where(table.is_test, *conditions)
    return {row_id for (row_id,) in found.tuples()}


def _column(wanted: peewee.Field, key: peewee.Field, keys: Keys) -> Keys:
    """What a column holds in the rows with one of these keys."""
    found: Keys = set()
    for some in _portions(keys):
        rows = wanted.model.select(wanted).where(key.in_(some), wanted.is_null(False))
        found |= {value for (value,) in rows.tuples()}
    return found


# How it goes: what names a row goes before the row


def _delete(
    cards: Keys, orders: Keys, checkouts: Keys, campaign_id: str | None
) -> Iterator[tuple[str, int]]:
    about = cards | orders | checkouts
    yield from _outbox(cards, orders, campaign_id)
    notes = (models.OrderIssue, models.Shortfall, models.Chargeback)
    reviews = (models.CardReview, models.RiskAssessment)
    for table in (models.CounterEntry, *notes, *reviews):
        yield "notes on orders", _of(table, table.order, orders)
    yield "refunds", _of(Refund, Refund.order, orders)
    yield "payments", _of(Payment, Payment.order, orders)
    yield "holds", _of(Hold, Hold.card, cards)
    for some in _portions(orders):
        freed = {"recharges": None, "card_minor": None, "transfer": None}
        OrderItem.update(freed).where(OrderItem.order.in_(some)).execute()
    yield "answers to requests", _answers(cards, campaign_id)
    entries = _column(Transfer.audit, Transfer.card_id, cards)
    child, other = Transfer.alias(), GiftCard.alias()
    is_parent = child.select().where(child.parent == Transfer.id)
    yield "transfers", _leaves_first(Transfer.card_id, cards, named=is_parent)
    follows = (other.replaces == GiftCard.id) | (other.merged_into_id == GiftCard.id)
    yield "gift cards", _leaves_first(GiftCard.id, cards, named=other.select().where(follows))
    _of(OrderItem, OrderItem.order, orders)
    _of(Account, Account.id, cards)
    yield "orders", _of(Order, Order.id, orders)
    yield "carts", _of(Checkout, Checkout.id, checkouts)
    yield "notes", _of(models.Note, models.Note.subject, about)
    _of(models.WorkSeen, models.WorkSeen.subject, about)
    entries |= _column(AuditEntry.id, AuditEntry.subject, about)
    yield "log entries", _of(AuditEntry, AuditEntry.id, entries, AuditEntry.is_test)
    if campaign_id is None:
        yield "log entries", AuditEntry.delete().where(AuditEntry.is_test).execute()


def _outbox(cards: Keys, orders: Keys, campaign_id: str | None) -> Iterator[tuple[str, int]]:
    is_its = [] if campaign_id is None else [Event.campaign == campaign_id]
    events = _ids(Event, *is_its) | _column(Event.id, Event.subject, cards | orders)
    yield "deliveries", _of(Delivery, Delivery.event, events)
    yield "events", _of(Event, Event.id, events)
    mail, wallet = models.Mail, models.WalletPass
    mails = _of(mail, mail.card, cards) + _of(mail, mail.order, orders)
    if campaign_id is None:
        mails += mail.delete().where(mail.is_test).execute()
    yield "mails", mails
    _of(wallet, wallet.card, cards)


def _answers(cards: Keys, campaign_id: str | None) -> int:
    """The answers to requests that were made with test keys."""
    key = IdempotencyKey
    gone = _of(key, key.card_id, cards, key.is_test)
    is_its = key.is_test if campaign_id is None else key.is_test & key.scope.contains(campaign_id)
    return gone + key.delete().where(is_its).execute()


def _of(
    table: type[peewee.Model], key: peewee.Field, keys: Keys, *conditions: peewee.Expression
) -> int:
    """Delete the rows with one of these keys; how many."""
    return sum(
        table.delete().where(key.in_(some), *conditions).execute() for some in _portions(keys)
    )


def _leaves_first(key: peewee.Field, keys: Keys, *, named: peewee.ModelSelect) -> int:
    """Delete rows that name one another: those that no other names any more, again and again."""
    gone, is_named = 0, peewee.fn.EXISTS(named)
    while now := _of(key.model, key, keys, ~is_named):
        gone += now
    return gone


def _portions(keys: Iterable[str]) -> Iterator[list[str]]:
    waiting = iter(sorted(keys))
    while portion := list(islice(waiting, _A_QUERY)):
        yield portion
