"""A holder is told once that a card with money on it is about to expire."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import cards, mail, outbox
from giftweb.domain.cards.values import Card
from giftweb.web.mail import letters, smtp
from tests.factories import ADMIN, amount_of, make_campaign

pytestmark = pytest.mark.proves("B18")


@pytest.fixture
def card(make_card):
    """A card that has arrived and expires in thirty days."""
    return delivered(make_card("50.00 USD", expires_on=clock.today() + timedelta(days=30)).card)


def delivered(card: Card) -> Card:
    return cards.delivery.mark_delivered([card.id])[0]


def remind_all() -> None:
    for card_id in mail.reminders.due():
        mail.reminders.remind(card_id)


def test_the_holder_is_reminded_two_weeks_ahead_and_only_once(card, mailbox):
    with clock.moved(timedelta(days=15)):
        assert mail.reminders.due() == []
    with clock.moved(timedelta(days=16)):
        assert mail.reminders.due() == [card.id]
        mail.reminders.remind(card.id)
        mail.reminders.remind(card.id)
        assert mail.reminders.due() == []
    assert mailbox.kinds() == ["card_issued", "card_expiring"]


def test_a_card_that_is_young_empty_frozen_or_over_needs_no_reminder(make_card, mailbox):
    soon = clock.today() + timedelta(days=10)
    empty = delivered(make_card("5.00 USD", expires_on=soon).card)
    cards.adjust(empty.id, change=-amount_of("5.00 USD"), reason="A mistake", by=ADMIN)
    frozen = delivered(make_card("5.00 USD", expires_on=soon).card)
    cards.freeze(frozen.id, by=ADMIN)
    young = delivered(make_card("5.00 USD", expires_on=soon).card)
    assert mail.reminders.due() == []
    with clock.moved(timedelta(days=8)):
        assert mail.reminders.due() == [young.id]
    with clock.moved(timedelta(days=20)):
        assert mail.reminders.due() == []


def test_a_card_frozen_meanwhile_is_not_reminded_of(card, mailbox):
    with clock.moved(timedelta(days=20)):
        assert mail.reminders.due() == [card.id]
        cards.freeze(card.id, by=ADMIN)
        mail.reminders.remind(card.id)
    assert mailbox.kinds() == ["card_issued"]


@pytest.mark.proves("D25", "E6")
def test_nobody_is_reminded_of_a_card_that_has_not_arrived(make_card):
    in_a_month = clock.today() + timedelta(days=30)
    later = make_card(
        "5.00 USD", expires_on=in_a_month, deliver_at=clock.now() + timedelta(days=22)
    )
    never_mailed = make_card("5.00 USD", expires_on=in_a_month, send_email=False).card
    with clock.moved(timedelta(days=20)):
        assert mail.reminders.due() == [never_mailed.id]
    with clock.moved(timedelta(days=22)):
        delivered(later.card)
        assert mail.reminders.due() == [never_mailed.id]
    with clock.moved(timedelta(days=29, minutes=1)):
        assert set(mail.reminders.due()) == {never_mailed.id, later.card.id}


# By campaign


def of_campaign(make_card, expires_in: int | None = 60, **settings) -> Card:
    """A card that has arrived, of a campaign with these reminders."""
    campaign = make_campaign(**settings)
    ends = None if expires_in is None else clock.today() + timedelta(days=expires_in)
    return delivered(make_card("5.00 USD", expires_on=ends, campaign_id=campaign.id).card)


@pytest.mark.parametrize(("days", "first"), [(30, 30), (14, 46), (1, 59)])
def test_a_campaign_says_how_long_before_the_last_day(make_card, days, first):
    card = of_campaign(make_card, remind_days_before_expiry=days)
    with clock.moved(timedelta(days=first - 1)):
        assert mail.reminders.due() == []
    with clock.moved(timedelta(days=first)):
        assert mail.reminders.due() == [card.id]


def test_a_campaign_that_reminds_nobody_is_kept_to(make_card):
    of_campaign(make_card, remind_days_before_expiry=None)
    for later in (50, 59):
        with clock.moved(timedelta(days=later)):
            assert mail.reminders.due() == []


def test_a_forgotten_card_is_reminded_of_once(make_card, mailbox):
    card = of_campaign(make_card, None, remind_unused_months=3)
    of_campaign(make_card, None)
    with clock.moved(timedelta(days=80)):
        assert mail.reminders.forgotten() == []
    with clock.moved(timedelta(days=95)):
        assert mail.reminders.forgotten() == [card.id]
        mail.reminders.remind_of_forgotten(card.id)
        mail.reminders.remind_of_forgotten(card.id)
        assert mail.reminders.forgotten() == []
    assert mailbox.kinds().count("card_unused") == 1


def test_a_card_that_was_used_meanwhile_is_not_forgotten(make_card):
    card = of_campaign(make_card, None, remind_unused_months=3)
    with clock.moved(timedelta(days=60)):
        cards.adjust(card.id, change=-amount_of("1.00 USD"), reason="A mistake", by=ADMIN)
    with clock.moved(timedelta(days=100)):
        assert mail.reminders.forgotten() == []
    with clock.moved(timedelta(days=155)):
        assert mail.reminders.forgotten() == [card.id]


def test_who_holds_it_by_now_and_never_received_it_is_not_reminded(make_card):
    card = of_campaign(make_card, None, remind_unused_months=1)
    for claimed in outbox.sending.claim():
        outbox.sending.hand_over(claimed)
        mail.sent.mark_sent(claimed)
    cards.holder.correct_holder(
        card.id, email="new@example.com", name=None, reason="Misheard", by=ADMIN
    )
    with clock.moved(timedelta(days=40)):
        assert mail.reminders.forgotten() == []


# Peace


def test_who_wants_peace_is_reminded_of_nothing_until_they_want_it_again(make_card, mailbox):
    card = of_campaign(make_card, remind_unused_months=1)
    mail.reminders.leave_in_peace("ANN@example.com")
    mail.reminders.leave_in_peace("ann@example.com")
    with clock.moved(timedelta(days=50)):
        assert mail.reminders.due() == mail.reminders.forgotten() == []
        mail.reminders.remind(card.id)
        assert "card_expiring" not in mailbox.kinds()
        mail.reminders.remind_again("ann@example.com")
        assert mail.reminders.due() == mail.reminders.forgotten() == [card.id]


def reminder(app, make_card):
    """A reminder as it is written, and its row."""
    card = of_campaign(make_card)
    with clock.moved(timedelta(days=50)):
        remind_all()
        (row,) = [m for m in outbox.mails.of_card(card.id) if m.kind == "card_expiring"]
        with app.app_context():
            return letters.write(mail.letters.gather(row)), row


def test_one_press_in_the_mail_or_its_program_is_enough(app, client, make_card):
    written, row = reminder(app, make_card)
    message = smtp.Message(row, written, sender="a@shop.example")._message()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = message["List-Unsubscribe"].strip("<>")
    assert address in written.html
    assert address in written.text
    place = "/" + address.split("/", 3)[3]
    assert "Send me no reminders" in client.get(place).text
    assert not mail.reminders.wants_peace("ann@example.com")
    client.post(place, data={"List-Unsubscribe": "One-Click"})
    assert mail.reminders.wants_peace("ann@example.com")
    client.post(place, data={"again": "y"})
    assert not mail.reminders.wants_peace("ann@example.com")


def test_an_address_that_was_made_up_leads_nowhere(client):
    for method in (client.get, client.post):
        assert method("/reminders/ImFubkBleGFtcGxlLmNvbSI.abc").status_code == 404


def test_other_mails_ask_for_no_peace(app, make_card):
    card = make_card("5.00 USD").card
    (row,) = outbox.mails.of_card(card.id)
    with app.app_context():
        assert letters.write(mail.letters.gather(row)).peace_url == ""
