"""A second pair of eyes: above a limit another person has to look."""

from datetime import date
from functools import partial

import peewee
import pytest

from giftweb import database
from giftweb.domain import cards, desk, outbox, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.desk.batches import Draft, Row
from giftweb.domain.limits import LimitExceeded
from giftweb.domain.mail import letters
from giftweb.errors import Invalid, NotAllowed, OrderTotalExceeded, Refused
from giftweb.money import LIMIT_MINOR, Money
from giftweb.web.mail.letters import write
from tests import approvals
from tests.factories import ROOT, amount_of, goods, limit_to, make_card, make_staff, no_limits
from tests.orders import balance, notes_of, place, sheet, signed_in
from tests.races import at_once

USD = amount_of


@pytest.fixture(autouse=True)
def limit(engine) -> None:
    """Above 100.00 USD another person has to look."""
    limit_to("100.00 USD")


def top_up(card, amount: str, *, by) -> None:
    cards.top_up(card.id, amount=USD(amount), note="Prize", by=by)


def ask_for_top_up(amount: str = "100.01 USD", *, by=None):
    by, card = by or signed_in("customer_service"), make_card("10.00 USD").card
    return card, by, approvals.ask_for_top_up(card, amount, by=by)


def test_up_to_the_limit_nobody_is_asked():
    card = make_card("10.00 USD").card
    top_up(card, "100.00 USD", by=signed_in("customer_service"))
    assert balance(card) == "110.00 USD"
    assert desk.approvals.waiting() == []


def test_above_it_the_money_waits_and_asking_twice_is_one_request():
    card, by, waiting = ask_for_top_up()
    assert (str(waiting.amount), waiting.asked_by_id, waiting.reason) == (
        "100.01 USD",
        by.id,
        "Prize",
    )
    approvals.ask_for_top_up(card, "100.01 USD", by=by)
    assert len(desk.approvals.waiting()) == 1
    assert balance(card) == "10.00 USD"


@pytest.mark.proves("I30")
def test_another_person_approves_and_it_is_done_in_the_name_of_who_asked():
    card, by, waiting = ask_for_top_up()
    lead = signed_in("customer_service_admin")
    done = desk.approvals.approve(waiting.id, by=lead)
    assert (done.status, done.decided_by_name) == ("approved", lead.name)
    assert balance(card) == "110.01 USD"
    who = database.scalar("SELECT actor_id FROM audit_entry WHERE action = 'gift_card.recharged'")
    assert who == by.id
    with pytest.raises(Refused):
        desk.approvals.approve(waiting.id, by=lead)
    assert balance(card) == "110.01 USD"


@pytest.mark.proves("D29", "E9")
def test_what_waits_keeps_whether_it_is_sold_or_given():
    card, by = make_card("10.00 USD").card, signed_in("customer_service")
    more = {"amount": USD("100.01 USD"), "source": "sales", "note": "At the till"}
    approvals.ask(partial(cards.top_up, card.id, **more, by=by), by=by)
    (waiting,) = desk.approvals.waiting()
    desk.approvals.approve(waiting.id, by=signed_in("root"))
    sources = [part.source for part in cards.find(card.id).funding]
    assert sources == ["sales", "goodwill"]


def test_nobody_approves_their_own_whatever_their_role():
    root = signed_in("root")
    card, _, waiting = ask_for_top_up(by=root)
    with pytest.raises(NotAllowed, match="Nobody approves their own"):
        desk.approvals.approve(waiting.id, by=root)
    assert desk.approvals.decline(waiting.id, by=root).status == "declined"
    assert balance(card) == "10.00 USD"


def test_an_agent_approves_nothing_and_nobody_approves_money_to_themselves():
    card, _, waiting = ask_for_top_up()
    with pytest.raises(NotAllowed):
        desk.approvals.approve(waiting.id, by=signed_in("customer_service"))
    # Nobody with the address of the card signed in when it was asked for.
    lead = make_staff("customer_service_admin", email="ann@example.com")
    lead = Actor("staff", lead.id, lead.name, lead.role, "Ann+x@Example.com")
    with pytest.raises(NotAllowed, match="your own address"):
        desk.approvals.approve(waiting.id, by=lead)
    assert balance(card) == "10.00 USD"


def test_what_is_declined_is_not_done():
    card, _, waiting = ask_for_top_up()
    desk.approvals.decline(waiting.id, by=signed_in("root"))
    assert balance(card) == "10.00 USD"
    assert [each.status for each in desk.approvals.decided()] == ["declined"]


def test_whoever_has_left_gets_nothing_done():
    card, by, waiting = ask_for_top_up()
    staff.deactivate(by.id, by=ROOT, reason="Left")
    with pytest.raises(Refused):
        desk.approvals.approve(waiting.id, by=signed_in("root"))
    assert balance(card) == "10.00 USD"


def test_an_adjustment_down_counts_by_its_size():
    by, card = signed_in("customer_service_admin"), make_card("500.00 USD").card
    less = -USD("200.00 USD")
    approvals.ask(lambda: cards.adjust(card.id, change=less, reason="Typed wrong", by=by), by=by)
    (waiting,) = desk.approvals.waiting()
    assert str(waiting.amount) == "-200.00 USD"
    desk.approvals.approve(waiting.id, by=signed_in("root"))
    assert balance(card) == "300.00 USD"


def draft(count: int, each: str, **more) -> Draft:
    rows = tuple(Row(f"c{number}@example.com") for number in range(count))
    flags = {"is_customer": False, "is_batch": count > 1, "is_test": False} | more
    note = {"note": "For the fair"}
    return Draft(rows=rows, amount=USD(each), expires_on=date(2099, 1, 31), **note | flags)


def test_a_batch_counts_as_a_whole():
    by = signed_in("customer_service")
    desk.batches.create(draft(2, "50.00 USD"), key="first", by=by)
    desk.batches.create(draft(3, "50.00 USD", is_test=True), key="test", by=by)
    third = draft(3, "50.00 USD", source="promotions")
    approvals.ask(lambda: desk.batches.create(third, key="third", by=by), by=by)
    (waiting,) = desk.approvals.waiting()
    assert (str(waiting.amount), len(waiting.emails)) == ("150.00 USD", 3)
    before = {card.id for card in cards.search.search(cards.search.Query()).items}
    desk.approvals.approve(waiting.id, by=signed_in("root"))
    found = cards.search.search(cards.search.Query()).items
    made = [card for card in found if card.id not in before]
    assert [str(card.balance) for card in made] == ["50.00 USD"] * 3
    assert {card.expires_on for card in made} == {date(2099, 1, 31)}
    assert {part.source for card in made for part in card.funding} == {"promotions"}


def test_a_batch_above_all_that_can_be_counted_is_refused_and_asked_of_nobody():
    no_limits()
    most = str(Money(LIMIT_MINOR, "USD"))
    with pytest.raises(Invalid, match="or less"):
        desk.batches.create(draft(2, most), key="huge", by=signed_in("root"))
    assert desk.approvals.waiting() == []


def test_what_nobody_can_be_asked_for_is_refused():
    with pytest.raises(LimitExceeded):
        desk.asking.ask(LimitExceeded("This is above a limit."), by=ROOT)


def order_card(order, *, by, email: str = "first@example.com"):
    return desk.order_cards.issue(
        order.id, amount=USD("200.00 USD"), reason="Late", email=email, by=by
    )


@pytest.mark.proves("I23")
def test_a_card_on_an_order_keeps_to_the_orders_total_when_it_is_approved():
    by, order = signed_in("customer_service"), place(goods("300.00 USD"), shipping="0.00 USD")
    for name in ("first", "second"):
        email = f"{name}@example.com"
        approvals.ask(partial(order_card, order, by=by, email=email), by=by)
    first, second = desk.approvals.waiting()
    assert desk.approvals.place_of(first) == ("order", str(order.number))
    desk.approvals.approve(first.id, by=signed_in("root"))
    with pytest.raises(OrderTotalExceeded):
        desk.approvals.approve(second.id, by=signed_in("root"))
    assert len(sheet(order).issued) == 1
    assert [each.id for each in desk.approvals.waiting()] == [second.id]


@pytest.mark.proves("S5", "I23")
def test_the_notes_of_the_order_tell_who_asked_and_who_decided():
    by, lead = signed_in("customer_service"), signed_in("customer_service_admin")
    order = place(goods("300.00 USD"), shipping="0.00 USD")
    for email in ("first@example.com", "second@example.com", "third@example.com"):
        approvals.ask(partial(order_card, order, by=by, email=email), by=by)
    first, second, third = desk.approvals.waiting()
    desk.approvals.decline(first.id, by=lead)
    desk.approvals.decline(second.id, by=by)
    desk.approvals.approve(third.id, by=lead)
    gift = "The gift card of $200.00 was"
    for words in (
        f"{by.name} asks for a gift card of $200.00: Late. It waits",
        f"{gift} declined by {lead.name}.",
        f"{gift} taken back by {by.name}.",
        f"{gift} approved by {lead.name}.",
    ):
        assert words in notes_of(order), words


def test_two_people_who_approve_at_once_do_it_once():
    for _ in range(10):
        card, _, waiting = ask_for_top_up()
        leads = signed_in("root"), signed_in("customer_service_admin")
        results = at_once(*[partial(desk.approvals.approve, waiting.id, by=lead) for lead in leads])
        assert sum(isinstance(each, Refused) for each in results) == 1
        assert balance(card) == "110.01 USD"


@pytest.mark.tampers
def test_the_table_itself_refuses_an_approval_by_who_asked():
    _, by, waiting = ask_for_top_up()
    with pytest.raises(peewee.IntegrityError), database.transaction():
        database.execute(
            "UPDATE approval SET status = 'approved', decided_by_id = ?, decided_at = 1"
            " WHERE id = ?",
            by.id,
            waiting.id,
        )


def test_a_batch_that_waits_is_the_batch_that_was_drafted():
    by = signed_in("customer_service")
    wanted = draft(1, "150.00 USD")
    approvals.ask(lambda: desk.batches.create(wanted, key="one", by=by), by=by)
    assert desk.batches.check(wanted, by=by).total == desk.approvals.waiting()[0].amount


@pytest.mark.proves("X7")
def test_one_person_does_not_bury_the_others_in_requests(monkeypatch):
    monkeypatch.setattr(desk.asking, "MOST_WAITING", 3)
    agent, card = signed_in("customer_service"), make_card().card
    for amount in ("101.00 USD", "102.00 USD", "103.00 USD", "103.00 USD"):
        approvals.ask_for_top_up(card, amount, by=agent)
    with pytest.raises(Refused, match="3 of your requests wait"):
        approvals.ask_for_top_up(card, "104.00 USD", by=agent)
    assert len(desk.approvals.waiting()) == 3
    approvals.ask_for_top_up(card, "104.00 USD", by=signed_in("customer_service"))


@pytest.mark.proves("X7")
def test_every_root_is_mailed_once_that_something_waits(app):
    agent, card = signed_in("customer_service"), make_card().card
    roots = [signed_in("root"), signed_in("root")]
    for _ in range(2):
        approvals.ask_for_top_up(card, "1234.00 USD", by=agent)
    for root in roots:
        (mail,) = outbox.mails.of_address(root.email)
        with app.app_context():
            written = write(letters.gather(mail))
        text = " ".join(written.text.split())
        assert f"{agent.name} has asked for something above their limit" in text
        assert "it comes to $1,234.00" in text
        assert "approvals/" in written.html
