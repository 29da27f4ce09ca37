"""What mails about accounts of the desk say: to whoever owns one, and to every Root.

Both go by the action of the audit log: a few words for the subject, and a sentence.
"""

from giftweb.domain.mail.letters import Letter
from giftweb.domain.staff.people import Person
from giftweb.web.mail.headers import shortened
from giftweb.web.text.templating import type_label

_ENDED = "Every other sign-in has ended."
_OUT = "You are signed out everywhere."

OWN = {
    "staff.signed_in": (
        "a new browser",
        "Somebody has signed in to your account with a browser that was not used for it before.",
    ),
    "staff.recovery_code_used": (
        "a recovery code was used",
        "Somebody has signed in to your account with one of its recovery codes.",
    ),
    "staff.password_chosen": (
        "a password was chosen",
        f"A password was chosen for your account, by the link that was mailed to you. {_OUT}",
    ),
    "staff.password_changed": (
        "the password was changed",
        f"The password of your account was changed. {_ENDED}",
    ),
    "staff.totp_set_up": (
        "an authenticator was set up",
        f"Signing in to your account asks for a code of an authenticator now. {_ENDED}",
    ),
    "staff.totp_removed": (
        "the authenticator was removed",
        f"Signing in to your account asks for no code of an authenticator any more. {_ENDED}",
    ),
    "staff.totp_reset": (
        "the second factor was taken away",
        f"A colleague with the role Root has taken your authenticator and passkeys away. {_OUT}",
    ),
    "staff.recovery_codes_renewed": (
        "new recovery codes",
        "Your account has ten new recovery codes; those of before are worth nothing any more.",
    ),
    "staff.passkey_added": (
        "a passkey was added",
        "A passkey was added to your account: whoever holds that device can sign in.",
    ),
    "staff.passkey_removed": (
        "a passkey was removed",
        f"A passkey of your account was removed. {_ENDED}",
    ),
}

COLLEAGUES = {
    "staff.created": ("added", "was added with the role {role}, to choose a password."),
    "staff.password_reset": (
        "password reset",
        "gets a link to choose another password, and was signed out everywhere.",
    ),
    "staff.totp_reset": (
        "second factor taken away",
        "signs in without the authenticator and passkeys of before, and was signed out everywhere.",
    ),
    "staff.role_changed": ("another role", "has the role {role} now."),
    "staff.reactivated": ("may sign in again", "can sign in again, with the role {role}."),
}


def subject(letter: Letter) -> str:
    """The subject of a mail about an account."""
    what = letter.mail.data["what"]
    if letter.mail.kind == "account_notice":
        return f"Your desk account: {OWN[what][0]}"
    return f"Desk account of {shortened(_person(letter).name, 60)}: {COLLEAGUES[what][0]}"


def sentence(letter: Letter) -> str:
    """What was done, of a colleague without the name that it begins with; "" in other mails."""
    what = letter.mail.data.get("what", "")
    if letter.mail.kind == "account_notice":
        return OWN[what][1]
    if letter.mail.kind != "staff_changed":
        return ""
    return COLLEAGUES[what][1].format(role=type_label(_person(letter).role))


def _person(letter: Letter) -> Person:
    assert letter.person is not None  # noqa: S101 - every such mail names its person
    return letter.person
