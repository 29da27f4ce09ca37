"""The counter of a shop on the street: cards pay receipts, are sold, recharged, given back (B21).

Each verb is that of its noun, with an entry of the counter in the same transaction: the movement of
the ledger that it made, under its receipt. So the day's sums tie to the ledger. Real money only.
"""

import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect

from giftweb import clock, days, ids, models
from giftweb.database import records, transactional
from giftweb.domain import (
    audit,
    campaigns,
    cards,
    checkout,
    limits,
    orders,
    payments,
    refunds,
    throttle,
)
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.activation import Activation
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Card, Issued
from giftweb.domain.checkout.redemptions import Redemption
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.errors import Invalid, ModeMismatch, NotFound, UnknownCode
from giftweb.language import gettext
from giftweb.models import CounterEntry
from giftweb.money import Money

REDEEMED, GIVEN_BACK, SOLD, RECHARGED, ACTIVATED = KINDS = (
    *("redeemed", "given_back", "sold", "recharged", "activated"),
)
SALES = (SOLD, RECHARGED, ACTIVATED)
LONGEST_RECEIPT = 60
MOST_RECEIPTS = 20
"""How many purchases of one receipt are shown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done; ``amount`` is what the shop's till counts."""

    id: str
    kind: str
    campaign_id: str
    staff_id: str
    receipt: str
    order_id: str | None
    transfer_id: str
    amount_minor: int
    currency: str
    created_at: datetime
    card_id: str
    last4: str
    balance_after_minor: int
    card_currency: str
    name: str

    @property
    def is_sale(self) -> bool:
        """Whether the till took money for the card."""
        return self.kind in SALES

    @property
    def amount(self) -> Money:
        """What the till counts."""
        return Money(self.amount_minor, self.currency)

    @property
    def balance_after(self) -> Money:
        """What was left on the card then."""
        return Money(self.balance_after_minor, self.card_currency)


def select() -> ModelSelect:
    """A query for entries, with the card and the person of each."""
    transfer, card, person = models.Transfer, models.GiftCard, models.Staff
    query = records.select(
        Entry,
        CounterEntry,
        card_id=transfer.card_id,
        last4=card.last4,
        balance_after_minor=transfer.balance_after_minor,
        card_currency=transfer.currency,
        name=person.name,
    )
    query = query.join(transfer, on=CounterEntry.transfer == transfer.id)
    query = query.join(card, on=transfer.card_id == card.id)
    return query.join(person, on=CounterEntry.staff == person.id)


def find(entry_id: str) -> Entry:
    """An entry by its id.

    Raises: NotFound.
    """
    return records.one(
        select().where(CounterEntry.id == entry_id), gettext("There is no such entry.")
    )


def new_receipt(campaign: Campaign) -> str:
    """A number for a receipt, where the till prints none: the day there and four characters."""
    tail = "".join(secrets.choice(ids.ALPHABET) for _ in range(4))
    return f"{days.today(campaign.time_zone):%m%d}-{tail}".upper()


def heard(code: str, *, by: Actor, pin: str | None = None) -> AbstractContextManager[None]:
    """Around what a scanned or typed code is used for: wrong ones are counted, for each person.

    Raises: TooManyTries.
    """
    failures = (UnknownCode, ModeMismatch)
    scope = throttle.of_shop("counter")
    return cards.guesses.heard(code, scope, pin=pin, name=by.id or "", failures=failures)


def look_up(code: str | None, *, by: Actor) -> Card:
    """The card of a code that was scanned or typed.

    Raises: CodeMalformed, UnknownCode, ModeMismatch (a test card), TooManyTries.
    """
    code = code or ""
    with heard(code, by=by):
        card = cards.find_by_code(code)
        if card.is_test:
            raise ModeMismatch
    return card


@transactional
def redeem(
    code: str,
    *,
    amount: Money,
    receipt: str,
    campaign_id: str,
    by: Actor,
    pin: str | None = None,
) -> str:
    """Take what a card has of ``amount``, all of it or a part; the entry's id.

    Raises: as ``checkout.redemptions.redeem``; Invalid (receipt).
    """
    done: Redemption = checkout.redemptions.redeem(
        code,
        amount=amount,
        reference=_receipt(receipt),
        campaign_id=campaign_id,
        is_test=False,
        pin=pin,
        allow_part=True,
        by=by,
    )
    return _enter(
        REDEEMED,
        campaign_id=campaign_id,
        receipt=done.order.reference,
        transfer_id=str(done.payment.transfer_id),
        amount=done.taken,
        order_id=done.order.id,
        by=by,
    )


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a card paid of a receipt, and what of it can be given back."""

    order: Order
    payment: Payment
    card: Card


def purchases(receipt: str, *, campaign_id: str) -> list[Purchase]:
    """What cards paid of a receipt at a till of the campaign, newest first."""
    order = models.Order
    is_theirs = (order.campaign == campaign_id) & (~order.is_test) & (order.customer_email == "")
    found = orders.values.select().where(order.reference == receipt.strip(), is_theirs)
    found = list(found.order_by(order.number.desc()).limit(MOST_RECEIPTS))
    by_id = {each.id: each for each in found}
    paid = [each for each in payments.of_orders(list(by_id)) if each.gift_card_id]
    held = cards.find_many([str(each.gift_card_id) for each in paid])
    bought = [Purchase(by_id[each.order_id], each, held[str(each.gift_card_id)]) for each in paid]
    return sorted(bought, key=lambda each: each.order.number, reverse=True)


@transactional
def give_back(
    payment_id: str, *, amount: Money, campaign_id: str, by: Actor, reason: str | None = None
) -> str:
    """Put money that a card paid at a till back on it; the entry's id. It counts as given: nobody
    sees at the till whether the goods came back.

    Raises: RefundExceedsPayment, Invalid (amount), NotFound (it was not paid at a till of the
    campaign), LimitExceeded.
    """
    payment = payments.find(payment_id)
    order = orders.find(payment.order_id, campaign_id=campaign_id, is_test=False)
    if order.customer_email or not payment.is_gift_card:
        raise NotFound
    limits.require([limits.Gift(amount=amount, email=None)], by=by)
    refund = refunds.refund(payment_id, amount=amount, by=by, reason=reason)
    return _enter(
        GIVEN_BACK,
        campaign_id=campaign_id,
        receipt=order.reference,
        transfer_id=str(refund.transfer_id),
        amount=refund.amount,
        order_id=order.id,
        by=by,
    )


@transactional
def sell(
    amount: Money, *, receipt: str, campaign_id: str, email: str | None, by: Actor
) -> tuple[str, Issued]:
    """Issue a card for money that the till took, and mail it where there is an address; the
    entry's id, and the card.

    Raises: as ``cards.issue``; Invalid (receipt).
    """
    receipt, campaign = _receipt(receipt), campaigns.find(campaign_id)
    new = NewCard(
        amount=amount,
        holder_email=email,
        source="sales",
        campaign_id=campaign_id,
        valid_days=campaign.card_valid_days,
        send_email=email is not None,
    )
    issued = cards.issue(new, by=by, reason=_reason(receipt))
    transfer_id = orders.card_credits.issue_of(issued.card.id).id
    entered = _enter(
        SOLD,
        campaign_id=campaign_id,
        receipt=receipt,
        transfer_id=transfer_id,
        amount=amount,
        by=by,
    )
    return entered, issued


@transactional
def recharge(code: str, *, amount: Money, receipt: str, campaign_id: str, by: Actor) -> str:
    """Put money that the till took on a card; the entry's id.

    Raises: as ``cards.top_up``; CodeMalformed, UnknownCode, ModeMismatch, Invalid (receipt).
    """
    receipt, card = _receipt(receipt), cards.find_by_code(code)
    if card.is_test:
        raise ModeMismatch
    line = cards.top_up(card.id, amount=amount, note=_reason(receipt), source="sales", by=by)
    return _enter(
        RECHARGED,
        campaign_id=campaign_id,
        receipt=receipt,
        transfer_id=line.id,
        amount=amount,
        by=by,
    )


@transactional
def activate(code: str, *, amount: Money, receipt: str, campaign_id: str, by: Actor) -> str:
    """Put the first money, which the till took, on a printed card from stock; the entry's id.

    Raises: as ``cards.activation.activate``; CodeMalformed, UnknownCode, Invalid (receipt).
    """
    receipt, campaign = _receipt(receipt), campaigns.find(campaign_id)
    card = cards.activation.find(code, campaign_id=campaign_id, is_test=False)
    activation = Activation(
        amount=amount, campaign_id=campaign_id, valid_days=campaign.card_valid_days
    )
    cards.activation.activate(card.id, activation=activation, by=by)
    transfer_id = orders.card_credits.issue_of(card.id).id
    return _enter(
        ACTIVATED,
        campaign_id=campaign_id,
        receipt=receipt,
        transfer_id=transfer_id,
        amount=amount,
        by=by,
    )


def _reason(receipt: str) -> str:
    return f"Sold at the counter, receipt {receipt}"


def _receipt(text: str) -> str:
    """The number of a receipt.

    Raises: Invalid (receipt).
    """
    receipt = text.strip()
    if not 0 < len(receipt) <= LONGEST_RECEIPT:
        raise Invalid(
            gettext("Enter a receipt number of 1 to {most} characters.", most=LONGEST_RECEIPT),
            field="receipt",
        )
    return receipt


def _enter(
    kind: str,
    *,
    campaign_id: str,
    receipt: str,
    transfer_id: str,
    amount: Money,
    by: Actor,
    order_id: str | None = None,
) -> str:
    entry_id = ids.new("ctr")
    audit.seals.insert(
        CounterEntry,
        id=entry_id,
        kind=kind,
        campaign_id=campaign_id,
        staff_id=by.id,
        receipt=receipt,
        order_id=order_id,
        transfer_id=transfer_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        created_at=clock.now(),
    )
    audit.record(by=by, action="counter.entered", subject=entry_id)
    return entry_id
