"""The form that names the accounts of the journal, and the one of a file for the accountant."""

from typing import Any, Self

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from giftweb.domain.books.accounts import OURS, Accounts
from giftweb.language import lazy_gettext
from giftweb.web.forms.fields import Form

MONTHS = [SelectChoice(str(month), f"{month:02}") for month in range(1, 13)]


class AccountsForm(Form):
    """A field for each account of ours, by its own name, and what DATEV needs besides."""

    consultant = StringField(lazy_gettext("Consultant's number"))
    client = StringField(lazy_gettext("Client's number"))
    first_month = SelectField(lazy_gettext("The financial year begins with month"), choices=MONTHS)

    @classmethod
    def of(cls, accounts: Accounts) -> Self:
        """The form with the accounts as they are named now."""
        return cls(
            consultant=accounts.consultant,
            client=accounts.client,
            first_month=str(accounts.first_month),
            **{ours: accounts.names.get(ours, "") for ours in OURS},
        )

    @property
    def named(self) -> list[Any]:
        """The fields of the accounts, in order."""
        return [self[ours] for ours in OURS]

    @property
    def accounts(self) -> Accounts:
        """What was entered."""
        return Accounts(
            names={ours: self[ours].data or "" for ours in OURS},
            consultant=(self.consultant.data or "").strip(),
            client=(self.client.data or "").strip(),
            first_month=int(self.first_month.data),
        )


for _ours in OURS:
    setattr(AccountsForm, _ours, StringField(_ours))
