"""An order at random, up to thirty events on it, and the same events in another order."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

LONGEST = 30
GOODS, DOWNLOAD, CARDS, RECHARGE = "goods", "download", "cards", "recharge"
ON_PAYMENTS = ("receive", "give_up", "refund", "refund_rest", "charge_back", "fail")
ON_LINES = ("take_off",)
ON_CARDS = ("delete", "spend", "replace")
ON_ORDERS = ("refund_all", "cancel", "ship", "unship", "upsell")
OFTEN = ("refund", "take_off", "take_off", "charge_back", "upsell", "receive")

_APART = (
    *(("ship", "upsell"), ("ship", "receive"), ("ship", "unship"), ("ship", "give_up")),
    *(("unship", "upsell"), ("unship", "receive"), ("unship", "give_up")),
)
"""What does not commute though both may be done: whether a parcel has left is a matter of time."""


@dataclass(frozen=True)
class Event:
    """Something that happens to the order: ``which`` chooses on what, ``share`` how much."""

    kind: str
    which: int
    share: int

    def commutes_with(self, other: "Event") -> bool:
        """Whether the two have to end the same in either order, when both can be done."""
        kinds = (self.kind, other.kind)
        return "fail" not in kinds and not {kinds, kinds[::-1]} & {*_APART}


@dataclass(frozen=True)
class Plan:
    """An order and what happens to it; amounts in minor units, shares in hundredths."""

    terms: dict[str, Any]
    lines: tuple[tuple[str, int, int], ...]
    discount_share: int
    tax_minor: int
    shipping_minor: int
    card_minor: int
    is_awaited: bool
    events: tuple[Event, ...]
    swaps: tuple[int, ...]

    def numbered(self) -> list[tuple[int, Event]]:
        """The events as they were drawn."""
        return list(enumerate(self.events))

    def reordered(self) -> list[tuple[int, Event]]:
        """The same events, after neighbours that commute were swapped."""
        events = self.numbered()
        for at in self.swaps:
            if at + 1 < len(events) and events[at][1].commutes_with(events[at + 1][1]):
                events[at], events[at + 1] = events[at + 1], events[at]
        return events


TERMS = st.fixed_dictionaries(
    {
        "issue_after_sales": st.booleans(),
        "relative_hundredths": st.sampled_from((1000, 3333)),
        "absolute_on": st.sampled_from((False, False, True)),
        "absolute_minor": st.just(500),
        "bonus_base": st.sampled_from(("grand_total", "without_shipping")),
        "bonus_minimum_minor": st.sampled_from((0, 0, 3000)),
        "bonus_cap_minor": st.sampled_from((None, 700)),
        "bonus_waiting_days": st.sampled_from((0, 14)),
        "bonus_on_gift_cards": st.booleans(),
        "ship_before_payment": st.booleans(),
    }
)
LINES = st.lists(
    st.tuples(
        st.sampled_from((GOODS, GOODS, DOWNLOAD, CARDS, CARDS, CARDS, RECHARGE)),
        st.sampled_from((1, 999, 2500, 6000)),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=5,
).filter(lambda lines: sum(kind == RECHARGE for kind, _, _ in lines) < 2)
EVENT = st.builds(
    Event,
    st.sampled_from((*OFTEN * 3, *ON_PAYMENTS, *ON_LINES, *ON_CARDS, *ON_ORDERS)),
    st.integers(0, 7),
    st.one_of(st.integers(1, 15), st.integers(1, 110)),
)
EVENTS = st.integers(0, LONGEST).flatmap(
    lambda count: st.lists(EVENT, min_size=count, max_size=count).map(tuple)
)


MOST_SWAPS = st.sampled_from((1, 2, 5, 40))
"""Few of them leave more to compare: each event has to come to the same in both orders."""


@st.composite
def plans(draw) -> Plan:
    """Any order, and any sequence of events."""
    events = draw(EVENTS)
    most = max(0, len(events) - 2)
    return Plan(
        terms=draw(TERMS),
        lines=tuple(draw(LINES)),
        discount_share=draw(st.sampled_from((0, 0, 10, 33, 100))),
        tax_minor=draw(st.sampled_from((0, 0, 777))),
        shipping_minor=draw(st.sampled_from((0, 900))),
        card_minor=draw(st.sampled_from((0, 0, 1500, 5000))),
        is_awaited=draw(st.sampled_from((False, False, True))),
        events=events,
        swaps=tuple(draw(st.lists(st.integers(0, most), min_size=1, max_size=draw(MOST_SWAPS)))),
    )
