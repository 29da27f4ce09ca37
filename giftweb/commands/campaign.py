"""``flask campaign``: a shop's terms and keys from the command line, as the desk has them."""

import functools
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import click
from flask.cli import AppGroup

from giftweb import days, percentages
from giftweb.commands.api_keys import key, key_terms, terms_options
from giftweb.commands.options import (
    OPERATOR,
    domain_errors_to_click,
    find_campaign,
    minor_of,
    print_json,
)
from giftweb.domain import campaigns, law
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.campaigns.settings import BRAND_COLOURS, Settings
from giftweb.errors import Invalid
from giftweb.language import LANGUAGES
from giftweb.money import decimal_text

campaign = AppGroup("campaign", help="Campaigns: who sells, on what terms, with which keys.")

NONE, ANYBODY = "none", "all"

_AMOUNTS = {
    "shipping": ("shipping_minor", "What the hosted shop asks for shipping, such as 9.00."),
    "absolute_amount": (
        "absolute_minor",
        "The same bonus for every order, such as 25.00; it wins over the percentage.",
    ),
    "bonus_minimum": ("bonus_minimum_minor", "The smallest order that earns a bonus."),
    "bonus_cap": ("bonus_cap_minor", "The most that the percentage gives."),
    "minimum_order": ("minimum_order_minor", "The smallest order that gift cards pay for."),
    "review_amount_above": (
        "review_amount_above_minor",
        "Bought cards of more than this wait for a review, and are not mailed before.",
    ),
    "review_amount_per_day": (
        "review_amount_per_day_minor",
        "Review what one customer buys beyond so much money in a day.",
    ),
    "review_first_order_above": (
        "review_first_order_above_minor",
        "Review the cards of a customer's first order if they come to more than this.",
    ),
}
_DAYS = {
    "bonus_valid_days": "How long a bonus card is valid.",
    "card_valid_days": "How long a card that is sold is valid; without it, for ever.",
    "payment_days": "Cancel an order that is not paid after so many days; without it, never.",
    "remind_days_before_expiry": "Remind holders so many days before the last; by default 14.",
    "remind_unused_months": "Remind holders after so many months without use; without it, never.",
    "review_cards_per_day": "Review what one customer buys beyond so many cards in a day.",
}
_PERCENTAGES = {
    "relative_percentage": "relative_hundredths",
    "voucher_tax": "voucher_tax_hundredths",
}
_LISTS = {
    "exclude_category": "No gift card pays for items of this category; repeat.",
    "tax_rate": "Of goods in the hosted shop: DE=19 in the prices, US=+8.25 added; repeat.",
}
_PLURALS = {"exclude_category": "exclude_categories", "tax_rate": "tax_rates"}
_MAY_BE_EMPTY = (
    *("absolute_minor", "bonus_cap_minor"),
    *("minimum_order_minor", "review_amount_above_minor"),
    *("review_amount_per_day_minor", "review_first_order_above_minor"),
)
_BASES = {"grand-total": "grand_total", "without-shipping": "without_shipping"}
_COVERS = {"goods": "goods", "goods-and-shipping": "goods_and_shipping"}


def settings_options(command: Callable) -> Callable:
    """Every setting but the name and the currency; ``none`` empties an optional one."""
    options = [
        click.option("--origin", "origins", multiple=True, help="May frame the widget; repeat."),
        click.option("--time-zone", help="Whose days count: Europe/Berlin, by default UTC."),
        click.option("--language", type=click.Choice(list(LANGUAGES)), help="Of pages and mails."),
        click.option("--covers", type=click.Choice(list(_COVERS)), help="What cards may pay."),
        click.option("--hold-minutes", type=int, help="How long an order may hold a card."),
        *(click.option(_dashed(name), help=text) for name, (_, text) in _AMOUNTS.items()),
        click.option("--issue-after-sales/--no-issue-after-sales", default=None, help="Bonuses."),
        click.option("--relative-percentage", help="A bonus of so many percent, such as 10."),
        click.option("--voucher-tax", help="Single-purpose cards, taxed at so many percent."),
        click.option("--bonus-base", type=click.Choice(list(_BASES)), help="Percent of what."),
        click.option("--bonus-waiting-days", type=int, help="Mail a bonus after so many days."),
        *(click.option(_dashed(name), help=text) for name, text in _DAYS.items()),
        click.option("--bonus-claw-back/--no-bonus-claw-back", default=None, help="On a refund."),
        click.option(
            "--bonus-on-gift-cards/--no-bonus-on-gift-cards", default=None, help="Or goods alone."
        ),
        click.option(
            "--ship-before-payment/--no-ship-before-payment",
            default=None,
            help="Goods wait for their payment, or not.",
        ),
        click.option("--shop-url", help="Where its cards are spent; by default its hosted shop."),
        click.option("--rules", type=click.Choice(list(law.PRESETS)), help="The law it keeps."),
        click.option("--contact", help="Whom holders ask: an address, a page, a number."),
        click.option("--brand-name", help="The shop's name on its pages and mails."),
        click.option("--brand-colour", type=click.Choice(BRAND_COLOURS), help="Of its pages."),
        click.option("--accepts", help="Whose cards pay here: all, own, or ID,ID,..."),
        *(_repeated(name, text) for name, text in _LISTS.items()),
        click.option("--bank-details", help="Where shoppers transfer money; line by line."),
    ]
    return functools.reduce(lambda done, option: option(done), reversed(options), command)


def _repeated(name: str, text: str) -> Callable:
    return click.option(_dashed(name), _PLURALS[name], multiple=True, help=text)


def _dashed(name: str) -> str:
    return "--" + name.replace("_", "-")


@campaign.command("create")
@click.option("--name", required=True)
@click.option("--currency", required=True, help="ISO 4217, such as USD.")
@click.option("--webhook-url", help="Where its events are sent: https only.")
@terms_options
@settings_options
def create(name: str, currency: str, webhook_url: str | None, **options: Any) -> None:
    """Create a campaign and print its id and secrets, which are shown this once."""
    with domain_errors_to_click():
        settings = _changed(Settings(name=name, currency=currency), options)
        opened = campaigns.opening.open_campaign(
            settings,
            webhook_url=webhook_url,
            terms=key_terms(options, settings.currency, settings.time_zone),
            by=OPERATOR,
        )
    secrets = {"id": opened.campaign.id, "live_key": opened.live_key, "test_key": opened.test_key}
    if opened.webhook_secret:
        secrets["webhook_secret"] = opened.webhook_secret
    print_json(secrets)


@campaign.command("edit")
@click.argument("campaign_id")
@click.option("--name")
@click.option("--active/--no-active", "is_active", default=None, help="May it sell and issue?")
@settings_options
def edit(campaign_id: str, name: str | None, is_active: bool | None, **options: Any) -> None:
    """Change settings of a campaign; what is not named stays. Origins are replaced as a whole."""
    with domain_errors_to_click():
        before = find_campaign(campaign_id).settings
        named: dict[str, Any] = {"name": name, "is_active": is_active}
        changes = {key: value for key, value in named.items() if value is not None}
        wanted = replace(before, **changes)
        after = campaigns.change(campaign_id, settings=_changed(wanted, options), by=OPERATOR)
    print_json(_values(after))


@campaign.command("list")
def show_all() -> None:
    """Print every campaign with its settings, newest first."""
    print_json([_values(found) for found in campaigns.find_all()])


campaign.add_command(key)


def _changed(settings: Settings, options: dict[str, Any]) -> Settings:
    """The settings, changed by the options.

    Raises: Invalid.
    """
    changes: dict[str, Any] = {}
    for option, (field, _) in _AMOUNTS.items():
        if (text := options[option]) is not None:
            changes[field] = _amount(text, settings.currency, option, field)
    for option in _DAYS:
        if (text := options[option]) is not None:
            changes[option] = _days(text, option)
    changes |= {
        field: _hundredths(options[option], option)
        for option, field in _PERCENTAGES.items()
        if options[option] is not None
    }
    if "absolute_minor" in changes:
        changes["absolute_on"] = changes["absolute_minor"] is not None
    changes |= _chosen(options)
    if options["origins"]:
        changes["origins"] = options["origins"]
    changes |= _restrictions(options)
    return replace(settings, **changes)


_PLAIN = (
    "hold_minutes",
    "issue_after_sales",
    "bonus_waiting_days",
    "bonus_claw_back",
    "bonus_on_gift_cards",
    "ship_before_payment",
    "shop_url",
    "brand_name",
    "contact",
    "brand_colour",
    "bank_details",
    "rules",
    "language",
)


def _chosen(options: dict[str, Any]) -> dict[str, Any]:
    choices = {"covers": _COVERS, "bonus_base": _BASES}
    chosen = {
        name: words[options[name]] for name, words in choices.items() if options[name] is not None
    }
    if options["time_zone"] is not None:
        chosen["time_zone"] = days.read_zone(options["time_zone"])
    return chosen | {name: options[name] for name in _PLAIN if options[name] is not None}


def _restrictions(options: dict[str, Any]) -> dict[str, Any]:
    """Whose cards pay here, for what, and the tax on that."""
    changes: dict[str, Any] = {}
    if options["accepts"] is not None:
        words = options["accepts"].replace(",", " ").split()
        changes["accepts"] = None if words in ([ANYBODY], []) else " ".join(words)
    if categories := options["exclude_categories"]:
        changes["excluded_categories"] = None if categories == (NONE,) else "\n".join(categories)
    if rates := options["tax_rates"]:
        lines = (rate.replace("=", " ") for rate in rates)
        changes["tax_rates"] = None if rates == (NONE,) else "\n".join(lines)
    return changes


def _amount(text: str, currency: str, option: str, field: str) -> int | None:
    if text == NONE and field in _MAY_BE_EMPTY:
        return None
    least = 1 if field in ("absolute_minor", "bonus_cap_minor") else 0
    return minor_of(text, currency, field=option, least=least)


def _days(text: str, option: str) -> int | None:
    if text == NONE:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Invalid("Enter a whole number.", field=option)
    return int(text)


def _hundredths(text: str, option: str) -> int | None:
    if text == NONE:
        return None
    return percentages.parse(text, field=option)


def _values(found: Campaign) -> dict[str, Any]:
    settings: dict[str, Any] = {"id": found.id}
    for field in fields(Settings):
        value = getattr(found, field.name)
        name = field.name.removesuffix("_minor")
        if field.name.endswith("_minor") and value is not None:
            value = decimal_text(value, found.currency)
        settings["absolute_amount" if name == "absolute" else name] = value
    for name in ("relative_percentage", "voucher_tax"):
        hundredths = settings.pop(f"{name.removesuffix('_percentage')}_hundredths")
        settings[name] = None if hundredths is None else percentages.decimal_text(hundredths)
    return settings
