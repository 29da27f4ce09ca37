"""A template that is rendered once and then only filled, for the one page that has to be fast.

A template's values are of two sorts: what it decides by, and what it merely prints (``blanks``).
For each combination of the former it is rendered once, with marks in the place of the latter; after
that a page is one ``%`` operation. A blank may be printed, never tested or computed with.
"""

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

_MOST = 128
_MARK = re.compile("\x02([a-z0-9_]+)\x03")
_NAMED = re.compile(r"(?<!%)%\([a-z0-9_]+\)s")


_SPECIAL = re.compile("[&<>\"']")


def _escaped(value: Any) -> Any:
    """Most values are plain words and numbers: to look costs a quarter of what to escape does."""
    return escape(value) if type(value) is str and _SPECIAL.search(value) else value


class Prepared:
    """``Prepared("public/balance.html", "typed", "last4")``: a template and its blanks."""

    def __init__(self, template: str, *blanks: str):
        self._template = template
        self._marks = {blank: Markup(f"\x02{blank}\x03") for blank in blanks}  # noqa: S704
        self._patterns: dict[tuple[Any, ...], str] = {}
        self._rows: dict[tuple[Any, ...], str] = {}

    def render(self, env: Environment, flags: Mapping[str, Any], blanks: Mapping[str, Any]) -> str:
        """The filled template. Blanks are escaped unless they are Markup."""
        values = {name: _escaped(value) for name, value in blanks.items()}
        return self.pattern(env, flags) % values

    def pattern(self, env: Environment, flags: Mapping[str, Any]) -> str:
        """The template for these flags, with ``%(name)s`` in the place of each blank."""
        key = tuple(flags.items())
        found = self._patterns.get(key)
        if found is None:
            text = env.get_template(self._template).render(flags, **self._marks)
            found = _MARK.sub(r"%(\1)s", text.replace("%", "%%"))
            if len(self._patterns) < _MOST and not env.auto_reload:
                self._patterns[key] = found
        return found

    def row(self, env: Environment, flags: Mapping[str, Any]) -> str:
        """The pattern with ``%s`` for each blank, in the order of their printing."""
        key = tuple(flags.items())
        found = self._rows.get(key)
        if found is None:
            found = _NAMED.sub("%s", self.pattern(env, flags))
            if key in self._patterns:
                self._rows[key] = found
        return found
