"""Documents kept for the whole house, such as the limits above which a second person approves."""

from typing import Any

from giftweb.domain.audit import seals
from giftweb.models import Setting


def get(name: str) -> Any:
    """The document under a name; None when there is none."""
    found = Setting.select(Setting.value).where(Setting.name == name)
    return found.scalar()


def put(name: str, value: Any) -> None:
    """Keep a document under a name, in place of the one before."""
    seals.put(Setting, name=name, value=value)
