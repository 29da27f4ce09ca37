"""The counter's pages: scan, redeem, give back, sell, recharge, the day (B21)."""

import dataclasses
import io
import re

import pytest
import segno

from giftweb.domain import campaigns, cards, desk
from giftweb.domain.cards import stock
from giftweb.domain.desk import counter
from tests import factories
from tests.factories import amount_of, make_card
from tests.orders import signed_in

pytestmark = pytest.mark.proves("B21")

HOME = "/staff/counter/"


@pytest.fixture
def campaign():
    return factories.make_campaign("Harbour Books")


@pytest.fixture
def till(staff_client, campaign):
    return staff_client("cashier")


def balance(issued) -> str:
    return str(cards.find(issued.card.id).balance)


def key_in(text: str) -> str:
    return re.search(r'name="key"[^>]*value="([^"]+)"', text)[1]


def hidden(text: str, name: str) -> str:
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', text)[0]
    return re.search(r'value="([^"]*)"', tag)[1]


def scan(till, text: str, **more):
    return till.post(f"{HOME}card", data={"code": text} | more)


def redeem(till, page: str, amount: str = "20.00", **more):
    data = {
        "key": hidden(page, "key"),
        "code": hidden(page, "code"),
        "amount": amount,
        "receipt": "R-1",
    }
    return till.post(f"{HOME}redemption", data=data | more)


def test_a_code_and_enter_an_amount_and_enter_redeem(till):
    issued = make_card("50.00 USD")
    page = scan(till, issued.code).text
    assert "$50.00" in page
    assert re.search(r'<input[^>]*name="amount"[^>]*autofocus|autofocus[^>]*name="amount"', page)
    assert re.fullmatch(r"\d{4}-[0-9A-Z]{4}", hidden(page, "receipt"))
    answer = redeem(till, page)
    assert answer.status_code == 303
    done = till.get(answer.location).text
    assert "$20.00" in done
    assert "$30.00" in done
    assert "left to pay" not in done
    assert balance(issued) == "30.00 USD"


def test_a_part_says_what_is_left_to_pay_and_leads_to_the_next_card(till):
    first, second = make_card("12.00 USD"), make_card("50.00 USD")
    answer = redeem(till, scan(till, first.code).text)
    done = till.get(answer.location).text
    assert "$8.00" in done
    assert "left to pay" in done
    address = re.search(r'href="(/staff/counter/\?[^"]+)"', done)[1].replace("&amp;", "&")
    start = till.get(address).text
    rest, receipt = hidden(start, "rest"), hidden(start, "receipt")
    assert (rest, receipt) == ("800", "R-1")
    page = scan(till, second.code, rest=rest, receipt=receipt).text
    assert (hidden(page, "amount"), hidden(page, "receipt")) == ("8.00", "R-1")


def test_a_form_sent_twice_is_paid_once_and_answered_the_same(till):
    issued = make_card("50.00 USD")
    page = scan(till, issued.code).text
    first, second = (redeem(till, page) for _ in range(2))
    assert first.location == second.location
    assert balance(issued) == "30.00 USD"
    changed = redeem(till, page, amount="21.00")
    assert changed.status_code == 409
    assert "sent before" in changed.text
    assert balance(issued) == "30.00 USD"


def test_what_a_card_cannot_do_is_stated(till):
    frozen, test_card, empty = make_card(), make_card(is_test=True), make_card("1.00 USD")
    cards.freeze(frozen.card.id, by=factories.ADMIN, reason="lost")
    page = scan(till, frozen.code).text
    assert "frozen" in page
    assert "/staff/counter/redemption" not in page
    assert scan(till, test_card.code).status_code == 409
    assert scan(till, "7GK2M-4T9QX-1BC0Z").status_code == 404
    assert scan(till, "nonsense").status_code == 422
    assert scan(till, "").status_code == 422
    redeem(till, scan(till, empty.code).text, amount="1.00")
    assert "can be recharged" in scan(till, empty.code).text


def test_a_card_that_is_bound_to_its_holder_asks_for_their_address(till):
    bound, free = make_card(bound_to_holder=True), make_card()
    page = scan(till, bound.code).text
    assert "bound to its holder" in page
    assert "ann@example.com" not in page
    assert 'name="email"' not in scan(till, free.code).text
    for email, status in (("", 409), ("ben@example.com", 409), ("ann", 422)):
        answer = redeem(till, page, email=email)
        assert answer.status_code == status
        assert balance(bound) == "50.00 USD"
    assert redeem(till, page, email="Ann@Example.com").status_code == 303
    assert balance(bound) == "30.00 USD"


def test_above_a_limit_a_cashier_asks_another_person_and_sees_what_became_of_it(till):
    issued = make_card("5.00 USD")
    form = scan(till, issued.code).text.partition("/staff/counter/recharge")[2]
    data = {"key": hidden(form, "key"), "code": issued.code, "amount": "300", "receipt": "T-1"}
    answers = [till.post(f"{HOME}recharge", data=data) for _ in range(2)]
    assert [each.location for each in answers] == [f"{HOME}day"] * 2
    page = till.get(f"{HOME}day").text
    assert "waits for another person" in page
    assert "Take it back" in page
    (waiting,) = desk.approvals.waiting()
    desk.approvals.approve(waiting.id, by=signed_in("customer_service_admin"))
    assert balance(issued) == "305.00 USD"
    assert "Take it back" not in till.get(f"{HOME}day").text
    assert till.post(f"{HOME}recharge", data=data).location == f"{HOME}day"
    assert (balance(issued), desk.approvals.waiting()) == ("305.00 USD", [])


def test_a_cashier_takes_a_request_back_and_a_large_sale_needs_an_address(till):
    form = till.get(f"{HOME}sale").text
    data = {"key": hidden(form, "key"), "amount": "300", "receipt": "S-1", "email": ""}
    refused = till.post(f"{HOME}sale", data=data)
    assert refused.status_code == 422
    assert 'id="email-error"' in refused.text
    till.post(f"{HOME}sale", data=data | {"email": "eva@example.com"})
    (waiting,) = desk.approvals.waiting()
    answer = till.post(f"{HOME}requests/{waiting.id}/withdrawal")
    assert answer.location == f"{HOME}day"
    assert desk.approvals.waiting() == []
    assert till.post(f"{HOME}requests/{waiting.id}/withdrawal").status_code == 409


def test_an_amount_that_is_none_keeps_the_card_on_the_page(till):
    issued = make_card("50.00 USD")
    page = scan(till, issued.code).text
    for amount in ("", "0", "-5", "x"):
        answer = redeem(till, page, amount=amount)
        assert answer.status_code == 422
        assert "$50.00" in answer.text
    assert balance(issued) == "50.00 USD"


def test_a_pin_is_asked_for_where_a_card_has_one(till):
    issued = make_card("50.00 USD", needs_pin=True)
    page = scan(till, issued.code).text
    assert 'name="pin"' in page
    assert redeem(till, page).status_code == 409
    assert redeem(till, page, pin="0").status_code == 409
    assert balance(issued) == "50.00 USD"
    assert redeem(till, page, pin=cards.pins.find(issued.card)).status_code == 303


def test_a_card_is_recharged_with_money_that_was_paid(till):
    issued = make_card("5.00 USD")
    page = scan(till, issued.code).text
    form = page[page.index("/staff/counter/recharge") :]
    data = {"key": hidden(form, "key"), "code": issued.code, "amount": "10", "receipt": "T-1"}
    answers = [till.post(f"{HOME}recharge", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "Recharged" in till.get(answers[0].location).text
    assert balance(issued) == "15.00 USD"


def test_a_printed_card_is_activated_on_its_page(till, campaign):
    batch, made = stock.Batch(currency="USD", campaign_id=campaign.id), []
    stock.make(1, batch=batch, has_pins=False, write=made.extend, by=factories.ROOT)
    page = scan(till, made[0].code).text
    assert "worth nothing until it is activated" in page
    data = {"key": "key_1", "code": made[0].code, "amount": "50", "receipt": "A-1"}
    answers = [till.post(f"{HOME}activation", data=data) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert "Activated" in till.get(answers[0].location).text
    assert "$50.00" in scan(till, made[0].code).text
    again = till.post(f"{HOME}activation", data=data | {"key": "key_2"})
    assert again.status_code == 409


def test_a_card_is_sold_and_its_code_is_on_the_answer(till):
    data = {"key": "key_1", "amount": "50", "receipt": "S-1"}
    first, second = (till.post(f"{HOME}sale", data=data) for _ in range(2))
    assert first.status_code == second.status_code == 200
    code = re.search(r"<code[^>]*>([^<]+)</code>", first.text)[1]
    assert code in second.text
    found = cards.find_by_code(code)
    assert (str(found.balance), found.source) == ("50.00 USD", "sales")
    assert first.headers["Cache-Control"] == "no-store"
    paper = till.post(f"{HOME}sale", data=data | {"as": "paper"})
    assert paper.mimetype == "application/pdf"
    assert paper.data.startswith(b"%PDF")
    assert str(cards.find(found.id).balance) == "50.00 USD"


def test_money_goes_back_by_its_receipt_and_never_more_than_was_paid(till):
    issued = make_card("50.00 USD")
    redeem(till, scan(till, issued.code).text)
    page = till.get(f"{HOME}return?receipt=R-1").text
    data = {"key": key_in(page), "payment": hidden(page, "payment")}
    address = f"{HOME}return?receipt=R-1"
    refused = till.post(address, data=data | {"amount": "20.01"})
    assert refused.status_code == 409
    assert balance(issued) == "30.00 USD"
    done = till.post(address, data=data | {"amount": "5.00"})
    assert done.status_code == 303
    assert balance(issued) == "35.00 USD"
    assert "No card paid receipt" in till.get(f"{HOME}return?receipt=R-2").text
    wrong = till.post(address, data={"key": "key_9", "payment": "pay_x", "amount": "1.00"})
    assert wrong.status_code == 404


def test_the_day_lists_what_was_done_and_its_sums(till, campaign):
    assert "Nothing was done" in till.get(f"{HOME}day").text
    issued = make_card("50.00 USD")
    redeem(till, scan(till, issued.code).text)
    redeem(till, scan(till, issued.code).text, receipt="R-2", amount="7.50")
    page = till.get(f"{HOME}day").text
    assert "$27.50" in page
    assert {"R-1", "R-2"} <= set(re.findall(r"<bdi>([^<]+)</bdi>", page))
    for nonsense in ("x", "0001-01-01", "9999-01-01"):
        assert till.get(f"{HOME}day?on={nonsense}").status_code == 200


def test_a_shop_is_chosen_once_where_there_are_several(till):
    other = factories.make_campaign("Corner Shop")
    answer = till.get(HOME)
    assert answer.location == f"{HOME}shop"
    assert till.post(f"{HOME}shop", data={"campaign": "cmp_x"}).status_code == 422
    assert till.post(f"{HOME}shop", data={"campaign": other.id}).location == HOME
    assert "Corner Shop" in till.get(HOME).text
    assert "Corner Shop" in till.get(f"{HOME}day").text


def test_a_cashier_sees_the_counter_and_nothing_else(till):
    assert till.get("/staff/").location == HOME
    page = till.get(HOME).text
    menu = re.search(r'<nav class="side-menu".*?</nav>', page, re.DOTALL)[0]
    assert re.findall(r'<a href="([^"]+)"', menu) == [HOME]
    for address in ("orders/", "gift-cards/", "customers/", "approvals", "reports/", "people/"):
        assert till.get(f"/staff/{address}").status_code in (403, 404, 308), address
    assert till.get("/staff/account").status_code == 200


@pytest.mark.parametrize("role", ["marketing", "finance"])
def test_who_has_no_business_there_does_not_open_the_counter(staff_client, campaign, role):
    assert staff_client(role).get(HOME).status_code == 403


def test_what_is_answered_by_a_form_leads_home_when_its_address_is_opened(till):
    for name in ("card", "photo", "redemption", "recharge", "activation"):
        assert till.get(f"{HOME}{name}").location == HOME


def test_another_shops_entry_is_not_shown(till, campaign):
    other = factories.make_campaign("Corner Shop")
    entry = counter.redeem(
        make_card().code,
        amount=amount_of("5.00 USD"),
        receipt="R",
        campaign_id=other.id,
        by=signed_in("cashier"),
    )
    till.post(f"{HOME}shop", data={"campaign": campaign.id})
    assert till.get(f"{HOME}done/{entry}").status_code == 404
    assert till.get(f"{HOME}done/ctr_x").status_code == 404


def picture(text: str, **more) -> io.BytesIO:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=8, **more)
    drawn.seek(0)
    return drawn


@pytest.mark.parametrize(
    "text", ["{code}", "https://cards.example/balance?shop=cmp_1#gift-card={code}", "#{code}"]
)
def test_a_photo_of_a_cards_code_opens_it(till, text):
    issued = make_card("50.00 USD")
    photo = picture(text.format(code=issued.code))
    answer = till.post(f"{HOME}photo", data={"photo": (photo, "card.png")})
    assert answer.status_code == 200
    assert issued.card.last4 in answer.text
    assert "$50.00" in answer.text


def test_a_link_that_a_hand_scanner_typed_opens_the_card(till):
    issued = make_card("50.00 USD")
    answer = scan(till, f"https://cards.example/balance#gift-card={issued.code}")
    assert issued.card.last4 in answer.text


def test_a_photo_that_cannot_be_read_says_so(till):
    blank = io.BytesIO()
    from PIL import Image

    Image.new("L", (300, 300), 255).save(blank, "PNG")
    for content, sentence in (
        (b"no picture", "no photo that can be read"),
        (blank.getvalue(), "No code can be read"),
        (b"", "no photo that can be read"),
    ):
        photo = (io.BytesIO(content), "card.png")
        answer = till.post(f"{HOME}photo", data={"photo": photo})
        assert answer.status_code == 422
        assert sentence in answer.text
    nothing = till.post(f"{HOME}photo", data={})
    assert "Take a photo" in nothing.text


def test_a_photo_has_a_largest_size(till):
    photo = (io.BytesIO(b"x" * (8 * 1024 * 1024 + 1)), "card.png")
    assert till.post(f"{HOME}photo", data={"photo": photo}).status_code == 413


def test_a_shop_that_was_closed_has_no_counter_any_more(till, campaign):
    other = factories.make_campaign("Corner Shop")
    till.post(f"{HOME}shop", data={"campaign": campaign.id})
    assert "Harbour Books" in till.get(HOME).text
    for each in (campaign, other):
        closed = dataclasses.replace(each.settings, is_active=False)
        campaigns.change(each.id, settings=closed, by=factories.ROOT)
    assert till.get(HOME).location == f"{HOME}shop"
    assert "There is no shop yet" in till.get(f"{HOME}shop").text


@pytest.mark.proves("B27")
def test_the_receipts_of_single_purpose_cards_name_their_tax(staff_client):
    factories.make_campaign("Harbour Books", voucher_tax_hundredths=1900)
    till = staff_client("cashier")
    data = {"key": "key_1", "amount": "50", "receipt": "R-9"}
    sold = till.post(f"{HOME}sale", data=data).text
    assert "Includes 19% VAT: $7.98" in words(sold)
    code = re.search(r"<code[^>]*>([^<]+)</code>", sold)[1]
    done = till.get(redeem(till, scan(till, code).text, "30.00").location).text
    assert "$4.79 (19% of $30.00) was due when the card was sold" in words(done)
    day = words(till.get(f"{HOME}day").text)
    assert "Includes 19% VAT: $7.98" in day
    assert "$4.79 (19% of $30.00) was due when the card was sold" in day


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).replace("\xa0", " ").split())
