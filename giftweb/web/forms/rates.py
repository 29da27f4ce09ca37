"""The forms of a file of currency rates: its upload, and what was read of it."""

from wtforms import FileField, HiddenField

from giftweb.language import lazy_gettext
from giftweb.web.forms.fields import Form


class RatesFileForm(Form):
    """A file."""

    file = FileField(lazy_gettext("CSV file"), render_kw={"accept": ".csv,.txt"})


class ReadRatesForm(Form):
    """The rates of a file that was looked at, as lines of CSV."""

    rates = HiddenField()
