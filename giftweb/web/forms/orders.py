"""The forms of the order desk."""

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from giftweb.language import lazy_gettext
from giftweb.web.forms.fields import DateField, EmailField, Form, Required
from giftweb.web.forms.once import AmountForm, OnceForm, ReasonForm, reason_field


class NoteForm(Form):
    """A note by a person."""

    text = TextAreaField(
        lazy_gettext("New note"), [Required(lazy_gettext("Write a note.")), Length(max=4000)]
    )


class RefundForm(OnceForm, AmountForm, ReasonForm):
    """How much of a payment goes back; previewed before it does."""

    as_card = BooleanField(lazy_gettext("As a gift card: the customer agrees"))
    onto = SelectField(lazy_gettext("Which card"), choices=[], validate_choice=False)
    step = HiddenField()


class ReceiptForm(Form):
    """An awaited payment has come."""

    reference = StringField(lazy_gettext("Reference"), [Optional(), Length(max=200)])


class StatementForm(Form):
    """Lines of a bank statement, looked at before anything is recorded."""

    statement = TextAreaField(
        lazy_gettext("Lines of the statement"),
        [Required(lazy_gettext("Paste at least one line of a statement."))],
    )
    step = HiddenField()


class IssueForm(OnceForm, AmountForm):
    """**Issue New Gift Card** (S2)."""

    email = EmailField(
        lazy_gettext("Recipient"),
        [Required(lazy_gettext("Enter the address to send the card to."))],
    )
    reason = reason_field()
    expires_on = DateField(lazy_gettext("Expires on"), [Optional()])
    proceed = BooleanField(lazy_gettext("Proceed"))


LONGEST_TRACKING = 120


class ShipForm(Form):
    """The parcel's number."""

    tracking = StringField(lazy_gettext("Tracking number"), [Length(max=LONGEST_TRACKING)])
