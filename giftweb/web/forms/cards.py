"""The forms of what can be done with a card."""

from typing import Any, cast

from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from giftweb import ids
from giftweb.money import Money
from giftweb.web.forms.fields import EmailField, Form, MoneyField, Required

AMOUNT = "Enter an amount, such as 25.00."
WHY = "Say why; it is kept in the card's history."


class OptionalReasonForm(Form):
    """A deed that moves nothing may do without a reason."""

    reason = StringField("Reason", [Length(max=500)])


class ReasonForm(Form):
    """Why: money moves, or a secret is shown (I30)."""

    reason = StringField("Reason", [Required(WHY), Length(max=500)])


class OnceForm(Form):
    """A form whose ``key`` makes pressing its button twice one deed (I27)."""

    key = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.key.data = self.key.data or ids.new("key")


class RechargeForm(OnceForm, OptionalReasonForm):
    """How much to put on the card."""

    amount = MoneyField("Amount", [Required(AMOUNT)])

    @property
    def money(self) -> Money:
        """The amount, once the form is valid."""
        return cast(Money, self.amount.data)


class AdjustForm(RechargeForm):
    """A correction of the balance; looked at in numbers before it is made."""

    direction = RadioField(
        "What to do",
        choices=[SelectChoice("add", "Add money"), SelectChoice("take", "Take money off")],
        default="take",
    )
    reason = StringField("Reason", [Required(WHY), Length(max=500)])
    is_checked = BooleanField("Checked")

    @property
    def change(self) -> Money:
        """The signed amount."""
        return self.money if self.direction.data == "add" else -self.money


class FreezeForm(OptionalReasonForm):
    """What happens to money that open orders hold (D19)."""

    holds = RadioField(
        "Money that open orders hold",
        choices=[
            SelectChoice("honour", "Let these orders have it"),
            SelectChoice("release", "Release it now"),
        ],
        default="honour",
    )


class HolderForm(OptionalReasonForm):
    """Who holds the card."""

    email = EmailField("Email", [Required("Enter the holder's email address.")])
    name = StringField("Name", [Length(max=120, message="Use 120 characters or fewer.")])
    send = BooleanField("Send the card to this address now", default=True)
