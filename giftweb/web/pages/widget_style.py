"""The frame's style sheet, written into its page in the shop's colours, and its first script.

As a file of its own it would be one more way to the server before anything can be drawn, and
colours that a script sets come after the first picture. The page's policy names the sheet's hash.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from giftweb.web.http.static_files import STATIC

_SHEET = (STATIC / "widget.css").read_text()
_LONGEST = 200
_NUMBER = r"\d+(?:\.\d+)?"
_COLOUR = "|".join(
    [
        "#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})",
        "white|black|transparent",
        rf"rgba?\(\d+, ?\d+, ?\d+(?:, ?{_NUMBER})?\)",
        rf"(?:rgb|lab|lch|oklab|oklch)\({_NUMBER}%? -?{_NUMBER} -?{_NUMBER}(?: / {_NUMBER}%?)?\)",
    ]
)
_WORD = "-?[a-z][a-z0-9_-]*"
_FONT = rf"""{_WORD}(?: {_WORD})*|"[a-z0-9 _-]+"|'[a-z0-9 _-]+'"""
_PLAIN = {
    name: re.compile(pattern, re.ASCII | re.IGNORECASE)
    for name, pattern in {
        "scheme": "(?:only )?(?:light|dark)|light dark|dark light",
        "accent": _COLOUR,
        "on-accent": _COLOUR,
        "text": _COLOUR,
        "background": _COLOUR,
        "line": _COLOUR,
        "radius": rf"0|{_NUMBER}(?:px|rem|em|%)",
        "font": rf"(?:{_FONT})(?:, ?(?:{_FONT}))*",
    }.items()
}
"""What is sure to be a value, and nothing more. All else frame.js sets, if the browser takes it."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A style sheet or script in the page itself, and how a content security policy names it."""

    text: Markup
    source: str


def _inline(text: str) -> Inline:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Inline(Markup(text), f"'sha256-{digest}'")  # noqa: S704 - our own file and plain values


GREETING = _inline('parent.postMessage({ type: "giftweb:here" }, "*")')
"""Tells the shop's page that this is the frame, and not the browser's page about an error. A script
of its own file would come too late: until then nothing is seen."""


def style(theme: Mapping[str, str]) -> Inline:
    """The sheet for a shop whose page has the properties ``--giftweb-...`` of this theme."""
    declarations = [
        f"{'color-scheme' if name == 'scheme' else f'--{name}'}: {value};"
        for name, pattern in _PLAIN.items()
        if len(value := theme.get(name, "")) <= _LONGEST and pattern.fullmatch(value)
    ]
    text = f"{_SHEET}html.widget {{ {' '.join(declarations)} }}\n" if declarations else _SHEET
    return _inline(text)
