"""The forms of a customer's data: corrected, merged, erased."""

from wtforms import BooleanField, StringField
from wtforms.validators import Length

from giftweb.domain.customers.customers import LONGEST_NAME
from giftweb.language import lazy_gettext
from giftweb.web.forms.fields import EmailField, Required
from giftweb.web.forms.once import OptionalReasonForm, ReasonForm


class EditForm(OptionalReasonForm):
    """Name and address. Another address needs a reason."""

    email = EmailField(lazy_gettext("Email"), [Required(lazy_gettext("Enter the address."))])
    name = StringField(
        lazy_gettext("Name"),
        [Required(lazy_gettext("Enter the customer's name.")), Length(max=LONGEST_NAME)],
    )


class MergeForm(ReasonForm):
    """Which other record is the same person's."""

    email = EmailField(
        lazy_gettext("Email of the other record"), [Required(lazy_gettext("Enter the address."))]
    )
    is_checked = BooleanField(lazy_gettext("Checked"))


class EraseForm(ReasonForm):
    """Why, and whether money may be left to whoever has the codes of its cards."""

    force = BooleanField(lazy_gettext("Also while gift cards hold money, or an order is not done"))
