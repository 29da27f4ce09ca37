"""The form of one thing that is done with many cards."""

from wtforms import HiddenField, StringField
from wtforms.validators import Length

from giftweb.domain.cards.tags import LONGEST
from giftweb.domain.desk.bulk import Wish
from giftweb.language import lazy_gettext
from giftweb.web.forms.fields import DateField
from giftweb.web.forms.once import OnceForm, ReasonForm


class BulkForm(OnceForm, ReasonForm):
    """What to do, why, and for some actions with which tag or until which day."""

    action = HiddenField()
    tag = StringField(lazy_gettext("Tag"), [Length(max=LONGEST)])
    expires_on = DateField(lazy_gettext("Last day"))

    @property
    def wish(self) -> Wish:
        """What was entered, as the domain takes it."""
        return Wish(
            action=self.action.data or "",
            reason=self.reason.data or "",
            tag=self.tag.data or "",
            expires_on=self.expires_on.data,
        )


class UndoForm(OnceForm):
    """Takes back what was done; ``of``: the key of the form that did it."""

    of = HiddenField()
