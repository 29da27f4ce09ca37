"""What an action on an order will do, in words and numbers, before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from giftweb import clock, days
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
from giftweb.domain.orders.values import SHIPPED, Line, Order, OrderSheet
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import REQUESTED, SUCCEEDED, Refund
from giftweb.language import gettext
from giftweb.money import Money, money_text
from giftweb.web.text.templating import delivery_text, type_label


def payer_in_sentence(payment: Payment) -> str:
    """``gift card •••• 7K2Q``, ``Visa 4242``, ``credit card ch_1``."""
    if payment.is_gift_card:
        return f"gift card •••• {payment.gift_card_last4}"
    if " " in payment.reference:
        return payment.reference
    label = type_label(payment.method)
    # A name such as PayPal keeps its capitals.
    word = label.lower() if label == label.capitalize() else label
    return f"{word} {payment.reference}".strip()


def payment_name(payment: Payment) -> str:
    """``Gift card •••• 7K2Q``, ``Visa 4242``, ``Credit card ch_1``."""
    if payment.is_gift_card:
        return f"Gift card •••• {payment.gift_card_last4}"
    method = type_label(payment.method)
    if " " in payment.reference:
        return payment.reference
    return f"{method} {payment.reference}".strip()


@dataclass(frozen=True, slots=True)
class Staying:
    """A bought card that a refund leaves as it is; ``is_used``: it can only be frozen.

    ``is_removable``: the order's page does so.
    """

    card: Card
    is_used: bool
    is_removable: bool

    @property
    def content(self) -> str:
        """What is on it."""
        state = " and is frozen" if self.card.status == cards.FROZEN else ""
        return f"has {money_text(self.card.balance)}{state}"


def of_refund(order: Order, payment: Payment, amount: Money, *, as_card: bool) -> list[str]:
    """What refunding a part of one payment does."""
    if as_card and not payment.is_gift_card:
        first = f"{money_text(amount)} goes on a new gift card for {order.customer_email}."
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
    last4 = cards.find(refund.gift_card_id).last4
    if refund.gift_card_id == payment.gift_card_id:
        return gettext("{amount} went back to gift card •••• {last4}.", amount=amount, last4=last4)
    return gettext("{amount} went on the new gift card •••• {last4}.", amount=amount, last4=last4)


def cards_that_stay(order: Order, payment: Payment, amount: Money) -> list[Staying]:
    """The bought cards that refunding a part of one payment leaves as they are (E12)."""
    found = refunds.preview(order, [(payment, amount)])
    gone = {each.funded.card.id for each in found if isinstance(each, CancelCard | FreezeCard)}
    current = [cards.current_replacement(card) for card in orders.sheet(order).purchased]
    return [
        _staying(order, card)
        for card in current
        if card.id not in gone and card.status not in consequences.CLOSED
    ]


def _staying(order: Order, card: Card) -> Staying:
    """A replacement is withdrawn on its own page."""
    is_used = cards.endings.has_been_used(card.id)
    is_done = is_used and card.status == cards.FROZEN
    return Staying(card, is_used, card.order_id == order.id and not is_done)


def of_everything(order: Order) -> list[str]:
    """What **Refund everything** does, tender by tender."""
    sheet = orders.sheet(order)
    effects = [_goes_back(payment, payment.left) for payment in sheet.payments if payment.left]
    named = {payment.id: payer_in_sentence(payment) for payment in sheet.payments}
    effects += [
        f"{money_text(refund.amount)} to {named[refund.payment_id]} is asked for again: its"
        " provider has not answered."
        for refund in payments.refund_values.of_order(order.id)
        if refund.is_claimed
    ]
    parts = [(payment, payment.left) for payment in sheet.payments if payment.left]
    return [*(effects or ["No money is left to go back."]), *_what_follows(order, parts)]


def of_line_off(order: Order, line: Line) -> list[str]:
    """What taking a line off does: its share goes back, and what follows from that."""
    parts = refunds.lines.share_parts(line, payments.of_order(order.id))
    effects = [_goes_back(payment, amount) for payment, amount in parts]
    if order.fulfilment == SHIPPED and line.requires_shipping:
        effects.append("The order was shipped: have it sent back.")
    follows = [text for each in refunds.lines.preview(order, line) for text in _sentences(each)]
    return [*(effects or ["Nothing of what was paid for it is left to go back."]), *follows]


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
        return [f"The order still waits for {more}: nothing is carried out before that has come."]
    lines = [line for line in sheet.lines if line.part == payment.part and line.is_gift_card]
    bought = sum(line.quantity for line in lines if line.recharges_id is None)
    issued = f"{bought} gift cards are issued" if bought > 1 else "The gift card is issued"
    effects = [f"{issued} and mailed now."] if bought else []
    if any(line.recharges_id for line in lines):
        effects.append("The recharge is carried out now.")
    return [*effects, "The customer is told that the money has come."]


def of_no_receipt(order: Order, payment: Payment) -> list[str]:
    """What **Not received** does, in numbers."""
    if payment.part:
        taken = [line for line in orders.sheet(order).lines if line.part == payment.part]
        names = ", ".join(line.name for line in taken)
        return [f"{names}, added later, is taken off. The rest of the order stays."]
    if order.fulfilment == SHIPPED:
        return ["The goods were shipped before the payment: nothing is refunded."]
    paid = [each for each in payments.of_order(order.id) if each.left]
    back = [_goes_back(each, each.left) for each in paid]
    return ["The order is cancelled, and the customer is told.", *back]


def of_failed_refund(order: Order, refund: Refund) -> list[str]:
    """What **It failed** does: the money is ours again, and what was withdrawn stays withdrawn."""
    kept = f"{money_text(refund.amount)} is not refunded any more, and can be refunded again."
    return [kept, *refunds.records.what_stays(order)]


def of_price(card: Card) -> list[str]:
    """Where a card's price goes when the card is withdrawn; empty when it cost nothing."""
    return [
        f"It was {'recharged' if part.is_recharge else 'bought'}: {money_text(part.amount)}"
        f" goes back to {payer_in_sentence(part.payment)}."
        for part in desk.card_withdrawal.price_parts(card)
    ]


def is_refundable(order: Order) -> bool:
    """Whether anything is left to refund, or a refund waits to be retried."""
    waits = any(each.is_claimed for each in payments.refund_values.of_order(order.id))
    return waits or any(payment.left for payment in payments.of_order(order.id))


def of_chargeback(order: Order, payment: Payment) -> list[str]:
    """What recording a chargeback does."""
    effects = [f"The provider took back money that {payer_in_sentence(payment)} had paid."]
    for each in refunds.preview_chargeback(order, payment):
        if isinstance(each, FreezeCard) and each.is_chargeback:
            effects.append(f"{_card(each.funded)}, {_FUNDED[each.funded.kind]} with it, is frozen.")
        else:
            effects += _sentences(each)
    return effects


def payment_summary(sheet: OrderSheet, returned: Sequence[Refund]) -> list[str]:
    """``["$100.00 paid", "$40.00 back", "$60.00 on its way back"]``; or what is awaited."""
    if sheet.awaited:
        return [gettext("waiting for {amount}", amount=money_text(sheet.awaited))]
    if sheet.payment_status == "cancelled" and not sheet.refunded:
        return [gettext("not paid")]
    currency = sheet.order.currency
    waiting = Money(sum(r.amount.minor for r in returned if r.status == REQUESTED), currency)
    went = sheet.refunded - waiting
    parts = [
        gettext("{amount} back", amount=money_text(went)) if went else "",
        gettext("{amount} on its way back", amount=money_text(waiting)) if waiting else "",
        gettext("{amount} charged back", amount=money_text(sheet.charged_back))
        if sheet.charged_back
        else "",
    ]
    followed = [part for part in parts if part]
    paid = gettext("{amount} paid", amount=money_text(_paid(sheet)))
    return [paid, *followed] if followed else [gettext("paid")]


def kept(sheet: OrderSheet) -> Money | None:
    """What the shop keeps of what was paid; None where all of it, or nothing was paid."""
    gone = sheet.refunded + sheet.charged_back
    return _paid(sheet) - gone if gone and not sheet.awaited else None


def _paid(sheet: OrderSheet) -> Money:
    """What has come, by cards and otherwise."""
    came = sum(
        each.amount_minor
        for each in sheet.payments
        if not each.is_awaited and each.status != payments.CANCELLED
    )
    return Money(came, sheet.order.currency)


def _goes_back(payment: Payment, amount: Money) -> str:
    text = money_text(amount)
    if not payment.is_gift_card:
        return f"{text} goes back to {payer_in_sentence(payment)}."
    card = refunds.to_cards.destination(payment, amount)
    if card is None:
        four = payment.gift_card_last4
        return f"{text} goes to a new gift card, for •••• {four} can no longer take it."
    where = f"card •••• {card.last4}"
    if card.id != payment.gift_card_id:
        where += f", which replaced •••• {payment.gift_card_last4}"
    stays = " The card stays frozen." if card.status == cards.FROZEN else ""
    return f"{text} goes back to {where}.{stays}"


# What follows, in words


_FUNDED = {consequences.PURCHASED: "bought", consequences.RECHARGE: "recharged"}


def _card(funded: Funded) -> str:
    kind = "bonus card" if funded.kind == consequences.BONUS else "Gift card"
    return f"{kind} •••• {funded.card.last4}"


def _sentences(found: Consequence) -> list[str]:
    """One consequence in words, and its shortfall."""
    if isinstance(found, TakeBonus):
        return _taken(found, f"of {_card(found.funded)} is taken back", _card(found.funded))
    if isinstance(found, TakeBack):
        card = f"gift card •••• {found.funded.card.last4}"
        return _taken(found, f"is taken back from {card}", card)
    if isinstance(found, CancelCard):
        return [f"{_card(found.funded)}, bought here, is cancelled."]
    if isinstance(found, FreezeCard):
        spent = money_text(found.funded.money(found.spent_minor))
        ending = f": {spent} of it is spent" if found.spent_minor else ""
        return [f"{_card(found.funded)}, {_FUNDED[found.funded.kind]} here, is frozen{ending}."]
    if isinstance(found, EndShipping):
        return ["Nothing else is to be shipped: the order needs no shipping any more."]
    return [_AT_THE_END[found.status]]


def _taken(found: TakeBonus | TakeBack, words: str, card: str) -> list[str]:
    taken, missing = found.funded.money(found.taken_minor), found.funded.money(found.missing_minor)
    sentences = [f"{money_text(taken)} {words}."] if taken else []
    if missing:
        sentences.append(f"{money_text(missing)} of {card} is gone: a shortfall.")
    return sentences


_AT_THE_END = {
    orders.SHIPPING_DENIED: "Nothing was shipped: the order becomes Shipping Denied.",
    orders.CANCELLED: "There is nothing to ship: the order becomes Cancelled.",
    orders.COMPLETED: "The order was shipped: that stays as it is.",
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
