"""Charts as SVG in the page: they take its colours, dark or light, and say in numbers what the
table beside them says. A chart is for one currency."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import leather
from leather import theme
from markupsafe import Markup

from giftweb import percentages

theme.background_color = "none"
theme.tick_color = theme.zero_color = theme.label_color = "currentColor"
theme.tick_font_family = "inherit"
theme.tick_font_size = 12
theme.tick_font_char_width = 7
theme.margin = 0.02

_WIDTH = 420
_ROW = 34
_HEAD = re.compile(r'^<svg width="\d+" height="\d+"')
_TOO_EXACT = re.compile(r'(="-?\d+[.]\d)\d+')

Points = Sequence[tuple[str, int]]


def bars(points: Points, write: Callable[[int], str], label: str) -> Markup:
    """A bar for each figure, its name and the figure in words at the left; below zero to the
    left."""
    named = [(f"{name}: {write(value)}", value) for name, value in points]
    chart = leather.Chart()
    chart.add_bars([(value, name) for name, value in named], fill_color="currentColor")
    chart.set_x_axis(leather.Axis(ticks=[0], tick_formatter=_nothing))
    return _drawn(chart, label, _ROW * len(points) + 40)


def curve(points: Sequence[tuple[int, int]], label: str) -> Markup:
    """A line of percentages over months of age."""
    chart = leather.Chart()
    chart.add_line(list(points), stroke_color="currentColor")
    last = points[-1][0]
    chart.add_x_axis(ticks=sorted({last * part // 4 for part in range(5)}))
    chart.add_y_scale(0, 100)
    chart.add_y_axis(ticks=[0, 25, 50, 75, 100], tick_formatter=_percent)
    return _drawn(chart, label, 220)


def line(points: Sequence[tuple[date, Decimal]], label: str) -> Markup:
    """A line over days, between the least and the most."""
    chart = leather.Chart()
    first, last = points[0][0], points[-1][0]
    chart.add_line(
        [((day - first).days, value) for day, value in points], stroke_color="currentColor"
    )
    ends = {0: f"{first:%m-%d}", (last - first).days: f"{last:%m-%d}"}
    chart.add_x_axis(ticks=list(ends), tick_formatter=lambda day, *_: ends[day])
    least, most = min(value for _, value in points), max(value for _, value in points)
    room = (most - least or most) / 10
    chart.add_y_scale(least - room, most + room)
    chart.add_y_axis(ticks=sorted({least, most}))
    return _drawn(chart, label, 220)


def _percent(value: int, *_: int) -> str:
    return percentages.percent_text(100 * value)


def _nothing(*_: int) -> str:
    return ""


def _drawn(chart: leather.Chart, label: str, height: int) -> Markup:
    """The picture as wide as its place; leather escapes the names that it draws."""
    picture = _HEAD.sub("", chart.to_svg(width=_WIDTH, height=height))
    drawing = Markup(_TOO_EXACT.sub(r"\1", picture))  # noqa: S704
    head = Markup(
        '<figure class="stack"><figcaption class="soft small">{}</figcaption>'
        '<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {} {}"'
    )
    return head.format(label, label, _WIDTH, height) + drawing + Markup("</figure>")
