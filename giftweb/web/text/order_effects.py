"""What a deed on an order will do, told in numbers before it is done."""

from collections.abc import Sequence

from giftweb.domain import campaigns, cards, desk, orders, payments, refunds
from giftweb.domain.cards.values import Card
from giftweb.domain.orders.values import Order, OrderSheet
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import CLAIMED, REQUESTED, Refund
from giftweb.money import Money
from giftweb.web.text.amounts import money_text
from giftweb.web.text.templating import type_label


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


def of_refund(order: Order, payment: Payment, amount: Money, *, as_card: bool) -> list[str]:
    """What refunding a part of one payment does."""
    if as_card and not payment.is_gift_card:
        first = f"{money_text(amount)} goes on a new gift card for {order.customer_email}."
    else:
        first = _goes_back(payment, amount)
    return [first, *_what_follows(orders.sheet(order), amount)]


def of_everything(order: Order) -> list[str]:
    """What **Refund everything** does, tender by tender."""
    sheet = orders.sheet(order)
    effects = [_goes_back(payment, payment.left) for payment in sheet.payments if payment.left]
    named = {payment.id: payer_in_sentence(payment) for payment in sheet.payments}
    effects += [
        f"{money_text(refund.amount)} to {named[refund.payment_id]} is asked for again: its"
        " provider has not answered."
        for refund in payments.refund_values.of_order(order.id)
        if refund.stored_status == CLAIMED
    ]
    left = Money(sum(payment.left.minor for payment in sheet.payments), order.currency)
    return [*(effects or ["No money is left to go back."]), *_what_follows(sheet, left)]


def of_price(card: Card) -> list[str]:
    """Where what was paid for a card goes when it is withdrawn; nothing if it was given."""
    return [
        f"It was {'recharged' if part.is_recharge else 'bought'}: {money_text(part.amount)}"
        f" goes back to {payer_in_sentence(part.payment)}."
        for part in desk.card_withdrawal.price_parts(card)
    ]


def is_refundable(order: Order) -> bool:
    """Whether anything is left to refund, or a refund waits to be asked for again."""
    waits = any(each.stored_status == CLAIMED for each in payments.refund_values.of_order(order.id))
    return waits or any(payment.left for payment in payments.of_order(order.id))


def of_chargeback(payment: Payment) -> list[str]:
    """What recording a chargeback does."""
    effects = [f"The provider took back money that {payer_in_sentence(payment)} had paid."]
    recharged = [cards.find(each.card_id) for each in orders.recharges.paid_with(payment)]
    told = [("bought", card) for card in desk.orders.bought_with(payment)]
    told += [("recharged", card) for card in recharged]
    return effects + [
        f"Gift card •••• {latest.last4}, {word} with it, is frozen."
        for word, card in told
        if (latest := cards.current_replacement(card)).status not in orders.card_credits.CLOSED
    ]


def payment_summary(sheet: OrderSheet, given: Sequence[Refund]) -> str:
    """``paid, of which $40.00 went back and $60.00 is on its way back``."""
    waiting = sum(each.amount.minor for each in given if each.stored_status in (CLAIMED, REQUESTED))
    parts = [
        (sheet.refunded.minor - waiting, "went back"),
        (waiting, "is on its way back"),
        (sheet.charged_back.minor, "was charged back"),
    ]
    currency = sheet.order.currency
    told = [f"{money_text(Money(minor, currency))} {words}" for minor, words in parts if minor]
    listed = " and ".join([", ".join(told[:-1]), told[-1]] if told[1:] else told)
    return f"paid, of which {listed}" if told else "paid"


def _goes_back(payment: Payment, amount: Money) -> str:
    text = money_text(amount)
    if not payment.is_gift_card:
        return f"{text} goes back to {payer_in_sentence(payment)}."
    card = refunds.to_cards.destination(payment)
    if card is None:
        four = payment.gift_card_last4
        return f"{text} goes to a new gift card, for •••• {four} can no longer take it."
    where = f"card •••• {card.last4}"
    if card.id != payment.gift_card_id:
        where += f", which replaced •••• {payment.gift_card_last4}"
    stays = " The card stays frozen." if card.status == cards.FROZEN else ""
    return f"{text} goes back to {where}.{stays}"


def _what_follows(sheet: OrderSheet, amount: Money) -> list[str]:
    """What a refund of so much brings about beside the money itself."""
    order, effects = sheet.order, _of_bonus(sheet, amount)
    left = sum(payment.left.minor for payment in sheet.payments) - amount.minor
    if left or order.is_over:
        return effects
    effects += [told for card in sheet.purchased if (told := _what_becomes_of(card, order))]
    effects += [told for each in sheet.recharges for told in _of_credit(each.transfer_id)]
    return [*effects, _AT_THE_END[order.fulfilment]]


_AT_THE_END = {
    orders.PENDING: "Nothing was shipped: the order becomes Shipping Denied.",
    orders.NOT_NEEDED: "There is nothing to ship: the order becomes Cancelled.",
    orders.SHIPPED: "The order was shipped: that stays as it is.",
}


def _of_bonus(sheet: OrderSheet, amount: Money) -> list[str]:
    refunded_minor = sheet.refunded.minor + amount.minor
    campaign = campaigns.find(sheet.order.campaign_id)
    effects = []
    for card in sheet.issued:
        if card.origin != orders.bonus.ORIGIN:
            continue
        latest = cards.current_replacement(card)
        due = orders.bonus.due(
            sheet.order, card, latest, refunded_minor=refunded_minor, campaign=campaign
        )
        taken = orders.bonus.takeable(due, card, latest)
        if taken:
            text = money_text(Money(taken, card.currency))
            effects.append(f"{text} of bonus card •••• {card.last4} is taken back.")
        if due > taken:
            gone = money_text(Money(due - taken, card.currency))
            effects.append(f"{gone} of bonus card •••• {card.last4} is gone: a shortfall.")
    return effects


def _of_credit(transfer_id: str) -> list[str]:
    """What is taken back of money that the order put on a card which lives on."""
    credit = orders.card_credits.find(transfer_id)
    card = cards.current_replacement(cards.find(credit.card_id))
    if card.status in orders.card_credits.CLOSED or not credit.left:
        return []
    taken = orders.card_credits.unspent(credit, card)
    effects = [f"{money_text(taken)} is taken back from gift card •••• {card.last4}."]
    if gone := credit.left - taken:
        effects.append(f"{money_text(gone)} of gift card •••• {card.last4} is gone: a shortfall.")
    return effects


def _what_becomes_of(bought: Card, order: Order) -> str:
    card = cards.current_replacement(bought)
    if card.status in orders.card_credits.CLOSED:
        return ""
    credit = orders.card_credits.issue_of(bought.id)
    if orders.card_credits.carries_another(card, order):
        return " ".join(_of_credit(credit.id))
    spent = credit.left - orders.card_credits.unspent(credit, card, with_held=True)
    if spent:
        gone = money_text(spent)
        return f"Gift card •••• {card.last4}, bought here, is frozen: {gone} of it is spent."
    return f"Gift card •••• {card.last4}, bought here, is cancelled."
