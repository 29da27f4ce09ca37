"""What an action on an order will do is said in numbers before it is done, and nothing untrue."""

import pytest

from giftweb.domain import awaited, cards, carts, checkout, desk, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.web.text import payment_sums
from tests.factories import AGENT, amount_of, goods, make_campaign, make_card, make_checkout
from tests.orders import gift_card_item, notes_of, paid_by, place, provider, recharge, sheet


def address(order, *parts: str) -> str:
    return "/".join([f"/staff/orders/{order.number}", *parts])


def payment_address(order, method: str, action: str) -> str:
    return address(order, "payments", paid_by(order, method).id, action)


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def checked(client, order, method: str, amount: str) -> str:
    form = {"amount": amount, "reason": "Broken"}
    return text_of(client.post(payment_address(order, method, "refund"), data=form))


@pytest.mark.proves("S49", "S50", "D8")
def test_the_last_refund_says_that_shipping_will_be_denied(staff_client):
    client, card = staff_client(), make_card("40.00 USD")
    order = place(cards=[card])
    assert "Shipping Denied" not in checked(client, order, "gift_card", "40.00")
    refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
    assert "Shipping Denied" not in checked(client, order, "credit_card", "59.99")
    assert "becomes Shipping Denied" in checked(client, order, "credit_card", "60.00")


@pytest.mark.proves("B14")
def test_a_refund_says_how_much_of_the_bonus_it_takes_back(staff_client):
    campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    order = place(goods("180.00 USD"), shipping="0.00 USD", campaign_id=campaign.id)
    (bonus,) = sheet(order).issued
    spend(bonus, "8.00 USD")
    client, words = staff_client(), f"of bonus card •••• {bonus.last4}"
    assert f"$9.00 {words} is taken back." in checked(client, order, "credit_card", "90.00")
    everything = text_of(client.get(address(order, "refunds")))
    assert f"$10.00 {words} is taken back." in everything
    assert f"$8.00 {words} is gone: a shortfall." in everything
    refunds.refund_all(order.id, by=AGENT)
    assert "$10.00 of bonus gift card" in notes_of(order)
    assert "Due: $18.00 · Taken: $10.00" in text_of(client.get(f"/staff/gift-cards/{bonus.id}"))


def spend(card, amount: str) -> None:
    opened = make_checkout(goods(amount), shipping="0.00 USD")
    carts.apply(opened.id, code=cards.holder.open_code(card.id))
    checkout.capture(opened.id, tenders=[], by=SYSTEM)


@pytest.mark.proves("S47")
def test_what_waits_for_its_provider_is_named_as_that(staff_client):
    client = staff_client()
    with provider("unknown"):
        order = place(cards=[make_card("40.00 USD")], gateway="stripe", method="stripe")
        given = refunds.refund_all(order.id, by=AGENT)
        refunds.send([refund.id for refund in given])
        page = text_of(client.get(address(order)))
        assert "$100.00 paid · $40.00 back · $60.00 on its way back" in page
        again = text_of(client.get(address(order, "refunds")))
        assert "$60.00 to Visa 4242 is asked for again" in again
        refunds.send([refund.id for refund in given])
    assert "$100.00 paid · $100.00 back" in text_of(client.get(address(order)))
    assert "$60.00 paid by stripe was returned." in notes_of(order)


@pytest.mark.proves("S46", "S47")
def test_what_is_over_is_refused_before_anything_is_asked(staff_client):
    client, order = staff_client(), place()
    refunds.refund_all(order.id, by=AGENT)
    for step, why in (
        (payment_address(order, "credit_card", "refund"), "Nothing of this payment is left"),
        (address(order, "refunds"), "Nothing of this order is left to refund."),
        (address(order, "cancellation"), "This order is over"),
    ):
        assert why in text_of(client.get(step), 409)
    form = {"amount": "10.00", "reason": "x"}
    late = client.post(payment_address(order, "credit_card", "refund"), data=form)
    assert "Nothing of this payment is left to refund." in text_of(late, 409)
    assert client.post(address(order, "cancellation"), data={"reason": "x"}).status_code == 409


@pytest.mark.proves("S52", "D12")
def test_a_chargeback_names_the_cards_it_freezes_and_stays_on_the_page(staff_client):
    client, order = staff_client(), place(gift_card_item("30.00 USD"), shipping="0.00 USD")
    (bought,) = sheet(order).purchased
    words = f"Gift card •••• {bought.last4}, bought with it, is frozen."
    paid = paid_by(order, "credit_card")
    assert words in text_of(client.get(payment_address(order, "credit_card", "chargeback")))
    plain = place()
    assert "is frozen" not in text_of(
        client.get(payment_address(plain, "credit_card", "chargeback"))
    )
    part = amount_of("10.00 USD")
    desk.orders.charge_back(order.id, payment_id=paid.id, amount=part, by=AGENT)
    page = text_of(client.get(address(order)))
    assert "$30.00 paid · $10.00 charged back ·" in page
    assert "Charged back" in page


@pytest.mark.proves("S45", "D5")
def test_freezing_is_not_offered_for_a_card_that_is_frozen(staff_client):
    client, order = staff_client(), place(gift_card_item("30.00 USD"), shipping="0.00 USD")
    (bought,) = sheet(order).purchased
    spend(bought, "10.00 USD")
    cards.freeze(bought.id, by=AGENT, reason="Lost")
    page = text_of(client.get(address(order, "gift-cards", bought.id, "deletion")), 409)
    assert "It is frozen already." in page
    assert "Freeze instead" not in page


@pytest.mark.proves("S73")
def test_the_notes_say_what_was_spent_of_a_card_that_is_frozen():
    order = place(gift_card_item("30.00 USD"), shipping="0.00 USD")
    (bought,) = sheet(order).purchased
    spend(bought, "10.00 USD")
    refunds.refund_all(order.id, by=AGENT)
    assert f"{bought.last4} was frozen: the order was refunded. $10.00 of it is spent." in notes_of(
        order
    )


def test_the_tracking_number_is_changed_under_its_own_name(staff_client):
    client, order = staff_client(), place()
    desk.orders.ship(order.id, tracking="1Z", by=AGENT)
    page = text_of(client.get(address(order, "shipment")))
    assert "Change tracking" in page
    assert "From then on" not in page
    client.post(address(order, "shipment"), data={"tracking": "2Z"})
    assert "The tracking number is changed." in text_of(client.get(address(order)))


@pytest.mark.proves("S46", "D24", "E12")
def test_a_refund_in_part_names_the_bought_cards_that_stay_and_offers_to_take_them_back(
    staff_client,
):
    order = place(goods("20.00 USD"), gift_card_item("30.00 USD", quantity=3), shipping="0.00 USD")
    whole, used, gone = sheet(order).purchased
    spend(used, "10.00 USD")
    desk.card_withdrawal.delete(order.id, card_id=gone.id, by=AGENT)
    client = staff_client()
    part = checked(client, order, "credit_card", "20.00")
    assert "Bought in this order, and not taken back" in part
    offers = [part.count(words) for words in ("Take it back instead", "Freeze it instead")]
    assert offers == [1, 1]
    for card, times in ((whole, 1), (used, 1), (gone, 0)):
        assert part.count(address(order, "gift-cards", card.id, "deletion") + '"') == 2 * times
    cards.freeze(used.id, by=AGENT)
    assert "Freeze it instead" not in checked(client, order, "credit_card", "20.00")
    assert "not taken back" not in checked(client, order, "credit_card", "80.00")


@pytest.mark.proves("E12", "B7")
def test_a_refund_in_part_names_the_recharge_that_stays(staff_client):
    card = make_card("5.00 USD").card
    order = place(goods("20.00 USD"), recharge(card, "30.00 USD"), shipping="0.00 USD")
    client = staff_client()
    part = checked(client, order, "credit_card", "20.00")
    assert "was recharged with $30.00" in part
    assert f"/staff/gift-cards/{card.id}" in part
    assert "was recharged with" not in checked(client, order, "credit_card", "50.00")


@pytest.mark.proves("E12", "D23")
def test_a_replacement_of_a_bought_card_is_named_too(staff_client):
    order = place(goods("20.00 USD"), gift_card_item("30.00 USD"), shipping="0.00 USD")
    (bought,) = sheet(order).purchased
    successor = cards.endings.replace_card(bought.id, by=AGENT).card
    part = checked(staff_client(), order, "credit_card", "20.00")
    assert f"/staff/gift-cards/{successor.id}" in part
    assert "instead" not in part


@pytest.mark.proves("D21", "E1")
def test_an_order_that_waits_for_its_money_is_not_called_paid():
    order = place(method="bank_transfer", state="pending")
    payment = paid_by(order, "bank_transfer")
    assert payment_sums.payment_summary(sheet(order), ()) == ["waiting for $100.00"]
    awaited.receive(payment.id, by=AGENT)
    assert payment_sums.payment_summary(sheet(order), ()) == ["paid"]
    never = place(method="bank_transfer", state="pending")
    awaited.cancel(paid_by(never, "bank_transfer").id, by=AGENT)
    assert payment_sums.payment_summary(sheet(never), ()) == ["not paid"]


@pytest.mark.proves("E1", "E11")
def test_a_refund_by_hand_waits_for_sent_or_it_failed_with_its_reason(staff_client):
    client, order = staff_client(), place(method="bank_transfer", paid_as="W-1")
    payment = paid_by(order, "bank_transfer")
    refund = refunds.refund(payment.id, by=AGENT)
    page = text_of(client.get(address(order)))
    assert "To be sent" in page
    assert "The shop is asked" not in page
    failure = address(order, "refunds", refund.id, "failure")
    panel = text_of(client.get(failure))
    assert "$100.00 is not refunded any more, and can be refunded again." in panel
    assert "The order stays Shipping Denied." in panel
    assert "Say why" in text_of(client.post(failure, data={"reason": ""}), 422)
    assert client.post(failure, data={"reason": "No such account"}).status_code == 303
    assert "Failed: No such account" in text_of(client.get(address(order)))
    again = refunds.refund(payment.id, by=AGENT)
    sent = client.post(address(order, "refunds", again.id, "confirmation"))
    assert sent.status_code == 303
    page = text_of(client.get(address(order)))
    assert "Refunded" in page
    assert "To be sent" not in page
    foreign = place(method="cash")
    assert client.get(address(foreign, "refunds", again.id, "failure")).status_code == 404


@pytest.mark.proves("E1")
def test_where_a_refund_stands_is_stated_in_the_readers_language(staff_client):
    client, order = staff_client(), place(method="bank_transfer", paid_as="W-1")
    refund = refunds.refund(paid_by(order, "bank_transfer").id, by=AGENT)
    assert "Zu überweisen" in text_of(client.get(f"{address(order)}?lang=de"))
    failed = {"reason": "No such account"}
    client.post(address(order, "refunds", refund.id, "failure"), data=failed)
    assert "Fehlgeschlagen: No such account" in text_of(client.get(address(order)))


@pytest.mark.proves("D12", "D22")
def test_a_recharged_card_is_not_called_bought(staff_client):
    card = make_card("10.00 USD", holder="ann@example.com").card
    order = place(recharge(card, "40.00 USD"), shipping="0.00 USD")
    paid = paid_by(order, "credit_card").id
    desk.orders.charge_back(order.id, payment_id=paid, amount=amount_of("30.00 USD"), by=AGENT)
    cards.unfreeze(card.id, by=AGENT)
    page = text_of(staff_client().get(address(order, "refunds")))
    assert f"Gift card •••• {card.last4}, recharged here, is frozen" in page
    assert "bought here" not in page
