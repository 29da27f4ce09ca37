"""Sums are counted again where the report on lives had counted a card twice, and only there."""

import importlib

import pytest

from giftweb import database
from giftweb.domain import audit, cards
from tests.factories import AGENT, goods, make_campaign, make_card
from tests.orders import place

pytestmark = pytest.mark.proves("B11")

step = importlib.import_module("giftweb.database.migrations.0043_lives_of_replaced_cards")


@pytest.mark.parametrize(("spent", "left"), [("50.00 USD", 0), ("30.00 USD", 1)])
def test_a_card_that_was_empty_when_it_was_replaced_has_everything_counted_again(spent, left):
    card = make_card("50.00 USD")
    place(goods(spent), cards=[card], campaign_id=make_campaign().id, shipping="0.00 USD")
    cards.endings.replace_card(card.card.id, by=AGENT)
    audit.checkpoints_by_day.write_all()
    with database.transaction():
        step.up(None, database.db.obj)
    assert database.scalar("SELECT COUNT(*) FROM daily_sum_end") == left
    audit.checkpoints_by_day.write_all()
    assert list(audit.checkpoints_by_day.breaches()) == []
