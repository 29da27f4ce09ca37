"""Two hands in one cart at the same time: nothing is lost, nothing is put where it is closed."""

import pytest

from giftweb import database
from giftweb.domain import carts, checkout
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.carts.values import Checkout
from giftweb.errors import AlreadyApplied, CheckoutClosed
from tests.factories import make_card, make_checkout
from tests.races import at_once


def meanwhile(monkeypatch, first) -> None:
    """Let ``first`` happen between the reading of a checkout and the storing of its cards."""
    update = database.update_without_fsync

    def late(sql, *params):
        monkeypatch.undo()
        first()
        return update(sql, *params)

    monkeypatch.setattr(database, "update_without_fsync", late)


def paid(found: Checkout) -> list[int]:
    return [card.amount.minor for card in found.cards]


@pytest.mark.proves("S57", "S59")
def test_cards_applied_to_one_cart_at_once_are_all_on_it():
    opened = make_checkout()
    codes = [make_card(f"{amount}.00 USD").code for amount in (10, 25, 5, 100)]
    found = at_once(*(lambda code=code: carts.apply(opened.id, code=code) for code in codes))
    assert all(isinstance(after, Checkout) for after in found), found
    assert paid(carts.find(opened.id)) == [500, 1000, 2500, 3000]


@pytest.mark.proves("S57")
def test_one_code_applied_by_many_clicks_at_once_is_applied_once():
    opened, code = make_checkout(), make_card("100.00 USD").code
    found = at_once(*[lambda: carts.apply(opened.id, code=code)] * 4)
    assert sorted(type(each).__name__ for each in found) == ["AlreadyApplied"] * 3 + ["Checkout"]
    assert paid(carts.find(opened.id)) == [7000]


@pytest.mark.proves("S59")
def test_a_card_that_came_meanwhile_is_seen(monkeypatch):
    opened = make_checkout()
    large, small = make_card("100.00 USD"), make_card("10.00 USD")
    meanwhile(monkeypatch, lambda: carts.apply(opened.id, code=small.code))
    after = carts.apply(opened.id, code=large.code)
    assert paid(after) == [1000, 6000]
    assert carts.find(opened.id) == after


@pytest.mark.proves("S57")
def test_the_same_card_that_came_meanwhile_is_refused(monkeypatch):
    opened, code = make_checkout(), make_card("100.00 USD").code
    meanwhile(monkeypatch, lambda: carts.apply(opened.id, code=code))
    with pytest.raises(AlreadyApplied):
        carts.apply(opened.id, code=code)


@pytest.mark.proves("S59")
def test_a_cart_that_became_dearer_meanwhile_is_allocated_by_its_new_amounts(monkeypatch):
    opened, code = make_checkout(), make_card("100.00 USD").code
    dearer = carts.cart.of_checkout(opened).items * 2
    meanwhile(monkeypatch, lambda: carts.change(opened.id, changes={"items": dearer}))
    assert paid(carts.apply(opened.id, code=code)) == [10000]


@pytest.mark.proves("S64")
def test_a_card_cannot_be_put_on_a_cart_that_was_authorised_meanwhile(monkeypatch):
    opened = make_checkout()
    first, second = make_card("10.00 USD"), make_card("100.00 USD")
    carts.apply(opened.id, code=first.code)
    meanwhile(monkeypatch, lambda: checkout.authorise(opened.id, by=SYSTEM))
    with pytest.raises(CheckoutClosed):
        carts.apply(opened.id, code=second.code)
    assert paid(carts.find(opened.id)) == [1000]
