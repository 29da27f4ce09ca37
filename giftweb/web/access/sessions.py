"""The session in its signed cookie, and the token of its forms.

Whoever is at work sends the same cookie with each request: what was found in it is remembered, and
so is the token that was signed for its forms.
"""

from copy import copy
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Flask, Request, current_app, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature, URLSafeTimedSerializer

from giftweb import clock

_KEPT = 512


class Sessions(SecureCookieSessionInterface):
    """Flask's own sessions; a visitor without a cookie costs nothing, one who is known little."""

    _serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        try:
            values, signed_at = _opened(serializer, cookie)
        except BadSignature:
            return self.session_class()
        if clock.now() - signed_at > app.permanent_session_lifetime:
            return self.session_class()
        return self.session_class({name: copy(value) for name, value in values.items()})


@lru_cache(maxsize=_KEPT)
def _opened(serializer: URLSafeTimedSerializer, cookie: str) -> tuple[dict[str, Any], datetime]:
    """What the cookie holds, and when it was signed. Only what was signed well is remembered."""
    return serializer.loads(cookie, return_timestamp=True)


def form_token() -> str:
    """The token for the forms of this session: it is good as long as the session, so it is signed
    once.
    """
    raw = session.get("csrf_token")
    return generate_csrf() if raw is None else _signed(current_app.secret_key, raw)


@lru_cache(maxsize=_KEPT)
def _signed(_key: str, _raw: str) -> str:
    return generate_csrf()
