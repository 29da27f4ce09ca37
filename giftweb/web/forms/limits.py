"""The form of what a role, or a campaign's bonus, may give."""

from typing import Any, Self

from wtforms.validators import Optional

from giftweb.domain.limits import API_KEY, BONUS, Terms
from giftweb.language import lazy_gettext
from giftweb.money import Money
from giftweb.web.forms.fields import Form, MoneyField, WholeField


class LimitForm(Form):
    """Empty: no limit."""

    single = MoneyField(lazy_gettext("At a time"), [Optional()], least=0)
    receiver = MoneyField(lazy_gettext("To one address in a day"), [Optional()], least=0)
    day = MoneyField(lazy_gettext("In a day"), [Optional()], least=0)
    codes = WholeField(lazy_gettext("Codes in a day"), [Optional()])

    @classmethod
    def of(cls, role: str, currency: str, terms: Terms, codes: int | None) -> Self:
        """The form with the terms that hold. Bonuses and keys have no receiver and no codes."""
        form = cls(
            currency=currency,
            single=_money(terms.single, currency),
            receiver=_money(terms.receiver, currency),
            day=_money(terms.day, currency),
            codes=codes,
        )
        if role in (BONUS, API_KEY):
            del form.receiver, form.codes
        return form

    @property
    def terms(self) -> Terms:
        """What was entered."""
        return Terms(*(self._minor(name) for name in ("single", "receiver", "day")))

    def _minor(self, name: str) -> int | None:
        field: Any = self._fields.get(name)
        return field.data.minor if field is not None and field.data is not None else None


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
