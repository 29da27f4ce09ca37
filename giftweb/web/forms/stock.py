"""The forms of printed cards that are lost (B22)."""

from wtforms import HiddenField, StringField
from wtforms.validators import Length

from giftweb.language import lazy_gettext
from giftweb.web.forms.fields import Form, Required
from giftweb.web.forms.once import ReasonForm

_PLAIN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
_CODE = Required(lazy_gettext("Enter the code of the card."))


class RangeForm(Form):
    """The first and the last card, in the order in which they were made."""

    first = StringField(
        lazy_gettext("Code of the first lost card"), [_CODE, Length(max=100)], render_kw=_PLAIN
    )
    last = StringField(
        lazy_gettext("Code of the last lost card"), [_CODE, Length(max=100)], render_kw=_PLAIN
    )


class LostForm(ReasonForm):
    """The same cards once more, after a look at how many they are."""

    first = HiddenField()
    last = HiddenField()
