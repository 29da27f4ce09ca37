"""What a campaign is set to, and which settings make sense (S30 to S33, D1, D4, D15)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from giftweb import days, ids, language, money, origins, shop_urls
from giftweb.domain import catalogue, law
from giftweb.domain.catalogue.taxes import Tax
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.models import BONUS_BASES, COVERS
from giftweb.money import LIMIT_MINOR, Money

LONGEST_HOLD_MINUTES = 7 * 24 * 60
LONGEST_DAYS = 36_500
LONGEST_PAYMENT_DAYS = 365
LONGEST_BANK_DETAILS = 1000
LONGEST_REMINDER_DAYS = 365
LONGEST_REMINDER_MONTHS = 120
LONGEST_CATEGORIES = 2000
LONGEST_CONTACT = 200
MOST_REVIEWED = 10_000
OWN = "own"
BRAND_COLOURS = ("cobalt", "ink", "teal", "forest", "rust", "rose", "plum")
"""The colours that pages are drawn in, each readable in light and dark."""

Fault = tuple[str, str]
"""(field, message)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A campaign's terms. Amounts are minor units of ``currency``; 10% is 1000 hundredths.

    ``accepts``: whose cards pay here: "own", or ids of campaigns with blanks between; None:
    anybody's. ``excluded_categories``: of items that no gift card pays, one a line.
    """

    name: str
    currency: str
    time_zone: str = days.WORLD
    origins: tuple[str, ...] = ()
    is_active: bool = True
    covers: str = "goods"
    hold_minutes: int = 15
    shipping_minor: int = 0
    card_valid_days: int | None = None
    brand_name: str = ""
    brand_colour: str = ""
    bank_details: str = ""
    issue_after_sales: bool = False
    relative_hundredths: int | None = None
    absolute_on: bool = False
    absolute_minor: int | None = None
    bonus_base: str = "grand_total"
    bonus_minimum_minor: int = 0
    bonus_cap_minor: int | None = None
    bonus_waiting_days: int = 0
    bonus_valid_days: int | None = None
    bonus_claw_back: bool = True
    bonus_on_gift_cards: bool = False
    payment_days: int | None = None
    ship_before_payment: bool = False
    shop_url: str = ""
    remind_days_before_expiry: int | None = 14
    remind_unused_months: int | None = None
    rules: str = law.NONE
    language: str = language.ENGLISH
    accepts: str | None = None
    excluded_categories: str | None = None
    minimum_order_minor: int | None = None
    review_amount_above_minor: int | None = None
    review_cards_per_day: int | None = None
    review_amount_per_day_minor: int | None = None
    review_first_order_above_minor: int | None = None
    voucher_tax_hundredths: int | None = None
    tax_rates: str | None = None
    contact: str | None = None

    def bonus_minor(self, *, grand_total_minor: int, shipping_minor: int) -> int:
        """What an order of this size earns for the next one; 0 means no card (S32, S33, D4).

        The absolute amount wins over the percentage; the cap is the percentage's.
        """
        if not self.issue_after_sales or grand_total_minor < self.bonus_minimum_minor:
            return 0
        if self.absolute_on:
            return self.absolute_minor or 0
        base = grand_total_minor
        if self.bonus_base == "without_shipping":
            base -= shipping_minor
        share = money.share(base, self.relative_hundredths or 0)
        return share if self.bonus_cap_minor is None else min(share, self.bonus_cap_minor)

    def amount(self, name: str) -> Money | None:
        """One of its amounts by name: absolute, bonus_cap, bonus_minimum, shipping."""
        minor = getattr(self, f"{name}_minor")
        return None if minor is None else Money(minor, self.currency)

    @property
    def categories_left_out(self) -> tuple[str, ...]:
        """The categories of items that no gift card pays."""
        lines = (line.strip() for line in (self.excluded_categories or "").splitlines())
        return tuple(line for line in lines if line)

    def tax_for(self, country: str) -> Tax | None:
        """The tax on goods that go to a country; None: there is none."""
        return catalogue.taxes.read(self.tax_rates).get(country)

    def pay_until(self) -> datetime | None:
        """The end of the last day to pay an order that is placed now; None: there is none."""
        if self.payment_days is None:
            return None
        last_day = days.later(days.today(self.time_zone), self.payment_days)
        return days.end_of(last_day, self.time_zone)


def checked(settings: Settings) -> tuple[str, ...]:
    """The settings' origins in their one spelling, each once, when every setting makes sense.

    Raises: Invalid with every fault.
    """
    faults = [*_faults_of_terms(settings), *_faults_of_bonus(settings)]
    found: dict[str, None] = {}
    for text in settings.origins:
        try:
            found[origins.read(text)] = None
        except Invalid as fault:
            faults += fault.errors
    if faults:
        raise Invalid(" ".join(message for _, message in faults), errors=faults)
    return tuple(sorted(found))


def _faults_of_terms(settings: Settings) -> Iterator[Fault]:
    yield from _faults_of_place(settings)
    if settings.covers not in COVERS:
        yield "covers", gettext("Cards may pay goods, or goods and shipping.")
    if not 1 <= settings.hold_minutes <= LONGEST_HOLD_MINUTES:
        yield "hold_minutes", gettext("Hold cards for 1 to 10080 minutes (a week).")
    if not 0 <= settings.shipping_minor <= LIMIT_MINOR:
        yield "shipping", gettext("Enter an amount of shipping of 0 or more.")
    if settings.brand_colour not in ("", *BRAND_COLOURS):
        yield (
            "brand_colour",
            gettext("Choose one of: {brand_colours}.", brand_colours=", ".join(BRAND_COLOURS)),
        )
    if len(settings.bank_details) > LONGEST_BANK_DETAILS:
        yield (
            "bank_details",
            gettext(
                "Use at most {longest_bank_details} characters.",
                longest_bank_details=LONGEST_BANK_DETAILS,
            ),
        )
    yield from _faults_of_holders(settings)
    yield from _faults_of_cards(settings)
    yield from _faults_of_days("card_valid_days", settings.card_valid_days, least=1)
    if not 0 <= (settings.voucher_tax_hundredths or 0) <= 10_000:
        yield "voucher_tax", gettext("Enter a rate of 0 to 100 percent.")
    try:
        catalogue.taxes.read(settings.tax_rates)
    except Invalid as fault:
        yield from fault.errors
    yield from _faults_of_law(settings)
    yield from _faults_of_days(
        "payment_days", settings.payment_days, least=1, most=LONGEST_PAYMENT_DAYS
    )


def _faults_of_holders(settings: Settings) -> Iterator[Fault]:
    if len(settings.contact or "") > LONGEST_CONTACT:
        yield "contact", gettext("Use at most {count} characters.", count=LONGEST_CONTACT)
    try:
        shop_urls.read(settings.shop_url)
    except Invalid as fault:
        yield from fault.errors
    yield from _faults_of_days(
        "remind_days_before_expiry",
        settings.remind_days_before_expiry,
        least=1,
        most=LONGEST_REMINDER_DAYS,
    )
    months = settings.remind_unused_months
    if months is not None and not 1 <= months <= LONGEST_REMINDER_MONTHS:
        yield (
            "remind_unused_months",
            gettext(
                "Enter 1 to {longest_reminder_months} months.",
                longest_reminder_months=LONGEST_REMINDER_MONTHS,
            ),
        )


def _faults_of_cards(settings: Settings) -> Iterator[Fault]:
    for word in (settings.accepts or "").split():
        if word != OWN and not ids.looks_like(word, "cmp"):
            yield "accepts", gettext("Enter own, or the ids of campaigns.")
            break
    if len(settings.excluded_categories or "") > LONGEST_CATEGORIES:
        sentence = gettext("Use at most {count} characters.", count=LONGEST_CATEGORIES)
        yield "excluded_categories", sentence
    for name in _LEAST_NOTHING:
        if not 0 <= (getattr(settings, f"{name}_minor") or 0) <= LIMIT_MINOR:
            yield name, gettext("Enter an amount of 0 or more.")
    if not 0 <= (settings.review_cards_per_day or 0) <= MOST_REVIEWED:
        sentence = gettext("Enter a number from 0 to {most}.", most=MOST_REVIEWED)
        yield "review_cards_per_day", sentence


_LEAST_NOTHING = (
    "minimum_order",
    "review_amount_above",
    "review_amount_per_day",
    "review_first_order_above",
)


def _faults_of_law(settings: Settings) -> Iterator[Fault]:
    if settings.rules not in law.PRESETS:
        yield "rules", gettext("Choose one of: {presets}.", presets=", ".join(law.PRESETS))
    else:
        yield from law.rules.faults(law.PRESETS[settings.rules], settings.card_valid_days)


def _faults_of_place(settings: Settings) -> Iterator[Fault]:
    if not settings.name.strip():
        yield "name", gettext("Enter a name.")
    try:
        money.exponent(settings.currency)
    except Invalid as fault:
        yield from fault.errors
    if settings.time_zone not in days.zones():
        yield "time_zone", gettext("Choose a time zone such as Europe/Berlin.")
    if settings.language not in language.LANGUAGES:
        yield (
            "language",
            gettext("Choose one of: {languages}.", languages=", ".join(language.LANGUAGES)),
        )


def _faults_of_bonus(settings: Settings) -> Iterator[Fault]:
    relative, absolute, cap = (
        settings.relative_hundredths,
        settings.absolute_minor,
        settings.bonus_cap_minor,
    )
    if settings.issue_after_sales and relative is None and not settings.absolute_on:
        yield "relative_percentage", gettext("Enter a percentage, or switch on an absolute amount.")
    if relative is not None and not 1 <= relative <= 10_000:
        yield "relative_percentage", gettext("Enter a percentage above 0, up to 100.")
    if settings.absolute_on and absolute is None:
        yield "absolute_amount", gettext("Enter the amount that every order earns.")
    if absolute is not None and not 1 <= absolute <= LIMIT_MINOR:
        yield "absolute_amount", gettext("Enter an amount above zero.")
    if settings.bonus_base not in BONUS_BASES:
        yield (
            "bonus_base",
            gettext("The percentage is of the grand total, or of it without shipping."),
        )
    if not 0 <= settings.bonus_minimum_minor <= LIMIT_MINOR:
        yield "bonus_minimum", gettext("Enter a smallest order of 0 or more.")
    if cap is not None and not 1 <= cap <= LIMIT_MINOR:
        yield "bonus_cap", gettext("Enter a cap above zero.")
    yield from _faults_of_days("bonus_waiting_days", settings.bonus_waiting_days, least=0)
    yield from _faults_of_days("bonus_valid_days", settings.bonus_valid_days, least=1)


def _faults_of_days(
    field: str, count: int | None, *, least: int, most: int = LONGEST_DAYS
) -> Iterator[Fault]:
    if count is not None and not least <= count <= most:
        yield field, f"Enter {least} to {most} days."
