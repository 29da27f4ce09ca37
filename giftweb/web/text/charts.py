"""Charts in the page's colours, dark or light: they say in numbers what the table beside them says.
A chart is for one currency. Bars have their words as text of the page, lines as text of the SVG.
"""

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
theme.tick_font_size = 14
theme.tick_font_char_width = 8
theme.margin = 0.02

_WIDTH, _HEIGHT = 280, 160
"""No wider than the narrowest phone has room for: text is never drawn smaller than it is."""

_WHOLE = 1000
_BAR = Markup(
    '<li><bdi>{}</bdi> <span class="money">{}</span><svg class="bar" viewBox="0 0 1000 1"'
    ' preserveAspectRatio="none" aria-hidden="true"><rect x="{}" width="{}" height="1"/></svg></li>'
)
_FIGURE = Markup('<figure class="stack"><figcaption class="soft small">{}</figcaption>{}</figure>')
_HEAD = re.compile(r'^<svg width="\d+" height="\d+"')
_TOO_EXACT = re.compile(r'(="-?\d+[.]\d)\d+')

Points = Sequence[tuple[str, int]]


def bars(points: Points, write: Callable[[int], str], label: str) -> Markup:
    """A bar for each figure, below its name and the figure in words; below zero to the left."""
    least = min(0, *(value for _, value in points))
    length = max(0, *(value for _, value in points)) - least
    rows = [
        _BAR.format(
            name,
            write(value),
            _WHOLE * (min(value, 0) - least) // length,
            _WHOLE * abs(value) // length,
        )
        for name, value in points
    ]
    return _FIGURE.format(label, Markup('<ul class="bars">{}</ul>').format(Markup("").join(rows)))


def curve(points: Sequence[tuple[int, int]], label: str) -> Markup:
    """A line of percentages over months of age."""
    chart = leather.Chart()
    chart.add_line(list(points), stroke_color="currentColor")
    last = points[-1][0]
    chart.add_x_axis(ticks=sorted({last * part // 4 for part in range(5)}))
    chart.add_y_scale(0, 100)
    chart.add_y_axis(ticks=[0, 25, 50, 75, 100], tick_formatter=_percent)
    return _drawn(chart, label)


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
    return _drawn(chart, label)


def _percent(value: int, *_: int) -> str:
    return percentages.percent_text(100 * value)


def _drawn(chart: leather.Chart, label: str) -> Markup:
    """The picture as wide as its place; leather escapes the names that it draws."""
    picture = _HEAD.sub("", chart.to_svg(width=_WIDTH, height=_HEIGHT))
    drawing = Markup(_TOO_EXACT.sub(r"\1", picture))  # noqa: S704
    head = Markup('<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {} {}"')
    return _FIGURE.format(label, head.format(label, _WIDTH, _HEIGHT) + drawing)
