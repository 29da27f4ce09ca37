"""Boxes on floors and the arrows between them, placed so that the arrows cross little.

The way of Sugiyama: an arrow that passes a floor takes a narrow place on it, a passage, and each
floor is put into the order of what its places are joined to, again and again, down and up.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tools.docs.svg import Point

PASSAGE = 28
"""The width of a passage."""

TO_CENTRE = 0.08
"""How much the centre pulls at a place, where a box that it is joined to pulls with 1."""

BETWEEN_ENDS = 14
"""How far apart arrows leave a box and come to one."""

Edge = tuple[str, str]
Place = str | tuple[str, str, int]
"""A box by its name, or the passage of an arrow through a floor."""


@dataclass(frozen=True)
class Spot:
    """Where a box lies."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Plan:
    """Where everything lies, from the upper left corner on."""

    height: float
    boxes: dict[str, Spot]
    arrows: list[list[Point]]


class Floors:
    """The places of each floor from left to right, and what they are joined to."""

    def __init__(
        self,
        floors: Sequence[Sequence[str]],
        edges: Iterable[Edge],
        *,
        width: float,
        size: Callable[[str], tuple[float, float]],
        space: float,
    ):
        self.width, self.size, self.space = width, size, space
        self.rows: list[list[Place]] = [list(floor) for floor in floors]
        ranks = {name: rank for rank, floor in enumerate(floors) for name in floor}
        self.chains = [_chain(edge, ranks) for edge in sorted(edges)]
        self.above: dict[Place, list[Place]] = {}
        self.below: dict[Place, list[Place]] = {}
        for chain in self.chains:
            for passage in chain[1:-1]:
                self.rows[passage[2]].append(passage)
            for upper, lower in pairwise(chain):
                self.below.setdefault(upper, []).append(lower)
                self.above.setdefault(lower, []).append(upper)
        for row in self.rows:
            if self._free(row) < 0:
                raise ValueError(f"The floor is too wide for the picture: {row}")

    def breadth(self, place: Place) -> float:
        """The width of a place."""
        return self.size(place)[0] if isinstance(place, str) else PASSAGE

    def _free(self, row: list[Place]) -> float:
        """The width of a floor that its places leave."""
        return self.width - sum(map(self.breadth, row))

    # The order on each floor

    def put_in_order(self) -> None:
        """Find an order with few crossings."""
        best, least = [list(row) for row in self.rows], self.crossings()
        for turn in range(48):
            self._follow(self.above if turn % 2 == 0 else self.below, is_down=turn % 2 == 0)
            if (crossings := self.crossings()) < least:
                best, least = [list(row) for row in self.rows], crossings
        self.rows = best
        while self._swap_neighbours():
            pass

    def _follow(self, joined: dict[Place, list[Place]], *, is_down: bool) -> None:
        """Sort each floor by what its places are joined to on the one that came before."""
        for row in self.rows if is_down else reversed(self.rows):
            spots = {
                place: i / max(1, len(each)) for each in self.rows for i, place in enumerate(each)
            }
            means = {
                place: sum(map(spots.__getitem__, near)) / len(near) if near else spots[place]
                for place in row
                for near in [joined.get(place)]
            }
            row.sort(key=lambda place, means=means: (means[place], str(place)))

    def _swap_neighbours(self) -> bool:
        """Swap neighbours where that removes a crossing; whether one was removed."""
        least = first = self.crossings()
        for row in self.rows:
            for i in range(len(row) - 1):
                row[i], row[i + 1] = row[i + 1], row[i]
                if (crossings := self.crossings()) < least:
                    least = crossings
                else:
                    row[i], row[i + 1] = row[i + 1], row[i]
        return least < first

    def crossings(self) -> int:
        """How many pairs of arrows cross between two floors."""
        count = 0
        for upper, lower in pairwise(self.rows):
            spots = {place: i for i, place in enumerate(lower)}
            ends = [
                (i, spots[e]) for i, place in enumerate(upper) for e in self.below.get(place, ())
            ]
            count += sum(a < c and b > d for a, b in ends for c, d in ends)
        return count

    # The place on each floor

    def middles(self) -> dict[Place, float]:
        """The middle of each place: near to what it is joined to, in its order, none on another."""
        found: dict[Place, float] = {}
        for row in self.rows:
            between = self._free(row) / (len(row) + 1)
            left = between
            for place in row:
                found[place] = left + self.breadth(place) / 2
                left += self.breadth(place) + between
        for turn in range(200):
            for row in self.rows if turn % 2 else reversed(self.rows):
                wished = [self._wish(place, found) for place in row]
                found.update(zip(row, self._apart(row, wished), strict=True))
        return found

    def _wish(self, place: Place, middles: dict[Place, float]) -> float:
        """The mean of what a place is joined to. Passages pull hard at each other: an arrow is to
        bend at its ends."""
        near = (*self.above.get(place, ()), *self.below.get(place, ()))
        if not near:
            return middles[place]
        pulls = [_pull(place, other) for other in near]
        pulled = sum(middles[other] * pull for other, pull in zip(near, pulls, strict=True))
        return (pulled + self.width / 2 * TO_CENTRE) / (sum(pulls) + TO_CENTRE)

    def _apart(self, row: list[Place], wished: list[float]) -> list[float]:
        """The wishes, pushed apart as little as possible and kept within the width."""
        space = min(self.space, self._free(row) / max(1, len(row) - 1))
        steps = [0.0]
        for before, place in pairwise(row):
            steps.append(steps[-1] + (self.breadth(before) + self.breadth(place)) / 2 + space)
        blocks: list[tuple[float, int]] = []
        for wish, step in zip(wished, steps, strict=True):
            mean, count = wish - step, 1
            while blocks and blocks[-1][0] > mean:
                other, many = blocks.pop()
                mean, count = (mean * count + other * many) / (count + many), count + many
            blocks.append((mean, count))
        least = self.breadth(row[0]) / 2
        most = self.width - self.breadth(row[-1]) / 2 - steps[-1]
        origins = [min(max(mean, least), most) for mean, count in blocks for _ in range(count)]
        return [origin + step for origin, step in zip(origins, steps, strict=True)]


def _chain(edge: Edge, ranks: dict[str, int]) -> list[Place]:
    """An arrow's way: from its box through its passages to the other box."""
    source, target = edge
    passed = range(ranks[source] + 1, ranks[target])
    return [source, *((source, target, rank) for rank in passed), target]


def _pull(place: Place, other: Place) -> int:
    passages = [isinstance(each, tuple) for each in (place, other)]
    return 16 if all(passages) else 2 if any(passages) else 1


def arrange(floors: Floors, *, gap: float) -> Plan:
    """Place everything; ``gap`` is the height between two floors."""
    floors.put_in_order()
    middles = floors.middles()
    boxes: dict[str, Spot] = {}
    spans: dict[Place, tuple[float, float]] = {}
    down = 0.0
    for row in floors.rows:
        sizes = {place: floors.size(place) for place in row if isinstance(place, str)}
        tallest = max(height for _, height in sizes.values())
        for name, (width, height) in sizes.items():
            top = down + (tallest - height) / 2
            boxes[name] = Spot(middles[name] - width / 2, top, width, height)
        spans |= dict.fromkeys(row, (down, down + tallest))
        down += tallest + gap
    arrows = [
        [
            (start, boxes[str(chain[0])].top + boxes[str(chain[0])].height),
            *((middles[each], end) for each in chain[1:-1] for end in spans[each]),
            (stop, boxes[str(chain[-1])].top),
        ]
        for chain, start, stop in zip(
            floors.chains,
            _ends([chain[:2] for chain in floors.chains], middles, boxes),
            _ends([chain[:-3:-1] for chain in floors.chains], middles, boxes),
            strict=True,
        )
    ]
    return _centred(Plan(down - gap, boxes, arrows), floors.width)


def _ends(
    joints: list[list[Place]], middles: dict[Place, float], boxes: dict[str, Spot]
) -> list[float]:
    """Where the arrows meet their boxes, of which each joint is one with what comes next: side by
    side, in the order of what comes next."""
    by_box: dict[str, list[tuple[float, int]]] = {}
    for number, (box, near) in enumerate(joints):
        by_box.setdefault(str(box), []).append((middles[near], number))
    found = {}
    for name, ends in by_box.items():
        spot = boxes[name]
        step = min(BETWEEN_ENDS, (spot.width - 16) / len(ends))
        first = spot.left + spot.width / 2 - step * (len(ends) - 1) / 2
        found.update((number, first + i * step) for i, (_, number) in enumerate(sorted(ends)))
    return [found[number] for number in range(len(joints))]


def _centred(plan: Plan, width: float) -> Plan:
    sides = [x for points in plan.arrows for x, _ in points]
    sides += [side for spot in plan.boxes.values() for side in (spot.left, spot.left + spot.width)]
    by = (width - min(sides) - max(sides)) / 2
    boxes = {name: replace(spot, left=spot.left + by) for name, spot in plan.boxes.items()}
    return Plan(plan.height, boxes, [[(x + by, y) for x, y in points] for points in plan.arrows])
