"""The second factor: an authenticator app, and recovery codes for the day it is lost (B16)."""

import hmac
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from giftweb import clock, codes, keys
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.staff import notices, sessions
from giftweb.errors import CodeWrong, Invalid, NotOneself, Refused
from giftweb.language import gettext
from giftweb.models import Passkey, RecoveryCode, Staff

STEP_SECONDS = 30
RECOVERY_CODES = 10
_RECOVERY_LENGTH = 10
_LOOKALIKES = str.maketrans("OIL", "011")
_UNUSED = RecoveryCode.used_at.is_null()
_DRIFT = (-1, 0, 1)
"""Clocks differ: the step before and the one after count too."""


@dataclass(frozen=True, slots=True)
class Setup:
    """An authenticator that waits for its first code: the text of its QR code, and the secret."""

    uri: str
    secret: str


@transactional
def begin(*, by: Actor) -> None:
    """Make a new secret for one's own authenticator; it counts once a code of it was entered.

    Raises: Refused when there is one already.
    """
    if is_set_up(by.id):
        raise Refused(gettext("An authenticator is set up already. Remove it first."))
    import pyotp

    sealed = _seal(pyotp.random_base32(), by.id)
    seals.change(Staff, by.id, totp_sealed=sealed)


def waiting(*, by: Actor) -> Setup | None:
    """One's own authenticator that waits for its first code."""
    sealed, step = _row(by.id)
    if sealed is None or step:
        return None
    import pyotp

    secret = _open(sealed, by.id)
    uri = pyotp.TOTP(secret).provisioning_uri(name=by.email, issuer_name="giftweb")
    return Setup(uri=uri, secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)))


@transactional
def finish(code: str, *, session_id: str, by: Actor) -> list[str]:
    """Require a code from now on, after the first one. The person's other sign-ins end.

    Returns the recovery codes, which are shown this once.

    Raises: Refused (nothing waits), CodeWrong on ``code``.
    """
    if is_set_up(by.id) or waiting(by=by) is None:
        raise Refused(gettext("No authenticator waits for a code. Start again."))
    if not accepts(by.id, code=code):
        raise CodeWrong(field="code")
    sessions.revoke_all(by.id, except_id=session_id)
    _record("staff.totp_set_up", by)
    return _new_recovery_codes(by.id)


@transactional
def remove(*, session_id: str, by: Actor) -> None:
    """Take one's own authenticator and its recovery codes away. The person's other sign-ins end."""
    _remove(by.id)
    sessions.revoke_all(by.id, except_id=session_id)
    _record("staff.totp_removed", by)


@transactional
def reset(person_id: str, *, by: Actor, reason: str) -> None:
    """Take away the authenticator and passkeys of somebody who lost them; every sign-in ends.

    Raises: NotOneself, Invalid (reason).
    """
    if person_id == by.id:
        raise NotOneself
    if not reason.strip():
        raise Invalid(gettext("Say why; it is kept in the audit log."), field="reason")
    _remove(person_id)
    # The phone that is lost may hold passkeys too.
    Passkey.delete().where(Passkey.staff == person_id).execute()
    sessions.revoke_all(person_id)
    audit.record(by=by, action="staff.totp_reset", subject=person_id, reason=reason.strip())
    notices.to_roots("staff.totp_reset", person_id=person_id, by=by)
    notices.to_person("staff.totp_reset", person_id=person_id)


@transactional
def renew_recovery_codes(*, by: Actor) -> list[str]:
    """Ten new recovery codes; the old ones are worth nothing any more.

    Raises: Refused when no authenticator is set up.
    """
    if not is_set_up(by.id):
        raise Refused(gettext("Set up an authenticator first."))
    _record("staff.recovery_codes_renewed", by)
    return _new_recovery_codes(by.id)


def _record(action: str, by: Actor) -> None:
    audit.record(by=by, action=action, subject=by.id)
    notices.to_person(action, person_id=by.id)


def is_set_up(person_id: str) -> bool:
    """Whether the person signs in with a second factor."""
    return bool(_row(person_id)[1])


def recovery_codes_left(person_id: str) -> int:
    """How many recovery codes are unused."""
    return RecoveryCode.select().where(_UNUSED, RecoveryCode.staff == person_id).count()


@transactional
def accepts(person_id: str, *, code: str) -> bool:
    """Whether it is the authenticator's code now. A step is taken once: a replay is refused."""
    digits = "".join(code.split())
    sealed, _ = _row(person_id)
    if sealed is None or not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return False
    import pyotp

    app = pyotp.TOTP(_open(sealed, person_id))
    now = clock.micros() // (STEP_SECONDS * 1_000_000)
    steps = [now + drift for drift in _DRIFT]
    right = [s for s in steps if hmac.compare_digest(app.generate_otp(s), digits)]
    return any(_take_step(person_id, step) for step in right)


def _take_step(person_id: str, step: int) -> bool:
    is_new = (Staff.id == person_id) & (Staff.totp_step < step)
    return Staff.update(totp_step=step).where(is_new).execute() == 1


@transactional
def accepts_recovery(person_id: str, *, code: str) -> bool:
    """Whether it is an unused recovery code; it is used now."""
    plain = "".join(code.replace("-", " ").split()).upper().translate(_LOOKALIKES)
    is_code = RecoveryCode.code_hash == _recovery_hash(plain, person_id)
    use = RecoveryCode.update(used_at=clock.now())
    return use.where(RecoveryCode.staff == person_id, is_code, _UNUSED).execute() == 1


def _new_recovery_codes(person_id: str) -> list[str]:
    RecoveryCode.delete().where(RecoveryCode.staff == person_id).execute()
    created = {_recovery_code() for _ in range(RECOVERY_CODES)}
    RecoveryCode.insert_many(
        {"staff": person_id, "code_hash": _recovery_hash(code, person_id)} for code in created
    ).execute()
    return sorted(f"{code[:5]}-{code[5:]}" for code in created)


def _recovery_code() -> str:
    return "".join(secrets.choice(codes.ALPHABET) for _ in range(_RECOVERY_LENGTH))


def _remove(person_id: str) -> None:
    seals.change(Staff, person_id, totp_sealed=None, totp_step=0)
    RecoveryCode.delete().where(RecoveryCode.staff == person_id).execute()


def _row(person_id: str) -> tuple[bytes | None, int]:
    columns = (Staff.totp_sealed, Staff.totp_step)
    found = Staff.select(*columns).where(Staff.id == person_id).tuples().first()
    if found is None:
        return None, 0
    return (bytes(found[0]) if found[0] is not None else None), found[1]


# Secrets are sealed under keys derived from the session key: rotating the keys of gift card codes
# leaves them alone.


@lru_cache(maxsize=4)
def _derived(session_key: str, purpose: bytes) -> bytes:
    return hmac.digest(session_key.encode(), b"giftweb " + purpose, "sha256")


def _recovery_hash(code: str, person_id: str) -> str:
    key = _derived(keys.ring().session, b"recovery codes")
    return hmac.digest(key, f"{person_id} {code}".encode(), "sha256").hex()


def _cipher() -> AESGCM:
    return AESGCM(_derived(keys.ring().session, b"authenticators"))


def _seal(secret: str, person_id: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + _cipher().encrypt(nonce, secret.encode(), person_id.encode())


def _open(sealed: bytes, person_id: str) -> str:
    return _cipher().decrypt(sealed[:12], sealed[12:], person_id.encode()).decode()
