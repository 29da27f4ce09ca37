"""**Set up your shop**: the steps of a new shop, which tick themselves, each with its way there."""

from dataclasses import dataclass

from flask import current_app, url_for

from giftweb.domain import desk
from giftweb.domain.desk.set_up import Progress
from giftweb.language import gettext
from giftweb.web import mail
from giftweb.web.access import gate, sign_in


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``href`` is empty where it is done elsewhere, or has to wait for one before it."""

    title: str
    note: str
    is_done: bool
    action: str = ""
    href: str = ""


def steps() -> list[Step]:
    """The steps for whoever is here; none when all are done, or when they are not theirs."""
    if not gate.may_open("people.new"):
        return []
    progress = desk.set_up.read()
    found = [*_house(), *_shop(progress), *_sales(progress)]
    return [] if all(step.is_done for step in found) else found


def _house() -> list[Step]:
    person = sign_in.person()
    return [
        Step(
            gettext("Mail server"),
            gettext("Set MAIL_SERVER and start again. Until then mails are kept in the outbox."),
            mail.smtp.has_server(),
            gettext("See the outbox"),
            url_for("outbox.index"),
        ),
        Step(
            gettext("Second factor"),
            gettext("A passkey or an authenticator, so that a password alone opens nothing."),
            person is not None and person.session.has_factor,
            gettext("Set it up"),
            url_for("own_account.factor"),
        ),
    ]


def _shop(progress: Progress) -> list[Step]:
    campaign_id = progress.campaign_id
    settings = url_for("campaigns.edit", campaign_id=campaign_id) if campaign_id else ""
    return [
        Step(
            gettext("Campaign"),
            gettext("Your shop's terms: its name, currency and time zone."),
            bool(campaign_id),
            gettext("Create a campaign"),
            url_for("campaigns.new"),
        ),
        Step(
            gettext("Product or key"),
            gettext("What the hosted shop sells, or a key for your own shop's program."),
            progress.is_offering,
            gettext("Add a product"),
            url_for("products.new", campaign_id=campaign_id) if campaign_id else "",
        ),
        Step(
            gettext("Bank account or Stripe"),
            gettext(
                "How shoppers pay the rest: by transfer, or by card once STRIPE_SECRET_KEY is set."
            ),
            progress.takes_transfers or bool(current_app.config["GIFTWEB"].stripe_secret_key),
            gettext("Enter a bank account"),
            settings and f"{settings}#bank_details",
        ),
    ]


def _sales(progress: Progress) -> list[Step]:
    shop_id = progress.shop_id
    return [
        Step(
            gettext("Test purchase"),
            gettext("Buy something with test money: nothing of it is real."),
            progress.has_test_order,
            gettext("Open the shop with test money"),
            url_for("store.index", campaign_id=shop_id, test=1) if shop_id else "",
        ),
        Step(
            gettext("First colleague"),
            gettext("Large amounts, keys and bank accounts take a second person."),
            progress.has_colleague,
            gettext("Invite somebody"),
            url_for("people.new"),
        ),
    ]
