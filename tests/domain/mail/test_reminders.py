"""A holder is told once that a card with money on it is about to expire."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import cards, mail
from giftweb.domain.cards.values import Card
from tests.factories import ADMIN, amount_of

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
