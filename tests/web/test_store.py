"""The hosted shop: what may go wrong between the cart and the thank-you page."""

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from giftweb import clock, database, days, models
from giftweb.domain import awaited, campaigns, cards, catalogue, checkout, customers, desk, outbox
from giftweb.domain.catalogue.products import NewProduct
from giftweb.domain.mail.letters import gather
from giftweb.domain.orders import values
from giftweb.domain.payments.providers import Prepared
from giftweb.web.mail import letters
from tests.factories import ADMIN, ROOT, make_campaign, make_card
from tests.orders import newest_order, notes_of, paid_by, sheet
from tests.web.test_account import sign_in

DETAILS = {
    "email": "ann@example.com",
    "name": "Ann Smith",
    "line1": "1 High Street",
    "city": "Springfield",
    "postal_code": "12345",
    "country": "us",
}


PRESENT = {
    "quantity": "1",
    "choice": "25.00",
    "recipient_name": "Bob",
    "recipient_email": "bob@example.com",
    "sender_name": "Ann",
    "sender_email": "ann@example.com",
}
"""What is typed into the page of GIFT."""


GIFT = NewProduct(
    sku="GIFT",
    name="Gift card",
    kind="gift_card",
    card_type="virtual",
    requires_shipping=False,
    amounts_minor=(2500,),
)


@pytest.fixture
def shop() -> str:
    """The address of a campaign's shop that sells a lamp, a gift card, and a wrapping later."""
    campaign = make_campaign(shipping_minor=900)
    for new in (
        NewProduct(sku="LAMP", name="Reading lamp", unit_minor=7000),
        GIFT,
        NewProduct(
            sku="WRAP", name="Wrapping", unit_minor=600, is_upsell=True, requires_shipping=False
        ),
    ):
        catalogue.create(campaign.id, new=new, by=ROOT)
    return f"/shop/{campaign.id}"


def fill_cart(client, shop: str, code: str = "") -> None:
    """A lamp in the cart, the details given, a gift card applied."""
    client.post(f"{shop}/products/LAMP", data={"quantity": "1"})
    client.post(f"{shop}/checkout", data=DETAILS)
    if code:
        assert client.post(f"{shop}/checkout/apply", data={"code": code}).status_code == 200


def place(client, shop: str, **form):
    return client.post(f"{shop}/checkout/place", data=form)


def place_by_card(client, shop: str):
    """The shopper names a card in the provider's script, and the order is placed."""
    place(client, shop, method="card")
    return place(client, shop, method="card", confirmed="yes")


def words(answer) -> str:
    return plain(answer.text)


def plain(page: str) -> str:
    text = html.unescape(re.sub(r"(?s)<style.*?</style>|<[^>]+>", " ", page))
    return re.sub(r"\s+", " ", text)


def orders() -> int:
    return database.scalar("SELECT COUNT(*) FROM orders")


def balance(card) -> str:
    return str(cards.find(card.card.id).available)


# The cart


def test_a_line_is_taken_out_and_the_cart_says_so(client, shop):
    fill_cart(client, shop)
    client.post(f"{shop}/cart", data={"remove": "0"})
    page = words(client.get(f"{shop}/cart"))
    assert "Reading lamp was taken out of your cart." in page
    assert "Your cart is empty" in page


def test_an_expired_cart_says_so_and_is_filled_again(client, shop):
    fill_cart(client, shop)
    with clock.moved(timedelta(days=8)):
        answer = client.get(f"{shop}/checkout/pay", follow_redirects=True)
        assert "Your cart has expired. Nothing was charged" in words(answer)
        page = words(client.post(f"{shop}/cart/again", follow_redirects=True))
        assert "Reading lamp" in page
        assert "Check out" in page


@pytest.mark.proves("X13")
@pytest.mark.parametrize("typed", ["", "0", "100", "-1", "٣", "9" * 400])
def test_a_quantity_is_a_number_from_1_to_99(client, shop, typed):
    answer = client.post(f"{shop}/products/LAMP", data={"quantity": typed})
    assert answer.status_code == 422
    assert re.search("Enter a number from 1 to 99|Enter a whole number", words(answer))
    assert "Your cart is empty" in words(client.get(f"{shop}/cart"))


@pytest.mark.proves("X13")
def test_a_line_that_no_cart_has_is_not_taken_out(client, shop):
    fill_cart(client, shop)
    client.post(f"{shop}/cart", data={"remove": "9" * 5000})
    assert "Reading lamp" in words(client.get(f"{shop}/cart"))


def test_what_does_not_fit_into_the_cart_is_refused_and_reported(client, shop):
    fill_cart(client, shop)
    answer = client.post(f"{shop}/products/LAMP", data={"quantity": "99"})
    assert answer.status_code == 422
    assert "Your cart holds 1 of these already; 99 is the most." in words(answer)
    for number in range(20):
        new = NewProduct(sku=f"P{number}", name=f"Plate {number}", unit_minor=100)
        catalogue.create(shop.rpartition("/")[2], new=new, by=ROOT)
        answer = client.post(f"{shop}/products/P{number}", data={"quantity": "1"})
    assert answer.status_code == 422
    assert "Your cart holds 20 different things, the most there can be." in words(answer)
    assert "Plate 19" not in words(client.get(f"{shop}/cart"))


@pytest.mark.proves("E28")
@pytest.mark.parametrize("day", ["2020-01-31", "2099-01-31"])
def test_a_card_is_not_sent_on_a_day_gone_by_or_years_ahead(client, shop, day):
    campaign_id = shop.rpartition("/")[2]
    catalogue.create(campaign_id, new=replace(GIFT, sku="LATER"), by=ROOT)
    place = f"{shop}/products/LATER"
    answer = client.post(place, data=PRESENT | {"deliver_on": day})
    assert answer.status_code == 422
    assert "Choose a day from today to one year ahead." in words(answer)
    today = clock.today().isoformat()
    assert client.post(place, data=PRESENT | {"deliver_on": today}).status_code == 303


@pytest.mark.proves("D25", "E28")
@pytest.mark.parametrize(
    ("zone", "today", "hour"),
    [("Pacific/Kiritimati", "2027-03-15", "18:00"), ("America/New_York", "2027-03-14", "12:00")],
)
def test_a_day_to_send_a_card_on_is_a_day_of_the_shop(client, shop, zone, today, hour):
    """It is sent at eight in the morning there; on the day of summer time, too."""
    change_settings(shop, time_zone=zone)
    catalogue.create(shop.rpartition("/")[2], new=replace(GIFT, sku="LATER"), by=ROOT)
    place = f"{shop}/products/LATER"
    first = date.fromisoformat(today)
    with clock.moved(datetime(2027, 3, 14, 11, tzinfo=UTC) - clock.now()):
        gone = client.post(place, data=PRESENT | {"deliver_on": first - timedelta(days=1)})
        assert "Choose a day from today to one year ahead." in words(gone)
        assert client.post(place, data=PRESENT | {"deliver_on": today}).status_code == 303
    (((item,),),) = models.Checkout.select(models.Checkout.items).tuples()
    sent = datetime.fromisoformat(item["deliver_at"])
    assert sent == days.at(first, time(8), zone)
    assert f"{sent:%H:%M}" == hour


@pytest.mark.proves("S65", "E33")
def test_an_amount_of_the_list_and_one_that_was_typed_are_not_both_meant(client, shop):
    campaign_id = shop.rpartition("/")[2]
    card = replace(GIFT, sku="OWN", open_least_minor=1000, open_most_minor=9000)
    catalogue.create(campaign_id, new=card, by=ROOT)
    product = f"{shop}/products/OWN"
    both = PRESENT | {"choice": "25.00", "amount": "40"}
    page = client.post(product, data=both).text
    assert "$25.00 is chosen and $40.00 is typed. Choose another amount" in page
    assert 'value="40"' in page
    for right in ({"choice": "other", "amount": "40"}, {"choice": "25.00", "amount": "25"}):
        assert client.post(product, data=both | right).status_code == 303
    assert "Items $65.00" in words(client.get(f"{shop}/cart"))


@pytest.mark.proves("E33", "S69")
def test_whoever_gives_one_card_need_not_type_their_name_for_the_next(client, shop):
    client.post(f"{shop}/products/GIFT", data=PRESENT | {"sender_name": "Zoe Ann"})
    assert 'value="Zoe Ann"' in client.get(f"{shop}/products/GIFT").text


@pytest.mark.proves("E15")
def test_an_address_in_capitals_makes_no_second_customer(client, shop):
    ann = customers.register(email="ann@example.com", name="Ann Smith", by=ROOT)
    fill_cart(client, shop)
    client.post(f"{shop}/checkout", data=DETAILS | {"email": "Ann@Example.com"})
    place(client, shop, method="bank_transfer")
    placed = database.rows("SELECT customer_id, customer_email FROM orders")
    assert placed == [(ann.id, "ann@example.com")]
    assert customers.search("ann@").items == (ann,)


@pytest.mark.proves("X21")
def test_signing_in_keeps_the_cart_and_nothing_else_of_the_visit_before(client, shop):
    make_card()
    fill_cart(client, shop)
    with client.session_transaction() as session:
        session["planted"] = "before"
        (name,) = [each for each in session if each.startswith("cart:")]
        planted = session[name]
    sign_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session[name] != planted
    assert "Reading lamp" in words(client.get(f"{shop}/cart"))


@pytest.mark.proves("X21")
def test_signing_in_while_a_payment_is_under_way_leaves_it_under_way(client, shop):
    make_card()
    fill_cart(client, shop, make_card().code)
    with client.session_transaction() as session:
        (name,) = [each for each in session if each.startswith("cart:")]
        cart_id = session[name]
    checkout.authorise(cart_id, by=ADMIN)
    sign_in(client)
    with client.session_transaction() as session:
        assert session[name] == cart_id


@pytest.mark.proves("S69")
def test_who_is_signed_in_is_the_sender_and_the_buyer(client, shop):
    make_card(holder_name="Ann Smith")
    assert "ann@example.com" not in client.get(f"{shop}/products/GIFT").text
    sign_in(client)
    page = client.get(f"{shop}/products/GIFT").text
    assert re.search(r'name="sender_name"[^>]*value="Ann Smith"', page)
    assert re.search(r'name="sender_email"[^>]*value="ann@example.com"', page)
    client.post(f"{shop}/products/LAMP", data={"quantity": "1"})
    page = client.get(f"{shop}/checkout").text
    assert re.search(r'name="email"[^>]*value="ann@example.com"', page)


@pytest.mark.proves("E27", "S20", "S21")
def test_staff_try_the_shop_with_test_money_and_nobody_else(client, staff_client, shop):
    client.get(f"{shop}/?test=1")
    assert "TEST" not in words(client.get(f"{shop}/"))
    tester, live = staff_client("root"), make_card("100.00 USD")
    settings = tester.get(f"/staff/campaigns/{shop.rpartition('/')[2]}").text
    assert f'href="{shop}/?test=1"' in settings
    tester.get(f"{shop}/?test=1")
    assert "TEST" in words(tester.get(f"{shop}/"))
    fill_cart(tester, shop)
    answer = tester.post(f"{shop}/checkout/apply", data={"code": live.code})
    assert answer.status_code == 422
    card = make_card("100.00 USD", is_test=True)
    tester.post(f"{shop}/checkout/apply", data={"code": card.code})
    thanks = place(tester, shop, method="bank_transfer").headers["Location"]
    tester.get(f"{shop}/?test=0")
    assert "TEST" in words(tester.get(thanks))
    assert database.scalar("SELECT COUNT(*) FROM orders WHERE is_test") == 1


def test_the_country_is_chosen_by_name(client, shop):
    client.post(f"{shop}/products/LAMP", data={"quantity": "1"})
    assert '<option value="DE">Germany</option>' in client.get(f"{shop}/checkout").text
    for wrong in ("", "ZZ", "Germany"):
        answer = client.post(f"{shop}/checkout", data=DETAILS | {"country": wrong})
        assert answer.status_code == 422
    client.post(f"{shop}/checkout", data=DETAILS | {"country": "DE"})
    assert "12345 Springfield Germany" in words(client.get(f"{shop}/checkout/pay"))
    assert '<option selected value="DE">' in client.get(f"{shop}/checkout").text


# Placing


@pytest.mark.proves("S64", "D3")
def test_a_card_frozen_after_it_was_applied_is_refused_and_the_cart_is_intact(client, shop):
    card = make_card("100.00 USD")
    fill_cart(client, shop, card.code)
    cards.freeze(card.card.id, by=ADMIN)
    answer = place(client, shop, method="bank_transfer")
    assert answer.status_code == 409
    last4 = card.card.last4
    assert f"Gift card •••• {last4} cannot be used any more." in words(answer)
    assert "Pay $79.00" in words(answer)
    assert (orders(), balance(card)) == (0, "100.00 USD")
    assert place(client, shop, method="bank_transfer").status_code == 303


@pytest.mark.proves("E8")
def test_a_card_lost_on_the_way_is_taken_off_and_the_shopper_reads_it(client, shop):
    card = make_card("100.00 USD")
    fill_cart(client, shop, card.code)
    cards.freeze(card.card.id, by=ADMIN)
    assert "•••• " + card.card.last4 not in words(client.get(f"{shop}/cart"))
    page = words(client.get(f"{shop}/checkout/pay"))
    gone = f"Gift card ending in {card.card.last4} cannot be used any more: it was removed."
    assert gone in page
    assert "Pay $79.00" in page
    assert gone not in words(client.get(f"{shop}/checkout/pay"))
    assert place(client, shop, method="bank_transfer").status_code == 303


@pytest.mark.proves("E8")
def test_a_step_with_another_card_takes_it_off_too(client, shop):
    lost, other = make_card("10.00 USD"), make_card("20.00 USD")
    fill_cart(client, shop, lost.code)
    cards.freeze(lost.card.id, by=ADMIN)
    page = words(client.post(f"{shop}/checkout/apply", data={"code": other.code}))
    assert f"Gift card ending in {other.card.last4} pays $20.00" in page
    assert f"Gift card ending in {lost.card.last4} cannot be used any more" in page
    assert "Pay $59.00" in page


@pytest.mark.proves("E39")
def test_a_card_that_another_cart_has_used_pays_less_and_the_shopper_reads_it(client, app, shop):
    card, other = make_card("80.00 USD"), app.test_client()
    for shopper in (client, other):
        fill_cart(shopper, shop, card.code)
    assert place(other, shop, method="bank_transfer").status_code == 303
    page = words(client.get(f"{shop}/checkout/pay"))
    assert "There is less on your gift cards than before. See what is left to pay." in page
    assert "-$10.00 of $10.00" in page
    assert "Pay $69.00" in page


def test_two_tabs_that_place_one_cart_make_one_order(app, shop):
    first, card = app.test_client(), make_card("100.00 USD")
    fill_cart(first, shop, card.code)
    second = app.test_client()
    with first.session_transaction() as there, second.session_transaction() as here:
        here.update(there)
    answers = [place(each, shop, method="bank_transfer") for each in (first, second)]
    assert [each.status_code for each in answers] == [303, 303]
    assert (orders(), balance(card)) == (1, "30.00 USD")
    late = words(second.post(f"{shop}/checkout/place", follow_redirects=True))
    assert "Your cart is empty" in late
    assert "It has become order" in late


def test_a_tab_that_was_still_paying_when_the_other_placed_is_shown_the_order(
    app, shop, provider, monkeypatch
):
    """Both requests have read the open cart before either places it."""
    client = app.test_client()
    fill_cart(client, shop)
    with client.session_transaction() as session:
        before = dict(session)
    assert place(client, shop, method="bank_transfer").status_code == 303
    with client.session_transaction() as session:
        session.clear()
        session.update(before)
    monkeypatch.setattr("giftweb.web.pages.baskets._has_ended", lambda found: False)
    answer = place(client, shop, method="bank_transfer")
    assert "/thanks/" in answer.headers["Location"]
    assert "Thank you, Ann Smith" in words(client.get(answer.headers["Location"]))
    assert orders() == 1


def test_a_second_click_on_pay_leads_to_the_order_too(client, shop):
    fill_cart(client, shop)
    with client.session_transaction() as session:
        before = dict(session)
    first = place(client, shop, method="bank_transfer")
    with client.session_transaction() as session:
        session.clear()
        session.update(before)
    second = place(client, shop, method="bank_transfer")
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])
    assert orders() == 1


def test_an_order_of_nothing_but_a_present_is_placed_without_any_payment(client, shop):
    campaign_id = shop.rpartition("/")[2]
    gift = NewProduct(sku="FREE", name="A sample", unit_minor=0, requires_shipping=False)
    catalogue.create(campaign_id, new=gift, by=ROOT)
    client.post(f"{shop}/products/FREE", data={"quantity": "1"})
    client.post(f"{shop}/checkout", data=DETAILS)
    page = words(client.get(f"{shop}/checkout/pay"))
    assert "There is nothing to pay." in page
    assert "Shipping $" not in page
    thanks = client.get(place(client, shop).headers["Location"])
    assert "Thank you" in words(thanks)
    assert "How it is paid" not in words(thanks)


# By bank transfer


def change_settings(shop: str, **changed) -> None:
    campaign = campaigns.find(shop.rpartition("/")[2])
    campaigns.change(campaign.id, settings=replace(campaign.settings, **changed), by=ROOT)


@pytest.mark.proves("S37", "S40")
def test_who_pays_by_transfer_is_shown_and_mailed_the_account(client, shop, app):
    change_settings(shop, bank_details="First Coast Bank\nAccount <12>")
    card = make_card("70.00 USD")
    fill_cart(client, shop, card.code)
    thanks = place(client, shop, method="bank_transfer").headers["Location"]
    order = newest_order()
    with app.app_context():
        mail = letters.write(gather(outbox.mails.of_address("ann@example.com")[0]))
    pages = (words(client.get(thanks)), plain(mail.html), " ".join(mail.text.split()))
    for page in pages:
        assert "Transfer $9.00 First Coast Bank Account <12>" in page
        assert f"Name {order.reference} in the transfer." in page
    assert f"$9.00 comes by bank transfer, with the reference {order.reference}." in notes_of(order)


@pytest.mark.proves("D21", "E1")
def test_who_pays_by_transfer_reads_until_when_it_may_come(client, shop):
    waits = "We wait for your payment"
    fill_cart(client, shop)
    thanks = place(client, shop, method="bank_transfer").headers["Location"]
    assert f"{waits}." in words(client.get(thanks))
    change_settings(shop, payment_days=7)
    fill_cart(client, shop)
    thanks = place(client, shop, method="bank_transfer").headers["Location"]
    last_day = sheet(newest_order()).pay_by
    page = words(client.get(thanks))
    assert f"{waits} until the end of {last_day.day} {last_day:%b %Y}" in page
    assert "and then cancel what is not paid." in page


def test_a_shop_that_names_no_account_promises_to_write_and_its_staff_are_notified(client, shop):
    fill_cart(client, shop)
    thanks = place(client, shop, method="bank_transfer").headers["Location"]
    assert "We will write to ann@example.com with the account" in words(client.get(thanks))
    order = newest_order()
    assert "The campaign names no bank account: write to the customer." in notes_of(order)


@pytest.mark.proves("D21", "X1", "E1")
def test_gift_cards_by_transfer_are_waited_for_and_mailed_when_it_has_come(client, shop, mailbox):
    fill_cart(client, shop)
    for name in ("lena", "max", "rita"):
        present = PRESENT | {"recipient_email": f"{name}@example.com"}
        client.post(f"{shop}/products/GIFT", data=present)
    client.post(f"{shop}/checkout", data=DETAILS)
    assert "Bank transfer" in words(client.get(f"{shop}/checkout/pay"))
    assert place(client, shop, method="bank_transfer").status_code == 303
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 0
    assert mailbox.kinds() == ["order_confirmation"]
    awaited.receive(paid_by(newest_order(), "bank_transfer").id, by=ADMIN)
    reported = [mail.to for mail in mailbox.all() if mail.kind == "cards_purchased"]
    assert sorted(reported) == ["lena@example.com", "max@example.com", "rita@example.com"]


@pytest.mark.proves("D21", "X1")
def test_goods_by_transfer_earn_no_bonus_before_the_money(client, shop):
    campaign = campaigns.find(shop.rpartition("/")[2])
    generous = replace(campaign.settings, issue_after_sales=True, absolute_on=True)
    generous = replace(generous, absolute_minor=5000)
    campaigns.change(campaign.id, settings=generous, by=ROOT)
    fill_cart(client, shop)
    assert place(client, shop, method="bank_transfer").status_code == 303
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 0


# The provider


@pytest.mark.proves("S40", "D3")
def test_a_declined_card_frees_the_gift_cards_and_another_way_is_open(client, shop, provider):
    card = make_card("40.00 USD")
    fill_cart(client, shop, card.code)
    provider.declines = True
    answer = place_by_card(client, shop)
    assert answer.status_code == 409
    assert words(answer).count("Your card was declined.") == 1
    assert "aria-invalid" not in answer.text
    assert (orders(), balance(card)) == (0, "40.00 USD")
    assert place(client, shop, method="bank_transfer").status_code == 303
    assert provider.charged == 0


@pytest.mark.proves("X9")
def test_no_card_but_the_one_that_was_named_for_this_cart_is_charged(app, shop, provider):
    alice, mallory = app.test_client(), app.test_client()
    fill_cart(alice, shop)
    page = place(alice, shop, method="card")
    assert 'data-secret="seti_1_secret"' in page.text
    fill_cart(mallory, shop)
    more = {"setup": "seti_1", "setup_intent": "seti_1", "confirmed": "seti_1"}
    stolen = place(mallory, shop, method="card", **more)
    assert (stolen.status_code, provider.used) == (409, [])
    assert "Name the card first." in words(stolen)
    place(mallory, shop, method="card")
    place(mallory, shop, method="card", **more)
    assert provider.used == ["seti_2"]
    place(alice, shop, method="card", confirmed="yes")
    assert provider.used == ["seti_2", "seti_1"]


def test_paypal_is_reached_by_a_page_and_not_by_a_redirect(client, shop, provider, monkeypatch):
    """A browser holds a redirect that follows a form to form-action, which is our own site."""
    gone = Prepared(reference="pi_1", redirect_url="https://paypal.example/pay")
    monkeypatch.setattr(provider, "authorise", lambda **asked: gone)
    provider.payments["pi_1"] = {"amount": 7900, "status": "reserved"}
    fill_cart(client, shop)
    answer = place(client, shop, method="paypal")
    assert answer.status_code == 200
    assert answer.headers["Refresh"] == "0; url=https://paypal.example/pay"
    assert "Continue to PayPal" in answer.text
    assert "/thanks/" in client.get(f"{shop}/checkout/finish").headers["Location"]
    assert orders() == 1


def test_a_payment_that_was_begun_does_not_lock_the_cart(client, shop, provider, monkeypatch):
    gone = Prepared(reference="pi_1", redirect_url="https://paypal.example/pay")
    monkeypatch.setattr(provider, "authorise", lambda **asked: gone)
    provider.payments["pi_1"] = {"amount": 7900, "status": "reserved"}
    fill_cart(client, shop)
    place(client, shop, method="paypal")
    client.post(f"{shop}/cart", data={"quantity-0": "2"})
    assert "$140.00" in words(client.get(f"{shop}/cart"))
    assert provider.reserved == 0
    answer = client.get(f"{shop}/checkout/finish")
    assert answer.status_code == 409
    assert "not confirmed yet" in words(answer)


def test_a_test_order_never_charges_a_real_account(staff_client, shop, provider):
    tester = staff_client()
    tester.get(f"{shop}/?test=1")
    fill_cart(tester, shop)
    assert "PayPal" in tester.get(f"{shop}/checkout/pay").text
    provider.publishable_key = "pk_live_1"
    assert "PayPal" not in tester.get(f"{shop}/checkout/pay").text
    assert place_by_card(tester, shop).status_code == 409
    assert provider.reserved == provider.charged == 0


# Afterwards


def test_an_upsell_by_transfer_is_added_once_however_often_it_is_pressed_at_one_moment(
    client, shop, monkeypatch
):
    """Each of the requests has read the order before another has added to it."""
    fill_cart(client, shop)
    thanks = place(client, shop, method="bank_transfer").headers["Location"]
    order = newest_order()
    before = values.sheet(order)
    with monkeypatch.context() as patched:
        patched.setattr("giftweb.domain.orders.sheet", lambda order: before)
        for _ in range(3):
            client.post(thanks, data={"sku": "WRAP", "method": "bank_transfer"})
    assert str(values.find(order.id).total) == "85.00 USD"
    assert "Transfer $85.00" in words(client.get(thanks))


@pytest.mark.proves("S39", "I14")
def test_what_is_added_pays_shipping_when_it_goes_in_a_parcel_of_its_own(client, shop, provider):
    campaign_id = shop.rpartition("/")[2]
    bulb = NewProduct(sku="BULB", name="Bulb", unit_minor=400, is_upsell=True)
    catalogue.create(campaign_id, new=bulb, by=ROOT)
    fill_cart(client, shop)
    thanks = place_by_card(client, shop).headers["Location"]
    assert "Add for $4.00 with one click" in words(client.get(thanks))
    desk.orders.ship(newest_order().id, by=ROOT)
    late = client.post(thanks, data={"sku": "BULB", "total": "400"})
    assert (late.status_code, provider.charged) == (409, 7900)
    assert "It costs $13.00 now. Look at it again." in words(late)
    page = words(client.get(thanks))
    assert "It goes in a parcel of its own: shipping is $9.00." in page
    assert "Add for $13.00 with one click" in page
    assert client.post(thanks, data={"sku": "BULB", "total": "1300"}).status_code == 303
    order = newest_order()
    assert (order.shipping_minor, order.fulfilment, provider.charged) == (1800, "pending", 9200)


def test_a_closed_shop_ends_what_was_begun_and_offers_no_more(client, shop):
    fill_cart(client, shop)
    campaign = campaigns.find(shop.rpartition("/")[2])
    campaigns.change(campaign.id, settings=replace(campaign.settings, is_active=False), by=ROOT)
    assert client.get(f"{shop}/").status_code == 404
    thanks = place(client, shop, method="bank_transfer").headers["Location"]
    assert "Wrapping" not in words(client.get(thanks))
    sold = client.post(thanks, data={"sku": "WRAP", "method": "bank_transfer"})
    assert (sold.status_code, orders()) == (404, 1)


@pytest.mark.proves("S39", "I19")
def test_one_click_charges_once_however_often_it_is_pressed(client, shop, provider):
    fill_cart(client, shop)
    thanks = place_by_card(client, shop).headers["Location"]
    provider.declines = True
    declined = client.post(thanks, data={"sku": "WRAP"})
    assert declined.status_code == 409
    assert "Your card was declined." in words(declined)
    assert "Bank transfer" in words(declined)
    provider.declines = False
    for _ in range(2):
        assert client.post(thanks, data={"sku": "WRAP"}).status_code == 303
    assert provider.charged == 8500
    assert str(newest_order().total) == "85.00 USD"
    assert "is on your order already" in words(client.get(thanks))


@pytest.mark.proves("X22")
def test_the_provider_sends_the_shopper_back_to_our_own_address_whatever_the_host_says(
    app, client, shop, provider, monkeypatch
):
    asked = []

    def authorise(*, source, **_):
        asked.append(source.return_url)
        return Prepared(reference="pi_1", redirect_url="https://paypal.example/pay")

    monkeypatch.setattr(provider, "authorise", authorise)
    fill_cart(client, shop)
    place(client, shop, method="paypal")  # asks for http://localhost, as the test client does
    assert asked == [f"{app.config['GIFTWEB'].base_url}{shop}/checkout/finish"]
