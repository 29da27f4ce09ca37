"""The forms of the order desk."""

from typing import Any, cast

from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from giftweb import ids
from giftweb.money import Money
from giftweb.web.forms.fields import DateField, EmailField, Form, MoneyField, Required

AMOUNT = "Enter an amount, such as 25.00."
WHY = "Say why; it is kept with the order."
LONGEST = 500


class OnceForm(Form):
    """A form whose ``key`` makes pressing its button twice one deed (I27)."""

    key = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.key.data = self.key.data or ids.new("key")


class NoteForm(Form):
    """A note by a person."""

    text = TextAreaField("New note", [Required("Write a note."), Length(max=4000)])


class ReasonForm(Form):
    """Why: money moves, or something ends."""

    reason = StringField("Reason", [Required(WHY), Length(max=LONGEST)])


class RefundForm(OnceForm):
    """How much of a payment goes back; looked at in numbers before it does."""

    amount = MoneyField("Amount", [Required(AMOUNT)])
    reason = StringField("Reason", [Required(WHY), Length(max=LONGEST)])
    as_card = BooleanField("As a gift card: the customer agrees")
    step = HiddenField()

    @property
    def money(self) -> Money:
        """The amount, once the form is valid."""
        return cast(Money, self.amount.data)


class IssueForm(OnceForm):
    """**Issue New Gift Card** (S2)."""

    amount = MoneyField("Amount", [Required(AMOUNT)])
    email = EmailField("Recipient", [Required("Enter the address to send the card to.")])
    reason = StringField("Reason", [Required(WHY), Length(max=LONGEST)])
    expires_on = DateField("Expires on", [Optional()])
    proceed = BooleanField("Proceed")

    @property
    def money(self) -> Money:
        """The amount, once the form is valid."""
        return cast(Money, self.amount.data)


class ShipForm(Form):
    """The parcel's number."""

    tracking = StringField("Tracking number", [Length(max=120)])


class ChargebackForm(Form):
    """How much the provider took back."""

    amount = MoneyField("Amount", [Required(AMOUNT)])

    @property
    def money(self) -> Money:
        """The amount, once the form is valid."""
        return cast(Money, self.amount.data)
