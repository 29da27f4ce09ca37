"""Events drawn one by one, each among those that the order can still take."""

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from giftweb.domain import orders, payments
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.values import FULFILMENT_CANCELLED, SHIPPED, Order
from giftweb.domain.payments.payments import Payment
from tests.sequences.plans import Event
from tests.sequences.story import Story, outcome_of

TRIES = 12
"""So many events in a row that the order refuses, and its life is over."""
WEIGHTS = {
    **{"upsell": 8, "refund": 8, "take_off": 5, "charge_back": 3, "receive": 6, "give_up": 2},
    **{"spend": 6, "replace": 2, "delete": 2, "ship": 2, "unship": 2, "fail": 1},
    **{"refund_rest": 1, "refund_all": 1, "cancel": 1},
}
ENDS = ("refund_rest", "refund_all", "cancel")
"""What leaves little to happen afterwards: seldom drawn while much is still to come."""


def carry_out(
    random: Random, story: Story, *, most: int, after_each: Callable[[], None] | None = None
) -> tuple[tuple[Event, ...], Counter[Any]]:
    """Draw events and do them, up to ``most``: the events that could be done, and what each came
    to."""
    events: list[Event] = []
    outcomes = Counter[Any]()
    refused = 0
    while len(events) < most and refused < TRIES:
        event = draw(random, story, left=most - len(events))
        outcome = story.apply(event)
        if isinstance(outcome, str):
            refused += 1
            continue
        refused = 0
        events.append(event)
        outcomes[outcome_of(event, outcome)] += 1
        if after_each:
            after_each()
    return tuple(events), outcomes


def draw(random: Random, story: Story, *, left: int) -> Event:
    """An event that the order as it stands can probably take."""
    found: dict[str, list[Event]] = {}
    is_late = left <= 3 or random.random() < 0.1
    for event in possible(random, story):
        if event.kind not in ENDS or is_late:
            found.setdefault(event.kind, []).append(event)
    kinds = list(found)
    (kind,) = random.choices(kinds, [WEIGHTS[kind] for kind in kinds])
    return random.choice(found[kind])


def possible(random: Random, story: Story) -> Iterator[Event]:
    """Every kind of event on everything of the order that can take it."""
    order = orders.find(story.order_id)
    paid = {each.id: each for each in payments.of_order(order.id)}
    for name, payment_id in story.payments.items():
        yield from _on_payment(random, name, paid[payment_id])
    kept = [line for line in orders.values.lines(order.id) if not line.taken_off_at]
    yield from _on_cards(random, story)
    yield from _on_order(order, kept)
    yield Event("upsell", f"U{len(story.payments)}", random.randrange(144))


def _on_payment(random: Random, name: str, payment: Payment) -> Iterator[Event]:
    if payment.is_awaited:
        yield from (Event("receive", name), Event("give_up", name))
    if payment.left_minor:
        share = random.choice((1, 3, 7, 12))
        yield from (Event("refund", name, share), Event("refund_rest", name))
        if not payment.is_gift_card:
            yield Event("charge_back", name, share)
    if payment.refunded_minor and not payment.is_gift_card:
        yield Event("fail")


def _on_cards(random: Random, story: Story) -> Iterator[Event]:
    for name in story.cards():
        yield Event("spend", name, random.choice((1, 50, 400)))
        yield from (Event("replace", name), Event("delete", name))


def _on_order(order: Order, kept: list[Line]) -> Iterator[Event]:
    if order.fulfilment == SHIPPED:
        yield Event("unship")
    elif order.fulfilment != FULFILMENT_CANCELLED:
        yield Event("ship")
    if not order.is_over:
        yield from (Event("refund_all"), Event("cancel"))
        if len(kept) > 1:
            yield from (Event("take_off", line.sku) for line in kept)
