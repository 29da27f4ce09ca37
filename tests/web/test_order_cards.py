"""Gift cards on the order's page: issue, warning, Proceed, Delete, freeze instead."""

import pytest

from giftweb import ids
from giftweb.domain import cards, carts, checkout, desk, refunds
from giftweb.domain.audit.log import SYSTEM
from tests.factories import AGENT, amount_of, goods, limit_to, make_checkout
from tests.orders import balance, gift_card_item, notes_of, now, paid_by, place, sheet

HX = {"HX-Request": "true"}


def small(**more):
    """An order of 50.00, of which 35.00 went back."""
    order = place(goods("50.00 USD"), shipping="0.00 USD", **more)
    part = amount_of("35.00 USD")
    refunds.refund(paid_by(order, "credit_card").id, amount=part, by=AGENT)
    return order


def address(order, *parts: str) -> str:
    return "/".join([f"/staff/orders/{order.number}/gift-cards", *parts])


def form_of(order, amount: str, **more) -> dict[str, str]:
    filled = {"amount": amount, "email": order.customer_email, "reason": "Late parcel"}
    return filled | {"key": ids.new("key")} | more


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def spend(card, amount: str) -> None:
    opened = make_checkout(goods(amount), shipping="0.00 USD")
    carts.apply(opened.id, code=cards.holder.open_code(card.id))
    checkout.capture(opened.id, tenders=[], by=SYSTEM)


@pytest.mark.proves("S1", "S2", "S3", "S5")
def test_send_issues_the_card_and_says_so(staff_client, mailbox):
    client, order = staff_client(), small()
    page = text_of(client.get(address(order, "new")))
    for words in ("Issue New Gift Card", "Send", "Recipient", "Reason", "Expires on", "USD"):
        assert words in page, words
    for words in ("$50.00", "-$35.00", "$15.00"):
        assert words in page, words
    form = form_of(order, "15.00")
    answer = client.post(address(order, "new"), data=form, headers=HX)
    (card,) = sheet(order).issued
    assert f"•••• {card.last4} is kept in the outbox" in answer.headers[
        "HX-Trigger"
    ].encode().decode("unicode_escape")
    assert card.last4 in text_of(answer)
    assert client.post(address(order, "new"), data=form).status_code == 303
    assert len(sheet(order).issued) == 1
    assert "card_issued" in mailbox.kinds()


@pytest.mark.proves("S8")
def test_the_arithmetic_follows_what_is_typed(staff_client):
    client, order = staff_client(), small()
    typed = text_of(client.get(address(order, "arithmetic"), query_string={"amount": "20.00"}))
    assert "-$20.00" in typed
    assert "-$5.00" in typed
    assert "more than the order" in typed
    assert client.get(address(order, "arithmetic?amount=ten")).status_code == 200


@pytest.mark.proves("S7", "S8", "I23")
def test_an_agent_is_told_to_contact_the_manager(staff_client):
    client, order = staff_client("customer_service"), small()
    answer = client.post(address(order, "new"), data=form_of(order, "20.00", proceed="y"))
    assert answer.status_code == 409
    assert "Contact the manager" in text_of(answer)
    assert "Proceed" not in text_of(answer)
    assert 'value="20.00"' in text_of(answer)
    assert sheet(order).issued == ()


@pytest.mark.proves("S6", "I23")
@pytest.mark.parametrize("role", ["customer_service_admin", "root"])
def test_an_admin_is_warned_and_proceeds(staff_client, role):
    client, order = staff_client(role), small()
    form = form_of(order, "20.00")
    warned = client.post(address(order, "new"), data=form)
    assert warned.status_code == 409
    page = text_of(warned)
    for words in ("exceed the order&#39;s total by $5.00", "Proceed", "Cancel"):
        assert words in page, words
    assert sheet(order).issued == ()
    client.post(address(order, "new"), data=form | {"proceed": "y"})
    assert len(sheet(order).issued) == 1
    assert f"issued by {client.person.name}: Late parcel." in notes_of(order)


@pytest.mark.parametrize("typed", ["-1", "1e3", "ten", "10.005", "0"])
def test_an_amount_that_cannot_be_is_reported_on_the_field(staff_client, typed):
    client, order = staff_client(), small()
    answer = client.post(address(order, "new"), data=form_of(order, typed))
    assert answer.status_code == 422
    assert 'href="#amount"' in text_of(answer)
    assert sheet(order).issued == ()


def test_nobody_sends_a_card_to_their_own_address(staff_client):
    client, order = staff_client(), small()
    form = form_of(order, "5.00", email=client.person.email)
    answer = client.post(address(order, "new"), data=form)
    assert answer.status_code == 403
    assert "your own address" in text_of(answer)


def test_above_the_limit_the_card_waits_for_another_person(staff_client):
    client, order = staff_client(), small()
    limit_to("10.00 USD")
    answer = client.post(address(order, "new"), data=form_of(order, "12.00"), headers=HX)
    assert answer.status_code == 200
    assert "waits for another person" in answer.headers["HX-Trigger"]
    assert sheet(order).issued == ()
    (waiting,) = desk.approvals.waiting()
    assert str(waiting.amount) == "12.00 USD"
    client.post(address(order, "new"), data=form_of(order, "10.00"))
    assert len(sheet(order).issued) == 1


# Delete


@pytest.mark.proves("S44", "S45")
def test_an_unused_card_is_deleted_after_its_effect_was_shown(staff_client):
    client, order = staff_client(), small()
    client.post(address(order, "new"), data=form_of(order, "15.00"))
    (card,) = sheet(order).issued
    assert "$15.00 on it is withdrawn" in text_of(client.get(address(order, card.id, "deletion")))
    client.post(address(order, card.id, "deletion"), data={"reason": "Wrong order"})
    assert now(card).status == "cancelled"
    page = text_of(client.get(f"/staff/orders/{order.number}"))
    assert "Cancelled" in page
    assert address(order, card.id, "deletion") not in page


@pytest.mark.proves("S44", "D5", "E33")
def test_a_used_cards_delete_is_refused_and_freezing_is_offered(staff_client):
    client, order = staff_client(), small()
    client.post(address(order, "new"), data=form_of(order, "15.00"))
    (card,) = sheet(order).issued
    deletion, freeze = (address(order, card.id, what) for what in ("deletion", "freeze"))
    assert deletion in text_of(client.get(f"/staff/orders/{order.number}"))
    spend(card, "5.00 USD")
    page = text_of(client.get(f"/staff/orders/{order.number}"))
    assert deletion not in page
    assert freeze in page
    for answer in (
        client.get(address(order, card.id, "deletion")),
        client.post(address(order, card.id, "deletion"), data={"reason": "x"}),
    ):
        assert answer.status_code == 409
        assert "You can freeze it instead" in text_of(answer)
    frozen = client.post(address(order, card.id, "freeze"), data={"reason": "x"}, headers=HX)
    assert (now(card).status, balance(card)) == ("frozen", "10.00 USD")
    undo = address(order, card.id, "unfreeze")
    assert undo in frozen.headers["HX-Trigger"]
    assert client.post(undo, headers=HX).headers["HX-Retarget"] == f"#order-{order.number}"
    assert now(card).status == "active"


@pytest.mark.proves("S44", "S72", "D6")
def test_a_bought_card_is_deleted_and_its_price_goes_back(staff_client):
    client = staff_client()
    order = place(gift_card_item("50.00 USD"), goods("20.00 USD"), shipping="0.00 USD")
    (card,) = sheet(order).purchased
    shown = text_of(client.get(address(order, card.id, "deletion")))
    assert "It was bought: $50.00 goes back to Visa 4242." in shown
    client.post(address(order, card.id, "deletion"), data={"reason": "Bought twice"})
    assert str(paid_by(order, "credit_card").refunded) == "50.00 USD"


@pytest.mark.proves("S72")
def test_codes_of_bought_cards_are_behind_the_right_to_see_them(staff_client):
    order = place(gift_card_item("50.00 USD"), shipping="0.00 USD")
    (card,) = sheet(order).purchased
    code = cards.holder.open_code(card.id)
    reveal = f"/staff/gift-cards/{card.id}/code"
    agent = text_of(staff_client("customer_service").get(f"/staff/orders/{order.number}"))
    lead = text_of(staff_client("customer_service_admin").get(f"/staff/orders/{order.number}"))
    assert reveal not in agent
    assert reveal in lead
    assert code not in agent + lead


def test_a_card_of_another_order_is_not_found(staff_client):
    client, order, other = staff_client(), small(), small()
    client.post(address(order, "new"), data=form_of(order, "15.00"))
    (card,) = sheet(order).issued
    assert client.get(address(other, card.id, "deletion")).status_code == 404
    assert client.post(address(other, card.id, "freeze")).status_code == 404
    assert client.post(address(other, card.id, "unfreeze")).status_code == 404
