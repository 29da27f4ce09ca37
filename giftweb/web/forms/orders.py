"""The forms of the order desk."""

from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from giftweb.web.forms.fields import DateField, EmailField, Form, Required
from giftweb.web.forms.once import AmountForm, OnceForm, ReasonForm, reason_field


class NoteForm(Form):
    """A note by a person."""

    text = TextAreaField("New note", [Required("Write a note."), Length(max=4000)])


class RefundForm(OnceForm, AmountForm, ReasonForm):
    """How much of a payment goes back; previewed before it does."""

    as_card = BooleanField("As a gift card: the customer agrees")
    step = HiddenField()


class ReceiptForm(Form):
    """An awaited payment has come."""

    reference = StringField("Reference", [Optional(), Length(max=200)])


class StatementForm(Form):
    """Lines of a bank statement, looked at before anything is recorded."""

    statement = TextAreaField(
        "Lines of the statement", [Required("Paste at least one line of a statement.")]
    )
    step = HiddenField()


class IssueForm(OnceForm, AmountForm):
    """**Issue New Gift Card** (S2)."""

    email = EmailField("Recipient", [Required("Enter the address to send the card to.")])
    reason = reason_field()
    expires_on = DateField("Expires on", [Optional()])
    proceed = BooleanField("Proceed")


class ShipForm(Form):
    """The parcel's number."""

    tracking = StringField("Tracking number", [Length(max=120)])
