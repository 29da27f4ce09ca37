"""Who is signed in to the desk: Flask-Login over the session rows of the domain."""

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user

from giftweb.domain import staff_sessions
from giftweb.domain.staff_sessions import Session

OWING = "owing"
"""Where the cookie keeps the key of a sign-in that still owes its second factor."""


class SignedIn(UserMixin):
    """A signed-in person, as templates and Flask-Login see one."""

    def __init__(self, key: str, session: Session):
        self.key = key
        self.session = session
        self.name = session.name
        self.role = session.role

    def get_id(self) -> str:
        """What the cookie holds: the key of the row, nothing about the person."""
        return self.key


def person() -> SignedIn | None:
    """Who is signed in; None for a visitor. Looked up once a request."""
    return current_user if current_user.is_authenticated else None


def enter(key: str) -> None:
    """Put a fresh sign-in's key into a fresh cookie: nothing of the visit before survives."""
    found = staff_sessions.find(key)
    if found is None:
        raise LookupError("a sign-in was over before it began")
    session.clear()
    login_user(SignedIn(key, found))


def leave() -> None:
    """End the sign-in and empty the cookie."""
    for key in (session.get("_user_id"), session.get(OWING)):
        if key:
            staff_sessions.close_key(key)
    session.clear()


def install(app: Flask) -> None:
    """Let Flask-Login find people by the session rows.

    Its remember-me cookie and context processor are left out: they would open the session, and
    vary the answer, on every public page.
    """
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(_load)
    app.login_manager = manager  # type: ignore[attr-defined]


def _load(key: str) -> SignedIn | None:
    found = staff_sessions.find(key)
    return SignedIn(key, found) if found else None
