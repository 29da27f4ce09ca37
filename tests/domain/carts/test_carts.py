"""What a verb answers about a cart is what the next one reads."""

from giftweb.domain import cards, carts
from tests.factories import AGENT, amount_of, make_card, make_checkout, set_rate


def test_every_answer_is_what_is_stored():
    set_rate("EUR", "USD", "1.1")
    given = [make_card(amount) for amount in ("50.00 USD", "10.00 USD", "20.00 EUR")]
    opened = make_checkout()
    for card in given:
        assert carts.apply(opened.id, code=card.code) == carts.find(opened.id)
    largest, smallest, foreign = (issued.card.id for issued in given)
    ten = amount_of("10.00 USD")
    after = carts.limit(opened.id, card_id=largest, most=ten)
    assert after == carts.find(opened.id)
    assert [card.card_id for card in after.cards] == [smallest, foreign, largest]
    assert carts.remove(opened.id, card_id=smallest) == carts.find(opened.id)
    assert carts.limit(opened.id, card_id=largest, most=None) == carts.find(opened.id)
    cards.freeze(foreign, by=AGENT)
    after = carts.reallocate(opened.id)
    assert after == carts.as_of_now(carts.find(opened.id))
    assert {card.card_id: card.problem for card in after.cards} == {
        foreign: "frozen",
        largest: None,
    }
    after = carts.refresh(carts.find(opened.id)).checkout
    assert after == carts.find(opened.id)
    assert [card.card_id for card in after.cards] == [largest]
