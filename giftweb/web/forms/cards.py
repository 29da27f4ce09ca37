"""The forms of what can be done with a card."""

from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from giftweb.language import lazy_gettext
from giftweb.money import Money
from giftweb.web.forms.fields import EmailField, Required
from giftweb.web.forms.once import (
    AmountForm,
    OnceForm,
    OptionalReasonForm,
    ReasonForm,
    source_field,
)


class RechargeForm(OnceForm, AmountForm, OptionalReasonForm):
    """How much to put on the card, and whether it was sold or given."""

    source = source_field()


class AdjustForm(OnceForm, AmountForm, ReasonForm):
    """A correction of the balance; previewed before it is made."""

    direction = RadioField(
        lazy_gettext("What to do"),
        choices=[
            SelectChoice("add", lazy_gettext("Add money")),
            SelectChoice("take", lazy_gettext("Take money off")),
        ],
        default="take",
    )
    is_checked = BooleanField(lazy_gettext("Checked"))

    @property
    def change(self) -> Money:
        """The signed amount."""
        return self.money if self.direction.data == "add" else -self.money


class CashOutForm(OnceForm, OptionalReasonForm):
    """A small rest that is paid out."""


class FreezeForm(OptionalReasonForm):
    """What happens to money that open orders hold (D19)."""

    holds = RadioField(
        lazy_gettext("Money that open orders hold"),
        choices=[
            SelectChoice("honour", lazy_gettext("Let these orders have it")),
            SelectChoice("release", lazy_gettext("Release it now")),
        ],
        default="honour",
    )


class HolderForm(OptionalReasonForm):
    """Who holds the card. Another address needs a reason."""

    email = EmailField(
        lazy_gettext("Email"), [Required(lazy_gettext("Enter the holder's email address."))]
    )
    name = StringField(
        lazy_gettext("Name"),
        [Length(max=120, message=lazy_gettext("Use 120 characters or fewer."))],
    )
    send = BooleanField(lazy_gettext("Send the card to this address now"), default=True)
