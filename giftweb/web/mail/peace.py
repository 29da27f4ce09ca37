"""The address at which a reminder's reader asks for no more of them: signed, of no other use."""

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from giftweb.domain import outbox
from giftweb.domain.outbox.mails import Mail
from giftweb.errors import NotFound


def address(mail: Mail) -> str:
    """The address for a reminder; it names the mail, not the reader."""
    base_url = current_app.config["GIFTWEB"].base_url
    return f"{base_url}/reminders/{_signer().dumps(mail.id)}"


def reader_of(token: str) -> str:
    """Whose reminder has this token: their address.

    Raises: NotFound.
    """
    try:
        return outbox.mails.find(_signer().loads(token)).to
    except BadSignature:
        raise NotFound from None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="reminders")
