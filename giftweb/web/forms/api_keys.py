"""The form of a new API key."""

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from giftweb import days
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.campaigns.key_terms import LABELS, SCOPES, KeyTerms
from giftweb.language import lazy_gettext
from giftweb.web.forms.fields import DateField, Form, MoneyField, Required
from giftweb.web.forms.once import MAX_REASON

BOOKS = [
    SelectChoice("live", lazy_gettext("Live: real money")),
    SelectChoice("test", lazy_gettext("Test: never real money")),
]


class KeyForm(Form):
    """Which book the new key belongs to, what it may do, and until when."""

    book = RadioField(
        lazy_gettext("Kind of key"),
        [Required(lazy_gettext("Choose a kind."))],
        choices=BOOKS,
        default="live",
    )
    checkout = BooleanField(LABELS["checkout"], default=True)
    read = BooleanField(LABELS["read"], default=True)
    issue = BooleanField(LABELS["issue"])
    refund = BooleanField(LABELS["refund"])
    card_cap = MoneyField(LABELS["card_cap"], [Optional()], least=0)
    day_cap = MoneyField(LABELS["day_cap"], [Optional()], least=0)
    expires_at = DateField(LABELS["expires_at"], [Optional()])
    addresses = TextAreaField(LABELS["addresses"], [Length(max=2000)])
    reason = StringField(lazy_gettext("Reason"), [Length(max=MAX_REASON)])

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that were chosen."""
        return tuple(scope for scope in SCOPES if getattr(self, scope).data)

    def terms(self, campaign: Campaign) -> KeyTerms:
        """What was entered; the last day is a day of the campaign's time zone."""
        day = self.expires_at.data
        return KeyTerms(
            scopes=self.scopes,
            card_cap=self.card_cap.data,
            day_cap=self.day_cap.data,
            expires_at=days.end_of(day, campaign.time_zone) if day else None,
            addresses=tuple((self.addresses.data or "").replace(",", " ").split()),
        )
