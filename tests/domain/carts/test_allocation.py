"""Which card pays what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftweb.domain.carts.allocation import Amounts, Offer, allocate, coverage

pytestmark = pytest.mark.no_database

MINOR = st.integers(0, 10**12)
OFFERS = st.lists(st.tuples(MINOR, st.none() | st.integers(1, 10**12)), max_size=12).map(
    lambda pairs: [
        Offer(f"gc_{turn}", available, turn, limit)
        for turn, (available, limit) in enumerate(pairs, start=1)
    ]
)


@pytest.mark.proves("S61", "S62", "S63")
def test_the_smallest_balance_pays_first_and_the_last_one_in_part():
    offers = [Offer("b", 2500, 1), Offer("a", 1000, 2), Offer("c", 10000, 3), Offer("d", 20000, 4)]
    shares = allocate(offers, 4000)
    assert [(share.card_id, share.amount_minor) for share in shares] == [
        ("a", 1000),
        ("b", 2500),
        ("c", 500),
        ("d", 0),
    ]
    assert [share.position for share in shares] == [1, 2, 3, 4]


@pytest.mark.proves("S61")
def test_cards_of_one_balance_pay_in_the_order_they_were_applied():
    shares = allocate([Offer("later", 1000, 2), Offer("first", 1000, 1)], 1500)
    assert [(share.card_id, share.amount_minor) for share in shares] == [
        ("first", 1000),
        ("later", 500),
    ]


def test_the_shopper_may_use_less_of_a_card():
    shares = allocate([Offer("a", 5000, 1, limit_minor=1200), Offer("b", 9000, 2)], 4000)
    assert [share.amount_minor for share in shares] == [1200, 2800]


@pytest.mark.proves("S61", "S62", "S63", "I15")
@given(OFFERS, MINOR)
def test_no_cent_is_lost_or_invented(offers, coverable):
    shares = allocate(offers, coverable)
    most = {offer.card_id: offer.most_minor for offer in offers}
    assert sum(share.amount_minor for share in shares) == min(coverable, sum(most.values()))
    assert all(0 <= share.amount_minor <= most[share.card_id] for share in shares)
    assert sorted(share.card_id for share in shares) == sorted(most)
    # Each card is used up before the next one is touched.
    reached = [share for share in shares if share.amount_minor]
    assert all(share.amount_minor == most[share.card_id] for share in reached[:-1])


@given(OFFERS, MINOR, st.randoms(use_true_random=False))
def test_the_order_of_asking_changes_nothing(offers, coverable, chance):
    shuffled = offers.copy()
    chance.shuffle(shuffled)
    assert allocate(shuffled, coverable) == allocate(offers, coverable)


AMOUNTS = st.builds(
    lambda goods, cards, share, tax, shipping: Amounts(
        goods + cards, (goods + cards) * share // 100, tax, shipping, cards
    ),
    *[st.integers(0, 10**9)] * 2,
    st.integers(0, 100),
    *[st.integers(0, 10**9)] * 2,
)


@pytest.mark.proves("S42", "S43", "D1", "D13")
@given(AMOUNTS)
def test_cards_pay_goods_and_their_tax_but_neither_shipping_nor_cards(amounts):
    goods = amounts.items_minor - amounts.card_items_minor
    without, with_shipping = (
        amounts.coverable_minor(covers) for covers in ("goods", "goods_and_shipping")
    )
    assert with_shipping - without == amounts.shipping_minor
    assert 0 <= without <= goods + amounts.tax_minor
    assert with_shipping <= amounts.total_minor
    if goods == 0:
        assert without == 0


@pytest.mark.proves("S42", "S43")
def test_seventy_of_goods_and_nine_of_shipping():
    amounts = Amounts(7000, 0, 0, 900, 0)
    assert amounts.coverable_minor("goods") == 7000
    assert amounts.total_minor - 7000 == 900


def test_a_discount_reduces_goods_before_gift_cards():
    amounts = Amounts(
        items_minor=8000, discount_minor=1500, tax_minor=0, shipping_minor=0, card_items_minor=5000
    )
    assert amounts.coverable_minor("goods") == 1500


def test_coverage_in_words():
    assert coverage(0, 100) == "none"
    assert coverage(40, 100) == "part"
    assert coverage(100, 100) == "full"
    assert coverage(0, 0) == "none"
