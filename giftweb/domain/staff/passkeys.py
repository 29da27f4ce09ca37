"""Passkeys: a key in a person's phone or computer signs them in, without a password (B16).

The device checks who holds it (``userVerification``), so a passkey stands for both factors. It is
tied to this site's name by the browser, which is why nobody can be lured into using it elsewhere.
"""

import base64
import hashlib
import ipaddress
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from giftweb import clock, database, models
from giftweb.database import records, transactional
from giftweb.domain import audit
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.staff import notices, people, sessions
from giftweb.errors import Invalid, NotFound, SignInFailed
from giftweb.language import gettext

CHALLENGE_LIFE = timedelta(minutes=5)
_TIMEOUT_MILLISECONDS = CHALLENGE_LIFE // timedelta(milliseconds=1)
_TIME_BYTES = 8
_CLOCK_DIFFERENCE = timedelta(minutes=1)
"""Of two servers, or of ours and the database's."""

_ACCEPTED_LENGTH = 16_384
_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Site:
    """The site that keys are tied to: its host name, and its origin as browsers send it."""

    host: str
    origin: str

    @property
    def may_have_passkeys(self) -> bool:
        """Browsers offer them for a name under https and for localhost, not for a bare address."""
        if self.host == "localhost":
            return True
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return self.origin.startswith("https://")
        return False


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that a person may sign in with."""

    id: str
    name: str
    created_at: datetime
    used_at: datetime | None


def site_of(base_url: str) -> Site:
    """The site of our own address."""
    parts = urlsplit(base_url)
    return Site(host=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")


def new_challenge() -> str:
    """What a device signs within five minutes: the time, and 32 random bytes.

    It waits in the browser's signed cookie, so that whoever merely looks at the sign-in page writes
    nothing into the database; once it was answered, a row says so.
    """
    content = clock.micros().to_bytes(_TIME_BYTES) + secrets.token_bytes(32)
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _waiting(challenge: str) -> bytes:
    """What a device must have signed for a challenge that still waits.

    Raises: ValueError (none waits, or it is over).
    """
    from webauthn import base64url_to_bytes

    content = base64url_to_bytes(challenge)
    age = timedelta(microseconds=clock.micros() - int.from_bytes(content[:_TIME_BYTES]))
    if not (challenge and -_CLOCK_DIFFERENCE < age <= CHALLENGE_LIFE):
        raise ValueError("No challenge waits for an answer.")
    return content


def _use_up(challenge: bytes) -> None:
    """Write that a challenge was answered: no answer to it counts again.

    Raises: ValueError when it was answered before.
    """
    used = {"id": hashlib.sha256(challenge).hexdigest(), "used_at": clock.now()}
    insert = models.UsedChallenge.insert(used)
    insert = insert.on_conflict(action="nothing", conflict_target=[models.UsedChallenge.id])
    if not insert.as_rowcount().execute():
        raise ValueError("This challenge was answered before.")


def _require_own_frame(credential: dict[str, Any]) -> None:
    """Refuse an answer that a page of ours gave inside another site's page.

    Raises: ValueError, WebAuthnException.
    """
    from webauthn import base64url_to_bytes
    from webauthn.helpers import parse_client_data_json

    response = credential["response"]
    client = parse_client_data_json(base64url_to_bytes(response["clientDataJSON"]))
    if client.cross_origin:
        raise ValueError("It was answered inside another site's page.")


def all_of(staff_id: str) -> list[Passkey]:
    """A person's keys, the newest first."""
    found = records.select(Passkey, models.Passkey).where(models.Passkey.staff == staff_id)
    return list(found.order_by(models.Passkey.created_at.desc()))


def options_to_add(by: Actor, *, challenge: str, site: Site) -> dict[str, Any]:
    """What the browser needs to create a key; the person's keys are excluded."""
    from webauthn import base64url_to_bytes, generate_registration_options
    from webauthn.helpers import structs

    options = generate_registration_options(
        rp_id=site.host,
        rp_name="giftweb",
        user_id=by.id.encode(),
        user_name=by.email or by.name,
        user_display_name=by.name,
        challenge=base64url_to_bytes(challenge),
        timeout=_TIMEOUT_MILLISECONDS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.id))
            for passkey in all_of(by.id)
        ],
    )
    return _to_object(options)


def options_to_enter(challenge: str, *, site: Site) -> dict[str, Any]:
    """What the browser needs to find a key: whichever is this site's."""
    from webauthn import base64url_to_bytes, generate_authentication_options
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.host,
        challenge=base64url_to_bytes(challenge),
        timeout=_TIMEOUT_MILLISECONDS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _to_object(options)


def _to_object(options: Any) -> dict[str, Any]:
    from webauthn import options_to_json

    return dict(json.loads(options_to_json(options)))


@transactional
def add(answer: str, *, challenge: str, site: Site, name: str, by: Actor) -> None:
    """Keep the key that the device created.

    Raises: Invalid on ``answer`` (not created by a device for this site, now) or ``name``.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    if not 1 <= len(name.strip()) <= _NAME_LENGTH:
        raise Invalid(
            gettext("Enter a name of 1 to {name_length} letters.", name_length=_NAME_LENGTH),
            field="name",
        )
    try:
        credential, expected = _read(answer), _waiting(challenge)
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=expected,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        _require_own_frame(credential)
        _use_up(expected)
    except (WebAuthnException, ValueError) as problem:
        raise Invalid(
            gettext("The passkey could not be made. Try again."), field="answer"
        ) from problem
    row = seals.row(
        models.Passkey,
        id=bytes_to_base64url(verified.credential_id),
        staff_id=by.id,
        name=name.strip(),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        created_at=clock.now(),
    )
    insert = database.insert_sql("passkey", tuple(row))
    if not database.execute(f"{insert} ON CONFLICT (id) DO NOTHING", *row.values()):
        raise Invalid(gettext("This passkey is known already."), field="answer")
    audit.record(by=by, action="staff.passkey_added", subject=by.id)
    notices.to_person("staff.passkey_added", person_id=by.id)


@transactional
def remove(passkey_id: str, *, session_id: str, by: Actor) -> None:
    """Forget one of one's own keys. The person's other sign-ins end.

    Raises: NotFound.
    """
    is_own = (models.Passkey.id == passkey_id) & (models.Passkey.staff == by.id)
    if not models.Passkey.delete().where(is_own).execute():
        raise NotFound(gettext("This passkey is gone already."))
    sessions.revoke_all(by.id, except_id=session_id)
    audit.record(by=by, action="staff.passkey_removed", subject=by.id)
    notices.to_person("staff.passkey_removed", person_id=by.id)


@transactional
def verify(answer: str, *, challenge: str, site: Site) -> str:
    """Whose key signed the challenge: the id of an active person.

    Raises: SignInFailed (unknown key, wrong signature, another site, a challenge that was answered
    or is over, a copied key, a deactivated person: all alike).
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    refused = SignInFailed(
        gettext("This passkey does not open the desk. Sign in with your password.")
    )
    try:
        credential, expected = _read(answer), _waiting(challenge)
        kept = _find(str(credential["id"]))
        used = verify_authentication_response(
            credential=credential,
            expected_challenge=expected,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=bytes(kept.public_key),
            credential_current_sign_count=kept.sign_count,
            require_user_verification=True,
        )
        _require_own_frame(credential)
        _use_up(expected)
    except (WebAuthnException, ValueError, KeyError, NotFound) as problem:
        raise refused from problem
    update = models.Passkey.update(sign_count=used.new_sign_count, used_at=clock.now())
    update.where(models.Passkey.id == kept.id).execute()
    are_whole = seals.holds(models.Passkey, kept.id) and seals.holds(models.Staff, kept.staff_id)
    if not are_whole or not people.find(kept.staff_id).is_active:
        raise refused
    return kept.staff_id


def _find(passkey_id: str) -> models.Passkey:
    found = models.Passkey.select().where(models.Passkey.id == passkey_id)
    return records.one(database.locked(found))


def _read(answer: str) -> dict[str, Any]:
    found = json.loads(answer[:_ACCEPTED_LENGTH])
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found
