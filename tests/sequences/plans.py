"""An order, the events on it, and the same events in another order."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

LONGEST = 30
GOODS, DOWNLOAD, CARDS, RECHARGE = "goods", "download", "cards", "recharge"

_APART = (
    *(("ship", "upsell"), ("ship", "receive"), ("ship", "unship"), ("ship", "give_up")),
    *(("unship", "upsell"), ("unship", "receive"), ("unship", "give_up")),
)
"""What does not commute though both may be done: whether a parcel has left is a matter of time."""


@dataclass(frozen=True)
class Event:
    """Something that happens to the order: ``on`` what of it, by its name, and ``share`` how much.

    Payments are "main", "card" and that of each upsell; lines "L0", "L1" and that of each upsell;
    cards "bonus", "recharged", and "L1#0" for the first one that a line bought. An upsell brings
    its own name.
    """

    kind: str
    on: str = ""
    share: int = 0

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
    events: tuple[Event, ...] = ()
    swaps: tuple[int, ...] = ()

    def reordered(self) -> tuple[Event, ...]:
        """The same events, after neighbours that commute were swapped."""
        events = list(self.events)
        for at in self.swaps:
            if at + 1 < len(events) and events[at].commutes_with(events[at + 1]):
                events[at], events[at + 1] = events[at + 1], events[at]
        return tuple(events)


def draw_order(random: Random) -> Plan:
    """Any order, to which nothing has happened yet."""
    return Plan(
        terms={name: random.choice(among) for name, among in _TERMS.items()},
        lines=tuple(_draw_lines(random)),
        discount_share=random.choice((0, 0, 10, 33, 100)),
        tax_minor=random.choice((0, 0, 777)),
        shipping_minor=random.choice((0, 900)),
        card_minor=random.choice((0, 0, 1500, 5000)),
        is_awaited=random.choice((False, False, True)),
    )


_TERMS: dict[str, tuple[Any, ...]] = {
    "issue_after_sales": (False, True),
    "relative_hundredths": (1000, 3333),
    "absolute_on": (False, False, True),
    "absolute_minor": (500,),
    "bonus_base": ("grand_total", "without_shipping"),
    "bonus_minimum_minor": (0, 0, 3000),
    "bonus_cap_minor": (None, 700),
    "bonus_waiting_days": (0, 14),
    "bonus_on_gift_cards": (False, True),
    "ship_before_payment": (False, True),
}


def _draw_lines(random: Random) -> list[tuple[str, int, int]]:
    kinds = random.choices((GOODS, DOWNLOAD, CARDS), (2, 1, 3), k=random.randint(1, 5))
    if random.random() < 0.4:
        kinds[random.randrange(len(kinds))] = RECHARGE
    amounts = (1, 999, 2500, 6000)
    return [(kind, random.choice(amounts), random.randint(1, 3)) for kind in kinds]


def draw_swaps(random: Random, events: Sequence[Event]) -> tuple[int, ...]:
    """Which neighbours change places. Few leave more to compare: each event has to come to the
    same in both orders."""
    if len(events) < 2:
        return ()
    count = random.choice((1, 2, 4, LONGEST))
    return tuple(random.randrange(len(events) - 1) for _ in range(count))
