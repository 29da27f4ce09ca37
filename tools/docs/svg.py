"""The few shapes that the pictures are drawn with, in one palette for light and dark."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

Point = tuple[float, float]

LIGHT = {
    "page": "#ffffff",
    "sunken": "#f5f6f7",
    "raised": "#ffffff",
    "line": "#d5d9df",
    "text": "#15181c",
    "soft": "#535b67",
    "arrow": "#9aa3b0",
    "accent": "#2742b8",
    "accent-soft": "#eef1fc",
    "hue1": "#2f5fc4",
    "hue2": "#137a50",
    "hue3": "#a3560a",
    "hue4": "#7b3fb3",
    "hue5": "#b3264c",
    "hue6": "#66701a",
    "hue7": "#0d7285",
    "hue8": "#535b67",
}
DARK = {
    "page": "#14171b",
    "sunken": "#1a1e23",
    "raised": "#22272e",
    "line": "#363c45",
    "text": "#e9ebee",
    "soft": "#a9b1bd",
    "arrow": "#6f7987",
    "accent": "#a3b4ff",
    "accent-soft": "#1b2032",
    "hue1": "#86aaff",
    "hue2": "#6fd0a0",
    "hue3": "#eda95e",
    "hue4": "#c8a0f2",
    "hue5": "#f590a8",
    "hue6": "#c3cc6d",
    "hue7": "#6cc9da",
    "hue8": "#a9b1bd",
}
HUES = tuple(name for name in LIGHT if name.startswith("hue"))

_FONT = 'system-ui, -apple-system, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif'
_RULES = """
svg { %(light)s }
@media (prefers-color-scheme: dark) { svg { %(dark)s } }
text { font: 13px %(font)s; fill: var(--text); }
.small { font-size: 12px; font-weight: 400; }
.soft { fill: var(--soft); }
.strong { font-weight: 600; }
.title { font-weight: 600; font-size: 15px; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.page { fill: var(--page); }
.panel { fill: var(--sunken); stroke: var(--line); }
.box { fill: var(--raised); stroke: var(--line); }
.inner { fill: var(--accent-soft); stroke: var(--line); }
.outside { fill: none; stroke: var(--arrow); stroke-dasharray: 5 4; }
.arrow { fill: none; stroke: var(--arrow); stroke-width: 1.3; marker-end: url(#tip); }
.tip { fill: var(--arrow); }
.rule { stroke: var(--line); }
.wire { fill: none; stroke-width: 1.4; }
"""


def picture(width: float, height: float, title: str, shapes: Sequence[str], rules: str = "") -> str:
    """A whole file. ``title`` is what somebody hears who cannot see it."""
    values = {
        "light": " ".join(f"--{name}: {value};" for name, value in LIGHT.items()),
        "dark": " ".join(f"--{name}: {value};" for name, value in DARK.items()),
        "font": _FONT,
    }
    hues = "".join(
        f".fill-{hue} {{ fill: var(--{hue}); }}\n.wire-{hue} {{ stroke: var(--{hue}); }}\n"
        for hue in HUES
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(width)} {number(height)}"'
        f' width="{number(width)}" height="{number(height)}" role="img"'
        f' aria-label="{escape(title)}">'
    )
    marker = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path class="tip" d="M0 0.5 8 4 0 7.5z"/></marker></defs>'
    )
    style = f"<style>{_RULES % values}{hues}{rules}</style>"
    ground = box(0, 0, width, height, "page", radius=10)
    return "\n".join([head, style, marker, ground, *shapes, "</svg>"]) + "\n"


def number(value: float) -> str:
    """A coordinate, short and the same on every machine."""
    return f"{value:.1f}".removesuffix(".0")


def box(
    left: float, top: float, width: float, height: float, kind: str, *, radius: float = 6
) -> str:
    """A rectangle with round corners."""
    return (
        f'<rect class="{kind}" x="{number(left)}" y="{number(top)}" width="{number(width)}"'
        f' height="{number(height)}" rx="{number(radius)}"/>'
    )


def text(left: float, base: float, words: str, kind: str = "", *, after: str = "") -> str:
    """A line of text on its base line, and softly what comes after it."""
    names = f' class="{kind}"' if kind else ""
    rest = f'<tspan class="small soft" dx="8">{escape(after)}</tspan>' if after else ""
    return f'<text{names} x="{number(left)}" y="{number(base)}">{escape(words)}{rest}</text>'


def curve(points: Sequence[Point], kind: str) -> str:
    """A smooth line downwards through the points, which starts and ends straight down."""
    slopes = [0.0, *map(_slope, points, points[1:], points[2:]), 0.0]
    parts = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for i, ((left, top), (x, y)) in enumerate(pairwise(points)):
        third = (y - top) / (2 if len(points) == 2 else 2.6)
        parts.append(
            f"C{number(left + slopes[i] * third)} {number(top + third)}"
            f" {number(x - slopes[i + 1] * third)} {number(y - third)} {number(x)} {number(y)}"
        )
    return f'<path class="{kind}" d="{" ".join(parts)}"/>'


def _slope(before: Point, here: Point, after: Point) -> float:
    """How far the line goes to the side for each step down; none where it turns back."""
    first = (here[0] - before[0]) / (here[1] - before[1])
    second = (after[0] - here[0]) / (after[1] - here[1])
    return 0.0 if first * second <= 0 else min(first, second, key=abs)


def wire(points: Sequence[Point], kind: str, *, radius: float = 6) -> str:
    """A line of horizontal and vertical pieces with round corners."""
    first, *inner = points
    parts = [f"M{number(first[0])} {number(first[1])}"]
    for before, corner, after in zip(points, inner, points[2:], strict=False):
        enter, leave = _towards(corner, before, radius), _towards(corner, after, radius)
        parts.append(f"L{number(enter[0])} {number(enter[1])}")
        parts.append(
            f"Q{number(corner[0])} {number(corner[1])} {number(leave[0])} {number(leave[1])}"
        )
    parts.append(f"L{number(points[-1][0])} {number(points[-1][1])}")
    return f'<path class="{kind}" d="{" ".join(parts)}"/>'


def _towards(corner: Point, other: Point, radius: float) -> Point:
    across, down = other[0] - corner[0], other[1] - corner[1]
    length = abs(across) + abs(down)
    step = min(radius, length) / length if length else 0
    return corner[0] + across * step, corner[1] + down * step
