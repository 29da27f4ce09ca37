"""Whoever holds a card becomes a customer."""

import pytest

from giftweb.domain import customers
from giftweb.errors import Invalid
from tests.factories import AGENT, make_card

pytestmark = pytest.mark.proves("B29")

OLD = "ann@example.com"


def test_whoever_holds_a_card_is_registered_once(app):
    card = make_card(holder=OLD, holder_name="Ann").card
    first = customers.changes.register_from_card(card.id, by=AGENT)
    assert (first.email, first.name) == (OLD, "Ann")
    assert customers.changes.register_from_card(card.id, by=AGENT) == first
    nobody = make_card(holder="").card
    with pytest.raises(Invalid):
        customers.changes.register_from_card(nobody.id, by=AGENT)
