"""docs/images/house.svg: who comes to the house, and its packages by floor.

The floors are those of the contracts in pyproject.toml, the arrows the imports. An arrow is left
out where a longer way leads to the same package. A floor that is wider than the picture takes
several rows.
"""

from math import ceil

from tools.docs import code, svg
from tools.docs.floors import Edge, Floors, Plan, Spot, arrange
from tools.docs.packages import label

FILE = code.ROOT / "docs" / "images" / "house.svg"
WIDTH = 1000
MARGIN = 24
PADDING = 18
HEAD = 34
FOOT = 38
BESIDE = 56
"""Room beside the domain for arrows that pass it."""
DOMAIN_WIDTH = WIDTH - 2 * MARGIN - BESIDE
SPACE = 22
"""Between two boxes of a floor."""
DATABASE = f"{code.PRODUCT}.database"
SERVING = f"{code.PRODUCT}.serving"
APP = "app"
"""app.py, which wires the packages together: serving has it built, and it imports the blueprints.
That it gives ``flask`` its commands is not drawn, for they stand above."""

VISITORS = {
    "Browser": "balance, shop, widget, desk",
    "A shop's program": "the API",
    "Worker": "mails, webhooks, what lapses",
    "Terminal": "flask audit, import, backup",
}
ENTRANCES = {
    "Browser": SERVING,
    "A shop's program": SERVING,
    "Worker": f"{code.PRODUCT}.cli",
    "Terminal": f"{code.PRODUCT}.cli",
}
NOTES = {**VISITORS, APP: "create_app", DATABASE: "SQLite or PostgreSQL"}


def draw() -> str:
    """The picture."""
    inner = domain_plan()
    outer = house_plan(inner)
    height = outer.height + 2 * MARGIN + FOOT
    shapes = _wall(outer)
    shapes += [svg.curve(_moved(points), "arrow") for points in outer.arrows]
    for name, spot in sorted(outer.boxes.items()):
        shapes += _box(name, spot, inner)
    title = "Visitors of giftweb, its packages by floor, and which of them import which"
    return svg.picture(WIDTH, height, title, shapes)


def domain_plan() -> Plan:
    """Where the packages of the domain lie."""
    floors = code.domain_floors()
    edges = code.without_detours(code.arrows(floors.packages))
    width = DOMAIN_WIDTH - 2 * PADDING
    rows = [row for floor in floors.floors for row in _rows(floor, width)]
    return arrange(Floors(rows, edges, width=width, size=_size, space=SPACE), gap=30)


def _rows(floor: tuple[str, ...], width: float) -> list[tuple[str, ...]]:
    """The floor in as many rows of equal length as its boxes need."""
    needed = sum(_size(name)[0] + SPACE for name in floor) - SPACE
    length = ceil(len(floor) / ceil(needed / width))
    return [floor[i : i + length] for i in range(0, len(floor), length)]


def house_plan(inner: Plan) -> Plan:
    """Where the house's lie around the domain's."""

    def size(name: str) -> tuple[float, float]:
        if name == code.DOMAIN:
            return DOMAIN_WIDTH, inner.height + HEAD + PADDING
        return _size(name)

    width = WIDTH - 2 * MARGIN
    return arrange(
        Floors(house_floors(), house_edges(), width=width, size=size, space=SPACE), gap=28
    )


def house_floors() -> list[tuple[str, ...]]:
    """The visitors, and what they come to down to the database, the highest floor first."""
    whole = code.house_floors()
    floors = [tuple(VISITORS), *whole.floors[: _base(whole) + 1]]
    floors.insert(floors.index((SERVING,)) + 1, (APP,))
    return floors


def house_edges() -> set[Edge]:
    """The arrows between them."""
    ranks = {name: rank for rank, floor in enumerate(house_floors()) for name in floor}
    packages = code.house_floors().packages
    wired = (code.package_of(each, packages) for each in code.imports_in(code.ROOT / "app.py"))
    edges = {(SERVING, APP), *code.arrows(packages), *((APP, name) for name in wired if name)}
    known = {(source, target) for source, target in edges if {source, target} <= ranks.keys()}
    downwards = {(source, target) for source, target in known if ranks[source] < ranks[target]}
    return code.without_detours(downwards) | set(ENTRANCES.items())


def _base(whole: code.Floors) -> int:
    """The floor of the database; below it everybody's language is spoken."""
    return next(i for i, floor in enumerate(whole.floors) if DATABASE in floor)


def _size(name: str) -> tuple[float, float]:
    if name in VISITORS:
        return 206, 46
    if name in NOTES:
        return 176, 46
    return max(80.0, 8.2 * len(label(name)) + 26), 32


def _moved(points: list[svg.Point], by: float = MARGIN) -> list[svg.Point]:
    return [(x + by, y + by) for x, y in points]


def _box(name: str, spot: Spot, inner: Plan) -> list[str]:
    left, top = spot.left + MARGIN, spot.top + MARGIN
    middle = left + spot.width / 2
    if name == code.DOMAIN:
        return _domain_box(spot, inner)
    shapes = [svg.box(left, top, spot.width, spot.height, "outside" if name in VISITORS else "box")]
    if name in NOTES:
        shapes.append(svg.text(middle, top + 20, label(name), "strong middle"))
        shapes.append(svg.text(middle, top + 37, NOTES[name], "small soft middle"))
    else:
        shapes.append(svg.text(middle, top + spot.height / 2 + 4.5, label(name), "strong middle"))
    return shapes


def _wall(outer: Plan) -> list[str]:
    first = max(outer.boxes[name].top + outer.boxes[name].height for name in VISITORS)
    top, bottom = first + MARGIN + 12, outer.height + MARGIN + 12
    left, width = MARGIN / 2, WIDTH - MARGIN
    words = ", ".join(_language())
    return [
        svg.box(left, top, width, bottom + FOOT - top, "panel", radius=10),
        f'<path class="rule" d="M{svg.number(left)} {svg.number(bottom)}h{svg.number(width)}"/>',
        svg.text(WIDTH / 2, bottom + 24, "the language", "strong middle", after=words),
    ]


def _language() -> list[str]:
    whole = code.house_floors()
    return sorted(label(name) for floor in whole.floors[_base(whole) + 1 :] for name in floor)


def _domain_box(spot: Spot, inner: Plan) -> list[str]:
    left, top = spot.left + MARGIN, spot.top + MARGIN
    shapes = [
        svg.box(left, top, spot.width, spot.height, "inner", radius=10),
        svg.text(left + 16, top + 23, "domain", "title", after="the verbs, a package a noun"),
    ]
    across, down = left + PADDING, top + HEAD
    for points in inner.arrows:
        shapes.append(svg.curve([(x + across, y + down) for x, y in points], "arrow"))
    for name, each in sorted(inner.boxes.items()):
        x, y = each.left + across, each.top + down
        shapes.append(svg.box(x, y, each.width, each.height, "box"))
        middle = (x + each.width / 2, y + each.height / 2 + 4.5)
        shapes.append(svg.text(*middle, label(name), "strong middle"))
    return shapes
