"""What the shop's accountant calls the accounts of our journal (B30)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from giftweb.database import transactional
from giftweb.domain import audit, house_settings, reports
from giftweb.domain.audit.log import Actor
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.models import SYSTEM_ACCOUNTS

_JOURNAL = reports.journal
OURS = (
    _JOURNAL.GIFT_CARDS,
    *SYSTEM_ACCOUNTS,
    *(_JOURNAL.SINGLE_PURPOSE, _JOURNAL.TAX_PAID_AHEAD, _JOURNAL.TAX_DUE),
)
"""The accounts of the journal by our own names."""

LONGEST = 60
_SETTING = "book_accounts"
_DIGITS = re.compile(r"[0-9]{4,9}")
_CONSULTANT, _CLIENT = re.compile(r"[0-9]{4,7}"), re.compile(r"[1-9][0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class Accounts:
    """``names``: ours -> theirs, where there is one. The rest is for DATEV: the numbers of the tax
    consultant and of the client, and the month with which the financial year begins.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    consultant: str = ""
    client: str = ""
    first_month: int = 1

    def theirs(self, ours: str) -> str:
        """Their name of the account; ours where they have named none."""
        return self.names.get(ours) or ours


def find() -> Accounts:
    """The accounts as they are named now."""
    return Accounts(**(house_settings.get(_SETTING) or {}))


@transactional
def put(new: Accounts, *, by: Actor) -> None:
    """Name the accounts, in place of what they were called before.

    Raises: Invalid with every fault.
    """
    names = {ours: name.strip() for ours, name in new.names.items() if name.strip()}
    if faults := _faults(names, new):
        raise Invalid(" ".join(text for _, text in faults), errors=faults)
    document = {
        "names": names,
        "consultant": new.consultant,
        "client": new.client,
        "first_month": new.first_month,
    }
    audit.record(by=by, action="books.accounts_named", subject="books", data={"names": len(names)})
    house_settings.put(_SETTING, document)


def _faults(names: Mapping[str, str], new: Accounts) -> list[tuple[str, str]]:
    faults = [
        (ours, gettext("Use at most {most} characters.", most=LONGEST))
        for ours, name in names.items()
        if ours not in OURS or len(name) > LONGEST
    ]
    if new.consultant and not _CONSULTANT.fullmatch(new.consultant):
        faults.append(("consultant", gettext("Enter the consultant's number of 4 to 7 digits.")))
    if new.client and not _CLIENT.fullmatch(new.client):
        faults.append(("client", gettext("Enter the client's number of 1 to 5 digits.")))
    if not 1 <= new.first_month <= 12:
        faults.append(("first_month", gettext("Choose a month.")))
    return faults


def require_numbers(accounts: Accounts, used: set[str]) -> int:
    """How many digits the numbers of the accounts have, for DATEV.

    Raises: Invalid when one of the accounts that are used has no number, or they differ in length,
    or it is not known for which client they are.
    """
    if not accounts.consultant or not accounts.client:
        raise Invalid(gettext("Enter the numbers of the consultant and the client first."))
    unnamed = sorted(ours for ours in used if not _DIGITS.fullmatch(accounts.names.get(ours, "")))
    if unnamed:
        names = ", ".join(unnamed)
        raise Invalid(
            gettext("Give these accounts a number of 4 to 9 digits: {names}.", names=names)
        )
    lengths = {len(accounts.names[ours]) for ours in used} or {4}
    if len(lengths) > 1:
        raise Invalid(gettext("All accounts need numbers of the same length."))
    return lengths.pop()
