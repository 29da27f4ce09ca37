"""A mail with a code goes to who holds the card when it is sent (D26)."""

from datetime import timedelta

import pytest

from giftweb import clock, models
from giftweb.domain import cards, outbox
from giftweb.domain.audit import seals
from giftweb.domain.mail import sent
from giftweb.domain.outbox.leases import LeaseLost
from giftweb.errors import Refused
from tests.factories import AGENT, ROOT
from tests.orders import gift_card_item, place, sheet

pytestmark = pytest.mark.proves("D26", "E17")

NEW = "anne@example.com"


def correct(card, email: str = NEW, *, send: bool = False):
    return cards.holder.correct_holder(
        card.id, email=email, name="Anne", by=AGENT, reason="Misheard", send=send
    )


def addresses(card) -> list[tuple[str, str]]:
    """(address, status) of the mails with the card's code, oldest first."""
    found = [mail for mail in outbox.mails.of_card(card.id) if mail.kind != "holder_changed"]
    return [(mail.to, mail.status) for mail in reversed(found)]


def fail(claimed) -> None:
    outbox.sending.refuse(claimed, problem="No such mailbox.")


@pytest.mark.parametrize("send", [True, False])
def test_a_waiting_mail_goes_to_the_corrected_address_once(make_card, send):
    card = make_card().card
    correct(card, send=send)
    assert addresses(card) == [(NEW, "waiting")]
    (claimed,) = outbox.sending.claim()
    assert claimed.to == NEW


@pytest.mark.parametrize("send", [True, False])
def test_a_mail_with_a_day_follows_and_still_waits_for_it(make_card, send):
    card = make_card(deliver_at=clock.now() + timedelta(days=20)).card
    correct(card, "anna@example.com", send=send)
    correct(card, send=send)
    assert addresses(card) == [(NEW, "scheduled")]
    assert outbox.sending.claim() == []


@pytest.mark.parametrize(("send", "status"), [(True, "waiting"), (False, "failed")])
def test_a_mail_that_failed_follows_and_is_tried_again_if_the_card_is_to_be_mailed(
    make_card, send, status
):
    card = make_card().card
    fail(*outbox.sending.claim())
    correct(card, send=send)
    assert addresses(card) == [(NEW, status)]
    if not send:
        outbox.resending.send_failed_again(by=ROOT)
    (claimed,) = outbox.sending.claim()
    assert (claimed.to, claimed.attempts) == (NEW, 1)


@pytest.mark.proves("I29")
def test_a_mail_that_a_worker_is_about_to_send_is_taken_from_it(make_card):
    card = make_card().card
    (claimed,) = outbox.sending.claim()
    correct(card)
    with pytest.raises(LeaseLost):
        outbox.sending.hand_over(claimed)
    (again,) = outbox.sending.claim()
    assert (again.id, again.to) == (claimed.id, NEW)


def test_a_mail_that_may_have_been_sent_is_left_alone_and_sent_again_to_the_new_address(make_card):
    card = make_card().card
    (claimed,) = outbox.sending.claim()
    outbox.sending.hand_over(claimed)
    correct(card)
    with pytest.raises(Refused):
        outbox.resending.send_again(claimed.id, by=ROOT)
    outbox.sending.leave_unclear(claimed, problem="The server did not answer.")
    assert outbox.mails.find(claimed.id).to == "ann@example.com"
    with clock.moved(outbox.sending.LEASE):
        assert outbox.resending.send_again(claimed.id, by=ROOT).to == NEW


def test_a_copy_of_what_was_sent_goes_to_the_new_address(make_card):
    card = make_card().card
    (claimed,) = outbox.sending.claim()
    outbox.sending.hand_over(claimed)
    sent.mark_sent(claimed)
    correct(card, send=True)
    assert addresses(card) == [("ann@example.com", "sent"), (NEW, "waiting")]
    assert outbox.resending.send_again(claimed.id, by=ROOT).to == NEW
    assert outbox.mails.find(claimed.id).to == "ann@example.com"


def test_a_card_sent_elsewhere_on_purpose_goes_there(make_card):
    card = make_card().card
    cards.holder.resend(card.id, email="giver@example.com", by=AGENT)
    correct(card)
    assert addresses(card) == [(NEW, "waiting"), ("giver@example.com", "waiting")]
    assert {mail.to for mail in outbox.sending.claim()} == {NEW, "giver@example.com"}


def test_a_row_that_names_a_former_holder_is_readdressed_when_it_is_claimed(make_card):
    card = make_card().card
    seals.change(models.Mail, outbox.mails.of_card(card.id)[0].id, to_email="former@example.com")
    assert outbox.sending.claim() == []
    assert addresses(card) == [("ann@example.com", "waiting")]
    assert [mail.to for mail in outbox.sending.claim()] == ["ann@example.com"]


def test_one_of_several_cards_in_a_mail_leaves_it_for_a_mail_of_its_own():
    order = place(gift_card_item(quantity=3, recipient_email="rita@example.com"))
    first, second, third = sheet(order).purchased
    correct(first)
    correct(second, "sam@example.com")
    found = {
        mail.to: (mail.card_ids, mail.card_id)
        for mail in outbox.sending.claim()
        if mail.kind == "cards_purchased"
    }
    assert found == {
        "rita@example.com": ((third.id,), third.id),
        NEW: ((first.id,), first.id),
        "sam@example.com": ((second.id,), second.id),
    }


def test_all_cards_of_a_mail_corrected_to_one_address_stay_together_or_apart_but_go_there_once():
    order = place(gift_card_item(quantity=2, recipient_email="rita@example.com"))
    bought = sheet(order).purchased
    for card in bought:
        correct(card, send=True)
    mails = [mail for mail in outbox.sending.claim() if mail.kind == "cards_purchased"]
    assert {mail.to for mail in mails} == {NEW}
    assert sorted(card_id for mail in mails for card_id in mail.card_ids) == sorted(
        card.id for card in bought
    )


def test_a_mail_without_a_code_stays_where_it_was_addressed(make_card):
    card = make_card().card
    outbox.mail("card_expiring", to="ann@example.com", card_id=card.id)
    correct(card)
    kinds = {mail.kind: mail.to for mail in outbox.mails.of_card(card.id)}
    assert kinds == {"card_issued": NEW, "card_expiring": "ann@example.com"}
