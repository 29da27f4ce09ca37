"""Why a line of a bank statement pays nothing, in a sentence that says what to do."""

from giftweb.domain.awaited.statement import Line, Problem
from giftweb.language import gettext, lazy_gettext
from giftweb.money import money_text


def problem_of(line: Line) -> str:
    """The sentence of the line's problem."""
    numbers = ", ".join(str(number) for number in line.orders)
    if line.problem is Problem.OTHER_AMOUNT and line.awaited and line.amount:
        return gettext(
            "Order {numbers} waits for {awaited}, and this line says {amount}.",
            numbers=numbers,
            awaited=money_text(line.awaited),
            amount=money_text(line.amount),
        )
    awaited = money_text(line.awaited) if line.awaited else "money"
    return _SENTENCES[line.problem or Problem.NO_REFERENCE].format(orders=numbers, awaited=awaited)


_SENTENCES = {
    Problem.NO_REFERENCE: lazy_gettext("No awaited payment has a reference that stands here."),
    Problem.NOT_AWAITED: lazy_gettext("Order {orders} waits for no payment."),
    Problem.SEVERAL_ORDERS: lazy_gettext("The references of several orders stand here: {orders}."),
    Problem.SEVERAL_PAYMENTS: lazy_gettext(
        "Several payments of order {orders} fit. Record it on its page."
    ),
    Problem.NO_AMOUNT: lazy_gettext(
        "Order {orders} waits for {awaited}, and no amount stands here."
    ),
    Problem.SEVERAL_AMOUNTS: lazy_gettext(
        "Several amounts stand here. Order {orders} waits for {awaited}."
    ),
    Problem.OTHER_AMOUNT: lazy_gettext("Order {orders} waits for another amount."),
    Problem.UNCLEAR_AMOUNT: (
        lazy_gettext("The amount can be read in two ways. Order {orders} waits for {awaited}.")
    ),
    Problem.OTHER_CURRENCY: lazy_gettext(
        "Another currency stands here. Order {orders} waits for {awaited}."
    ),
    Problem.PAID_OUT: lazy_gettext("This money went out. Order {orders} waits for {awaited}."),
    Problem.TWICE: lazy_gettext(
        "Another line pays the same payment of order {orders}. Record it on its page."
    ),
}
