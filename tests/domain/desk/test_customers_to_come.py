"""What has not come yet goes along with a customer as what is there does: counted, with a word to
the address before (D21, X6, X7)."""

import pytest

from giftweb.domain import awaited, cards, customers, desk, outbox
from giftweb.domain.mail.letters import gather
from giftweb.domain.orders.values import Order
from giftweb.errors import NotAllowed, Refused
from giftweb.models import GiftCard
from giftweb.web.mail import letters
from tests.factories import (
    ADDRESS,
    ADMIN,
    AGENT,
    ROOT,
    amount_of,
    goods,
    limit_to,
    make_campaign,
    make_card,
    no_limits,
)
from tests.orders import gift_card_item, paid_by, place, recharge, sheet, signed_in

pytestmark = pytest.mark.proves("B29", "D21", "X6", "X7")

OLD, NEW, FRIEND = "ann@example.com", "mallory@evil.example", "bea@example.com"
FREE = {"shipping": "0.00 USD", "customer_email": OLD}


def awaited_order(*items, **more) -> Order:
    """An order of Ann's that is paid by a transfer which has not come."""
    fields = {"method": "bank_transfer", "paid_as": "R-1", "state": "pending"} | FREE | more
    return place(*items, **fields)


def ann():
    """The customer, as she is registered with her orders."""
    return customers.find_by_emails([OLD])[OLD]


def edit(by=AGENT):
    return desk.customer_records.edit(ann().id, email=NEW, name="Ann", by=by, reason="typo")


def merge(by=AGENT):
    kept = customers.register(email=NEW, name="Mallory", by=ROOT)
    return desk.customer_records.merge(kept.id, email=OLD, by=by, reason="the same person")


def notices(mailbox) -> list[tuple[str, str | None]]:
    return [(mail.to, mail.order_id) for mail in mailbox.all() if mail.kind == "order_moved"]


@pytest.mark.parametrize("verb", [edit, merge])
def test_an_awaited_card_for_oneself_goes_along_only_within_the_limits(app, mailbox, verb):
    order = awaited_order(gift_card_item("5000.00 USD"))
    with pytest.raises(Refused, match=r"limit of \$100\.00 .* colleague with a higher limit"):
        verb()
    assert notices(mailbox) == []
    awaited.receive(paid_by(order, "bank_transfer").id, by=ROOT)
    (card,) = sheet(order).purchased
    assert card.holder_email == OLD


def test_what_is_within_the_limits_goes_along_and_the_address_before_is_informed(app, mailbox):
    order = awaited_order(gift_card_item("60.00 USD"))
    edit()
    assert notices(mailbox) == [(OLD, order.id)]
    no_limits()
    awaited.receive(paid_by(order, "bank_transfer").id, by=ROOT)
    (card,) = sheet(order).purchased
    assert card.holder_email == NEW


def test_the_mail_names_the_order_and_what_to_do_and_has_no_code(app, mailbox):
    order = awaited_order(gift_card_item("60.00 USD"))
    edit()
    (mail,) = [each for each in outbox.mails.of_address(OLD, limit=9) if each.kind == "order_moved"]
    with app.app_context():
        written = letters.write(gather(mail))
    words = " ".join(written.text.split())
    assert f"Order {order.number} was yours" in words
    assert "say so at once to Corner Shop: the gift cards can still be stopped" in words
    assert NEW not in words
    assert f"{order.number}</strong> was yours" in str(written.html)


def test_the_day_and_the_codes_are_counted_across_orders(app):
    for _ in range(6):
        awaited_order(gift_card_item("90.00 USD"))
    with pytest.raises(Refused, match="more today"):
        edit()


@pytest.mark.parametrize(
    ("item", "more"),
    [
        # Whoever is the order's customer prints what was bought for others.
        (gift_card_item("150.00 USD", recipient_email=FRIEND), {}),
        (gift_card_item("60.00 USD", quantity=2), {}),
        # A card by post is its customer's when nobody else is named.
        (
            goods("150.00 USD", kind="gift_card", type="physical"),
            {"shipping_address": ADDRESS},
        ),
    ],
)
def test_every_awaited_card_in_reach_counts(app, item, more):
    awaited_order(item, **more)
    with pytest.raises(Refused, match="above your limit"):
        edit()


def test_what_brings_the_customer_no_card_does_not_count(app, mailbox):
    awaited_order(goods("900.00 USD"))
    posted = goods("150.00 USD", kind="gift_card", type="physical", recipient_email=FRIEND)
    awaited_order(posted, shipping_address=ADDRESS)
    edit()
    assert notices(mailbox) == []


def test_the_bonus_of_an_awaited_order_counts(app):
    bonus = make_campaign(issue_after_sales=True, relative_hundredths=5000)
    order = awaited_order(goods("300.00 USD"), campaign_id=bonus.id)
    with pytest.raises(Refused, match="above your limit"):
        edit()
    no_limits()
    awaited.receive(paid_by(order, "bank_transfer").id, by=ROOT)
    assert [str(card.initial) for card in sheet(order).issued] == ["150.00 USD"]


def test_a_gift_that_can_be_printed_counts_until_something_has_happened_on_it(app, mailbox):
    item = gift_card_item("150.00 USD", recipient_email=FRIEND)
    order = place(item, **FREE)
    with pytest.raises(Refused, match="above your limit"):
        edit()
    (card,) = sheet(order).purchased
    cards.freeze(card.id, by=ROOT, reason="to look")
    with pytest.raises(Refused, match="above your limit"):
        edit()
    cards.unfreeze(card.id, by=ROOT)
    cards.top_up(card.id, amount=amount_of("1.00 USD"), by=ROOT)
    edit()
    assert notices(mailbox) == []


def test_a_gift_goes_to_whoever_holds_it_anyway(app):
    order = place(gift_card_item("150.00 USD", recipient_email=NEW), **FREE)
    merge()
    assert sheet(order).order.customer_email == NEW


@pytest.mark.parametrize("verb", [edit, merge])
def test_an_awaited_recharge_follows_its_card_and_counts_with_it(app, verb):
    card = make_card("1.00 USD", holder=OLD).card
    awaited_order(recharge(card, "200.00 USD", email=OLD))
    with pytest.raises(Refused, match="above your limit"):
        verb()


def test_a_recharge_whose_card_has_ended_makes_one_that_can_be_printed(app):
    card = make_card("1.00 USD", holder=OLD).card
    awaited_order(recharge(card, "200.00 USD", email=OLD))
    cards.endings.cancel(card.id, by=ROOT)
    with pytest.raises(Refused, match="above your limit"):
        edit()


def test_nothing_to_come_goes_to_a_colleague(app):
    awaited_order(gift_card_item("5.00 USD"))
    colleague = signed_in("customer_service")
    with pytest.raises(NotAllowed, match="colleague"):
        desk.customer_records.edit(
            ann().id, email=colleague.email, name="Ann", by=ADMIN, reason="typo"
        )


def test_test_money_is_not_counted(app):
    awaited_order(gift_card_item("5000.00 USD"), is_test=True)
    edit()
    assert not GiftCard.select().exists()


def test_a_colleague_with_a_higher_limit_does_it(app):
    awaited_order(gift_card_item("150.00 USD"))
    limit_to("200.00 USD")
    assert edit().email == NEW
