"""Events on an order that commute end the same in any order; the long form is ``make soak``."""

from dataclasses import replace

import pytest

from tests.sequences.plans import Event, Plan
from tests.sequences.story import require_same_end
from tests.soak import sequences

ORDER = Plan(
    terms={"issue_after_sales": True, "relative_hundredths": 1000},
    lines=(("goods", 6000, 1), ("cards", 2500, 2), ("recharge", 2500, 1), ("download", 999, 1)),
    discount_share=10,
    tax_minor=777,
    shipping_minor=900,
    card_minor=1500,
    is_awaited=False,
    events=(),
    swaps=(0,),
)
PART, CHARGEBACK = Event("refund", 0, 10), Event("charge_back", 0, 10)
GOODS_OFF, CARDS_OFF, RECHARGE_OFF = (Event("take_off", line, 1) for line in range(3))
SPENT = Event("spend", 1, 100)


@pytest.mark.proves("D22", "D24", "I37", "I38", "E3", "E4")
def test_whichever_event_of_an_order_comes_first_it_ends_the_same(engine):
    counts = sequences.walk(engine, plans=8, audits_each=True, is_fixed=True)
    assert counts["events"] > 20
    assert counts["compared"] > 2


@pytest.mark.proves("D21", "D22", "I38")
def test_an_order_without_money_ends_when_what_was_added_is_not_paid_either():
    """Before or after all that came is refunded."""
    added, given_up = Event("upsell", 0, 3), Event("give_up", 3, 1)
    events = (added, given_up, Event("refund_rest", 0, 1), Event("refund_rest", 2, 1))
    plan = replace(ORDER, events=events, swaps=(1, 2))
    assert require_same_end(plan) == {"events": 4, "compared": 1}


@pytest.mark.proves("D22", "D24", "I38", "E3", "E4")
@pytest.mark.parametrize(
    "events",
    [
        (CHARGEBACK, CARDS_OFF),
        (CHARGEBACK, RECHARGE_OFF),
        (CHARGEBACK, GOODS_OFF),
        (PART, CARDS_OFF),
        (PART, GOODS_OFF),
        (PART, CHARGEBACK),
        (GOODS_OFF, CARDS_OFF),
        (SPENT, GOODS_OFF),
        (SPENT, RECHARGE_OFF),
        (Event("ship", 0, 1), CARDS_OFF),
        (Event("ship", 0, 1), PART),
        (Event("upsell", 7, 2), GOODS_OFF),
        (Event("upsell", 5, 3), CHARGEBACK),
        (Event("delete", 3, 1), PART),
    ],
    ids=lambda events: " and ".join(event.kind for event in events),
)
def test_two_events_end_the_same_in_both_orders(events):
    assert require_same_end(replace(ORDER, events=events)) == {"events": 2, "compared": 1}
