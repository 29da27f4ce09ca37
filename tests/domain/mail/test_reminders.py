"""A holder is told once that a card with money on it is about to expire."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import cards, mail
from tests.factories import ADMIN, amount_of

pytestmark = pytest.mark.proves("B18")


@pytest.fixture
def card(make_card):
    """A card that expires in thirty days."""
    return make_card("50.00 USD", expires_on=clock.today() + timedelta(days=30)).card


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
    empty = make_card("5.00 USD", expires_on=soon).card
    cards.adjust(empty.id, change=-amount_of("5.00 USD"), reason="A mistake", by=ADMIN)
    frozen = make_card("5.00 USD", expires_on=soon).card
    cards.freeze(frozen.id, by=ADMIN)
    young = make_card("5.00 USD", expires_on=soon).card
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
