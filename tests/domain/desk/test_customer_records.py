"""Customers corrected and merged: what belongs to them goes along."""

import pytest

from giftweb import clock
from giftweb.domain import cards, checkout, customers, desk, notes, privacy
from giftweb.domain.audit import seals
from giftweb.errors import Invalid, NotFound, Refused
from giftweb.models import CustomerSession, Order
from tests.factories import AGENT, ROOT, amount_of, goods, make_campaign, make_card, no_limits
from tests.orders import place, signed_in

pytestmark = pytest.mark.proves("B29")

OLD, NEW = "ann@example.com", "ann.new@example.com"


@pytest.fixture
def ann(app):
    """A customer with a card that lives, one that has ended, and an order."""
    no_limits("USD")
    own = make_card("30.00 USD", holder=OLD)
    cards.endings.cancel(make_card("1.00 USD", holder=OLD).card.id, by=ROOT)
    place(goods("20.00 USD"), customer_email=OLD, cards=[own])
    return customers.find_by_emails([OLD])[OLD]


@pytest.mark.proves("B21")
def test_whoever_pays_at_a_till_is_nobody_and_becomes_nobody(ann):
    redeemed = checkout.redemptions.redeem(
        make_card(holder=NEW).code,
        amount=amount_of("5.00 USD"),
        reference="R-1",
        campaign_id=make_campaign().id,
        is_test=False,
        by=ROOT,
    )
    anybody = redeemed.order.customer_id
    assert customers.find(anybody).is_anybody
    with pytest.raises(Refused, match="pays at a till"):
        desk.customer_records.edit(anybody, email=NEW, name="Ann", by=AGENT, reason="A typo")
    with pytest.raises(Refused, match="pays at a till"):
        desk.customer_records.merge(anybody, email=OLD, by=AGENT, reason="The same")
    with pytest.raises(Invalid):
        desk.customer_records.merge(ann.id, email="", by=AGENT, reason="The same")
    with pytest.raises(Invalid):
        privacy.erasure.erase("", by=ROOT, force=True)
    assert Order.get(Order.id == redeemed.order.id).customer_email == ""


def session_of(customer) -> str:
    customers.sign_in.request_link(customer.email)
    customers.sign_in.answer(customer.email)
    from giftweb.models import SignInLink

    assert SignInLink.select().where(SignInLink.customer == customer.id).exists()
    seals.insert(
        CustomerSession,
        id=f"key of {customer.id}",
        customer_id=customer.id,
        created_at=clock.now(),
        seen_at=clock.now(),
        expires_at=clock.now(),
    )
    return f"key of {customer.id}"


def test_a_name_is_corrected_without_a_reason(ann):
    found = desk.customer_records.edit(ann.id, email=OLD, name="Ann B.", by=AGENT, reason=None)
    assert found.name == "Ann B."


def test_cards_and_orders_go_along_with_another_address(ann):
    session_of(ann)
    with pytest.raises(Invalid) as refused:
        desk.customer_records.edit(ann.id, email=NEW, name="Ann", by=AGENT, reason=" ")
    assert refused.value.field == "reason"
    desk.customer_records.edit(ann.id, email=NEW, name="Ann", by=AGENT, reason="A typo")
    assert {card.holder_email for card in cards.select()} == {NEW}
    assert [order.customer_email for order in Order.select()] == [NEW]
    assert not CustomerSession.select().exists()


def test_an_address_that_another_customer_has_is_merged_and_not_taken(ann):
    customers.register(email=NEW, name="Ann again", by=AGENT)
    with pytest.raises(Invalid, match="Merge the two"):
        desk.customer_records.edit(ann.id, email=NEW, name="Ann", by=AGENT, reason="A typo")


def test_all_of_the_other_record_goes_to_the_one_that_is_kept(ann):
    agent = signed_in("customer_service")
    kept = customers.register(email=NEW, name="Ann Smith", by=AGENT)
    notes.write(ann.id, text="Likes blue", by=agent)
    session_of(ann)
    found = desk.customer_records.preview(kept.id, email=OLD)
    assert (found.cards, found.orders, found.other.id) == (2, 1, ann.id)
    assert found.worth == [amount_of("10.00 USD")]
    with pytest.raises(Invalid):
        desk.customer_records.merge(kept.id, email=OLD, by=agent, reason=None)
    desk.customer_records.merge(kept.id, email=OLD, by=agent, reason="The same person")
    assert {card.holder_email for card in cards.select()} == {NEW}
    assert [(order.customer_id, order.customer_email) for order in Order.select()] == [
        (kept.id, NEW)
    ]
    assert [note.text for note in notes.of(kept.id)] == ["Likes blue"]
    assert CustomerSession.get().customer_id == kept.id
    with pytest.raises(NotFound):
        customers.find(ann.id)


@pytest.mark.parametrize("email", [NEW, "nobody@example.com"])
def test_only_another_customer_is_merged(app, email):
    kept = customers.register(email=NEW, name="Ann Smith", by=AGENT)
    with pytest.raises(Invalid):
        desk.customer_records.merge(kept.id, email=email, by=AGENT, reason="The same person")


def test_what_is_above_a_limit_is_left_to_a_colleague(app):
    make_card("9000.00 USD", holder=OLD)
    kept = customers.register(email=NEW, name="Ann Smith", by=AGENT)
    customers.register(email=OLD, name="Ann", by=AGENT)
    with pytest.raises(Refused, match="colleague with a higher limit"):
        desk.customer_records.merge(kept.id, email=OLD, by=AGENT, reason="The same person")
    assert {card.holder_email for card in cards.select()} == {OLD}
