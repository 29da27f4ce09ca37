"""A holder recharges their card at /account/: the amount, the cart, the order, the desk's page."""

import re
from datetime import timedelta
from html import unescape

import pytest

from giftweb import clock, database
from giftweb.domain import cards, orders, outbox, refunds
from giftweb.domain.catalogue.rates import NewRate, set_rates
from giftweb.domain.mail.letters import gather
from giftweb.web.mail import letters
from tests.factories import ADDRESS, AGENT, ROOT, make_campaign, make_card
from tests.orders import gift_card_product, newest_order, place, recharge
from tests.web.test_account import sign_in
from tests.web.test_store import place_by_card

pytestmark = pytest.mark.proves("B7", "B20")


@pytest.fixture
def shop():
    """A campaign whose hosted shop sells gift cards."""
    campaign = make_campaign()
    gift_card_product(campaign.id)
    return campaign


@pytest.fixture
def card(shop):
    """Ann's card, from that shop."""
    return make_card("10.00 USD", campaign_id=shop.id, holder_name="Ann Smith").card


@pytest.fixture
def ann(client, card, provider):
    """Ann, signed in at her account; a card pays in the shop."""
    sign_in(client)
    return client


def words(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def to_cart(client, card, **typed):
    return client.post(f"/account/cards/{card.id}/recharge", data=typed or {"choice": "25.00"})


def pay(client, shop, email="ann@example.com"):
    at = f"/shop/{shop.id}"
    client.post(f"{at}/checkout", data=ADDRESS | {"email": email})
    return place_by_card(client, at)


def balance(card) -> str:
    return str(cards.find(card.id).balance)


def test_from_the_account_by_the_cart_to_the_card(ann, shop, card):
    assert f"/account/cards/{card.id}/recharge" in ann.get("/account/").text
    page = words(ann.get(f"/account/cards/{card.id}/recharge"))
    assert "$25.00 $50.00 Or your own amount" in page
    answer = to_cart(ann, card)
    assert answer.headers["Location"] == f"/shop/{shop.id}/cart"
    shown = ann.get(answer.headers["Location"]).text
    assert f"Recharge of •••• {card.last4}" in shown
    assert "Quantity of" not in shown
    thanks = ann.get(pay(ann, shop).headers["Location"])
    assert "was recharged with $25.00 . On it now: $35.00" in words(thanks)
    assert balance(card) == "35.00 USD"
    order = newest_order()
    own = words(ann.get(f"/account/cards/{card.id}"))
    assert re.search(rf"{order.number} Recharged .* \+\$25.00", own)


def test_pressing_again_changes_the_amount_in_the_cart(ann, shop, card):
    to_cart(ann, card)
    to_cart(ann, card, amount="12.50")
    shown = words(ann.get(f"/shop/{shop.id}/cart"))
    assert shown.count("Remove · Recharge of") == 1
    assert "Total $12.50" in shown


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"x": ""}, "Choose an amount."),
        ({"choice": "9.00"}, "Enter an amount from $10.00 to $500.00."),
        ({"amount": "9.99"}, "Enter an amount from"),
        ({"amount": "1e3"}, "Enter an amount"),
    ],
)
def test_a_wrong_amount_is_reported_on_its_field_and_nothing_is_in_the_cart(
    ann, shop, card, typed, message
):
    answer = to_cart(ann, card, **typed)
    assert answer.status_code == 422
    assert message in words(answer)
    assert "Your cart is empty" in ann.get(f"/shop/{shop.id}/cart").text


def test_nobody_recharges_the_card_of_another(ann, shop):
    other = make_card(holder="bob@example.com", campaign_id=shop.id).card
    assert ann.get(f"/account/cards/{other.id}/recharge").status_code == 404
    assert to_cart(ann, other).status_code == 404
    ann.post("/account/sign-out")
    assert to_cart(ann, other).status_code == 404


def test_there_is_no_button_where_it_cannot_be_done_and_the_page_says_why(ann, shop, card):
    at = f"/account/cards/{card.id}"
    cards.freeze(card.id, by=AGENT, reason="lost")
    assert f"{at}/recharge" not in ann.get("/account/").text
    assert "This card cannot be recharged. It is frozen." in ann.get(at).text
    assert ann.get(f"{at}/recharge").headers["Location"] == at
    assert to_cart(ann, card).headers["Location"] == at


def test_a_test_card_is_not_offered_to_its_holder(client, shop):
    test = make_card(is_test=True, campaign_id=shop.id).card
    sign_in(client)
    assert "It is a test card." in client.get(f"/account/cards/{test.id}").text
    assert to_cart(client, test).headers["Location"] == f"/account/cards/{test.id}"


def test_without_a_shop_that_sells_gift_cards_the_page_says_so(client):
    make_campaign()
    card = make_card().card
    sign_in(client)
    assert "No shop sells recharges of this card" in client.get(f"/account/cards/{card.id}").text


def test_the_shop_is_the_cards_own_then_one_of_its_currency_then_one_with_a_rate(client):
    euros = make_campaign(currency="EUR")
    dollars, own = make_campaign(), make_campaign()
    for campaign in (euros, dollars, own):
        gift_card_product(campaign.id)
    from_own = make_card(campaign_id=own.id).card
    elsewhere = make_card().card
    pounds, francs = make_card("5.00 GBP").card, make_card("5.00 CHF").card
    set_rates([NewRate(clock.today(), "EUR", "GBP", "0.85")], by=ROOT)
    found = orders.recharge_shops.offers([from_own, elsewhere, pounds, francs], is_test=False)
    assert {card_id: product.campaign_id for card_id, product in found.items()} == {
        from_own.id: own.id,
        elsewhere.id: dollars.id,
        pounds.id: euros.id,
    }


@pytest.mark.proves("S66")
def test_a_card_of_another_currency_tells_what_it_gets(client, provider):
    shop = make_campaign(currency="EUR")
    gift_card_product(shop.id)
    card = make_card("5.00 GBP").card
    set_rates([NewRate(clock.today(), "EUR", "GBP", "0.85")], by=ROOT)
    sign_in(client)
    assert (
        "You pay in EUR. The card gets GBP" in client.get(f"/account/cards/{card.id}/recharge").text
    )
    to_cart(client, card)
    assert "On the card: £21.25" in words(client.get(f"/shop/{shop.id}/cart"))
    pay(client, shop)
    assert balance(card) == "26.25 GBP"


def test_the_cart_says_before_paying_that_a_card_cannot_take_it_any_more(ann, shop, card):
    to_cart(ann, card)
    cards.freeze(card.id, by=AGENT, reason="lost")
    at = f"/shop/{shop.id}"
    shown = words(ann.get(f"{at}/cart"))
    assert "It cannot be recharged. It is frozen." in shown
    assert "Check out" not in shown
    for page in ("checkout", "checkout/pay"):
        assert ann.get(f"{at}/{page}").headers["Location"] == f"{at}/cart"
    cards.unfreeze(card.id, by=AGENT)
    assert "Check out" in ann.get(f"{at}/cart").text


def test_a_card_spoilt_on_the_last_page_is_reported_and_nothing_is_placed(ann, shop, card):
    to_cart(ann, card)
    at = f"/shop/{shop.id}"
    ann.post(f"{at}/checkout", data=ADDRESS | {"email": "ann@example.com"})
    cards.endings.cancel(card.id, by=AGENT)
    answer = place_by_card(ann, at)
    assert answer.status_code == 409
    assert f"Gift card •••• {card.last4} cannot be recharged. It is cancelled." in words(answer)
    assert database.scalar("SELECT COUNT(*) FROM orders") == 0


def test_a_number_made_up_for_a_recharge_is_refused(ann, shop, card):
    to_cart(ann, card)
    ann.post(f"/shop/{shop.id}/cart", data={"quantity-0": "5"})
    assert "Total $25.00" in words(ann.get(f"/shop/{shop.id}/cart"))


def test_the_balance_is_shown_to_the_holder_alone(ann, shop, card):
    to_cart(ann, card)
    place = pay(ann, shop).headers["Location"]
    assert "On it now" in words(ann.get(place))
    with clock.moved(timedelta(hours=2)):
        shown = words(ann.get(place))
    assert f"Recharge of •••• {card.last4}" in shown
    assert "On it now" not in shown


@pytest.mark.proves("X21")
def test_whoever_signs_out_leaves_no_order_behind_on_which_more_could_be_bought(ann, shop, card):
    to_cart(ann, card)
    place = pay(ann, shop).headers["Location"]
    ann.post("/account/sign-out")
    assert ann.get(place).status_code == 404


def test_the_confirmation_and_the_recharge_are_mailed(app, ann, shop, card, mailbox):
    to_cart(ann, card)
    pay(ann, shop, email="other@example.com")
    assert mailbox.kinds().count("card_recharged") == 1
    with app.app_context():
        mails = {mail.kind: letters.write(gather(mail)) for mail in _mails()}
    assert f"Recharge of •••• {card.last4}" in mails["order_confirmation"].text
    assert "$25.00 was added to your gift card" in mails["card_recharged"].subject


def _mails():
    queued = database.rows("SELECT id FROM mail WHERE kind <> 'sign_in_link'")
    return [outbox.mails.find(mail_id) for (mail_id,) in queued]


def test_the_desk_sees_the_recharge_among_the_orders_cards_and_what_became_of_it(
    staff_client, card
):
    order = place(recharge(card), shipping="0.00 USD")
    desk = staff_client("customer_service")
    at = f"/staff/orders/{order.number}"
    shown = words(desk.get(at))
    items = shown.partition("Recharged in this order")[0]
    assert "Recharge" in items
    assert "Gift card, virtual" not in items
    assert f"Recharged in this order Recharge of •••• {card.last4}" in shown
    reported = words(desk.get(f"{at}/refunds"))
    assert f"$25.00 is taken back from gift card •••• {card.last4}." in reported
    refunds.refund_all(order.id, by=AGENT)
    assert "$25.00 taken back" in words(desk.get(at))
    statement = desk.get(f"/staff/gift-cards/{card.id}").text
    assert f'href="/staff/orders/{order.number}"' in statement


def test_a_shops_program_sees_it_in_the_order_and_cannot_make_one(api, shop, card):
    order = place(recharge(card), campaign_id=shop.id, shipping="0.00 USD")
    caller = api(shop.id)
    (item,) = caller.get(f"/orders/{order.id}").json["items"]
    assert item["recharges"] == card.id
    goods = {"sku": "A", "name": "A", "quantity": 1, "unit_amount": 100}
    body = {
        "order_reference": "R-1",
        "currency": "USD",
        "customer": {"email": "eve@example.com", "name": "Eve"},
        "items": [goods | {"kind": "gift_card", "recharges": card.id}],
    }
    assert caller.post("/checkouts", body).status_code == 422
