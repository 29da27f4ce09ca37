"""A code that comes to a new place: counted as giving, with a word to the address before (X6)."""

from functools import partial

import pytest

from giftweb.domain import awaited, cards, desk, limits, outbox, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.limits import LimitExceeded
from giftweb.domain.mail import sent
from giftweb.errors import Invalid
from tests import approvals
from tests.factories import ADMIN, AGENT, ROOT, amount_of, goods, make_card
from tests.orders import (
    balance,
    gift_card_product,
    notes_of,
    now,
    paid_by,
    place,
    recharge,
    signed_in,
)

pytestmark = pytest.mark.proves("X6", "X7")

NEW = "bea@example.com"


def correct(card, email: str = NEW, *, by=AGENT, **more):
    options = {"name": "Bea", "reason": "Misheard"} | more
    return cards.holder.correct_holder(card.id, email=email, by=by, **options)


def notices(mailbox) -> list[str]:
    return [mail.to for mail in mailbox.all() if mail.kind == "holder_changed"]


def mail_everything() -> None:
    while claimed := outbox.sending.claim():
        for mail in claimed:
            outbox.sending.hand_over(mail)
            sent.mark_sent(mail)


def test_codes_are_counted_by_the_day_whatever_is_on_their_cards():
    issued = [make_card("1.00 USD", holder=f"c{number}@example.com") for number in range(11)]
    for each in issued[:10]:
        cards.endings.replace_card(each.card.id, reason="Lost", by=AGENT)
    with pytest.raises(LimitExceeded, match="You can send or see 0 more codes today"):
        correct(issued[10].card)
    limits.terms.put_codes("customer_service", count=11, by=ROOT)
    correct(issued[10].card)
    with pytest.raises(LimitExceeded, match="0 more codes"):
        cards.holder.resend(issued[10].card.id, email="carl@example.com", by=AGENT)


def test_what_is_shown_or_brought_elsewhere_counts_with_what_is_given():
    card = make_card("90.00 USD").card
    make_card("420.00 USD", holder="dora@example.com")
    limits.terms.put(
        "customer_service", currency="USD", terms=limits.Terms(None, None, 10_000), by=ROOT
    )
    cards.holder.reveal(card.id, reason="To write on it", by=AGENT)
    with pytest.raises(LimitExceeded, match=r"You can give \$10\.00 more today"):
        correct(card)
    make_card("10.00 USD", holder="emil@example.com", by=AGENT)


@pytest.mark.proves("D21")
@pytest.mark.parametrize(
    "verb",
    [
        correct,
        lambda card: cards.holder.resend(card.id, email=NEW, by=AGENT),
        lambda card: cards.holder.reveal(card.id, reason="To write on it", by=AGENT),
        lambda card: cards.endings.replace_card(card.id, reason="Lost", by=AGENT),
        lambda card: cards.merging.merge([card.id, make_card("1.00 USD").card.id], by=AGENT),
    ],
)
def test_what_is_on_its_way_to_a_card_counts_with_what_is_there(verb):
    first = make_card("1.00 USD").card
    bought = {"method": "bank_transfer", "state": "pending", "shipping": "0.00 USD"}
    place(recharge(first, "200.00 USD"), **bought)
    card = cards.endings.replace_card(first.id, by=ROOT).card
    with pytest.raises(LimitExceeded, match="above your limit"):
        verb(card)


def test_a_recharge_that_has_come_or_never_does_counts_no_more(mailbox):
    card = make_card("1.00 USD").card
    bought = {"method": "bank_transfer", "state": "pending", "shipping": "0.00 USD"}
    product = gift_card_product()
    order = place(recharge(card, "50.00 USD", of=product), **bought)
    assert str(cards.expected.balance(card)) == "51.00 USD"
    awaited.receive(paid_by(order, "bank_transfer").id, by=ROOT)
    assert str(cards.expected.balance(now(card))) == "51.00 USD"
    order = place(recharge(now(card), "60.00 USD", of=product), **bought)
    awaited.cancel(paid_by(order, "bank_transfer").id, by=ROOT)
    assert str(cards.expected.balance(now(card))) == "51.00 USD"


def test_a_card_mailed_again_to_its_own_holder_is_not_counted():
    card = make_card("5000.00 USD").card
    cards.holder.resend(card.id, by=AGENT)
    cards.holder.resend(card.id, email="ann@example.com", by=AGENT)
    correct(card, "ann@example.com", reason=None)


def test_another_address_needs_a_reason_of_whoever_enters_it():
    card = make_card().card
    for reason in (None, "", "  "):
        with pytest.raises(Invalid, match="Say why"):
            correct(card, reason=reason)
    correct(card, reason=None, by=SYSTEM)


def test_the_address_before_is_mailed_once_the_code_has_been_there(mailbox):
    card = make_card().card
    mail_everything()
    correct(card)
    assert notices(mailbox) == ["ann@example.com"]
    correct(card, name="Beate", reason=None)
    assert notices(mailbox) == ["ann@example.com"]
    correct(card, "carl@example.com")
    # Bea was never mailed the code.
    assert notices(mailbox) == ["ann@example.com"]


def test_an_address_that_nothing_has_reached_is_not_mailed(mailbox):
    waiting, failed = make_card().card, make_card().card
    correct(waiting)
    for claimed in outbox.sending.claim():
        outbox.sending.refuse(claimed, problem="No such mailbox.")
    correct(failed)
    assert notices(mailbox) == []


def test_a_card_that_no_mail_of_ours_has_brought_is_somebodys_all_the_same(mailbox):
    correct(make_card(send_email=False).card)
    assert notices(mailbox) == ["ann@example.com"]


def test_what_was_approved_goes_to_the_new_address_and_the_old_one_is_mailed(mailbox):
    by, card = signed_in("customer_service"), make_card("150.00 USD").card
    mail_everything()
    sentence = approvals.ask(lambda: correct(card, by=by, send=True), by=by)
    assert sentence.startswith("This is above your limit of $100.00 at a time. It waits")
    assert notices(mailbox) == []
    (waiting,) = desk.approvals.waiting()
    desk.approvals.approve(waiting.id, by=signed_in("root"))
    assert now(card).holder_email == NEW
    assert notices(mailbox) == ["ann@example.com"]
    assert mailbox.all()[-1].to == NEW


def test_a_refund_as_a_card_above_the_limit_waits_and_the_order_says_so():
    by, lead = signed_in("customer_service"), signed_in("customer_service_admin")
    order = place(goods("150.00 USD"), shipping="0.00 USD")
    payment = paid_by(order, "credit_card").id
    refund = partial(refunds.refund, payment, as_card=True, reason="Late", by=by)
    approvals.ask(refund, by=by)
    (waiting,) = desk.approvals.waiting()
    assert desk.approvals.place_of(waiting) == ("order", str(order.number))
    assert f"{by.name} asks for a gift card of $150.00: Late." in notes_of(order)
    assert paid_by(order, "credit_card").left == amount_of("150.00 USD")
    desk.approvals.approve(waiting.id, by=lead)
    assert f"The gift card of $150.00 was approved by {lead.name}." in notes_of(order)
    assert paid_by(order, "credit_card").left == amount_of("0.00 USD")
    assert [str(card.balance) for card in cards.of_orders([order.id])] == ["150.00 USD"]


def test_the_admin_has_room_for_more_than_the_agent():
    card = make_card("900.00 USD").card
    with pytest.raises(LimitExceeded):
        cards.endings.replace_card(card.id, reason="Lost", by=AGENT)
    fresh = cards.endings.replace_card(card.id, reason="Lost", by=ADMIN).card
    assert balance(fresh) == "900.00 USD"
