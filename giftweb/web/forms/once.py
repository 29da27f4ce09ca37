"""The forms that most actions share: a reason, an amount, and a button that counts once."""

from typing import Any, cast

from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from giftweb import ids
from giftweb.language import lazy_gettext
from giftweb.money import Money
from giftweb.web.forms.fields import Form, MoneyField, Required, enter_amount

MAX_REASON = 500


class OnceForm(Form):
    """A form whose ``key`` makes pressing its button twice one action (I27)."""

    key = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.key.data = self.key.data or ids.new("key")

    def renew_key(self) -> None:
        """Let the next press of the button count as another action."""
        self.key.data = ids.new("key")


class AmountForm(Form):
    """How much."""

    amount = MoneyField(lazy_gettext("Amount"), [Required(enter_amount)])

    @property
    def money(self) -> Money:
        """The amount, once the form is valid."""
        return cast(Money, self.amount.data)


SOURCES = (
    SelectChoice("goodwill", lazy_gettext("Given")),
    SelectChoice("sales", lazy_gettext("Sold: somebody has paid for it")),
    SelectChoice("promotions", lazy_gettext("Given to promote sales")),
)
"""What money may come from that staff put on a card, in words; all of ``new_card.SOURCES``."""


def source_field() -> RadioField:
    """Whether the money was sold or given (D29)."""
    return RadioField(lazy_gettext("Sold or given"), choices=SOURCES, default="goodwill")


def reason_field() -> StringField:
    """A required reason."""
    why = Required(lazy_gettext("Say why; it is kept in the audit log."))
    return StringField(lazy_gettext("Reason"), [why, Length(max=MAX_REASON)])


class OptionalReasonForm(Form):
    """For an action that moves nothing: it may do without a reason."""

    reason = StringField(lazy_gettext("Reason"), [Length(max=MAX_REASON)])


class ReasonForm(Form):
    """Why money moves, something ends, rights change or a secret is shown (I30)."""

    reason = reason_field()
