"""Events on an order that commute end the same in any order; the long form is ``make soak``."""

from dataclasses import replace

import pytest

from tests.sequences.plans import Event, Plan
from tests.sequences.story import Story, require_same_end
from tests.soak import sequences

ORDER = Plan(
    terms={"issue_after_sales": True, "relative_hundredths": 1000},
    lines=(("goods", 6000, 1), ("cards", 2500, 2), ("recharge", 2500, 1), ("download", 999, 1)),
    discount_share=10,
    tax_minor=777,
    shipping_minor=900,
    card_minor=1500,
    is_awaited=False,
    swaps=(0,),
)
PART, CHARGEBACK = Event("refund", "main", 10), Event("charge_back", "main", 10)
GOODS_OFF, CARDS_OFF, RECHARGE_OFF = (Event("take_off", f"L{line}") for line in range(3))
SPENT = Event("spend", "recharged", 100)
TAXED_DOWNLOAD, AWAITED_CARDS = Event("upsell", "U1", 85), Event("upsell", "U1", 17)


@pytest.mark.proves("D22", "D24", "I37", "I38", "E3", "E4")
def test_whichever_event_of_an_order_comes_first_it_ends_the_same(engine):
    counts = sequences.walk(engine, seed=5, sequences=2, longest=12, audits_each=True)
    assert counts == {"sequences": 2, "events": 24, "compared": 2, "of 12 events": 2}


@pytest.mark.proves("D21", "D22", "I38")
def test_an_order_without_money_ends_when_what_was_added_is_not_paid_either():
    """Before or after all that came is refunded."""
    added, given_up = Event("upsell", "U1", 3), Event("give_up", "U1")
    events = (added, given_up, Event("refund_rest", "main"), Event("refund_rest", "card"))
    assert require_same_end(replace(ORDER, events=events, swaps=(1, 2)))


FREE = replace(ORDER, discount_share=100, tax_minor=0, shipping_minor=0, card_minor=0)


@pytest.mark.proves("D21", "D22", "I38", "E1")
def test_an_order_that_cost_nothing_goes_on_when_what_was_added_is_not_paid():
    story = Story(FREE)
    before = story.end()
    for event in (Event("upsell", "U1", 29), Event("give_up", "U1")):
        assert story.apply(event) == {}
    after = story.end()
    assert {name: after[name] for name in ("order", "amounts", "cards")} == {
        name: before[name] for name in ("order", "amounts", "cards")
    }
    assert before["cards"]["L1#0"][0] == "active"
    assert story.apply(Event("ship")) == {}


@pytest.mark.proves("D21", "D22", "I38")
def test_an_order_that_cost_nothing_ends_the_same_whichever_addition_is_given_up_first():
    added, more = Event("upsell", "U1", 29), Event("upsell", "U2", 47)
    events = (added, more, Event("give_up", "U1"), Event("receive", "U2"))
    assert require_same_end(replace(FREE, events=events, swaps=(1,)))


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
        (Event("ship"), CARDS_OFF),
        (Event("ship"), PART),
        (TAXED_DOWNLOAD, GOODS_OFF),
        (AWAITED_CARDS, CHARGEBACK),
        (Event("delete", "L1#0"), PART),
    ],
    ids=lambda events: " and ".join(event.kind for event in events),
)
def test_two_events_end_the_same_in_both_orders(events):
    assert require_same_end(replace(ORDER, events=events))
