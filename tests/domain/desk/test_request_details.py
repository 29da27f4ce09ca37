"""What a request asks for is worded for whoever decides, whatever its asker reads."""

from dataclasses import replace

import pytest

from giftweb import days, language
from giftweb.domain import desk
from giftweb.domain.campaigns.key_terms import KeyTerms
from giftweb.domain.limits import details
from tests.factories import amount_of, make_campaign
from tests.orders import signed_in

pytestmark = pytest.mark.proves("B17", "X11")

TERMS = {"scopes": None, "card_cap": None, "day_cap": None, "expires_at": None, "addresses": ()}
CAPPED = TERMS | {"card_cap": amount_of("100.00 USD"), "day_cap": amount_of("400.00 USD")}


def details_in(spoken: str) -> list[tuple[str, str]]:
    """The details of the one request that waits, as a reader of this language sees them."""
    (waiting,) = desk.approvals.waiting()
    with language.use(spoken):
        return waiting.details


def test_a_change_of_a_campaign_is_read_in_the_language_of_who_decides():
    campaign = make_campaign(name="Password", review_cards_per_day=3)
    wanted = replace(campaign.settings, review_cards_per_day=None, ship_before_payment=True)
    with language.use("de"):
        desk.money_paths.change(
            campaign.id, settings=wanted, reason="Viele Anfragen", by=signed_in("marketing")
        )
    assert details_in("en") == [
        ("Campaign", "Password"),
        ("Ship before the payment has come", "Yes"),
        ("Review bought cards beyond so many a day", "No limit (now: 3)"),
    ]
    assert details_in("fr") == [
        ("Campagne", "Password"),
        ("Expédier avant l'arrivée du paiement", "Oui"),
        (
            "Examiner les cartes achetées au-delà de tant par jour",
            "Pas de limite (actuellement : 3)",
        ),
    ]


def test_a_percentage_is_read_as_who_decides_writes_it():
    campaign = make_campaign(name="Password", issue_after_sales=True, relative_hundredths=1000)
    wanted = replace(campaign.settings, relative_hundredths=1250)
    desk.money_paths.change(
        campaign.id, settings=wanted, reason="Summer", by=signed_in("marketing")
    )
    assert ("Percentage", "12.5% (now: 10%)") in details_in("en")
    assert dict(details_in("de"))["Prozentsatz"] == "12,5\xa0% (jetzt: 10\xa0%)"


def test_what_a_key_may_do_is_read_in_the_language_of_who_decides():
    desk.live_keys.create(
        make_campaign().id,
        is_test=False,
        terms=KeyTerms(**CAPPED),
        reason="The new shop",
        by=signed_in("marketing"),
    )
    assert {("Darf", "Alles"), ("Höchstens an einem Tag", "400,00\xa0$")} <= set(details_in("de"))


def test_the_last_day_of_a_key_is_the_day_that_was_entered():
    campaign = make_campaign(time_zone="America/New_York")
    last_day = days.later(days.today(campaign.time_zone), 30)
    limited = CAPPED | {"expires_at": days.end_of(last_day, campaign.time_zone)}
    desk.live_keys.create(
        campaign.id,
        is_test=False,
        terms=KeyTerms(**limited | {"scopes": ("checkout", "read")}),
        reason="The new shop",
        by=signed_in("marketing"),
    )
    for spoken, label in (("en", "Last day"), ("de", "Letzter Tag")):
        with language.use(spoken):
            written = days.day_text(last_day)
        assert (label, written) in details_in(spoken)
    (may_do,) = (text for label, text in details_in("de") if label == "Darf")
    assert may_do.split("; ")[0] == "Kasse: Warenkörbe, Zahlungen, Bestellungen"


def test_a_reset_is_read_in_the_language_of_who_decides():
    admin, root = signed_in("customer_service_admin"), signed_in("root")
    signed_in("root")
    desk.resets.reset_factors(admin.id, reason="Lost the phone", by=root)
    assert details_in("de")[1] == ("Zurückgesetzt wird", "Authenticator-App und Passkeys")


def test_a_request_of_before_shows_what_it_kept():
    """Until then labels and texts were kept as they stood on the page."""
    assert details.read("Reset", "Password") == ("Reset", "Password")
