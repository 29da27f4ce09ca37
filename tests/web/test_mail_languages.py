"""A mail is in the language of whoever reads it, else of their order, else of the shop."""

import pytest

from giftweb.domain import cards, checkout, outbox
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.catalogue.items import Item
from giftweb.domain.mail.letters import gather
from giftweb.domain.payments.payments import Tender
from giftweb.money import Money
from giftweb.web.mail import letters
from tests.factories import ADMIN, make_campaign


def written_in(campaign_language: str, locale: str | None) -> str:
    campaign = make_campaign(language=campaign_language)
    new = NewCard(
        amount=Money(2500, "USD"),
        holder_email="ann@example.com",
        holder_locale=locale,
        campaign_id=campaign.id,
    )
    cards.issue(new, by=ADMIN)
    (queued,) = outbox.mails.of_address("ann@example.com")
    return letters.write(gather(queued)).html


@pytest.mark.proves("B17")
@pytest.mark.parametrize(
    ("campaign_language", "locale", "spoken"),
    [("de", "fr-CA", "fr"), ("de", None, "de"), ("es", "ja", "es"), ("en", "pt_BR", "pt")],
)
def test_a_card_is_mailed_in_its_holders_language(app, campaign_language, locale, spoken):
    with app.app_context():
        assert f'<html lang="{spoken}"' in written_in(campaign_language, locale)


@pytest.mark.proves("B17")
def test_an_order_and_its_cards_keep_the_locales_that_a_shop_sends(app, make_checkout):
    present = Item(
        "CARD",
        "A card",
        1,
        2500,
        kind="gift_card",
        requires_shipping=False,
        type="virtual",
        recipient_email="zoe@example.com",
        recipient_locale="de-AT",
    )
    own = present._replace(recipient_email=None, recipient_locale=None)
    opened = make_checkout(present, own, shipping="0.00 USD", customer_locale="es-MX")
    tender = Tender(method="credit_card", amount=opened.total, reference="ch_1", state="captured")
    checkout.capture(opened.id, tenders=[tender], by=SYSTEM)
    with app.app_context():
        found = {mail.to: letters.write(gather(mail)) for mail in _mails("zoe@example.com")}
        assert '<html lang="de"' in found["zoe@example.com"].html
        for mail in _mails(opened.customer_email):
            assert '<html lang="es"' in letters.write(gather(mail)).html


def _mails(email):
    return outbox.mails.of_address(email)
