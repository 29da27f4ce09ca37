"""The language that a member of staff has chosen: of the desk, and of mails to them (B17)."""

from giftweb import language
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.models import Staff


@transactional
def choose(chosen: str | None, *, by: Actor) -> None:
    """Have the desk speak a language to whoever acts; None: what their browser asks for.

    Raises: Invalid (language).
    """
    if chosen is not None and chosen not in language.LANGUAGES:
        raise Invalid(gettext("Choose one of the languages."), field="language")
    seals.change(Staff, by.id, language=chosen)
    audit.record(by=by, action="staff.language_chosen", subject=by.id)


def of_address(email: str) -> str | None:
    """What whoever has this address at the desk has chosen; None: nothing, or nobody has it."""
    found: str | None = Staff.select(Staff.language).where(Staff.email == email).scalar()
    return found
