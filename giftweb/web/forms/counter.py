"""The forms of the counter (B21)."""

from wtforms import FileField, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.desk import counter
from giftweb.language import lazy_gettext
from giftweb.web.forms.fields import EmailField, Form, Required
from giftweb.web.forms.once import AmountForm, OnceForm

SCAN = lazy_gettext("Scan or type the code of the card.")
_PLAIN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class ShopForm(Form):
    """Which shop's counter this is."""

    campaign = RadioField(lazy_gettext("Shop"), [Required(lazy_gettext("Choose a shop."))])

    def offer(self, found: list[Campaign]) -> None:
        """The shops to choose from."""
        self.campaign.choices = [SelectChoice(each.id, each.name) for each in found]


class ScanForm(Form):
    """A code, as a hand scanner types it or a person does; and what is still to pay of a receipt.

    No second field is between the code and Enter.
    """

    code = StringField(
        lazy_gettext("Gift card code"),
        [Required(SCAN)],
        render_kw=_PLAIN | {"autofocus": True, "enterkeyhint": "go"},
    )
    rest = HiddenField()
    receipt = HiddenField()


class PhotoForm(Form):
    """A photo of a card's QR code or barcode."""

    photo = FileField(
        lazy_gettext("Photo of the code"),
        render_kw={"accept": "image/*", "capture": "environment"},
    )
    rest = HiddenField()
    receipt = HiddenField()


class ReceiptForm(Form):
    """Which receipt of the till it is."""

    receipt = StringField(
        lazy_gettext("Receipt number"),
        [Required(lazy_gettext("Enter the number of the receipt.")), Length(max=60)],
        render_kw=_PLAIN,
    )


class Apart(Form):
    """A form beside another one with the same fields."""

    def stand_apart(self, name: str) -> None:
        """Give the fields ids of their own on the page."""
        for field in self:
            field.id = f"{name}-{field.short_name}"


class _EntryForm(OnceForm, AmountForm, ReceiptForm):
    """An amount, for a receipt."""

    def suggest(self, campaign: Campaign) -> None:
        """A receipt's number, where none was entered."""
        self.receipt.data = self.receipt.data or counter.new_receipt(campaign)


class RedeemForm(_EntryForm):
    """What a card pays of a receipt."""

    code = HiddenField(validators=[Required(SCAN)])
    pin = StringField(
        lazy_gettext("PIN"),
        render_kw={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"},
    )
    email = EmailField(lazy_gettext("Holder's email"), render_kw={"autocomplete": "off"})


class RechargeForm(_EntryForm, Apart):
    """What was paid to recharge a card."""

    code = HiddenField(validators=[Required(SCAN)])


class ActivateForm(_EntryForm):
    """What was paid for a printed card from stock."""

    code = HiddenField(validators=[Required(SCAN)])


class SellForm(_EntryForm):
    """A new card, and where it is mailed if anywhere."""

    email = EmailField(lazy_gettext("Mail it to"))


class GiveBackForm(OnceForm, AmountForm, Apart):
    """What of a purchase goes back on its card."""

    payment = HiddenField()
