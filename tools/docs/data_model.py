"""docs/images/data-model.svg: the tables by subject, with a wire for each foreign key.

The subjects stand in columns, the wires run in the channels between these. All wires to one table
share a lane, so that a channel reads like the map of an underground; and beside each foreign key
stands the name of its table, for who does not follow wires.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from tools.docs import code, svg
from tools.docs.tables import Drawn, drawn

FILE = code.ROOT / "docs" / "images" / "data-model.svg"
COLUMNS = (("people",), ("orders",), ("checkouts", "cards", "ledger"), ("campaigns", "outbox"))
"""Which subjects stand above each other; others go where there is most room, long ones first."""

MARGIN = 12
WIDTH = 216
CHANNEL = 58
LINE = 16.5
HEAD = 27
GAP = 14
TITLE = 30
LANE = 7
ROUND = 5


@dataclass
class Placed:
    """A table with its upper left corner and its column."""

    table: Drawn
    column: int
    left: float
    top: float

    @property
    def height(self) -> float:
        """From its upper edge to its lower."""
        return HEAD + LINE * (len(self.table.columns) + bool(self.table.others)) + 6

    @property
    def middle_of_head(self) -> float:
        """Where wires come in."""
        return self.top + HEAD / 2

    def line(self, name: str) -> float:
        """The height of a column's line, where its wire leaves."""
        names = [column.name for column in self.table.columns]
        return self.top + HEAD + LINE * (names.index(name) + 0.5)


@dataclass
class Lane:
    """The wires in one channel that lead to one table, or to its crossing."""

    channel: int
    target: str
    starts: list[tuple[int, float]] = field(default_factory=list)
    ends: list[tuple[int, float]] = field(default_factory=list)
    place: int = 0
    across: float = 0

    @property
    def serves_left(self) -> bool:
        """Whether all its tables stand on its left."""
        return all(column < self.channel for column, _ in (*self.starts, *self.ends))

    @property
    def span(self) -> tuple[float, float]:
        """The highest and the lowest point."""
        heights = [height for _, height in (*self.starts, *self.ends)]
        return min(heights), max(heights)


class Sheet:
    """The tables, placed."""

    def __init__(self, tables: tuple[Drawn, ...]):
        self.subjects: dict[str, list[Drawn]] = defaultdict(list)
        for table in tables:
            self.subjects[table.subject].append(table)
        self.columns = self._columns()
        self.hues = {name: svg.HUES[i % len(svg.HUES)] for i, name in enumerate(self.subjects)}
        self.placed: dict[str, Placed] = {}
        self.titles: list[tuple[float, float, str]] = []
        self.corridors: dict[int, list[float]] = defaultdict(list)
        self.height = max(self._place(i, names) for i, names in enumerate(self.columns))
        self.lanes: dict[tuple[int, str], Lane] = {}

    def _columns(self) -> list[list[str]]:
        columns = [[name for name in names if name in self.subjects] for names in COLUMNS]
        named = {name for names in columns for name in names}
        others = [name for name in self.subjects if name not in named]
        for name in sorted(others, key=lambda name: self._length([name]), reverse=True):
            min(columns, key=self._length).append(name)
        return columns

    def _length(self, names: list[str]) -> float:
        tables = [table for name in names for table in self.subjects[name]]
        return sum(Placed(table, 0, 0, 0).height + GAP for table in tables) + TITLE * len(names)

    def left_of(self, column: int) -> float:
        """The left edge of a column of tables."""
        return MARGIN + CHANNEL + column * (WIDTH + CHANNEL)

    def _place(self, column: int, names: list[str]) -> float:
        left, top = self.left_of(column), float(MARGIN)
        for name in names:
            self.titles.append((left, top + TITLE - 10, name))
            self.corridors[column].append(top + 3)
            top += TITLE
            for table in self.subjects[name]:
                placed = Placed(table, column, left, top)
                self.placed[table.name] = placed
                top += placed.height + GAP
            top += GAP
        return top

    @property
    def width(self) -> float:
        """Of the whole sheet."""
        return self.left_of(len(self.columns)) + MARGIN


def draw() -> str:
    """The picture."""
    sheet = Sheet(drawn())
    for placed in sheet.placed.values():
        for column in placed.table.columns:
            for table in column.refers_to:
                _lay(sheet, placed, column.name, sheet.placed[table])
    _spread(sheet)
    shapes = _wires(sheet)
    for placed in sheet.placed.values():
        shapes += _table(placed, sheet)
    for left, base, name in sheet.titles:
        shapes.append(svg.text(left, base, name, f"title fill-{sheet.hues[name]}"))
    title = "The tables of giftweb by subject, with their foreign keys"
    return svg.picture(sheet.width, sheet.height, title, shapes)


def _lay(sheet: Sheet, source: Placed, name: str, target: Placed) -> None:
    """Lead a foreign key from its line to the head of the table that it names."""
    start, height = source.column, source.line(name)
    if start == target.column:
        channel = _quieter(sheet, start, target.table.name)
    else:
        channel = start + 1 if start < target.column else start
    lane = _lane(sheet, channel, target.table.name)
    lane.starts.append((start, height))
    step = 1 if start < target.column else -1
    while not channel - 1 <= target.column <= channel:
        crossed = channel if step > 0 else channel - 1
        corridor = min(sheet.corridors[crossed], key=lambda y: abs(y - target.top))
        lane.ends.append((crossed, corridor))
        channel += step
        lane = _lane(sheet, channel, target.table.name)
        lane.starts.append((crossed, corridor))
    lane.ends.append((target.column, target.middle_of_head))


def _quieter(sheet: Sheet, column: int, target: str) -> int:
    """The channel beside a column that has the table's lane already, or fewer wires."""
    sides = (column, column + 1)
    return min(
        sides,
        key=lambda channel: (
            (channel, target) not in sheet.lanes,
            sum(len(lane.starts) for lane in sheet.lanes.values() if lane.channel == channel),
        ),
    )


def _lane(sheet: Sheet, channel: int, target: str) -> Lane:
    return sheet.lanes.setdefault((channel, target), Lane(channel, target))


def _spread(sheet: Sheet) -> None:
    """Give lanes that run side by side a place of their own in their channel: those that serve the
    tables on the left from there on, the others from the right."""
    for channel in range(len(sheet.columns) + 1):
        lanes = [lane for lane in sheet.lanes.values() if lane.channel == channel]
        counts = {}
        for is_left in (True, False):
            side = [lane for lane in lanes if lane.serves_left == is_left]
            counts[is_left] = _number(side)
        slots = counts[True] + counts[False]
        step = min(LANE, (CHANNEL - 24) / max(1, slots - 1))
        left = sheet.left_of(channel) - CHANNEL
        first = (CHANNEL - step * (slots - 1)) / 2
        for lane in lanes:
            slot = lane.place if lane.serves_left else slots - 1 - lane.place
            lane.across = left + first + step * slot


def _number(lanes: list[Lane]) -> int:
    """Number the lanes' places from the tables on, short ones first; how many places there are."""
    taken: list[list[tuple[float, float]]] = []
    for lane in sorted(lanes, key=lambda lane: (lane.span[1] - lane.span[0], lane.target)):
        top, bottom = lane.span
        free = (
            place
            for place, spans in enumerate(taken)
            if all(bottom + GAP < other[0] or top - GAP > other[1] for other in spans)
        )
        lane.place = next(free, len(taken))
        if lane.place == len(taken):
            taken.append([])
        taken[lane.place].append((top, bottom))
    return len(taken)


def _wires(sheet: Sheet) -> list[str]:
    shapes = []
    for lane in sorted(sheet.lanes.values(), key=lambda lane: (lane.channel, lane.target)):
        placed = sheet.placed[lane.target]
        hue = sheet.hues[placed.table.subject]
        kind = f"wire wire-{hue}"
        shapes += _trunk(sheet, lane, kind)
        for column, height in dict.fromkeys(lane.ends):
            if (column, height) == (placed.column, placed.middle_of_head):
                shapes.append(_dot(_edge(sheet, lane, column), height, hue))
            else:
                left = sheet.left_of(column)
                shapes.append(svg.wire([(left, height), (left + WIDTH, height)], kind))
    return shapes


def _trunk(sheet: Sheet, lane: Lane, kind: str) -> list[str]:
    """The lane from its highest to its lowest point, and what branches off."""
    top, bottom = lane.span
    if bottom - top < 1:
        (column, height), (other, _) = lane.starts[0], lane.ends[0]
        ends = [(_edge(sheet, lane, each), height) for each in (column, other)]
        return [svg.wire(ends, kind)]
    shapes = [svg.wire([(lane.across, top + ROUND), (lane.across, bottom - ROUND)], kind)]
    goal = lane.ends[0][1]
    for column, height in dict.fromkeys([*lane.starts, *lane.ends]):
        is_down = height <= top or (height < bottom and height < goal)
        turn = height + (ROUND if is_down else -ROUND)
        points = [(_edge(sheet, lane, column), height), (lane.across, height), (lane.across, turn)]
        shapes.append(svg.wire(points, kind, radius=ROUND))
    return shapes


def _edge(sheet: Sheet, lane: Lane, column: int) -> float:
    return sheet.left_of(column) + (WIDTH if column < lane.channel else 0)


def _dot(x: float, y: float, hue: str) -> str:
    return f'<circle class="fill-{hue}" cx="{svg.number(x)}" cy="{svg.number(y)}" r="3.5"/>'


def _table(placed: Placed, sheet: Sheet) -> list[str]:
    table, left, top = placed.table, placed.left, placed.top
    shapes = [
        svg.box(left, top, WIDTH, placed.height, "box"),
        f'<path class="rule" d="M{svg.number(left)} {svg.number(top + HEAD - 2)}h{WIDTH}"/>',
        svg.text(left + 11, top + 17.5, table.name, "strong"),
    ]
    base = top + HEAD + 12
    for column in table.columns:
        hues = [f" fill-{_hue(sheet, table)}" for table in column.refers_to[:1]]
        shapes.append(svg.text(left + 11, base, column.name, "".join(["small", *hues])))
        if column.refers_to:
            named = ", ".join(column.refers_to)
            shapes.append(svg.text(left + WIDTH - 11, base, named, "small soft end"))
        base += LINE
    if table.others:
        shapes.append(svg.text(left + 11, base, f"and {table.others} more", "small soft"))
    return shapes


def _hue(sheet: Sheet, name: str) -> str:
    return sheet.hues[sheet.placed[name].table.subject]
