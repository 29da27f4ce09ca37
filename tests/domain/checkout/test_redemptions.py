"""A purchase at a till: one order, one card, one step (B21)."""

import pytest

from giftweb import models
from giftweb.domain import cards, carts, checkout, orders, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.errors import (
    CardNotUsable,
    CurrencyMismatch,
    GiftCardNotAllowed,
    InsufficientBalance,
    Invalid,
    ModeMismatch,
    NotAllowed,
    UnknownCode,
)
from tests import factories
from tests.factories import ADMIN, amount_of, make_card
from tests.races import at_once

pytestmark = pytest.mark.proves("B21")


def redeem(code: str, amount: str = "20.00 USD", campaign_id: str | None = None, **more):
    campaign_id = campaign_id or factories.make_campaign().id
    fields = {"reference": "R-7", "is_test": False, "by": SYSTEM} | more
    return checkout.redemptions.redeem(
        code, amount=amount_of(amount), campaign_id=campaign_id, **fields
    )


def balance(issued) -> str:
    return str(cards.find(issued.card.id).balance)


def count_orders() -> int:
    return models.Order.select().count()


def test_a_card_pays_a_receipt_in_one_step():
    issued = make_card("50.00 USD")
    done = redeem(issued.code)
    assert (str(done.taken), str(done.due)) == ("20.00 USD", "0.00 USD")
    assert (balance(issued), str(done.card.balance)) == ("30.00 USD", "30.00 USD")
    sheet = orders.sheet(done.order)
    assert (done.order.reference, str(done.order.total)) == ("R-7", "20.00 USD")
    assert [payment.id for payment in sheet.payments] == [done.payment.id]
    assert (sheet.payment_status, done.order.fulfilment) == ("paid", "not_needed")


def test_a_card_with_less_is_refused_and_keeps_its_money():
    issued = make_card("12.00 USD")
    with pytest.raises(InsufficientBalance) as refused:
        redeem(issued.code)
    assert str(refused.value.details["available"]) == "12.00 USD"
    assert (balance(issued), count_orders()) == ("12.00 USD", 0)
    assert models.Checkout.select().count() == 0


def test_a_part_is_taken_where_a_part_is_allowed():
    issued = make_card("12.00 USD")
    done = redeem(issued.code, allow_part=True)
    assert (str(done.taken), str(done.due)) == ("12.00 USD", "8.00 USD")
    assert (str(done.order.total), balance(issued)) == ("12.00 USD", "0.00 USD")


def test_a_part_of_nothing_is_no_part():
    issued = make_card("12.00 USD")
    held = factories.make_checkout(factories.goods("12.00 USD"), shipping="0.00 USD")
    carts.apply(held.id, code=issued.code)
    checkout.authorise(held.id, by=SYSTEM)
    with pytest.raises(InsufficientBalance) as refused:
        redeem(issued.code, allow_part=True)
    assert str(refused.value.details["available"]) == "0.00 USD"


def test_a_used_up_card_is_not_usable():
    issued = make_card("20.00 USD")
    redeem(issued.code)
    with pytest.raises(CardNotUsable):
        redeem(issued.code, allow_part=True)


def test_what_cannot_pay_at_a_checkout_cannot_pay_at_a_till():
    test_card, euros = make_card(is_test=True), make_card("50.00 EUR")
    frozen = make_card()
    cards.freeze(frozen.card.id, by=ADMIN, reason="lost")
    for code, error in (
        ("7GK2M-4T9QX-1BC0Z", UnknownCode),
        (test_card.code, ModeMismatch),
        (euros.code, CurrencyMismatch),
        (frozen.code, CardNotUsable),
    ):
        with pytest.raises(error):
            redeem(code)
    with pytest.raises(Invalid):
        redeem(make_card().code, "0.00 USD")
    assert count_orders() == 0


def test_a_closed_campaign_redeems_nothing():
    campaign = factories.make_campaign(is_active=False)
    with pytest.raises(NotAllowed):
        redeem(make_card().code, campaign_id=campaign.id)


def test_a_smallest_order_is_one_of_the_whole_receipt():
    campaign = factories.make_campaign(minimum_order_minor=1500)
    with pytest.raises(GiftCardNotAllowed):
        redeem(make_card("50.00 USD").code, "14.99 USD", campaign.id)
    done = redeem(make_card("12.00 USD").code, "15.00 USD", campaign.id, allow_part=True)
    assert (str(done.taken), str(done.due)) == ("12.00 USD", "3.00 USD")


def test_a_card_that_is_bound_or_not_accepted_does_not_pay():
    campaign = factories.make_campaign(accepts="own")
    with pytest.raises(CardNotUsable, match="another shop's"):
        redeem(make_card().code, campaign_id=campaign.id)
    bound = make_card(bound_to_holder=True)
    with pytest.raises(CardNotUsable, match="bound to its holder"):
        redeem(bound.code)
    assert count_orders() == 0


def test_nobody_is_mailed_and_no_bonus_is_issued_for_a_customer_nobody_knows():
    campaign = factories.make_campaign(
        issue_after_sales=True, bonus_on_gift_cards=True, relative_hundredths=1000
    )
    issued = make_card("50.00 USD")
    mails = models.Mail.select().count()
    done = redeem(issued.code, campaign_id=campaign.id)
    assert models.Mail.select().count() == mails
    assert orders.sheet(done.order).issued == ()
    assert orders.payload.Order.of(orders.sheet(done.order))["customer"]["email"] is None


def test_all_tills_have_one_customer():
    campaign = factories.make_campaign()
    first, second = (redeem(make_card().code, campaign_id=campaign.id) for _ in range(2))
    assert first.order.customer_id == second.order.customer_id


def test_what_was_redeemed_is_refunded_like_any_other_payment():
    issued = make_card("50.00 USD")
    done = redeem(issued.code)
    refunds.refund(done.payment.id, amount=amount_of("5.00 USD"), by=ADMIN, reason="torn")
    assert balance(issued) == "35.00 USD"


def test_two_tills_at_once_never_take_more_than_a_card_has():
    campaign, issued = factories.make_campaign(), make_card("30.00 USD")

    def till():
        return redeem(issued.code, campaign_id=campaign.id)

    answers = at_once(till, till)
    refused = [answer for answer in answers if isinstance(answer, InsufficientBalance)]
    assert (len(refused), balance(issued), count_orders()) == (1, "10.00 USD", 1)


def test_two_tills_at_once_share_a_card_where_a_part_is_allowed():
    campaign, issued = factories.make_campaign(), make_card("30.00 USD")

    def till():
        return redeem(issued.code, campaign_id=campaign.id, allow_part=True)

    taken = sorted(str(answer.taken) for answer in at_once(till, till))
    assert (taken, balance(issued)) == (["10.00 USD", "20.00 USD"], "0.00 USD")
