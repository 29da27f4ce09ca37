"""The form of a campaign's settings, and its preview while it is typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput

from giftweb import days, money, percentages
from giftweb.domain import catalogue, desk, law
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.campaigns.settings import (
    BRAND_COLOURS,
    LONGEST_BANK_DETAILS,
    LONGEST_CATEGORIES,
    LONGEST_CONTACT,
    OWN,
    Settings,
)
from giftweb.language import ENGLISH, LANGUAGES, LazyText, gettext, lazy_gettext
from giftweb.money import Money
from giftweb.web.forms.currencies import currency_field
from giftweb.web.forms.fields import (
    Form,
    MoneyField,
    Required,
    TypedField,
    WholeField,
    known_currency,
)
from giftweb.web.forms.once import MAX_REASON

COVERS = [
    SelectChoice("goods", lazy_gettext("Goods")),
    SelectChoice("goods_and_shipping", lazy_gettext("Goods and shipping")),
]
BASES = [SelectChoice(*each) for each in desk.money_paths.BASES.items()]
COLOURS = [
    SelectChoice("", lazy_gettext("Default")),
    *(SelectChoice(colour, colour.capitalize()) for colour in BRAND_COLOURS),
]

RULES = [SelectChoice(each.key, each.place) for each in law.PRESETS.values()]

EVERYBODYS, NAMED = "all", "named"
WHOSE = [
    SelectChoice(EVERYBODYS, lazy_gettext("Everybody's")),
    SelectChoice(OWN, lazy_gettext("Its own alone")),
    SelectChoice(NAMED, lazy_gettext("Its own and those of campaigns that are chosen")),
]

SPOKEN = [SelectChoice(code, name) for code, name in LANGUAGES.items()]


class PercentageField(TypedField):
    """A percentage; data is hundredths of a percent: 10% is 1000."""

    def __init__(self, label: str | LazyText = "", validators: Any = (), **kwargs: Any):
        kwargs["render_kw"] = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(label, validators, **kwargs)

    def read(self, text: str) -> int:
        return percentages.parse(text, field=self.name)

    def write(self, value: int) -> str:
        return percentages.typed_text(value)


class TimeZoneField(TypedField):
    """A time zone by its IANA name; the page offers all of them while one is typed."""

    def __init__(self, label: str | LazyText = "", validators: Any = (), **kwargs: Any):
        kwargs["render_kw"] = {"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(label, validators, **kwargs)

    def read(self, text: str) -> str:
        return days.read_zone(text, field=self.name)


class CampaignForm(Form):
    """All settings of a campaign (S30 to S34, D1, D4, D15). The currency is chosen once."""

    name = StringField(
        lazy_gettext("Name"), [Required(lazy_gettext("Enter a name.")), Length(max=120)]
    )
    currency = currency_field()
    is_active = BooleanField(lazy_gettext("Active"), default=True)
    time_zone = TimeZoneField(lazy_gettext("Time zone"), default=days.WORLD)
    bank_details = TextAreaField(
        lazy_gettext("Bank account for transfers"), [Length(max=LONGEST_BANK_DETAILS)]
    )

    issue_after_sales = BooleanField(lazy_gettext("Issue After Sales"))
    relative_percentage = PercentageField(lazy_gettext("Relative Percentage"), [Optional()])
    absolute_on = BooleanField(lazy_gettext("Absolute Amount"))
    absolute_amount = MoneyField(lazy_gettext("Absolute Amount"), [Optional()])

    bonus_base = RadioField(lazy_gettext("Percentage of"), choices=BASES, default="grand_total")
    bonus_minimum = MoneyField(lazy_gettext("Smallest order that earns one"), [Optional()], least=0)
    bonus_cap = MoneyField(lazy_gettext("The most that the percentage gives"), [Optional()])
    bonus_waiting_days = WholeField(lazy_gettext("Days to wait before it is mailed"), [Optional()])
    bonus_valid_days = WholeField(lazy_gettext("Days it is valid"), [Optional()])
    bonus_claw_back = BooleanField(lazy_gettext("Take it back with a refund"), default=True)
    bonus_on_gift_cards = BooleanField(lazy_gettext("Gift cards earn it, too"))

    covers = RadioField(lazy_gettext("What gift cards may pay"), choices=COVERS, default="goods")
    shipping = MoneyField(lazy_gettext("Shipping in the hosted shop"), [Optional()], least=0)
    rules = SelectField(
        lazy_gettext("Rules of the law that it keeps"), choices=RULES, default=law.NONE
    )
    card_valid_days = WholeField(lazy_gettext("Days that sold cards are valid"), [Optional()])
    hold_minutes = WholeField(lazy_gettext("Minutes that an order may hold a card"), [Optional()])
    payment_days = WholeField(lazy_gettext("Days to wait for a payment"), [Optional()])
    ship_before_payment = BooleanField(lazy_gettext("Ship before the payment has come"))

    whose = RadioField(lazy_gettext("Whose gift cards pay here"), choices=WHOSE, default=EVERYBODYS)
    accepts = SelectMultipleField(
        lazy_gettext("Campaigns whose cards pay here besides its own"),
        validate_choice=False,
        option_widget=CheckboxInput(),
    )
    minimum_order = MoneyField(
        lazy_gettext("Smallest order that gift cards pay for"), [Optional()], least=0
    )
    excluded_categories = TextAreaField(
        lazy_gettext("Categories that gift cards do not pay"), [Length(max=LONGEST_CATEGORIES)]
    )
    review_amount_above = MoneyField(
        lazy_gettext("Review bought cards of more than"), [Optional()], least=0
    )
    review_cards_per_day = WholeField(
        lazy_gettext("Review bought cards beyond so many a day"), [Optional()]
    )
    review_amount_per_day = MoneyField(
        lazy_gettext("Review bought cards beyond so much a day"), [Optional()], least=0
    )
    review_first_order_above = MoneyField(
        lazy_gettext("Review a first order of more than"), [Optional()], least=0
    )

    voucher_tax = PercentageField(
        lazy_gettext("Value added tax on cards that are sold"), [Optional()]
    )

    tax_rates = TextAreaField(
        lazy_gettext("Tax in the hosted shop"), [Length(max=catalogue.taxes.LONGEST)]
    )

    language = SelectField(lazy_gettext("Language"), choices=SPOKEN, default=ENGLISH)
    brand_name = StringField(lazy_gettext("Name on its pages and mails"), [Length(max=120)])
    brand_colour = SelectField(lazy_gettext("Colour"), choices=COLOURS)
    contact = StringField(lazy_gettext("Whom holders ask"), [Length(max=LONGEST_CONTACT)])
    shop_url = StringField(lazy_gettext("Address of the shop"), [Length(max=500)])

    remind_days_before_expiry = WholeField(
        lazy_gettext("Days before the last day"), [Optional()], default=14
    )
    remind_unused_months = WholeField(lazy_gettext("Months without use"), [Optional()])

    origin = TextAreaField(lazy_gettext("Sites that may show the widget"), [Length(max=4000)])

    reason = StringField(lazy_gettext("Reason"), [Length(max=MAX_REASON)])
    password = PasswordField(lazy_gettext("Your password"))

    def __init__(self, *args: Any, others: Sequence[Campaign] = (), **kwargs: Any):
        """``others``: the campaigns whose cards it may take besides its own."""
        super().__init__(*args, **kwargs)
        self.accepts.choices = [SelectChoice(each.id, each.name) for each in others]

    def to_settings(self, currency: str) -> Settings:
        """What was entered, as the domain takes it; an empty field is its default."""
        values: dict[str, Any] = {
            "name": self.name.data or "",
            "origins": tuple((self.origin.data or "").split()),
            "relative_hundredths": self.relative_percentage.data,
            "absolute_minor": _minor(self.absolute_amount.data),
            "bonus_minimum_minor": _minor(self.bonus_minimum.data) or 0,
            "bonus_cap_minor": _minor(self.bonus_cap.data),
            "bonus_waiting_days": self.bonus_waiting_days.data or 0,
            "shipping_minor": _minor(self.shipping.data) or 0,
        }
        values |= {name: self[name].data for name in _SAME}
        values |= {name: self[name].data or "" for name in ("brand_name", "brand_colour")}
        values["shop_url"] = (self.shop_url.data or "").strip()
        values["time_zone"] = self.time_zone.data or days.WORLD
        values["bank_details"] = (self.bank_details.data or "").replace("\r\n", "\n").strip()
        values |= self._restrictions()
        if self.hold_minutes.data is not None:
            values["hold_minutes"] = self.hold_minutes.data
        return Settings(currency=currency, **values)

    def _restrictions(self) -> dict[str, Any]:
        """Whose cards pay here, for what, and which bought ones are reviewed."""
        return {
            "accepts": self._accepted(),
            "excluded_categories": _lines(self.excluded_categories.data),
            "minimum_order_minor": _minor(self.minimum_order.data),
            **{f"{name}_minor": _minor(self[name].data) for name in _REVIEWED},
            "voucher_tax_hundredths": self.voucher_tax.data,
            "tax_rates": _lines(self.tax_rates.data),
            "contact": " ".join((self.contact.data or "").split()) or None,
        }

    def _accepted(self) -> str | None:
        """The words of ``Settings.accepts``; nobody named besides it: its own alone."""
        if self.whose.data == EVERYBODYS:
            return None
        named = self.accepts.data or () if self.whose.data == NAMED else ()
        return " ".join(named) or OWN


_REVIEWED = ("review_amount_above", "review_amount_per_day", "review_first_order_above")

_SAME = (
    *("is_active", "issue_after_sales", "absolute_on", "bonus_base", "bonus_valid_days"),
    *("bonus_claw_back", "covers", "card_valid_days", "brand_name", "brand_colour"),
    *("bank_details", "bonus_on_gift_cards", "payment_days", "ship_before_payment"),
    *("rules", "language", "review_cards_per_day"),
    *("shop_url", "remind_days_before_expiry", "remind_unused_months"),
)


def _lines(text: str | None) -> str | None:
    lines = (line.strip() for line in (text or "").splitlines())
    return "\n".join(line for line in lines if line) or None


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor


def filled(settings: Settings) -> dict[str, Any]:
    """The form's values for a campaign as it stands."""
    plain = {
        name: getattr(settings, name) for name in ("name", "time_zone", "hold_minutes", *_SAME)
    }
    plain["bonus_waiting_days"] = settings.bonus_waiting_days
    minors = {
        "absolute_amount": settings.absolute_minor,
        "bonus_minimum": settings.bonus_minimum_minor,
        "bonus_cap": settings.bonus_cap_minor,
        "shipping": settings.shipping_minor,
        "minimum_order": settings.minimum_order_minor,
        **{name: getattr(settings, f"{name}_minor") for name in _REVIEWED},
    }
    amounts = {
        name: None if minor is None else Money(minor, settings.currency)
        for name, minor in minors.items()
    }
    return (
        plain
        | amounts
        | {
            **_accepted_as_typed(settings.accepts),
            "excluded_categories": settings.excluded_categories,
            "relative_percentage": settings.relative_hundredths,
            "voucher_tax": settings.voucher_tax_hundredths,
            "tax_rates": settings.tax_rates,
            "contact": settings.contact,
            "origin": "\n".join(settings.origins),
        }
    )


def _accepted_as_typed(accepts: str | None) -> dict[str, Any]:
    named = [word for word in (accepts or "").split() if word != OWN]
    whose = NAMED if named else OWN if accepts else EVERYBODYS
    return {"whose": whose, "accepts": named}


def example(form: CampaignForm, currency: str) -> dict[str, Any]:
    """What an order of 180.00 with 9.00 shipping would earn with what is typed now (S32)."""
    scale = 10 ** money.exponent(currency)
    total, shipping = Money(180 * scale, currency), Money(9 * scale, currency)
    settings = form.to_settings(currency)
    earned = settings.bonus_minor(grand_total_minor=total.minor, shipping_minor=shipping.minor)
    if earned > total.minor and not settings.absolute_on:
        earned = 0
    return {
        "total": total,
        "shipping": shipping,
        "earned": Money(earned, currency),
        "settings": settings,
        "both": bool(settings.absolute_on and settings.relative_hundredths),
        "is_below": bool(settings.bonus_minimum_minor > total.minor),
        "minimum": Money(settings.bonus_minimum_minor, currency),
        "is_capped": _is_capped(settings, earned),
    }


def preview(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What a card, a page and a mail of the campaign show: its name, its colour, an amount."""
    currency = known_currency(str(typed.get("currency") or ""))
    colour = typed.get("brand_colour")
    return {
        "shop": typed.get("brand_name") or typed.get("name") or gettext("Your shop"),
        "colour": colour if colour in BRAND_COLOURS else BRAND_COLOURS[0],
        "amount": Money(50 * 10 ** money.exponent(currency), currency),
    }


def _is_capped(settings: Settings, earned: int) -> bool:
    return earned > 0 and not settings.absolute_on and settings.bonus_cap_minor == earned
