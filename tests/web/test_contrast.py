"""The colours can be read: WCAG 2.2 AA, computed from static/site.css for both themes."""

import re
from itertools import product
from pathlib import Path

import pytest

from giftweb.web.text.templating import BRANDS

pytestmark = pytest.mark.no_database

SHEET = Path(__file__).parents[2] / "giftweb/static/site.css"
THEMES = ("light", "dark")
GROUNDS = ("page", "surface", "raised", "sunken")
TONES = ("good", "careful", "bad")

TEXT = [
    *product(("text", "text-soft", "accent-text", *TONES), GROUNDS),
    *((tone, f"{tone}-soft") for tone in TONES),
    *product(("text", "accent-text"), (*(f"{tone}-soft" for tone in TONES), "accent-soft")),
    *product(("on-accent",), ("accent", "accent-strong", "danger", "danger-strong")),
    ("on-stripe", "stripe"),
]
"""What is written on what: 4.5 to 1."""

SHAPES = [
    *product(("line-strong", "focus"), GROUNDS),
    *product(("accent", "danger"), ("surface",)),
]
"""Edges of fields and switches, filled buttons and the focus ring: 3 to 1."""


def colours(block: str) -> dict[str, tuple[str, str]]:
    """name -> (light, dark) of every colour in a rule's text."""
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", block)
    plain = re.findall(r"--([\w-]+): (#\w{6});", block)
    return {name: (light, dark) for name, light, dark in pairs} | {n: (c, c) for n, c in plain}


def brand(name: str) -> dict[str, tuple[str, str]]:
    """The tokens as a page of that brand sees them."""
    text = SHEET.read_text()
    found = colours(re.search(r":root \{(.*?)\n  \}", text, re.S)[1])
    own = re.search(rf'\[data-brand="{name}"\] \{{(.*?)\}}', text, re.S)
    return found | (colours(own[1]) if own else {})


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def too_faint(pairs: list[tuple[str, str]], least: float, tokens: dict) -> list[str]:
    return [
        f"{theme}: {front} on {ground} is {found:.2f}"
        for front, ground in pairs
        for theme, index in zip(THEMES, (0, 1), strict=True)
        if (found := contrast(tokens[front][index], tokens[ground][index])) < least
    ]


@pytest.mark.proves("B17")
@pytest.mark.parametrize("name", BRANDS)
def test_text_can_be_read_in_both_themes_and_every_brand(name):
    assert not too_faint(TEXT, 4.5, brand(name))


@pytest.mark.proves("B17")
@pytest.mark.parametrize("name", BRANDS)
def test_edges_and_focus_rings_can_be_seen_in_both_themes_and_every_brand(name):
    assert not too_faint(SHAPES, 3.0, brand(name))


def test_every_brand_a_shop_may_choose_is_drawn():
    drawn = set(re.findall(r'\[data-brand="(\w+)"\]', SHEET.read_text()))
    assert drawn | {"cobalt"} == set(BRANDS)
