"""Draw the designs of gift cards that come with giftweb: ``python -m tools.designs``.

Flat shapes, drawn large and made smaller, so that edges are smooth. What it writes is committed:
``giftweb/static/designs/NAME.webp`` for pages and paper, ``NAME.jpg`` for mails.
"""

import math
import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

PLACE = Path(__file__).parents[1] / "giftweb/static/designs"
SIZE = (1280, 800)
MAIL_SIZE = (640, 400)
SCALE = 2
W, H = SIZE

Colour = tuple[int, int, int]
Point = tuple[float, float]


def rgb(text: str) -> Colour:
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


class Pen:
    """Draws in the coordinates of the finished picture."""

    def __init__(self, background: str):
        self.picture = Image.new("RGB", (W * SCALE, H * SCALE), rgb(background))
        self._draw = ImageDraw.Draw(self.picture)

    def _scaled(self, points: list[Point]) -> list[Point]:
        return [(x * SCALE, y * SCALE) for x, y in points]

    def polygon(self, points: list[Point], colour: str) -> None:
        self._draw.polygon(self._scaled(points), fill=rgb(colour))

    def circle(self, x: float, y: float, radius: float, colour: str) -> None:
        self.ellipse(x, y, radius, radius, colour)

    def ellipse(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        box = self._scaled([(x - wide, y - high), (x + wide, y + high)])
        self._draw.ellipse([*box[0], *box[1]], fill=rgb(colour))

    def line(self, points: list[Point], colour: str, width: float) -> None:
        scaled = self._scaled(points)
        self._draw.line(scaled, fill=rgb(colour), width=int(width * SCALE), joint="curve")
        for x, y in points:
            self.circle(x, y, width / 2, colour)

    def turned(
        self, x: float, y: float, wide: float, high: float, angle: float, colour: str
    ) -> None:
        """A rectangle around a point, turned."""
        corners = [(-wide, -high), (wide, -high), (wide, high), (-wide, high)]
        self.polygon([_turn(x, y, dx / 2, dy / 2, angle) for dx, dy in corners], colour)


def _turn(x: float, y: float, dx: float, dy: float, angle: float) -> Point:
    cos, sin = math.cos(angle), math.sin(angle)
    return x + dx * cos - dy * sin, y + dx * sin + dy * cos


def heart(pen: Pen, x: float, y: float, size: float, colour: str, angle: float = 0.0) -> None:
    points = []
    for step in range(120):
        t = step / 120 * 2 * math.pi
        dx = 16 * math.sin(t) ** 3
        dy = -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t))
        points.append(_turn(x, y, dx * size / 34, dy * size / 34, angle))
    pen.polygon(points, colour)


def leaf(
    pen: Pen, x: float, y: float, length: float, angle: float, colours: tuple[str, str]
) -> None:
    """A leaf that begins at a point, with its rib."""
    edge = []
    for step in range(41):
        along = step / 40
        edge.append((along * length, math.sin(along * math.pi) ** 0.8 * length * 0.2))
    shape = edge + [(dx, -dy) for dx, dy in reversed(edge)]
    pen.polygon([_turn(x, y, dx, dy, angle) for dx, dy in shape], colours[0])
    ends = [_turn(x, y, 0, 0, angle), _turn(x, y, length * 0.9, 0, angle)]
    pen.line(ends, colours[1], 3)


def birthday(pen: Pen) -> None:
    """Balloons in confetti."""
    chance = random.Random(7)
    for _ in range(150):
        x, y = chance.uniform(0, W), chance.uniform(0, H)
        colour = chance.choice(["f6c344", "ef6f6c", "5aa9a3", "3b5b92", "ffffff"])
        pen.turned(x, y, chance.uniform(10, 22), 9, chance.uniform(0, 3), colour)
    for x, y, size, body, light in (
        (860, 330, 150, "ef6f6c", "f59a94"),
        (1075, 250, 125, "3b5b92", "6482b5"),
        (700, 215, 105, "f6c344", "fad97f"),
        (985, 480, 95, "5aa9a3", "88c5c0"),
    ):
        pen.line([(x, y + size), (x - 10, y + size + 90), (900, 830)], "8a7460", 3)
        pen.ellipse(x, y, size * 0.84, size, body)
        pen.polygon([(x, y + size - 8), (x - 14, y + size + 18), (x + 14, y + size + 18)], body)
        pen.ellipse(x - size * 0.3, y - size * 0.38, size * 0.16, size * 0.24, light)


def thanks(pen: Pen) -> None:
    """Branches from both lower corners."""
    greens = [
        ("2f6b4f", "e8efe6"),
        ("5f9b78", "e8efe6"),
        ("99bf9b", "f4f7f1"),
        ("c9d8b6", "8fae8f"),
    ]
    for base, lean in (
        ((40, 860), -1.05),
        ((330, 880), -1.35),
        ((1240, 860), -2.1),
        ((950, 880), -1.8),
    ):
        x, y, angle = float(base[0]), float(base[1]), lean
        stem: list[Point] = [(x, y)]
        for _ in range(9):
            x, y = x + math.cos(angle) * 74, y + math.sin(angle) * 74
            stem.append((x, y))
            angle += 0.045 if lean > -math.pi / 2 else -0.045
        pen.line(stem, "2f6b4f", 6)
        for step, (px, py) in enumerate(stem[1:]):
            size = 190 - step * 13
            leaf(pen, px, py, size, angle - 0.9, greens[step % 4])
            leaf(pen, px, py, size, angle + 0.9, greens[(step + 2) % 4])
    for x, y in ((505, 250), (640, 190), (775, 250), (640, 330), (570, 150), (710, 150)):
        pen.circle(x, y, 15, "d98a5b")
        pen.circle(x, y, 6, "f3d9c4")


def winter(pen: Pen) -> None:
    """Snowy hills under a moon."""
    pen.circle(1010, 190, 92, "f4ead2")
    pen.circle(1046, 168, 84, "1d3557")
    chance = random.Random(3)
    for _ in range(130):
        pen.circle(chance.uniform(0, W), chance.uniform(0, 620), chance.uniform(2, 6), "ffffff")
    hills = (("35587f", 500, 60, 0.4), ("9db8d2", 580, 50, 2.2), ("f2f6fa", 660, 40, 4.0))
    for colour, level, swing, phase in hills:
        edge = [(float(x), level + math.sin(x / 210 + phase) * swing) for x in range(0, W + 20, 20)]
        pen.polygon([(0, H), *edge, (W, H)], colour)
    for x, y, size in (
        (230, 640, 150),
        (360, 665, 105),
        (1090, 645, 165),
        (960, 670, 110),
        (120, 690, 90),
    ):
        pen.turned(x, y + 8, size * 0.1, size * 0.3, 0, "6b4a35")
        for step in range(3):
            top, half = y - size * (1.25 - step * 0.36), size * (0.24 + step * 0.11)
            pen.polygon(
                [(x, top), (x - half, top + size * 0.52), (x + half, top + size * 0.52)], "24614e"
            )
            pen.polygon(
                [
                    (x, top),
                    (x - half * 0.42, top + size * 0.22),
                    (x + half * 0.42, top + size * 0.22),
                ],
                "ffffff",
            )


def congratulations(pen: Pen) -> None:
    """Fireworks."""
    for x, y, size, colours in (
        (400, 320, 230, ("f6c344", "fbe3a2")),
        (890, 260, 270, ("ef6f6c", "f9b8b2")),
        (660, 560, 170, ("7fd1c7", "c9eee9")),
        (1120, 560, 150, ("c6a1e8", "e6d6f6")),
        (150, 600, 130, ("8fb7ff", "cfe0ff")),
    ):
        for step in range(24):
            angle = step * math.pi / 12
            reach = size if step % 2 else size * 0.7
            ends = [_turn(x, y, size * 0.24, 0, angle), _turn(x, y, reach, 0, angle)]
            pen.line(ends, colours[step % 2], 6)
            pen.circle(*_turn(x, y, reach + 16, 0, angle), 7, colours[0])
        pen.circle(x, y, size * 0.07, colours[1])


def love(pen: Pen) -> None:
    """Hearts, one of them large."""
    chance = random.Random(11)
    for row in range(6):
        for column in range(9):
            x, y = column * 165 + (80 if row % 2 else 0), row * 150 + 30
            heart(
                pen,
                x,
                y,
                62,
                ["e7a3ad", "efbcc3", "dc8d9a"][(row + column) % 3],
                chance.uniform(-0.4, 0.4),
            )
    heart(pen, 640, 395, 470, "b3243f")
    heart(pen, 640, 385, 400, "cf3f57")
    pen.ellipse(520, 270, 46, 30, "e88a98")


def seaside(pen: Pen) -> None:
    """The sun over waves, and a boat."""
    pen.circle(910, 330, 150, "f6c344")
    pen.circle(910, 330, 122, "fbdc82")
    pen.polygon([(300, 520), (520, 520), (475, 590), (350, 590)], "7a3b2e")
    pen.polygon([(405, 505), (405, 190), (560, 505)], "ffffff")
    pen.polygon([(390, 505), (390, 240), (270, 505)], "ef6f6c")
    waves = (("5aa9a3", 540, 0.0), ("3f8d94", 610, 1.6), ("2b6f80", 680, 3.1), ("1f5268", 745, 4.6))
    for colour, level, phase in waves:
        edge = [(float(x), level + math.sin(x / 58 + phase) * 15) for x in range(0, W + 10, 10)]
        pen.polygon([(0, H), *edge, (W, H)], colour)
    for x, y in ((150, 190), (240, 130), (640, 150)):
        pen.line([(x - 38, y - 14), (x, y), (x + 38, y - 14)], "31556b", 6)


DESIGNS: dict[str, tuple[str, Callable[[Pen], None]]] = {
    "birthday": ("fdf3e4", birthday),
    "thanks": ("f4f7f1", thanks),
    "winter": ("1d3557", winter),
    "congratulations": ("1b1f3b", congratulations),
    "love": ("f6d5d9", love),
    "seaside": ("cfe8ef", seaside),
}


def main() -> None:
    """Draw all of them."""
    PLACE.mkdir(exist_ok=True)
    for name, (background, draw) in DESIGNS.items():
        pen = Pen(background)
        draw(pen)
        full = pen.picture.resize(SIZE, Image.Resampling.LANCZOS)
        full.save(PLACE / f"{name}.webp", quality=82, method=6)
        small = full.resize(MAIL_SIZE, Image.Resampling.LANCZOS)
        small.save(PLACE / f"{name}.jpg", quality=80, optimize=True, progressive=True)


if __name__ == "__main__":
    main()
