"""The counter of a shop on the street: cards pay receipts, are sold, recharged, given back (B21).

Each verb is that of its noun, with an entry of the counter in the same transaction: the movement of
the ledger that it made, under its receipt. So the day's sums tie to the ledger. Real money only.
"""

import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass

import peewee
from peewee import fn

from giftweb import days, ids, models
from giftweb.database import records, transactional
from giftweb.domain import (
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
from giftweb.domain.desk import counter_entries, counter_requests
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.errors import Invalid, ModeMismatch, NotFound, UnknownCode
from giftweb.language import gettext
from giftweb.money import Money

LONGEST_RECEIPT = 60
MOST_RECEIPTS = 20
"""How many purchases of one receipt are shown."""


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
    email: str | None = None,
) -> str:
    """Take what a card has of ``amount``, all of it or a part; the entry's id.

    ``email``: its holder's, as they say it, for a card that is bound to them.

    Raises: as ``checkout.redemptions.redeem``; Invalid (receipt).
    """
    done: Redemption = checkout.redemptions.redeem(
        code,
        amount=amount,
        reference=_receipt(receipt),
        campaign_id=campaign_id,
        is_test=False,
        pin=pin,
        holder_email=email,
        allow_part=True,
        by=by,
    )
    return counter_entries.enter(
        counter_entries.REDEEMED,
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
    is_it = (order.reference == receipt.strip()) & _paid_here(campaign_id)
    found = orders.values.select().where(is_it).order_by(order.number.desc())
    found = list(found.limit(MOST_RECEIPTS))
    by_id = {each.id: each for each in found}
    paid = [each for each in payments.of_orders(list(by_id)) if each.gift_card_id]
    held = cards.find_many([str(each.gift_card_id) for each in paid])
    bought = [Purchase(by_id[each.order_id], each, held[str(each.gift_card_id)]) for each in paid]
    return sorted(bought, key=lambda each: each.order.number, reverse=True)


def _paid_here(campaign_id: str) -> peewee.Expression:
    """What a till of the campaign was paid: of nobody known, or by a card bound to its holder."""
    order, payment, entry = models.Order, models.Payment, models.CounterEntry
    entered = entry.select(entry.id).join(payment, on=entry.transfer == payment.transfer)
    is_entered = fn.EXISTS(entered.where(payment.order == order.id))
    is_at_till = (order.customer_email == "") | is_entered
    return (order.campaign == campaign_id) & (~order.is_test) & is_at_till


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
    is_here = (models.Order.id == payment.order_id) & _paid_here(campaign_id)
    order = records.one(orders.values.select().where(is_here))
    if not payment.is_gift_card:
        raise NotFound
    with counter_requests.requesting(
        limits.verbs.COUNTER_RETURN,
        subject=payment_id,
        amount=amount,
        campaign_id=campaign_id,
        receipt=order.reference,
    ):
        limits.require([limits.Gift(amount=amount, email=None)], by=by)
    refund = refunds.refund(payment_id, amount=amount, by=by, reason=reason)
    return counter_entries.enter(
        counter_entries.GIVEN_BACK,
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
    place = {"campaign_id": campaign_id, "receipt": receipt}
    with counter_requests.requesting_sale(amount, email=email, **place):
        issued = cards.issue(new, by=by, reason=_reason(receipt))
    transfer_id = orders.card_credits.issue_of(issued.card.id).id
    entered = counter_entries.enter(
        counter_entries.SOLD,
        campaign_id=campaign_id,
        receipt=receipt,
        transfer_id=transfer_id,
        amount=amount,
        by=by,
    )
    return entered, issued


@transactional
def recharge(code: str, *, amount: Money, receipt: str, campaign_id: str, by: Actor) -> str:
    """Put money that the till took on the card of a code; the entry's id.

    Raises: as ``recharge_card``; CodeMalformed, UnknownCode, ModeMismatch (a test card).
    """
    card = cards.find_by_code(code)
    if card.is_test:
        raise ModeMismatch
    return recharge_card(card.id, amount=amount, receipt=receipt, campaign_id=campaign_id, by=by)


@transactional
def recharge_card(card_id: str, *, amount: Money, receipt: str, campaign_id: str, by: Actor) -> str:
    """``recharge`` of a card by its id.

    Raises: as ``cards.top_up``; Invalid (receipt).
    """
    receipt = _receipt(receipt)
    with counter_requests.requesting(
        limits.verbs.COUNTER_RECHARGE,
        subject=card_id,
        amount=amount,
        campaign_id=campaign_id,
        receipt=receipt,
    ):
        line = cards.top_up(card_id, amount=amount, note=_reason(receipt), source="sales", by=by)
    return counter_entries.enter(
        counter_entries.RECHARGED,
        campaign_id=campaign_id,
        receipt=receipt,
        transfer_id=line.id,
        amount=amount,
        by=by,
    )


@transactional
def activate(code: str, *, amount: Money, receipt: str, campaign_id: str, by: Actor) -> str:
    """Put the first money, which the till took, on the printed card of a code; the entry's id.

    Raises: as ``activate_card``; CodeMalformed, UnknownCode.
    """
    card = cards.activation.find(code, campaign_id=campaign_id, is_test=False)
    return activate_card(card.id, amount=amount, receipt=receipt, campaign_id=campaign_id, by=by)


@transactional
def activate_card(card_id: str, *, amount: Money, receipt: str, campaign_id: str, by: Actor) -> str:
    """``activate`` of a card by its id.

    Raises: as ``cards.activation.activate``; Invalid (receipt).
    """
    receipt, campaign = _receipt(receipt), campaigns.find(campaign_id)
    activation = Activation(
        amount=amount, campaign_id=campaign_id, valid_days=campaign.card_valid_days
    )
    with counter_requests.requesting(
        limits.verbs.COUNTER_ACTIVATION,
        subject=card_id,
        amount=amount,
        campaign_id=campaign_id,
        receipt=receipt,
    ):
        cards.activation.activate(card_id, activation=activation, by=by)
    transfer_id = orders.card_credits.issue_of(card_id).id
    return counter_entries.enter(
        counter_entries.ACTIVATED,
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
