"""A physical gift card that an order buys is one of those that were printed in advance (B22)."""

import pytest

from giftweb.domain import cards, desk, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.stock import Batch, Printed
from giftweb.domain.orders.values import Order
from giftweb.errors import CardNotUsable
from giftweb.models import GiftCard
from tests.factories import AGENT, make_campaign
from tests.orders import gift_card_item, place, sheet
from tests.races import at_once

PHYSICAL = {"type": "physical", "requires_shipping": True}


@pytest.fixture
def campaign():
    return make_campaign(card_valid_days=365)


def stocked(count: int, campaign_id: str | None, **more) -> list[Printed]:
    new: list[Printed] = []
    batch = Batch("USD", campaign_id, **more)
    cards.stock.make(count, batch=batch, has_pins=False, write=new.extend, by=SYSTEM)
    return new


def physical(amount: str = "50.00 USD", quantity: int = 1):
    return gift_card_item(amount, quantity=quantity)._replace(**PHYSICAL)


@pytest.mark.proves("B22", "S67", "S72")
def test_a_physical_card_takes_its_code_from_stock(campaign):
    others = stocked(1, make_campaign().id) + stocked(1, None, is_test=True)
    nobodys, own = stocked(1, None), stocked(1, campaign.id)
    order = place(physical(quantity=3), campaign_id=campaign.id)
    found = sheet(order).purchased
    assert sorted(card.origin for card in found) == ["purchase", "stock", "stock"]
    for printed in (*nobodys, *own):
        card = cards.find_by_code(printed.code)
        assert (card.status, card.balance_minor, card.order_id) == ("active", 5000, order.id)
        assert (card.campaign_id, card.holder_email) == (campaign.id, order.customer_email)
        assert card.expires_at is None
    assert {cards.find_by_code(each.code).status for each in others} == {"inactive"}
    assert len(desk.packing.parcel_of(order.id).cards) == 3
    assert any("Taken from stock" in note.text for note in sheet(order).notes)


@pytest.mark.proves("B22", "S73", "D24")
def test_what_is_refunded_is_withdrawn(campaign):
    [printed] = stocked(1, campaign.id)
    order = place(physical(), campaign_id=campaign.id)
    refunds.refund_all(order.id, by=AGENT)
    card = cards.find_by_code(printed.code)
    assert (card.status, card.balance_minor) == ("cancelled", 0)


@pytest.mark.proves("B22", "S44")
def test_a_card_that_was_activated_at_the_counter_has_no_order_to_refund():
    [printed] = stocked(1, None)
    card = cards.find_by_code(printed.code)
    activation = cards.activation.Activation(amount=cards.values.Money(5000, "USD"))
    cards.activation.activate(card.id, activation=activation, by=SYSTEM)
    gone = desk.card_withdrawal.withdraw(card.id, by=AGENT, reason="Not wanted")
    assert (gone.card.status, gone.refunds) == ("cancelled", ())


@pytest.mark.proves("B22", "I40")
def test_orders_at_once_never_sell_one_card_twice(campaign):
    stocked(3, campaign.id)

    def order():
        return place(physical(quantity=2), campaign_id=campaign.id)

    found = [card for each in at_once(*[order] * 2) for card in sheet(each).purchased]
    assert len({card.id for card in found}) == 4
    assert sum(card.origin == "stock" for card in found) in (2, 3)


@pytest.mark.proves("B22", "I40", "I31")
def test_an_order_and_the_counter_never_wait_for_one_another(campaign):
    new = stocked(6, campaign.id)
    activation = cards.activation.Activation(amount=cards.values.Money(5000, "USD"))

    def at_the_counter(printed: Printed):
        card = cards.find_by_code(printed.code)
        return lambda: cards.activation.activate(card.id, activation=activation, by=SYSTEM)

    def order():
        return place(physical(quantity=3), campaign_id=campaign.id)

    answers = at_once(order, order, *map(at_the_counter, new[:4]))
    assert all(isinstance(each, Order | cards.Card | CardNotUsable) for each in answers), answers
    assert cards.select().where(GiftCard.state == "inactive").count() == 0
