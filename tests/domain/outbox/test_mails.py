"""Mails on their way out: claimed by one worker, sent at most once, never lost."""

import threading
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import outbox
from giftweb.domain.mail import sent
from giftweb.errors import NotFound, Refused
from tests.factories import ROOT
from tests.orders import place


@pytest.fixture
def mail(make_card):
    """The mail that a new card queues."""
    issued = make_card("50.00 USD")
    return outbox.mails.of_card(issued.card.id)[0]


def state_of(mail) -> str:
    return outbox.mails.find(mail.id).state


@pytest.mark.proves("I29", "S14")
def test_a_new_card_has_one_mail_waiting(mail):
    assert (mail.kind, mail.to, mail.status) == ("card_issued", "ann@example.com", "waiting")
    assert mail.card_ids == (mail.card_id,)


def test_a_mail_before_its_time_is_scheduled_and_not_claimed(make_card):
    issued = make_card("5.00 USD", deliver_at=clock.now() + timedelta(days=2))
    assert outbox.mails.of_card(issued.card.id)[0].status == "scheduled"
    assert outbox.sending.claim() == []
    with clock.moved(timedelta(days=2, seconds=1)):
        assert len(outbox.sending.claim()) == 1


def test_a_claimed_mail_is_not_claimed_again(mail):
    [claimed] = outbox.sending.claim()
    assert claimed.id == mail.id
    assert claimed.attempts == 1
    assert state_of(mail) == "sending"
    assert outbox.sending.claim() == []


def test_a_mail_handed_over_and_confirmed_is_sent(mail):
    [claimed] = outbox.sending.claim()
    outbox.sending.hand_over(claimed)
    sent.mark_sent(claimed)
    found = outbox.mails.find(mail.id)
    assert found.state == "sent"
    assert found.sent_at is not None
    assert outbox.sending.claim() == []


def test_a_worker_that_dies_before_the_hand_over_loses_nothing(mail):
    outbox.sending.claim()
    with clock.moved(outbox.sending.LEASE + timedelta(seconds=1)):
        [again] = outbox.sending.claim()
    assert again.id == mail.id
    assert again.attempts == 2


def test_a_worker_that_dies_after_the_hand_over_leaves_the_mail_in_doubt(mail):
    [claimed] = outbox.sending.claim()
    outbox.sending.hand_over(claimed)
    assert outbox.mails.find(mail.id).status == "sending"
    with clock.moved(outbox.sending.LEASE + timedelta(seconds=1)):
        assert outbox.mails.find(mail.id).status == "unclear"
        assert outbox.sending.claim() == []


def test_a_worker_that_lost_its_lease_cannot_hand_over(mail):
    [slow] = outbox.sending.claim()
    with clock.moved(outbox.sending.LEASE + timedelta(seconds=1)):
        [quick] = outbox.sending.claim()
        with pytest.raises(outbox.leases.LeaseLost):
            outbox.sending.hand_over(slow)
        with pytest.raises(outbox.leases.LeaseLost):
            outbox.sending.put_off(slow, problem="late")
        outbox.sending.hand_over(quick)
        sent.mark_sent(quick)
    assert state_of(mail) == "sent"


def test_a_mail_is_tried_for_almost_three_days_and_then_fails(mail):
    waited, tries = timedelta(), 0
    while True:
        with clock.moved(waited):
            [claimed] = outbox.sending.claim()
            tries += 1
            state = outbox.sending.put_off(claimed, problem="The mail server does not answer.")
            found = outbox.mails.find(mail.id)
        if state == "failed":
            break
        assert found.status == "waiting"
        waited += outbox.sending.BACK_OFF[tries - 1] + timedelta(seconds=1)
    assert tries == len(outbox.sending.BACK_OFF) + 1
    assert timedelta(days=2) < waited < timedelta(days=3)
    assert found.problem == "The mail server does not answer."


def test_a_mail_that_kills_its_worker_each_time_fails_in_the_end(mail):
    waited = timedelta()
    for _ in range(len(outbox.sending.BACK_OFF) + 1):
        with clock.moved(waited):
            assert outbox.sending.claim()
        waited += outbox.sending.LEASE + timedelta(seconds=1)
    with clock.moved(waited):
        assert outbox.sending.claim() == []
    assert state_of(mail) == "failed"


def test_a_mail_given_back_is_due_at_once_and_the_try_does_not_count(mail):
    [claimed] = outbox.sending.claim()
    outbox.sending.give_back(claimed)
    [again] = outbox.sending.claim()
    assert again.attempts == 1


def test_a_failed_mail_and_one_in_doubt_are_sent_again_by_a_person(make_card):
    for settle in (outbox.sending.refuse, outbox.sending.leave_unclear):
        mail = outbox.mails.of_card(make_card("5.00 USD").card.id)[0]
        [claimed] = outbox.sending.claim()
        if settle is outbox.sending.leave_unclear:
            outbox.sending.hand_over(claimed)
        settle(claimed, problem="No such mailbox.")
        again = outbox.resending.send_again(mail.id, by=ROOT)
        assert (again.id, again.status, again.attempts) == (mail.id, "waiting", 0)
        [taken] = outbox.sending.claim()
        outbox.sending.hand_over(taken)
        sent.mark_sent(taken)


def test_of_a_sent_mail_a_copy_is_sent(mail):
    [claimed] = outbox.sending.claim()
    outbox.sending.hand_over(claimed)
    sent.mark_sent(claimed)
    copy = outbox.resending.send_again(mail.id, by=ROOT)
    assert copy.id != mail.id
    assert (copy.kind, copy.to, copy.card_id) == (mail.kind, mail.to, mail.card_id)
    assert [m.status for m in outbox.mails.of_card(mail.card_id)] == ["waiting", "sent"]


def test_a_mail_that_is_being_sent_cannot_be_sent_again(mail):
    [claimed] = outbox.sending.claim()
    with pytest.raises(Refused, match="being sent"):
        outbox.resending.send_again(mail.id, by=ROOT)
    outbox.sending.hand_over(claimed)
    with pytest.raises(Refused, match="being sent"):
        outbox.resending.send_again(mail.id, by=ROOT)


def test_a_withdrawn_mail_cannot_be_sent_again(mail):
    [claimed] = outbox.sending.claim()
    outbox.sending.withdraw(claimed, problem="The card was cancelled.")
    with pytest.raises(Refused, match="withdrawn"):
        outbox.resending.send_again(mail.id, by=ROOT)


def test_there_is_no_mail_without_an_address():
    with pytest.raises(NotFound):
        outbox.mails.find("mail_00000000000000000000000000")


@pytest.mark.proves("I30")
def test_who_sent_a_mail_again_is_kept(mail):
    outbox.resending.send_again(mail.id, by=ROOT)
    assert database.scalar("SELECT actor_id FROM audit_entry WHERE subject = ?", mail.id) == ROOT.id


def test_the_outbox_is_listed_newest_first_and_by_pages(make_card):
    for number in range(5):
        make_card("5.00 USD", holder=f"{'ann' if number % 2 else 'bob'}{number}@example.com")
    first = outbox.mails.listing(limit=2)
    second = outbox.mails.listing(limit=2, after=first.after)
    last = outbox.mails.listing(limit=2, after=second.after)
    seen = [mail.to[3] for page in (first, second, last) for mail in page.items]
    assert seen == ["4", "3", "2", "1", "0"]
    assert (first.count, last.after) == (5, None)
    assert [mail.to for mail in outbox.mails.listing(to="ANN").items] == [
        "ann3@example.com",
        "ann1@example.com",
    ]
    assert outbox.mails.listing(state="sent").items == ()


@pytest.mark.proves("I25")
def test_two_workers_at_once_never_claim_the_same_mail(make_card, engine):
    for _ in range(30):
        make_card("5.00 USD")
    taken: list[str] = []

    def work() -> None:
        while claimed := outbox.sending.claim(limit=3):
            taken.extend(mail.id for mail in claimed)
        database.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == len(set(taken)) == 30


@pytest.mark.proves("S71")
def test_a_mail_with_several_cards_stands_on_the_page_of_each(make_card):
    order_id = place().id
    one, two, other = (make_card("5.00 USD", send_email=False, order_id=order_id) for _ in range(3))
    outbox.mail(
        "cards_purchased",
        to="ann@example.com",
        card_id=one.card.id,
        order_id=order_id,
        data={"cards": [one.card.id, two.card.id]},
    )
    assert [len(outbox.mails.of_card(i.card.id)) for i in (one, two, other)] == [1, 1, 0]


def test_the_mails_to_an_address_are_listed(make_card):
    make_card("5.00 USD")
    make_card("5.00 USD", holder="bob@example.com")
    assert [mail.to for mail in outbox.mails.of_address("bob@example.com")] == ["bob@example.com"]
