"""What an action on an order will do, in words and numbers, before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from giftweb import clock, days, language
from giftweb.domain import cards, desk, orders, payments, refunds
from giftweb.domain.cards.values import Card
from giftweb.domain.catalogue.items import Delivery
from giftweb.domain.orders import consequences
from giftweb.domain.orders.consequences import (
    CancelCard,
    Consequence,
    EndShipping,
    FreezeCard,
    Funded,
    TakeBack,
    TakeBonus,
)
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.values import SHIPPED, Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import SUCCEEDED, Refund
from giftweb.language import gettext, lazy_gettext, ngettext
from giftweb.money import Money, money_text
from giftweb.web.text.templating import delivery_text
from giftweb.web.text.words import type_label


def payer_in_sentence(payment: Payment) -> str:
    """``gift card •••• 7K2Q``, ``Visa 4242``, ``credit card ch_1``."""
    if payment.is_gift_card:
        return gettext("gift card •••• {last4}", last4=payment.gift_card_last4)
    if " " in payment.reference:
        return payment.reference
    label = type_label(payment.method)
    # A name such as PayPal keeps its capitals, and so does each noun in German.
    is_common = label == label.capitalize() and language.current() != "de"
    word = label.lower() if is_common else label
    return f"{word} {payment.reference}".strip()


def payment_name(payment: Payment) -> str:
    """``Gift card •••• 7K2Q``, ``Visa 4242``, ``Credit card ch_1``."""
    if payment.is_gift_card:
        return gettext("Gift card •••• {last4}", last4=payment.gift_card_last4)
    method = type_label(payment.method)
    if " " in payment.reference:
        return payment.reference
    return f"{method} {payment.reference}".strip()


@dataclass(frozen=True, slots=True)
class Staying:
    """A bought card that a refund leaves as it is; ``is_used``: it can only be frozen.

    ``is_removable``: the order's page does so. ``recharge``: what was put on a card that was there.
    """

    card: Card
    is_used: bool
    is_removable: bool
    recharge: Money | None = None

    @property
    def content(self) -> str:
        """What is on it."""
        if self.recharge is not None:
            return gettext("was recharged with {amount}", amount=self.recharge)
        if self.card.status == cards.FROZEN:
            return gettext("has {amount} and is frozen", amount=self.card.balance)
        return gettext("has {amount}", amount=self.card.balance)


def of_refund(
    order: Order, payment: Payment, amount: Money, *, as_card: bool, onto: str | None = None
) -> list[str]:
    """What refunding a part of one payment does."""
    if as_card and onto and not payment.is_gift_card:
        last4 = cards.find(onto).last4
        first = gettext(
            "{amount} goes on gift card •••• {last4}.", amount=money_text(amount), last4=last4
        )
    elif as_card and not payment.is_gift_card:
        first = gettext(
            "{amount} goes on a new gift card for {customer_email}.",
            amount=money_text(amount),
            customer_email=order.customer_email,
        )
    else:
        first = _goes_back(payment, amount)
    return [first, *_what_follows(order, [(payment, amount)])]


def of_sent_refund(refund: Refund, payment: Payment) -> str:
    """Where the money of a refund has gone; empty while it has not."""
    if refund.stored_status != SUCCEEDED:
        return ""
    amount = money_text(refund.amount)
    if refund.gift_card_id is None:
        payer = payer_in_sentence(payment)
        return gettext("{amount} went back to {payer}.", amount=amount, payer=payer)
    card = cards.find(refund.gift_card_id)
    last4 = card.last4
    if refund.gift_card_id == payment.gift_card_id:
        return gettext("{amount} went back to gift card •••• {last4}.", amount=amount, last4=last4)
    if card.origin != "refund":
        return gettext("{amount} went on gift card •••• {last4}.", amount=amount, last4=last4)
    return gettext("{amount} went on the new gift card •••• {last4}.", amount=amount, last4=last4)


def cards_that_stay(order: Order, payment: Payment, amount: Money) -> list[Staying]:
    """The bought cards and recharges that refunding a part of one payment leaves (E12)."""
    found = refunds.preview(order, [(payment, amount)])
    sheet = orders.sheet(order)
    gone = {each.funded.card.id for each in found if isinstance(each, CancelCard | FreezeCard)}
    current = [cards.current_replacement(card) for card in sheet.purchased]
    bought = [_staying(order, card) for card in current if card.id not in gone]
    taken = gone | {each.funded.card.id for each in found if isinstance(each, TakeBack)}
    recharged = [
        Staying(cards.find(each.card_id), is_used=True, is_removable=False, recharge=each.left)
        for each in sheet.recharges
        if each.card_id not in taken and each.left.minor
    ]
    return [each for each in bought + recharged if each.card.status not in consequences.CLOSED]


def _staying(order: Order, card: Card) -> Staying:
    """A replacement is withdrawn on its own page."""
    is_used = cards.endings.has_been_used(card.id)
    is_done = is_used and card.status == cards.FROZEN
    return Staying(card, is_used, card.order_id == order.id and not is_done)


def of_everything(order: Order) -> list[str]:
    """What **Refund everything** and **Cancel order** do, tender by tender."""
    sheet = orders.sheet(order)
    effects = [_goes_back(payment, payment.left) for payment in sheet.payments if payment.left]
    named = {payment.id: payer_in_sentence(payment) for payment in sheet.payments}
    effects += [
        gettext(
            "{amount} to {payer} is asked for again: its provider has not answered.",
            amount=money_text(refund.amount),
            payer=named[refund.payment_id],
        )
        for refund in payments.refund_values.of_order(order.id)
        if refund.is_claimed
    ]
    parts = [(payment, payment.left) for payment in sheet.payments if payment.left]
    follows = refunds.preview(order, parts, is_cancelled=True)
    nothing = [gettext("No money is left to go back.")]
    return [*(effects or nothing), *(text for each in follows for text in _sentences(each))]


def of_line_off(order: Order, line: Line) -> list[str]:
    """What taking a line off does: its share goes back, and what follows from that."""
    parts = refunds.lines.share_parts(line, payments.of_order(order.id))
    effects = [_goes_back(payment, amount) for payment, amount in parts]
    if order.fulfilment == SHIPPED and line.requires_shipping:
        effects.append(gettext("The order was shipped: have it sent back."))
    follows = [text for each in refunds.lines.preview(order, line) for text in _sentences(each)]
    return [
        *(effects or [gettext("Nothing of what was paid for it is left to go back.")]),
        *follows,
    ]


def of_receipt(order: Order, payment: Payment) -> list[str]:
    """What **Payment received** does: what the money pays for is carried out once it is whole."""
    sheet = orders.sheet(order)
    still = sum(
        each.amount_minor
        for each in sheet.payments
        if each.is_awaited and each.part == payment.part and each.id != payment.id
    )
    if still:
        more = money_text(Money(still, order.currency))
        return [
            gettext(
                "The order still waits for {more}: nothing is carried out before that has come.",
                more=more,
            )
        ]
    lines = [line for line in sheet.lines if line.part == payment.part and line.is_gift_card]
    bought = sum(line.quantity for line in lines if line.recharges_id is None)
    issued = ngettext(
        "The gift card is issued and mailed now.",
        "{count} gift cards are issued and mailed now.",
        bought,
    )
    effects = [issued] if bought else []
    if any(line.recharges_id for line in lines):
        effects.append(gettext("The recharge is carried out now."))
    return [*effects, gettext("The customer is told that the money has come.")]


def of_no_receipt(order: Order, payment: Payment) -> list[str]:
    """What **Not received** does, in numbers."""
    if payment.part:
        taken = [line for line in orders.sheet(order).lines if line.part == payment.part]
        names = ", ".join(line.name for line in taken)
        return [
            gettext("{names}, added later, is taken off. The rest of the order stays.", names=names)
        ]
    if order.fulfilment == SHIPPED:
        return [gettext("The goods were shipped before the payment: nothing is refunded.")]
    paid = [each for each in payments.of_order(order.id) if each.left]
    back = [_goes_back(each, each.left) for each in paid]
    return [gettext("The order is cancelled, and the customer is told."), *back]


def of_failed_refund(order: Order, refund: Refund) -> list[str]:
    """What **It failed** does: the money is ours again, and what was withdrawn stays withdrawn."""
    kept = gettext(
        "{amount} is not refunded any more, and can be refunded again.",
        amount=money_text(refund.amount),
    )
    return [kept, *refunds.records.what_stays(order)]


def of_price(card: Card) -> list[str]:
    """Where a card's price goes when the card is withdrawn; empty when it cost nothing."""
    bought = gettext("It was bought: {amount} goes back to {payer}.")
    recharged = gettext("It was recharged: {amount} goes back to {payer}.")
    return [
        (recharged if part.is_recharge else bought).format(
            amount=part.amount, payer=payer_in_sentence(part.payment)
        )
        for part in desk.card_withdrawal.price_parts(card)
    ]


def is_refundable(order: Order) -> bool:
    """Whether anything is left to refund, or a refund waits to be retried."""
    waits = any(each.is_claimed for each in payments.refund_values.of_order(order.id))
    return waits or any(payment.left for payment in payments.of_order(order.id))


def of_chargeback(order: Order, payment: Payment) -> list[str]:
    """What recording a chargeback does."""
    effects = [
        gettext(
            "The provider took back money that {payment} had paid.",
            payment=payer_in_sentence(payment),
        )
    ]
    for each in refunds.preview_chargeback(order, payment):
        if isinstance(each, FreezeCard) and each.is_chargeback:
            message = gettext("{card}, bought with it, is frozen.")
            if each.funded.kind == consequences.RECHARGE:
                message = gettext("{card}, recharged with it, is frozen.")
            effects.append(message.format(card=_card(each.funded)))
        else:
            effects += _sentences(each)
    return effects


def _goes_back(payment: Payment, amount: Money) -> str:
    text = money_text(amount)
    if not payment.is_gift_card:
        return gettext(
            "{text} goes back to {payment}.", text=text, payment=payer_in_sentence(payment)
        )
    card = refunds.to_cards.destination(payment, amount)
    if card is None:
        four = payment.gift_card_last4
        return gettext(
            "{text} goes to a new gift card, for •••• {four} can no longer take it.",
            text=text,
            four=four,
        )
    goes = gettext("{amount} goes back to card •••• {last4}.")
    if card.id != payment.gift_card_id:
        goes = gettext("{amount} goes back to card •••• {last4}, which replaced •••• {replaced}.")
    goes = goes.format(amount=text, last4=card.last4, replaced=payment.gift_card_last4)
    stays = gettext("The card stays frozen.") if card.status == cards.FROZEN else ""
    return f"{goes} {stays}".strip()


# What follows, in words


def _card(funded: Funded) -> str:
    if funded.kind == consequences.BONUS:
        return gettext("bonus card •••• {last4}", last4=funded.card.last4)
    return gettext("Gift card •••• {last4}", last4=funded.card.last4)


def _sentences(found: Consequence) -> list[str]:
    """One consequence in words, and its shortfall."""
    if isinstance(found, TakeBonus | TakeBack):
        return _taken(found)
    if isinstance(found, CancelCard):
        return [gettext("{card}, bought here, is cancelled.", card=_card(found.funded))]
    if isinstance(found, FreezeCard):
        return [_frozen(found)]
    if isinstance(found, EndShipping):
        return [gettext("Nothing else is to be shipped: the order needs no shipping any more.")]
    return [str(_AT_THE_END[found.status])]


def _frozen(found: FreezeCard) -> str:
    card, is_recharge = _card(found.funded), found.funded.kind == consequences.RECHARGE
    spent = found.funded.money(found.spent_minor)
    message = gettext("{card}, bought here, is frozen.")
    if is_recharge:
        message = gettext("{card}, recharged here, is frozen.")
    if spent and is_recharge:
        message = gettext("{card}, recharged here, is frozen: {spent} of it is spent.")
    elif spent:
        message = gettext("{card}, bought here, is frozen: {spent} of it is spent.")
    return message.format(card=card, spent=spent)


def _taken(found: TakeBonus | TakeBack) -> list[str]:
    taken, missing = found.funded.money(found.taken_minor), found.funded.money(found.missing_minor)
    card = _card(found.funded)
    back = gettext("{amount} is taken back from gift card •••• {last4}.")
    if isinstance(found, TakeBonus):
        back = gettext("{amount} of bonus card •••• {last4} is taken back.")
    sentences = [back.format(amount=taken, last4=found.funded.card.last4)] if taken else []
    if missing:
        sentences.append(
            gettext("{amount} of {card} is gone: a shortfall.", card=card, amount=missing)
        )
    return sentences


_AT_THE_END = {
    orders.SHIPPING_DENIED: lazy_gettext("Nothing was shipped: the order becomes Shipping Denied."),
    orders.CANCELLED: lazy_gettext("There is nothing to ship: the order becomes Cancelled."),
    orders.COMPLETED: lazy_gettext("The order was shipped: that stays as it is."),
}


def _what_follows(order: Order, parts: Sequence[tuple[Payment, Money]]) -> list[str]:
    """What a refund of these parts brings about beside the money itself."""
    return [text for found in refunds.preview(order, parts) for text in _sentences(found)]


def of_move(moved: Sequence[Card]) -> str:
    """What was done to cards that are sent at another time."""
    card = moved[0]
    when = delivery_text(Delivery(card.deliver_at or clock.now(), card.deliver_zone or days.WORLD))
    if len(moved) == 1:
        return gettext("It is sent on {when}.", when=when)
    return gettext("The {count} cards of its mail are sent on {when}.", count=len(moved), when=when)
