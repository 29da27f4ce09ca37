"""What mails about accounts of the desk say: to whoever owns one, and to every Root.

Both go by the action of the audit log: a few words for the subject, and a sentence.
"""

from giftweb.domain.mail.letters import Letter
from giftweb.domain.staff.people import Person
from giftweb.language import gettext, lazy_gettext
from giftweb.web.mail.headers import shortened
from giftweb.web.text.words import type_label

OWN = {
    "staff.signed_in": (
        lazy_gettext("a new browser"),
        lazy_gettext(
            "Somebody has signed in to your account with a browser that was not used for it before."
        ),
    ),
    "staff.recovery_code_used": (
        lazy_gettext("a recovery code was used"),
        lazy_gettext("Somebody has signed in to your account with one of its recovery codes."),
    ),
    "staff.password_chosen": (
        lazy_gettext("a password was chosen"),
        lazy_gettext(
            "A password was chosen for your account, by the link that was mailed to you. You are "
            "signed out everywhere."
        ),
    ),
    "staff.password_changed": (
        lazy_gettext("the password was changed"),
        lazy_gettext("The password of your account was changed. Every other sign-in has ended."),
    ),
    "staff.totp_set_up": (
        lazy_gettext("an authenticator was set up"),
        lazy_gettext(
            "Signing in to your account asks for a code of an authenticator now. Every other "
            "sign-in has ended."
        ),
    ),
    "staff.totp_removed": (
        lazy_gettext("the authenticator was removed"),
        lazy_gettext(
            "Signing in to your account asks for no code of an authenticator any more. Every "
            "other sign-in has ended."
        ),
    ),
    "staff.totp_reset": (
        lazy_gettext("the second factor was taken away"),
        lazy_gettext(
            "A colleague with the role Root has taken your authenticator and passkeys away. You "
            "are signed out everywhere."
        ),
    ),
    "staff.recovery_codes_renewed": (
        lazy_gettext("new recovery codes"),
        lazy_gettext(
            "Your account has ten new recovery codes; those of before are worth nothing any more."
        ),
    ),
    "staff.passkey_added": (
        lazy_gettext("a passkey was added"),
        lazy_gettext("A passkey was added to your account: whoever holds that device can sign in."),
    ),
    "staff.passkey_removed": (
        lazy_gettext("a passkey was removed"),
        lazy_gettext("A passkey of your account was removed. Every other sign-in has ended."),
    ),
}

COLLEAGUES = {
    "staff.created": (
        lazy_gettext("added"),
        lazy_gettext("{person} was added with the role {role}, to choose a password."),
    ),
    "staff.password_reset": (
        lazy_gettext("password reset"),
        lazy_gettext(
            "{person} gets a link to choose another password, and was signed out everywhere."
        ),
    ),
    "staff.totp_reset": (
        lazy_gettext("second factor taken away"),
        lazy_gettext(
            "{person} signs in without the authenticator and passkeys of before, and was signed "
            "out everywhere."
        ),
    ),
    "staff.role_changed": (
        lazy_gettext("another role"),
        lazy_gettext("{person} has the role {role} now."),
    ),
    "staff.reactivated": (
        lazy_gettext("may sign in again"),
        lazy_gettext("{person} can sign in again, with the role {role}."),
    ),
}


def subject(letter: Letter) -> str:
    """The subject of a mail about an account."""
    what = letter.mail.data["what"]
    if letter.mail.kind == "account_notice":
        return gettext("Your desk account: {what}", what=OWN[what][0])
    name = shortened(_person(letter).name, 60)
    return gettext("Desk account of {name}: {what}", name=name, what=COLLEAGUES[what][0])


def sentence(letter: Letter) -> str:
    """What was done to the account; "" in other mails."""
    what = letter.mail.data.get("what", "")
    if letter.mail.kind == "account_notice":
        return str(OWN[what][1])
    if letter.mail.kind != "staff_changed":
        return ""
    person = _person(letter)
    named = f"{person.name} ({person.email})"
    return str(COLLEAGUES[what][1]).format(person=named, role=type_label(person.role))


def _person(letter: Letter) -> Person:
    assert letter.person is not None  # noqa: S101 - every such mail names its person
    return letter.person
