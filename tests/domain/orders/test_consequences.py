"""What follows from a refund: arithmetic on the facts of an order, whatever they are."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftweb import clock
from giftweb.domain import cards, carts, checkout, orders, refunds
from giftweb.domain.campaigns.settings import Settings
from giftweb.domain.cards.values import Card
from giftweb.domain.orders import consequences
from giftweb.domain.orders.consequences import (
    BONUS,
    PURCHASED,
    RECHARGE,
    CancelCard,
    Credit,
    Earning,
    EndOrder,
    EndShipping,
    Facts,
    FreezeCard,
    Funded,
    TakeBack,
    TakeBonus,
)
from tests.factories import AGENT, amount_of, goods, make_campaign, make_card, make_checkout
from tests.orders import gift_card_item, paid_by, place, recharge, sheet

AMOUNTS = st.integers(min_value=1, max_value=100_000)


@st.composite
def funded(draw, kind: str | None = None) -> Funded:
    """A card with money of an order on it, and what may have happened to it since."""
    amount = draw(AMOUNTS)
    left = draw(st.integers(0, amount))
    of_it = draw(st.integers(0, left))
    balance = draw(st.integers(of_it, 200_000))
    card = card_with(balance, held=draw(st.integers(0, balance)), state=draw(STATES))
    return Funded(
        kind=kind or draw(st.sampled_from((BONUS, PURCHASED, RECHARGE))),
        credit=Credit("txn", card.id, "sales", "USD", amount, left),
        card=card,
        balance_minor=of_it,
        available_minor=draw(st.integers(0, min(of_it, card.available_minor))),
        known_minor=draw(st.integers(0, amount)),
        is_shared=draw(st.booleans()),
        is_used=draw(st.booleans()),
        line_id=draw(st.sampled_from(LINES)),
    )


LINES = ("itm_1", "itm_2", "itm_3")


STATES = st.sampled_from(("open", "frozen", "cancelled", "expired"))
FULFILMENTS = st.sampled_from(("pending", "shipped", "not_needed", "cancelled"))


def card_with(balance: int, *, held: int = 0, state: str = "open") -> Card:
    columns = dict.fromkeys(Card._fields) | {
        "id": "gc_1",
        "currency": "USD",
        "state": state,
        "balance_minor": balance,
        "held_minor": held,
        "created_at": clock.now(),
    }
    return Card(**columns)


@st.composite
def earnings(draw) -> Earning:
    """What earns a bonus under some terms; some of it may be gone."""
    total = draw(AMOUNTS)
    shipping = draw(st.integers(0, total))
    return Earning(
        terms=draw(terms()),
        total_minor=total,
        shipping_minor=shipping,
        gift_cards_minor=draw(st.integers(0, total - shipping)),
        gone_minor=draw(st.integers(0, total)),
    )


@st.composite
def earnings_of_goods(draw) -> Earning:
    """What earns a bonus, with some goods in it; some of them may be taken off."""
    found = draw(earnings().filter(lambda each: goods_minor(each) > 0))
    taken_off = draw(st.integers(0, goods_minor(found)))
    return replace(found, gone_minor=0, taken_off_minor=taken_off)


def goods_minor(earning: Earning) -> int:
    return earning.total_minor - earning.shipping_minor - earning.gift_cards_minor


@st.composite
def terms(draw) -> Settings:
    """A campaign's rule for a bonus."""
    return Settings(
        name="Any",
        currency="USD",
        issue_after_sales=True,
        relative_hundredths=draw(st.integers(0, 10_000)),
        absolute_on=draw(st.booleans()),
        absolute_minor=draw(AMOUNTS),
        bonus_base=draw(st.sampled_from(("grand_total", "without_shipping"))),
        bonus_minimum_minor=draw(st.integers(0, 50_000)),
        bonus_cap_minor=draw(st.none() | AMOUNTS),
    )


@st.composite
def facts(draw) -> Facts:
    """An order at some moment of its refunds."""
    earning = draw(earnings())
    return Facts(
        left_minor=draw(st.integers(0, earning.total_minor - earning.gone_minor)),
        taken_off=draw(st.frozensets(st.sampled_from(LINES))),
        ships=draw(st.booleans()),
        has_claimed_refund=draw(st.booleans()),
        is_awaited=draw(st.booleans()),
        is_unpaid=draw(st.booleans()),
        is_over=draw(st.booleans()),
        fulfilment=draw(FULFILMENTS),
        takes_bonus_back=draw(st.booleans()),
        earning=earning,
        cards=tuple(draw(st.lists(funded(), max_size=4))),
    )


def target(earning: Earning, gone: int, given: int) -> int:
    return replace(earning, gone_minor=gone).target_minor(given)


@pytest.mark.no_database
@pytest.mark.proves("B14", "D22", "E3")
@given(earnings(), st.none() | AMOUNTS, st.data())
def test_a_bonus_shrinks_with_what_is_gone_to_nothing_and_never_grows(earning, changed, data):
    given = earning.bonus_minor(earning.total_minor) if changed is None else changed
    gone = sorted(data.draw(st.lists(st.integers(0, earning.total_minor), max_size=6)))
    left = [target(earning, each, given) for each in gone]
    assert left == sorted(left, reverse=True)
    assert all(0 <= each <= given for each in left)
    assert target(earning, earning.total_minor, given) == 0
    if changed is None:
        assert target(earning, 0, given) == given


@pytest.mark.no_database
@pytest.mark.proves("B14", "D22", "D30", "E3")
@given(earnings())
def test_a_refund_first_takes_what_did_not_earn(earning):
    earning = replace(earning, terms=replace(earning.terms, bonus_minimum_minor=0))
    without = earning.terms.bonus_base == "without_shipping"
    idle = earning.gift_cards_minor + (earning.shipping_minor if without else 0)
    given = earning.bonus_minor(earning.total_minor)
    expected = given if idle < earning.total_minor else 0
    assert target(earning, idle, given) == expected


@pytest.mark.no_database
@pytest.mark.proves("B14", "D22", "D30", "I38")
@given(earnings_of_goods(), st.none() | AMOUNTS, st.data())
def test_a_bonus_shrinks_with_what_is_taken_off_and_is_gone_with_the_last_goods(
    earning, changed, data
):
    placed = earning.as_placed
    given = placed.bonus_minor(placed.total_minor) if changed is None else changed
    gone = data.draw(st.integers(0, earning.total_minor))
    assert target(earning, gone, given) <= target(placed, gone, given)
    more = data.draw(st.integers(earning.taken_off_minor, goods_minor(earning)))
    assert target(replace(earning, taken_off_minor=more), gone, given) <= (
        target(earning, gone, given)
    )
    assert target(replace(earning, taken_off_minor=goods_minor(earning)), gone, given) == 0


@pytest.mark.no_database
@pytest.mark.proves("B14", "D22")
@given(funded(BONUS), facts(), st.data())
def test_a_bonus_ends_the_same_however_the_refunds_are_cut(card, order, data):
    order = replace(order, takes_bonus_back=True, cards=())
    total = order.earning.total_minor
    steps = sorted(data.draw(st.lists(st.integers(0, total), min_size=1, max_size=5)))
    at_once = known = card.known_minor
    for gone in steps:
        for each in of_bonus(replace(card, known_minor=known), order, gone):
            known += each.taken_minor + each.missing_minor
    for each in of_bonus(card, order, steps[-1]):
        at_once += each.taken_minor + each.missing_minor
    assert known == at_once


def of_bonus(card: Funded, order: Facts, gone: int) -> list[TakeBonus]:
    left = order.earning.total_minor - gone
    earning = replace(order.earning, gone_minor=gone)
    now = replace(order, earning=earning, left_minor=left, cards=(card,))
    return [each for each in consequences.of_refund(now) if isinstance(each, TakeBonus)]


@pytest.mark.no_database
@pytest.mark.proves("S73", "I24")
@given(facts())
def test_nothing_is_taken_that_is_not_there_or_that_another_order_holds(order):
    for each in consequences.of_refund(order):
        if isinstance(each, TakeBack | TakeBonus):
            assert 0 <= each.taken_minor <= each.funded.available_minor
            assert each.missing_minor >= 0
            assert 0 < each.taken_minor + each.missing_minor <= each.funded.credit.amount_minor
        elif isinstance(each, FreezeCard):
            assert 0 <= each.missing_minor <= each.spent_minor <= each.funded.credit.left_minor


@pytest.mark.no_database
@pytest.mark.proves("S73")
@given(facts())
def test_a_card_that_was_used_held_or_shared_is_never_cancelled_and_an_ended_one_left_alone(order):
    for each in consequences.of_refund(order):
        if isinstance(each, CancelCard):
            assert not each.funded.is_used
            assert not each.funded.is_shared
            assert not each.funded.card.held_minor
        if isinstance(each, CancelCard | FreezeCard | TakeBack):
            assert not each.funded.is_closed


@pytest.mark.no_database
@pytest.mark.proves("S49", "S50", "S51", "D8", "I18")
@given(facts())
def test_an_order_ends_once_when_all_is_refunded_and_nothing_else_of_it_goes_before(order):
    found = consequences.of_refund(order)
    ends = [each for each in found if isinstance(each, EndOrder)]
    if order.is_to_be_ended:
        assert found[-1:] == ends
        if order.fulfilment == "shipped":
            assert ends == [EndOrder("completed", "shipped")]
    else:
        assert ends == []
        of_cards = [each for each in found if not isinstance(each, TakeBonus | EndShipping)]
        assert all(order.has_taken_off(each.funded) for each in of_cards)


@pytest.mark.no_database
@pytest.mark.proves("D22", "D8")
@given(facts())
def test_only_an_order_that_stays_and_has_nothing_left_to_ship_needs_no_shipping(order):
    found = consequences.of_refund(order)
    stays = not order.is_to_be_ended and not order.is_over
    expected = stays and order.fulfilment == "pending" and not order.ships
    assert (EndShipping() in found) == expected
    assert EndOrder("shipping_denied", "cancelled") not in found or order.ships


@pytest.mark.no_database
@pytest.mark.proves("D22", "I38")
@given(funded(), facts(), st.booleans())
def test_what_a_line_brought_is_withdrawn_when_it_is_taken_off_whatever_came_before(
    card, order, is_charged_back
):
    card = replace(card, kind=draw_kind(card), line_id="itm_1")
    order = replace(
        order,
        cards=(card,),
        taken_off=frozenset({"itm_1"}),
        charged_back=frozenset({0} if is_charged_back else ()),
    )
    plain = replace(order, charged_back=frozenset(), left_minor=1)
    assert of_cards(order) == of_cards(plain)
    if card.kind == PURCHASED and not (card.is_closed or card.is_shared or card.is_used):
        assert any(isinstance(each, CancelCard | FreezeCard) for each in of_cards(order)) or (
            card.card.status == "frozen" and card.card.held_minor
        )


def draw_kind(card: Funded) -> str:
    return RECHARGE if card.kind == BONUS else card.kind


def of_cards(order: Facts) -> list:
    found = consequences.of_refund(order)
    return [each for each in found if not isinstance(each, EndOrder | EndShipping)]


@pytest.mark.no_database
@pytest.mark.proves("S52", "D12")
@given(st.lists(funded(), max_size=4))
def test_a_chargeback_freezes_every_card_that_is_still_open(found):
    frozen = consequences.of_chargeback(found)
    assert [each.funded for each in frozen] == [each for each in found if not each.is_closed]


@pytest.mark.proves("S49", "S73", "B14", "D22")
def test_what_is_previewed_is_what_is_done():
    campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    recharged = make_card("5.00 USD")
    order = place(
        *(goods("50.00 USD"), gift_card_item("30.00 USD"), recharge(recharged.card)),
        campaign_id=campaign.id,
        cards=[make_card("20.00 USD")],
    )
    whole = sheet(order)
    found = refunds.preview(order, [(payment, payment.left) for payment in whole.payments])
    assert [type(each) for each in found] == [TakeBonus, CancelCard, TakeBack, EndOrder]
    refunds.refund_all(order.id, by=AGENT)
    done = [cards.find(each.funded.card.id) for each in found[:-1]]
    assert [card.balance_minor for card in done] == [0, 0, 500]
    assert [card.status for card in done] == ["cancelled", "cancelled", "active"]
    assert orders.find(order.id).status == found[-1].status


@pytest.mark.proves("S48", "S73")
def test_a_preview_counts_what_the_refund_itself_puts_back_on_the_card():
    card = make_card("20.00 USD")
    order = place(goods("20.00 USD"), recharge(card.card), cards=[card], shipping="0.00 USD")
    place(goods("10.00 USD"), cards=[card], shipping="0.00 USD")
    payments = [(payment, payment.left) for payment in sheet(order).payments]
    (taken, _) = refunds.preview(order, payments)
    refunds.refund_all(order.id, by=AGENT)
    assert (taken.taken_minor, taken.missing_minor) == (2500, 0)
    assert cards.find(card.card.id).balance == amount_of("10.00 USD")


@pytest.mark.proves("S73", "D22")
def test_a_bought_card_that_an_open_order_holds_is_previewed_as_frozen_and_is():
    order = place(gift_card_item("30.00 USD"), shipping="0.00 USD")
    (bought,) = sheet(order).purchased
    held = make_checkout(goods("10.00 USD"), shipping="0.00 USD")
    carts.apply(held.id, code=cards.holder.open_code(bought.id))
    checkout.authorise(held.id, by=AGENT)
    (frozen, _) = refunds.preview(order, [(each, each.left) for each in sheet(order).payments])
    assert frozen == FreezeCard(frozen.funded, 0, 0)
    refunds.refund_all(order.id, by=AGENT)
    assert cards.find(bought.id).status == "frozen"


@pytest.mark.proves("B14", "D22")
def test_a_bonus_that_was_replaced_twice_is_taken_back_once():
    campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    order = place(goods("180.00 USD"), shipping="0.00 USD", campaign_id=campaign.id)
    (bonus,) = sheet(order).issued
    payment = paid_by(order, "credit_card")
    second = cards.endings.replace_card(bonus.id, by=AGENT)
    refunds.refund(payment.id, amount=amount_of("90.00 USD"), by=AGENT)
    third = cards.endings.replace_card(second.card.id, by=AGENT)
    refunds.refund(payment.id, amount=amount_of("45.00 USD"), by=AGENT)
    assert str(cards.find(third.card.id).balance) == "4.50 USD"
