"""How a gift card ends: cancelled while unused, replaced by a new code, or expired."""

from datetime import timedelta

import pytest

from giftweb import clock, database, errors
from giftweb.domain import cards, checkout, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.values import Issued
from giftweb.money import LIMIT_MINOR, Money
from tests.domain.cards.test_lifecycle import API, USD, audited, hold, lines, moves, spend, tomorrow
from tests.factories import ADMIN, AGENT, make_campaign, make_card
from tests.orders import balance, now, paid_by


def ended(how: str) -> Issued:
    """A card that is over in this way."""
    card = make_card("5.00 USD")
    if how == "cancelled":
        cards.endings.cancel(card.card.id, by=AGENT)
    else:
        cards.endings.replace_card(card.card.id, by=AGENT)
    return card


# Cancel


@pytest.mark.proves("S44", "D5", "D11", "I6", "I8", "I21")
def test_an_unused_card_gives_each_source_its_money_back():
    card = make_card("5.00 USD").card
    cards.top_up(card.id, amount=USD("20.00 USD"), by=AGENT, source="sales")
    cards.top_up(card.id, amount=USD("3.00 USD"), by=AGENT)
    assert cards.endings.cancel(card.id, by=ADMIN, reason="not wanted").status == "cancelled"
    parents = [row[0] for row in database.rows("SELECT id FROM transfer ORDER BY version")]
    assert moves(card)[3:] == [
        ("cancel", "card", "goodwill", 300, parents[2]),
        ("cancel", "card", "sales", 2000, parents[1]),
        ("cancel", "card", "goodwill", 500, parents[0]),
    ]
    assert lines(card)[-1] == ("cancelled", "-5.00 USD", "0.00 USD")
    assert audited(card.id)[-1] == ("gift_card.cancelled", ADMIN.id, "not wanted")


@pytest.mark.proves("S44", "I6", "I21")
@pytest.mark.parametrize("change", ["2.00 USD", "-2.00 USD"])
def test_an_adjusted_card_gives_no_source_more_than_it_gave(change):
    card = make_card("5.00 USD").card
    amount = USD(change.lstrip("-"))
    cards.adjust(card.id, change=-amount if "-" in change else amount, reason="x", by=ADMIN)
    cards.endings.cancel(card.id, by=AGENT)
    assert balance(card) == "0.00 USD"
    back = {to: minor for kind, _, to, minor, _ in moves(card)[2:]}
    assert back == ({"goodwill": 300} if "-" in change else {"goodwill": 500, "adjustments": 200})


@pytest.mark.proves("S44", "D5", "I21")
def test_a_used_card_cannot_be_cancelled():
    card = make_card("50.00 USD")
    order = spend(card)
    with pytest.raises(errors.CardAlreadyUsed):
        cards.endings.cancel(card.card.id, by=AGENT)
    refunds.refund_all(order.id, by=AGENT)
    assert balance(card.card) == "50.00 USD"
    with pytest.raises(errors.CardAlreadyUsed):
        cards.endings.cancel(card.card.id, by=AGENT)
    assert cards.freeze(card.card.id, by=AGENT).status == "frozen"


@pytest.mark.proves("D19", "I10", "I21")
def test_a_card_that_an_order_holds_is_not_cancelled_before_that_is_over():
    card = make_card("50.00 USD")
    opened = hold(card)
    for verb in (cards.endings.cancel, cards.endings.replace_card):
        with pytest.raises(errors.CardInUse):
            verb(card.card.id, by=AGENT)
    checkout.void(opened, by=API)
    cards.endings.cancel(card.card.id, by=AGENT)


@pytest.mark.proves("D19", "I11")
def test_a_hold_whose_time_is_over_does_not_stand_in_the_way():
    card = make_card("50.00 USD")
    opened = hold(card)
    with clock.moved(timedelta(minutes=16)):
        cards.endings.cancel(card.card.id, by=AGENT)
        assert checkout.lapse(opened).status == "expired"
        assert database.rows("SELECT resolution FROM hold") == [("lapsed",)]


@pytest.mark.proves("I21", "D12")
@pytest.mark.parametrize("how", ["cancelled", "replaced"])
def test_nothing_happens_to_a_card_that_is_over(how):
    card = ended(how)
    card_id, before = card.card.id, lines(card.card)
    for verb in (
        lambda: cards.top_up(card_id, amount=USD("1.00 USD"), by=AGENT),
        lambda: cards.adjust(card_id, change=USD("1.00 USD"), reason="x", by=AGENT),
        lambda: cards.freeze(card_id, by=AGENT),
        lambda: cards.unfreeze(card_id, by=AGENT),
        lambda: cards.endings.cancel(card_id, by=AGENT),
        lambda: cards.endings.replace_card(card_id, by=AGENT),
        lambda: cards.endings.expire(card_id, by=AGENT),
        lambda: cards.holder.resend(card_id, by=AGENT),
        lambda: cards.holder.correct_holder(card_id, email="b@example.com", name=None, by=AGENT),
        lambda: hold(card),
    ):
        with pytest.raises(errors.CardNotUsable):
            verb()
    assert (lines(card.card), now(card.card).status) == (before, how)


# Replace


@pytest.mark.proves("D5", "D11", "I8", "B9")
def test_a_replacement_has_the_money_and_a_code_of_its_own(mailbox):
    old = make_card("50.00 USD", expires_on=tomorrow(30), holder_name="Ann")
    spend(old, "20.00 USD")
    new = cards.endings.replace_card(old.card.id, by=ADMIN, reason="stolen")
    assert new.code != old.code
    assert (balance(old.card), balance(new.card)) == ("0.00 USD", "30.00 USD")
    assert cards.find_by_code(old.code).status == "replaced"
    assert cards.find_by_code(new.code) == new.card == now(new.card)
    assert (new.card.replaces_id, new.card.expires_on) == (old.card.id, old.card.expires_on)
    assert lines(old.card)[-1] == ("replaced", "-30.00 USD", "0.00 USD")
    assert lines(new.card) == [("replaced", "30.00 USD", "30.00 USD")]
    assert mailbox.kinds().count("card_replaced") == 1
    with pytest.raises(errors.CardAlreadyUsed):
        cards.endings.cancel(new.card.id, by=AGENT)
    spend(new, "30.00 USD")


@pytest.mark.proves("S44", "D5", "I6", "I21")
def test_an_unused_card_is_cancelled_at_the_end_of_its_chain():
    first = make_card("5.00 USD", source="sales")
    cards.top_up(first.card.id, amount=USD("2.00 USD"), by=AGENT)
    second = cards.endings.replace_card(first.card.id, by=AGENT)
    third = cards.endings.replace_card(second.card.id, by=AGENT)
    cards.top_up(third.card.id, amount=USD("1.00 USD"), by=AGENT)
    assert cards.endings.lock_current(first.card.id).id == third.card.id
    cards.endings.cancel(third.card.id, by=AGENT)
    assert [row[:4] for row in moves(third.card)[2:]] == [
        ("cancel", "card", "goodwill", 100),
        ("cancel", "card", "goodwill", 200),
        ("cancel", "card", "sales", 500),
    ]


@pytest.mark.proves("D5")
def test_a_card_without_money_is_replaced_too():
    old = make_card("5.00 USD")
    spend(old, "5.00 USD")
    new = cards.endings.replace_card(old.card.id, by=AGENT)
    assert (new.card.status, new.card.version) == ("used_up", 0)
    cards.top_up(new.card.id, amount=USD("1.00 USD"), by=AGENT)
    assert balance(new.card) == "1.00 USD"


def inherited(card) -> tuple:
    return (
        *(card.campaign_id, card.type, card.holder_email, card.holder_name, card.sender_name),
        *(card.sender_email, card.message, card.note, card.is_test, card.currency, card.expires_on),
    )


TERMS = {
    **{"holder_name": "Ann", "sender_name": "Sam", "sender_email": "sam@example.com"},
    **{"message": "For you", "note": "A friend of the house", "type": "physical"},
}


@pytest.mark.proves("D23", "E7")
def test_a_replacement_inherits_every_term():
    old = make_card(
        "5.00 USD", campaign_id=make_campaign().id, expires_on=tomorrow(30), **TERMS
    ).card
    new = cards.endings.replace_card(old.id, by=AGENT).card
    assert inherited(now(new)) == inherited(old)
    assert inherited(now(cards.endings.replace_card(new.id, by=AGENT).card)) == inherited(old)


@pytest.mark.proves("D23", "D7", "E7", "E36")
def test_a_card_that_a_refund_makes_inherits_every_term_but_the_day_that_has_passed():
    old = make_card("50.00 USD", campaign_id=make_campaign().id, expires_on=tomorrow(30), **TERMS)
    order = spend(old, "20.00 USD")
    with clock.moved(timedelta(days=40)):
        given = refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
        fresh = cards.find(given.gift_card_id)
    assert fresh.id != old.card.id
    assert inherited(fresh) == (*inherited(old.card)[:-1], None)
    assert (fresh.origin, fresh.replaces_id) == ("refund", None)


@pytest.mark.proves("D23", "E7", "E10")
def test_a_card_that_a_refund_makes_because_one_is_full_keeps_its_last_day():
    old = make_card("50.00 USD", expires_on=tomorrow(30))
    order = spend(old, "20.00 USD")
    cards.top_up(old.card.id, amount=Money(LIMIT_MINOR - 3000, "USD"), by=SYSTEM)
    given = refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
    fresh = cards.find(given.gift_card_id)
    assert fresh.id != old.card.id
    assert fresh.expires_on == old.card.expires_on


def sources(card) -> dict[str, str]:
    return {part.source: str(part.amount) for part in now(card).funding}


@pytest.mark.proves("D29", "D23", "I35", "E9")
def test_a_replaced_card_stays_sold_or_given_to_the_unit():
    old = make_card("20.00 USD", source="sales")
    cards.top_up(old.card.id, amount=USD("7.00 USD"), by=AGENT)
    cards.top_up(old.card.id, amount=USD("3.00 USD"), source="promotions", by=AGENT)
    spend(old, "22.00 USD")
    new = cards.endings.replace_card(old.card.id, by=AGENT).card
    assert sources(new) == {"goodwill": "5.00 USD", "promotions": "3.00 USD"}
    assert sources(old.card) == {}
    again = cards.endings.replace_card(new.id, by=AGENT).card
    assert sources(again) == {"goodwill": "5.00 USD", "promotions": "3.00 USD"}


@pytest.mark.proves("D29", "I35", "E9")
def test_a_refund_on_a_new_card_is_of_the_money_that_was_spent():
    old = make_card("20.00 USD", source="sales", expires_on=tomorrow(30))
    cards.top_up(old.card.id, amount=USD("10.00 USD"), by=AGENT)
    order = spend(old, "25.00 USD")
    payment = paid_by(order, "gift_card")
    with clock.moved(timedelta(days=40)):
        part = refunds.refund(payment.id, amount=USD("10.00 USD"), by=AGENT)
        rest = refunds.refund(payment.id, by=AGENT)
        assert sources(cards.find(part.gift_card_id)) == {
            "sales": "5.00 USD",
            "goodwill": "5.00 USD",
        }
        assert sources(cards.find(rest.gift_card_id)) == {"sales": "15.00 USD"}


@pytest.mark.proves("D29", "I35", "E9")
def test_a_refund_on_a_replacement_is_of_the_money_that_was_spent():
    old = make_card("20.00 USD", source="sales")
    cards.top_up(old.card.id, amount=USD("10.00 USD"), by=AGENT)
    order = spend(old, "20.00 USD")
    new = cards.endings.replace_card(old.card.id, by=AGENT).card
    cards.top_up(new.id, amount=USD("1.00 USD"), source="promotions", by=AGENT)
    refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
    assert sources(new) == {
        "sales": "20.00 USD",
        "goodwill": "10.00 USD",
        "promotions": "1.00 USD",
    }


@pytest.mark.proves("D5", "D19", "D23", "I39", "E7")
def test_a_frozen_cards_replacement_is_frozen_until_somebody_unfreezes_it():
    old = make_card("5.00 USD", sender_name="Sam", message="For you")
    cards.freeze(old.card.id, by=AGENT)
    new = cards.endings.replace_card(old.card.id, by=AGENT).card
    assert (now(new).status, new.sender_name, new.message) == ("frozen", "Sam", "For you")
    again = cards.endings.replace_card(new.id, by=AGENT).card
    assert now(again).status == "frozen"
    assert cards.unfreeze(again.id, by=AGENT).status == "active"
    assert cards.endings.replace_card(again.id, by=AGENT).card.status == "active"


@pytest.mark.proves("D7", "D23", "I39", "E7")
@pytest.mark.parametrize("is_unfrozen", [False, True])
def test_a_refund_of_a_card_that_expired_frozen_goes_to_a_frozen_card(is_unfrozen):
    first = make_card("50.00 USD", expires_on=tomorrow(30))
    order = spend(first, "20.00 USD")
    cards.freeze(first.card.id, by=AGENT)
    old = cards.endings.replace_card(first.card.id, by=AGENT).card
    if is_unfrozen:
        cards.unfreeze(old.id, by=AGENT)
    with clock.moved(timedelta(days=40)):
        cards.endings.expire(old.id)
        given = refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
        fresh = cards.find(given.gift_card_id)
    assert fresh.id != old.id
    assert fresh.status == ("active" if is_unfrozen else "frozen")


@pytest.mark.proves("D7", "I16")
def test_a_refund_finds_the_end_of_the_chain():
    first = make_card("50.00 USD")
    order = spend(first)
    second = cards.endings.replace_card(first.card.id, by=AGENT)
    third = cards.endings.replace_card(second.card.id, by=AGENT)
    refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
    assert balance(third.card) == "50.00 USD"
    assert lines(third.card)[-1] == ("refund", "10.00 USD", "50.00 USD")


# Expire


@pytest.mark.proves("D11", "D12", "D15", "I8", "I22")
def test_what_is_left_on_an_expired_card_goes_to_breakage_once():
    card = make_card("50.00 USD", expires_on=tomorrow())
    spend(card, "20.00 USD")
    with pytest.raises(errors.Invalid):
        cards.endings.expire(card.card.id)
    assert cards.endings.due_to_expire() == []
    with clock.moved(timedelta(days=2)):
        assert cards.endings.due_to_expire() == [card.card.id]
        assert cards.endings.expire(card.card.id).status == "expired"
        assert moves(card.card)[-1][:4] == ("expire", "card", "breakage", 3000)
        assert lines(card.card)[-1] == ("expired", "-30.00 USD", "0.00 USD")
        assert cards.endings.due_to_expire() == []
        with pytest.raises(errors.CardNotUsable):
            cards.endings.expire(card.card.id)


@pytest.mark.proves("D19", "I22")
def test_held_money_waits_for_its_order_when_the_card_expires():
    card = make_card("50.00 USD", expires_on=clock.today())
    day = timedelta(days=1) - timedelta(seconds=clock.micros() // 1_000_000 % 86_400 + 300)
    with clock.moved(day):
        opened = hold(card, "20.00 USD")
    with clock.moved(day + timedelta(minutes=6)):
        assert now(card.card).status == "expired"
        assert cards.endings.due_to_expire() == []
        with pytest.raises(errors.CardInUse):
            cards.endings.expire(card.card.id)
        checkout.capture(opened, tenders=[], by=API)
        assert cards.endings.due_to_expire() == [card.card.id]
        assert cards.endings.expire(card.card.id).balance_minor == 0
        assert moves(card.card)[-1][:4] == ("expire", "card", "breakage", 3000)


@pytest.mark.proves("S44", "I21")
def test_an_expired_card_that_was_never_used_may_still_be_cancelled():
    card = make_card("50.00 USD", expires_on=tomorrow()).card
    with clock.moved(timedelta(days=2)):
        cards.endings.expire(card.id)
        assert cards.endings.cancel(card.id, by=AGENT).status == "cancelled"
    assert [row[0] for row in moves(card)] == ["issue", "expire"]
