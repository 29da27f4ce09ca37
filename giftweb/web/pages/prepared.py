"""A template that is rendered once and then only filled, for the one page that has to be fast.

A template's values are of two sorts: what it decides by, and what it merely prints (``blanks``).
For each combination of the former it is rendered once, with marks in the place of the latter; after
that a page is one ``%`` operation. A blank may be printed, never tested or computed with.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from flask import Response
from jinja2 import Environment
from markupsafe import Markup, escape

_HTML = (("Content-Type", "text/html; charset=utf-8"), ("Vary", "HX-Request"))
_MOST = 128
_MARK = re.compile("\x02([a-z0-9_]+)\x03")
_NAMED = re.compile(r"(?<!%)%\([a-z0-9_]+\)s")


_SPECIAL = re.compile("[&<>\"']")


def _escaped(blanks: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values as HTML. Most are plain words and numbers: one look at all of them will do."""
    texts = [value for value in blanks.values() if type(value) is str]
    if _SPECIAL.search("\n".join(texts)) is None:
        return blanks
    return {name: escape(v) if type(v) is str else v for name, v in blanks.items()}


def plain(html: str) -> str:
    """The same HTML in ASCII, which Python fills in and encodes at a fifth of the cost."""
    return html.encode("ascii", "xmlcharrefreplace").decode()


class Page(Response):
    """A page or a fragment of it, as htmx asks. It leads nowhere else and is whole, so it is sent
    without a second look at its headers."""

    def __init__(self, html: str, status: int = 200):
        super().__init__(html, status, _HTML)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else self.response  # type: ignore[return-value]


Flags: TypeAlias = "Mapping[str, Any] | NamedTuple"
"""What a template decides by. A NamedTuple is the quicker of the two; a template has one sort."""


class Prepared:
    """``Prepared("public/balance.html", "typed", "last4")``: a template and its blanks."""

    def __init__(self, template: str, *blanks: str):
        self._template = template
        self._marks = {blank: Markup(f"\x02{blank}\x03") for blank in blanks}  # noqa: S704
        self._patterns: dict[tuple[Any, ...], str] = {}
        self._rows: dict[tuple[Any, ...], str] = {}

    def render(self, env: Environment, flags: Flags, blanks: Mapping[str, Any]) -> str:
        """The filled template. Blanks are escaped unless they are Markup."""
        return self.pattern(env, flags) % _escaped(blanks)

    def pattern(self, env: Environment, flags: Flags) -> str:
        """The template for these flags, with ``%(name)s`` in the place of each blank."""
        key = flags if isinstance(flags, tuple) else tuple(flags.items())
        found = self._patterns.get(key)
        if found is None:
            named = flags._asdict() if isinstance(flags, tuple) else flags
            text = env.get_template(self._template).render(named, **self._marks)
            found = _MARK.sub(r"%(\1)s", plain(text).replace("%", "%%"))
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
