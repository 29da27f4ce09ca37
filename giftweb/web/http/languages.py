"""The language of a request: chosen by its reader, else their browser's, else the shop's.

``?lang=`` is kept in a cookie, but only where pages set cookies anyway: the balance page and the
widget know none. The API answers in English.
"""

import re
from functools import lru_cache
from typing import Any

from flask import Flask, request

from giftweb import language
from giftweb.config import Config
from giftweb.web.http import middleware, security

YEAR_SECONDS = 365 * 24 * 60 * 60
IN_ENGLISH = frozenset({"api", "health"})
"""The blueprints that programs read."""

WITHOUT_COOKIE = frozenset({"", "static", "public", "widget"}) | IN_ENGLISH
"""The blueprints whose pages set no cookie; ``""``: an unknown address."""

_CHOSEN = re.compile("(?:^|&)lang=([A-Za-z]{2})(?:[-_]|&|$)")
_OPEN = "giftweb.language_is_open"
"""Set in the environment of a request for which nobody has chosen a language."""


def install(app: Flask) -> None:
    """Choose each request's language before anything else, and keep what its reader chose."""
    config: Config = app.config["GIFTWEB"]
    name = security.cookie_name("giftweb_language", config)
    kept = re.compile(f"(?:^|; ?){re.escape(name)}=([a-z]{{2}})")
    attributes = f"Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Lax"
    attributes += "; Secure" if config.is_https else ""

    def choose() -> None:
        environ = request.environ
        found = language.ENGLISH if request.blueprint in IN_ENGLISH else _wanted(environ, kept)
        if found is None:
            environ[_OPEN] = True
        language.switch_to(found or language.ENGLISH)

    def keep(environ: dict[str, Any], _status: str, headers: middleware.Headers) -> None:
        if "lang=" not in environ.get("QUERY_STRING", ""):
            return
        chosen, endpoint = _chosen(environ), middleware.endpoint(environ) or ""
        if chosen and endpoint.partition(".")[0] not in WITHOUT_COOKIE:
            headers.append(("Set-Cookie", f"{name}={chosen}; {attributes}"))

    app.before_request(choose)
    middleware.add_headers_hook(app, keep)


def use_shop_language(of_campaign: str) -> None:
    """Use the language of the campaign whose page it is, where the reader has none that we have."""
    if request.environ.get(_OPEN):
        language.switch_to(language.known(of_campaign) or language.ENGLISH)


def use_own_language(of_person: str | None) -> None:
    """Use the language that a member of staff has chosen, where the address asks for no other."""
    if of_person and not chosen():
        language.switch_to(of_person)


def chosen() -> str:
    """The language that the reader chose by ``?lang=``; "" when they chose none."""
    return _chosen(request.environ) or ""


def _wanted(environ: dict[str, Any], kept: re.Pattern[str]) -> str | None:
    if found := _chosen(environ):
        return found
    cookies = environ.get("HTTP_COOKIE")
    if cookies and (match := kept.search(cookies)) and match[1] in language.LANGUAGES:
        return match[1]
    return accepted(environ.get("HTTP_ACCEPT_LANGUAGE", ""))


def _chosen(environ: dict[str, Any]) -> str | None:
    query = environ.get("QUERY_STRING")
    match = _CHOSEN.search(query) if query else None
    return language.known(match[1]) if match else None


@lru_cache(maxsize=256)
def accepted(header: str) -> str | None:
    """The language of ours that a browser's Accept-Language likes best, if it names one."""
    best, best_quality = None, 0.0
    for part in header[:500].split(","):
        tag, _, weight = part.partition(";")
        quality = _quality(weight)
        if quality > best_quality and (found := language.known(tag)):
            best, best_quality = found, quality
    return best


def _quality(weight: str) -> float:
    try:
        return float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
    except ValueError:
        return 0.0
