"""Who is signed in to the desk: Flask-Login over the session rows of the domain."""

from flask import Flask, Response, current_app, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from giftweb.domain import staff
from giftweb.domain.staff.passkeys import Site
from giftweb.domain.staff.sessions import Session
from giftweb.domain.staff.sign_in import FACTOR_ROLES, Entry
from giftweb.errors import NotAllowed
from giftweb.language import gettext
from giftweb.web.http import security

PENDING = "pending_second_factor"
"""The session's key for a sign-in that still needs its second factor."""

CHALLENGE = "challenge"
"""The session's key for what a passkey has to sign."""

KEYS = ("_user_id", "_fresh")
"""Where the session keeps a sign-in to the desk; the names are Flask-Login's."""

_KNOWN_SECONDS = 180 * 24 * 60 * 60


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
    found = current_user._get_current_object()
    return found if found.is_authenticated else None


def signed_in() -> SignedIn:
    """Who is signed in.

    Raises: NotAllowed when nobody is.
    """
    found = person()
    if found is None:
        raise NotAllowed(gettext("Sign in first."))
    return found


def owes_factor(person: SignedIn) -> bool:
    """Whether the person has to set up a second factor before anything else: by their role, where
    others than this machine can get here.
    """
    is_strict = current_app.config["GIFTWEB"].is_https
    return is_strict and person.role in FACTOR_ROLES and not person.session.has_factor


def site() -> Site:
    """The site that passkeys are tied to."""
    return staff.passkeys.site_of(current_app.config["GIFTWEB"].base_url)


def ask_challenge() -> str:
    """A fresh challenge for a passkey, kept in the cookie until it is answered."""
    session[CHALLENGE] = staff.passkeys.new_challenge()
    return str(session[CHALLENGE])


def answered_challenge() -> str:
    """The challenge that an answer must have signed; it counts once."""
    return str(session.pop(CHALLENGE, ""))


def keep_pending(entry: Entry) -> None:
    """Keep the first step's key until the second is done: nothing of the visit before survives."""
    session.clear()
    session[PENDING] = entry.key


def enter(entry: Entry, response: Response) -> Response:
    """Put a fresh sign-in's key into a fresh cookie, and remember whose browser this is."""
    found = staff.sessions.find(entry.key)
    if found is None:
        raise NotAllowed(gettext("This sign-in has just been ended. Sign in again."))
    session.clear()
    login_user(SignedIn(entry.key, found))
    is_https = current_app.config["GIFTWEB"].is_https
    response.set_cookie(
        _known_cookie(),
        _serializer().dumps(entry.staff_id),
        max_age=_KNOWN_SECONDS,
        secure=is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def leave() -> None:
    """End the sign-in and empty the cookie."""
    for key in (session.get("_user_id"), session.get(PENDING)):
        if key:
            staff.sessions.close_key(key)
    session.clear()


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known browser")


def _known_cookie() -> str:
    return security.cookie_name("giftweb-known", current_app.config["GIFTWEB"])


def known_as() -> str:
    """The id of the person who last signed in with this browser; empty when nobody did."""
    try:
        return str(
            _serializer().loads(request.cookies.get(_known_cookie(), ""), max_age=_KNOWN_SECONDS)
        )
    except BadSignature:
        return ""


def install(app: Flask) -> None:
    """Let Flask-Login find people by the session rows.

    Its remember-me cookie and context processor are left out: they would open the session, and
    vary the answer, on every public page.
    """
    manager = LoginManager()
    manager.session_protection = None
    manager._session_identifier_generator = str  # computed for every request, and never used
    manager.user_loader(_load)
    app.login_manager = manager  # type: ignore[attr-defined]


def _load(key: str) -> SignedIn | None:
    found = staff.sessions.find(key)
    return SignedIn(key, found) if found else None
