"""The order desk's pages."""

import re
from functools import partial

import pytest

from giftweb import database, ids
from giftweb.domain import cards, desk, notes, payments, refunds
from giftweb.domain.audit.log import Actor
from tests.factories import AGENT, amount_of, goods, make_card
from tests.orders import balance, gift_card_item, notes_of, paid_by, place, provider, sheet

HX = {"HX-Request": "true"}


def mixed(**more):
    """An order of 100.00, of which a gift card paid 40.00."""
    card = make_card("40.00 USD")
    return card.card, place(cards=[card], **more)


def address(order, *parts: str) -> str:
    return "/".join([f"/staff/orders/{order.number}", *parts])


def refund_address(order, method: str) -> str:
    return address(order, "payments", paid_by(order, method).id, "refund")


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def give_back(client, order, method: str, amount: str, **more):
    """Both steps of a refund."""
    form = {"amount": amount, "reason": "Broken", "key": ids.new("key")} | more
    checked = client.post(refund_address(order, method), data=form)
    if checked.status_code != 200:
        return checked
    return client.post(refund_address(order, method), data=form | {"step": "confirm"})


# The list


def test_the_list_shows_orders_and_finds_them(staff_client):
    client = staff_client("customer_service")
    assert "No orders yet" in text_of(client.get("/staff/orders/"))
    order = place(customer_name="Grace Hopper")
    trial = place(is_test=True, customer_name="Ada")
    page = text_of(client.get("/staff/orders/"))
    assert "Grace Hopper" in page
    assert "TEST" in page
    found = text_of(client.get(f"/staff/orders/?q={order.number}", headers=HX))
    assert '<div id="orders">' in found
    assert "Grace Hopper" in found
    assert f">{trial.number}<" not in found
    assert "No order fits" in text_of(client.get("/staff/orders/?status=cancelled"))
    assert client.get("/staff/orders/?after=nonsense&from=x").status_code == 200


def test_a_whole_code_is_searched_by_its_last_four(staff_client):
    answer = staff_client().get("/staff/orders/?q=" + make_card().code)
    assert answer.status_code == 303
    assert len(answer.location.rpartition("q=")[2]) == 4


# The page


@pytest.mark.proves("S1", "S4", "S41", "S46")
def test_the_page_has_every_section_by_its_name(staff_client):
    _, order = mixed()
    page = text_of(staff_client().get(address(order)))
    for words in (
        "Payment Details",
        "Issue New Gift Card",
        "Payment History",
        "View Details",
        "Refund",
        "Notes",
        "$100.00",
        "Visa 4242",
        "Refund everything",
    ):
        assert words in page, words


def test_an_order_that_does_not_exist_is_not_found(staff_client):
    client = staff_client()
    assert client.get("/staff/orders/1").status_code == 404
    assert client.get("/staff/orders/" + "9" * 30).status_code == 404
    _, order = mixed()
    _, other = mixed()
    stranger = paid_by(other, "gift_card").id
    assert client.get(address(order, "payments", stranger)).status_code == 404
    assert client.post(address(order, "payments", stranger, "refund")).status_code == 404


@pytest.mark.tampers
def test_the_page_with_fifty_payments_asks_twelve_times_at_most(staff_client, monkeypatch):
    order = place()
    for _ in range(49):
        database.execute(
            "INSERT INTO payment (id, order_id, method, gateway, currency, is_test, state,"
            " amount_minor, refunded_minor, reference, card_refunded_minor, part,"
            " charged_back_minor, created_at) SELECT ?, order_id, method, gateway, currency,"
            " is_test, state, 100, 0, reference, 0, part, 0, created_at FROM payment LIMIT 1",
            ids.new("pay"),
        )
    database.execute("UPDATE orders SET items_minor = items_minor + 4900 WHERE id = ?", order.id)
    database.execute("UPDATE order_item SET unit_minor = unit_minor + 4900")
    for payment in sheet(order).payments:
        refunds.refund(payment.id, amount=amount_of("0.50 USD"), by=AGENT)
        notes.write(order.id, text="Called again", by=SHOP)
    client = staff_client()
    client.get(address(order))
    asked = []
    original = type(database.db.obj).execute_sql

    def count(self, sql, params=None):
        asked.append(sql)
        return original(self, sql, params)

    monkeypatch.setattr(type(database.db.obj), "execute_sql", count)
    page = text_of(client.get(address(order)))
    assert page.count("View Details") == 50
    assert page.count("Called again") == 50
    assert len(asked) <= 12, asked


SHOP = Actor("api", "key_x", "Shop")


# Refunds


@pytest.mark.proves("S46", "S47", "S48", "S49", "S50", "S51")
def test_a_transaction_is_refunded_after_its_effect_was_shown(staff_client):
    client, (card, order) = staff_client(), mixed()
    form = {"amount": "40.00", "reason": "Broken", "key": ids.new("key")}
    asked = client.post(refund_address(order, "gift_card"), data=form)
    assert f"$40.00 goes back to card •••• {card.last4}." in text_of(asked)
    assert balance(card) == "0.00 USD"
    done = client.post(refund_address(order, "gift_card"), data=form | {"step": "confirm"})
    assert (done.status_code, balance(card)) == (303, "40.00 USD")
    client.post(refund_address(order, "gift_card"), data=form | {"step": "confirm"})
    assert balance(card) == "40.00 USD"
    give_back(client, order, "credit_card", "60.00")
    assert "Shipping Denied" in text_of(client.get(address(order)))
    assert sheet(order).order.fulfilment == "cancelled"


@pytest.mark.proves("S46", "I16")
def test_pressing_the_button_twice_refunds_once(staff_client):
    client, (_, order) = staff_client(), mixed()
    form = {"amount": "10.00", "reason": "x", "key": ids.new("key"), "step": "confirm"}
    for _ in range(2):
        assert client.post(refund_address(order, "credit_card"), data=form).status_code == 303
    assert str(paid_by(order, "credit_card").refunded) == "10.00 USD"
    other = client.post(refund_address(order, "credit_card"), data=form | {"amount": "11.00"})
    assert other.status_code == 409
    assert "sent before with other figures" in text_of(other)


@pytest.mark.proves("S46", "I9", "I16")
@pytest.mark.parametrize("typed", ["10.01", "-1", "1e3", "ten", "10.005", "", "0", "NaN", "１０"])
def test_an_amount_that_cannot_be_is_reported_on_the_field_and_moves_nothing(staff_client, typed):
    client = staff_client()
    card = make_card("10.00 USD")
    order = place(goods("10.00 USD"), shipping="0.00 USD", cards=[card])
    for step in ("", "confirm"):
        form = {"amount": typed, "reason": "x", "step": step}
        answer = client.post(refund_address(order, "gift_card"), data=form)
        assert answer.status_code in (409, 422)
        page = text_of(answer)
        assert 'href="#amount"' in page
        assert 'aria-invalid="true"' in page
        assert f'value="{typed}"' in page
    assert balance(card.card) == "0.00 USD"


@pytest.mark.proves("S47")
def test_everything_is_refunded_at_once_and_each_tender_tells_its_result(staff_client):
    client = staff_client()
    with provider("unknown"):
        card, order = mixed(gateway="stripe", method="stripe")
        shown = text_of(client.get(address(order, "refunds")))
        assert f"$40.00 goes back to card •••• {card.last4}." in shown
        assert "$60.00 goes back to Visa 4242." in shown
        first = text_of(client.post(address(order, "refunds"), data={"reason": "x"}, headers=HX))
        assert "Not every refund is through yet" not in first
        assert "has not answered: the line is dead" in first
        assert balance(card) == "40.00 USD"
        again = client.post(address(order, "refunds"), data={"reason": "x"}, headers=HX)
        assert "Everything is refunded." in again.headers["HX-Trigger"]
    assert sheet(order).order.status == "shipping_denied"
    assert client.post(address(order, "refunds"), data={"reason": "x"}).status_code == 409


def test_a_refund_without_an_answer_is_asked_for_again(staff_client):
    client = staff_client()
    with provider("unknown"):
        order = place(gateway="stripe", method="stripe")
        give_back(client, order, "stripe", "10.00")
        page = text_of(client.get(address(order)))
        assert "Ask again" in page
        (refund,) = payments.refund_values.of_order(order.id)
        client.post(address(order, "refunds", refund.id, "retry"))
    assert payments.refund_values.find(refund.id).status == "succeeded"


def test_somebody_says_for_the_shop_that_it_returned_the_money(staff_client):
    client, order = staff_client(), place(gateway="shop")
    give_back(client, order, "credit_card", "10.00")
    (refund,) = payments.refund_values.of_order(order.id)
    assert "It was returned" in text_of(client.get(address(order)))
    client.post(address(order, "refunds", refund.id, "confirmation"))
    assert payments.refund_values.find(refund.id).status == "succeeded"


@pytest.mark.proves("B3")
def test_another_tender_is_refunded_as_a_gift_card_if_the_customer_agrees(staff_client):
    client, order = staff_client(), place()
    form = {"amount": "10.00", "reason": "x", "as_card": "y", "key": ids.new("key")}
    asked = client.post(refund_address(order, "credit_card"), data=form)
    assert "$10.00 goes on a new gift card for ann@example.com." in text_of(asked)
    client.post(refund_address(order, "credit_card"), data=form | {"step": "confirm"})
    (card,) = sheet(order).returned
    assert balance(card) == "10.00 USD"
    assert "Given as a refund" in text_of(client.get(address(order)))


@pytest.mark.proves("S41")
def test_transaction_details_tell_all_of_a_payment(staff_client):
    client, (card, order) = staff_client(), mixed()
    give_back(client, order, "gift_card", "15.00", reason="Scratched")
    page = text_of(client.get(address(order, "payments", paid_by(order, "gift_card").id)))
    for words in (
        "Transaction Details",
        paid_by(order, "gift_card").transfer_id,
        card.last4,
        "$25.00",
        "Scratched",
        client.person.name,
        "No chargeback can be claimed on a gift card payment.",
    ):
        assert words in page, words


# Chargebacks, shipping, cancelling


@pytest.mark.proves("S52")
def test_a_chargeback_is_recorded_and_refused_on_a_gift_card(staff_client):
    client, (_, order) = staff_client(), mixed()
    claim = partial(client.post, data={"amount": "60.00"})
    refused = claim(address(order, "payments", paid_by(order, "gift_card").id, "chargeback"))
    assert refused.status_code == 409
    assert "No chargeback can be claimed on a gift card payment." in text_of(refused)
    done = claim(address(order, "payments", paid_by(order, "credit_card").id, "chargeback"))
    assert done.status_code == 303
    assert "A chargeback of $60.00 was recorded by" in notes_of(order)


def test_an_order_is_marked_shipped_with_its_tracking_number(staff_client):
    client, (_, order) = staff_client(), mixed()
    answer = client.post(address(order, "shipment"), data={"tracking": "1Z999"}, headers=HX)
    assert answer.headers["HX-Retarget"] == f"#order-{order.number}"
    assert "1Z999" in text_of(answer)
    assert sheet(order).order.fulfilment == "shipped"
    undo = address(order, "shipment", "withdrawal")
    assert undo in answer.headers["HX-Trigger"]
    assert client.post(undo).status_code == 303
    assert sheet(order).order.fulfilment == "pending"
    client.post(address(order, "shipment"), data={"tracking": ""})
    assert client.post(address(order, "cancellation"), data={"reason": "x"}).status_code == 409


def test_an_order_is_cancelled_and_everything_goes_back(staff_client):
    client, (card, order) = staff_client(), mixed()
    assert "becomes Shipping Denied" in text_of(client.get(address(order, "cancellation")))
    client.post(address(order, "cancellation"), data={"reason": "Changed their mind"})
    assert balance(card) == "40.00 USD"
    assert sheet(order).order.is_over


# Notes


@pytest.mark.proves("S5")
def test_a_note_is_added_and_can_be_taken_back(staff_client):
    client, (_, order) = staff_client(), mixed()
    answer = client.post(address(order, "notes"), data={"text": "Called <b>twice</b>"}, headers=HX)
    assert "Called &lt;b&gt;twice&lt;/b&gt;" in text_of(answer)
    assert client.person.name in text_of(answer)
    (note,) = [each for each in notes.of(order.id) if each.author]
    undo = address(order, "notes", note.id, "withdrawal")
    assert undo in answer.headers["HX-Trigger"]
    assert staff_client().post(undo).status_code == 404
    assert client.post(undo).status_code == 303
    assert [each for each in notes.of(order.id) if each.author] == []
    empty = client.post(address(order, "notes"), data={"text": " "}, headers=HX)
    assert empty.status_code == 422
    assert "Write a note." in text_of(empty)


# Rights


@pytest.mark.proves("D14")
def test_finance_reads_orders_and_marketing_sees_none(staff_client):
    _, order = mixed()
    finance, marketing = staff_client("finance"), staff_client("marketing")
    page = text_of(finance.get(address(order)))
    for words in ("Issue New Gift Card", "Refund everything", "Mark shipped", "Add note"):
        assert words not in page
    assert finance.post(address(order, "refunds"), data={"reason": "x"}).status_code == 403
    assert marketing.get("/staff/orders/").status_code == 403


# The page itself


def test_what_somebody_else_has_done_shows_at_once(staff_client):
    agent, other = staff_client(), staff_client()
    card, order = mixed()
    issued = desk.order_cards.issue(order.id, amount=amount_of("9.00 USD"), by=AGENT, reason="Late")
    first = text_of(agent.get(address(order)))
    assert text_of(agent.get(address(order))).count("View Details") == 2
    assert other.person.name in text_of(other.get(address(order)))
    assert agent.person.name in first
    notes.write(order.id, text="Just now", by=SHOP)
    assert "Just now" in text_of(agent.get(address(order)))
    cards.top_up(issued.id, amount=amount_of("0.55 USD"), by=AGENT)
    assert "$9.55" in text_of(agent.get(address(order)))
    refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
    assert "$40.00 back" in text_of(agent.get(address(order)))
    assert balance(card) == "40.00 USD"


def test_each_reader_of_a_page_gets_their_own_token(staff_client):
    clients, (_, order) = [staff_client(), staff_client()], mixed()
    tokens = []
    for client in clients:
        pages = [text_of(client.get(address(order))) for _ in range(2)]
        found = [re.findall(r'name="csrf_token" value="([^"]+)"', page) for page in pages]
        assert len(found[1]) > 1
        tokens.append({token.split(".")[0] for token in found[1]})
    assert tokens[0] & tokens[1] == set()


def test_the_message_of_the_page_before_is_shown_once(staff_client):
    client, (_, order) = staff_client(), mixed()
    client.post(address(order, "notes"), data={"text": "Hello"})
    assert "Note added." in text_of(client.get(address(order)))
    assert "Note added." not in text_of(client.get(address(order)))


@pytest.mark.proves("D22", "D24", "S46")
def test_an_item_is_taken_off_after_its_effects_were_shown(staff_client):
    client = staff_client()
    order = place(goods("60.00 USD"), gift_card_item("25.00 USD"))
    (_, gift), (card,) = sheet(order).lines, sheet(order).purchased
    asked = text_of(client.get(address(order, "items", gift.id, "removal")))
    assert "$25.00 goes back to Visa 4242." in asked
    assert f"Gift card •••• {card.last4}, bought here, is cancelled." in asked
    assert client.post(address(order, "items", gift.id, "removal"), data={}).status_code == 422
    assert sheet(order).refunded.minor == 0
    done = client.post(address(order, "items", gift.id, "removal"), data={"reason": "Wrong"})
    assert done.status_code == 303
    page = text_of(client.get(address(order)))
    assert "Taken off" in page
    assert "Take off" not in page  # What is left is the last item.
    assert sheet(order).refunded == amount_of("25.00 USD")
    again = client.get(address(order, "items", gift.id, "removal"))
    assert (again.status_code, "taken off already" in text_of(again)) == (409, True)
    last = client.get(address(order, "items", sheet(order).lines[0].id, "removal"))
    assert (last.status_code, "all that is left" in text_of(last)) == (409, True)


@pytest.mark.proves("D22")
def test_taking_off_says_what_is_shipped_already_and_that_a_provider_has_not_answered(staff_client):
    client = staff_client()
    with provider("unknown"):
        order = place(
            *(goods("60.00 USD"), goods("40.00 USD", sku="CAP", name="A cap")),
            gateway="stripe",
            method="stripe",
        )
        desk.orders.ship(order.id, by=AGENT)
        (_, cap) = sheet(order).lines
        page = address(order, "items", cap.id, "removal")
        assert "have it sent back" in text_of(client.get(page))
        done = client.post(page, data={"reason": "Broken"}, follow_redirects=True)
    assert "A cap is taken off. Its refund is not through yet." in text_of(done)
