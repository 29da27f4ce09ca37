"""The forms of a file of gift cards: its upload, and what its columns hold."""

from collections.abc import Iterable
from typing import Any, Self

from wtforms import BooleanField, FileField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from giftweb.domain import campaigns
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.import_formats import FORMATS
from giftweb.domain.cards.import_sheet import ORIGINS
from giftweb.domain.cards.import_terms import AUTO
from giftweb.domain.imports.files import Upload
from giftweb.language import lazy_gettext
from giftweb.web.forms.fields import Form

_FORMAT_CHOICES = [
    SelectChoice(AUTO, lazy_gettext("As its headings say")),
    *(SelectChoice(each.name, each.title) for each in FORMATS.values()),
]
_SOURCE_WORDS = {
    "imports": lazy_gettext("Imported: nobody knows"),
    "sales": lazy_gettext("Sold there"),
    "goodwill": lazy_gettext("Given there"),
    "promotions": lazy_gettext("Given there to promote sales"),
}
_SOURCE_CHOICES = [
    SelectChoice("", lazy_gettext("As the file says, else imported")),
    *(SelectChoice(source, _SOURCE_WORDS[source]) for source in ORIGINS),
]


class UploadForm(Form):
    """A file."""

    file = FileField(lazy_gettext("CSV or XLSX file"), render_kw={"accept": ".csv,.txt,.xlsx"})


class PartForm(Form):
    """A piece of a file. ``file_id``: of the pieces before, if there were any."""

    file_id = HiddenField()
    name = HiddenField()
    is_last = BooleanField()


class MappingForm(Form):
    """Which shop wrote the file, whose its cards become, what they are. Columns are beside it."""

    format = SelectField(lazy_gettext("Written by"), choices=_FORMAT_CHOICES)
    campaign_id = SelectField(lazy_gettext("Campaign"), validate_choice=False)
    source = SelectField(lazy_gettext("Where the money came from"), choices=_SOURCE_CHOICES)
    accepts_guessable = BooleanField(lazy_gettext("Import codes that are easy to guess, too"))

    @classmethod
    def of(cls, upload: Upload, found: Iterable[Campaign] | None = None) -> Self:
        """The form for a file as it is set now; ``found``: the campaigns to choose from."""
        form = cls(
            format=upload.format,
            campaign_id=upload.campaign_id or "",
            source=upload.source or "",
            accepts_guessable=upload.accepts_guessable,
        )
        listed = campaigns.find_all() if found is None else found
        form.campaign_id.choices = [
            SelectChoice("", lazy_gettext("As the file says, else none")),
            *(SelectChoice(each.id, f"{each.name} ({each.currency})") for each in listed),
        ]
        return form

    @property
    def choices(self) -> dict[str, Any]:
        """What was chosen, as the domain takes it."""
        return {
            "format": self.format.data,
            "campaign_id": self.campaign_id.data or None,
            "source": self.source.data or None,
            "accepts_guessable": self.accepts_guessable.data,
        }
