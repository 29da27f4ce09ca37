"""Customers at the desk: the list, a customer's page, recharging from it (S9 to S12)."""

import re

import pytest

from giftweb.domain import cards, checkout, customers, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.payments import Tender
from tests.factories import AGENT, amount_of, goods
from tests.orders import place

HTMX = {"HX-Request": "true"}
LIST = "/staff/customers/"


@pytest.fixture
def desk(staff_client):
    return staff_client("customer_service")


@pytest.fixture
def ann(engine) -> customers.Customer:
    return customers.register(email="ann@example.com", name="Ann Smith", by=AGENT)


def test_an_empty_list_says_what_to_do(desk):
    page = desk.get(LIST).text
    assert "No customers yet" in page
    assert "Register a customer" in page


def test_the_list_searches_sorts_and_pages(desk, ann, monkeypatch):
    for name in ("Bob", "Cleo", "Anna"):
        customers.register(email=f"{name.lower()}@example.com", name=name, by=AGENT)

    def names(query: str) -> list[str]:
        return re.findall(r"<bdi>([^<]*)</bdi></a></th>", desk.get(LIST + query).text)

    assert names("") == ["Ann Smith", "Anna", "Bob", "Cleo"]
    assert names("?q=ANN") == ["Ann Smith", "Anna"]
    assert names("?q=cleo@") == ["Cleo"]
    assert names("?sort=-name")[0] == "Cleo"
    assert "No customer fits" in desk.get(f"{LIST}?q=zoe").text
    monkeypatch.setattr(
        customers.search, "__kwdefaults__", {"sort": "name", "after": None, "limit": 3}
    )
    page = desk.get(LIST).text
    following = re.search(r'href="[^"]*/customers/(\?[^"]*after=[^"]*)"[^>]*>Next page', page)[1]
    assert names(following) == ["Cleo"]


def test_a_customer_is_registered_once(desk):
    data = {"email": "Zoe@example.com", "name": "Zoe"}
    answer = desk.post(f"{LIST}new", data=data)
    assert answer.status_code == 303
    page = desk.get(answer.location).text
    assert "Zoe is registered." in page
    assert "zoe@example.com" in page
    again = desk.post(f"{LIST}new", data=data, headers=HTMX)
    assert again.status_code == 422
    assert 'href="#email">This address is registered already.' in again.text
    assert desk.post(f"{LIST}new", data={"email": "x", "name": ""}).status_code == 422


@pytest.mark.proves("S9", "S10")
def test_the_page_lists_all_cards_of_the_customer_at_its_bottom(desk, ann, make_card):
    mine = [make_card("50.00 USD").card, make_card("20.00 EUR", is_test=True).card]
    other = make_card(holder="bob@example.com").card
    page = desk.get(LIST + ann.id).text
    section = page[page.index('<section id="gift-cards"') :]
    assert "Gift Cards" in section
    for card in mine:
        assert f'id="card-row-{card.id}"' in section
        assert f'popovertarget="info-{card.id}"' in section
        assert f'id="info-{card.id}" popover' in section
        assert f'href="/staff/gift-cards/{card.id}/recharge?customer={ann.id}"' in section
    assert other.id not in page
    assert page.index('id="notes"') < page.index('<section id="gift-cards"')
    assert "$50.00" in page[page.index('id="worth"') : page.index('id="notes"')]


@pytest.mark.proves("S11", "S12")
def test_recharge_leads_back_to_the_customers_page(desk, ann, make_card, mailbox):
    card = make_card("50.00 USD").card
    address = f"/staff/gift-cards/{card.id}/recharge?customer={ann.id}"
    panel = desk.get(address).text
    assert f'href="/staff/customers/{ann.id}#gift-cards"' in panel
    answer = desk.post(address, data={"amount": "25.00"})
    assert (answer.status_code, answer.location) == (303, f"/staff/customers/{ann.id}#gift-cards")
    page = desk.get(LIST + ann.id).text
    assert "Recharged with $25.00." in page
    assert cards.find(card.id).balance_minor == 7500
    assert mailbox.kinds() == ["card_issued", "card_recharged"]


@pytest.mark.proves("S11", "S12")
def test_with_script_the_row_and_the_sum_change_in_place(desk, ann, make_card):
    make_card("5.00 USD")
    card = make_card("50.00 USD").card
    address = f"/staff/gift-cards/{card.id}/recharge?customer={ann.id}"
    answer = desk.post(address, data={"amount": "25.00"}, headers=HTMX)
    assert answer.headers["HX-Retarget"] == f"#card-row-{card.id}"
    assert answer.text.lstrip().startswith(f'<tr id="card-row-{card.id}"')
    assert "$75.00" in answer.text
    assert re.search(r'<div id="worth"[^>]*hx-swap-oob="true"', answer.text)
    assert "$80.00" in answer.text
    assert "Recharged with $25.00." in answer.headers["HX-Trigger"]
    wrong = desk.post(address, data={"amount": "x"}, headers=HTMX)
    assert wrong.status_code == 422
    assert f'hx-post="{address}"' in wrong.text


def test_a_card_that_has_ended_cannot_be_recharged(desk, ann, make_card):
    card = cards.endings.cancel(make_card().card.id, by=AGENT)
    page = desk.get(LIST + ann.id).text
    assert f'id="card-row-{card.id}"' in page
    assert "/recharge" not in page


def test_notes_are_kept_with_who_wrote_them(desk, ann):
    address = f"{LIST}{ann.id}/notes"
    assert desk.post(address, data={"text": "Called <twice>"}).status_code == 303
    page = desk.get(LIST + ann.id).text
    assert "Called &lt;twice&gt;" in page
    assert desk.person.name in page
    answer = desk.post(address, data={"text": "Once more"}, headers=HTMX)
    assert answer.text.lstrip().startswith('<section class="box" id="notes"')
    assert answer.text.index("Once more") < answer.text.index("Called")
    assert desk.post(address, data={"text": " "}).status_code == 422
    long = desk.post(address, data={"text": "x" * 4001})
    assert long.status_code == 422
    assert "x" * 4001 in long.text


@pytest.mark.proves("D14")
def test_finance_may_look_and_change_nothing(staff_client, ann, make_card):
    make_card()
    finance = staff_client("finance")
    page = finance.get(LIST + ann.id).text
    for words in ("/recharge", "Add note", "New gift card"):
        assert words not in page
    assert finance.post(f"{LIST}{ann.id}/notes", data={"text": "x"}).status_code == 403
    assert "Register a customer" not in finance.get(LIST).text


def test_an_unknown_customer_is_not_found(desk, make_card):
    assert desk.get(f"{LIST}cus_nobody").status_code == 404
    card = make_card().card
    address = f"/staff/gift-cards/{card.id}/recharge?customer=cus_nobody"
    assert desk.post(address, data={"amount": "1"}, headers=HTMX).status_code == 404
    assert cards.find(card.id).balance_minor == card.balance_minor


def test_the_page_lists_the_customers_orders_newest_first(desk, ann, make_checkout):
    assert "No orders yet." in desk.get(f"{LIST}{ann.id}").text
    tender = Tender(method="cash", amount=amount_of("79.00 USD"), state="captured")
    placed = [checkout.capture(make_checkout().id, tenders=[tender], by=SYSTEM) for _ in range(2)]
    page = desk.get(f"{LIST}{ann.id}").text
    assert "$79.00" in page
    assert page.index(f"/orders/{placed[1].number}") < page.index(f"/orders/{placed[0].number}")


@pytest.mark.proves("E35")
def test_the_figures_of_a_customer_stand_first_and_leave_test_money_out(desk, make_card):
    order = place()
    place(is_test=True)
    denied = place(goods("5.00 USD"), shipping="0.00 USD")
    refunds.refund_all(denied.id, by=AGENT)
    make_card("50.00 USD", holder=order.customer_email)
    page = desk.get(f"{LIST}{order.customer_id}").text
    figures = re.findall(r'stat-label">([^<]+)<.*?stat-value">([^<]+)<', page, re.DOTALL)
    assert figures == [
        ("To spend", "$50.00"),
        ("Gift cards", "1"),
        ("Orders", "2"),
        ("Ordered for", "$100.00"),
    ]
    assert page.index('class="stats"') < page.index('id="orders"')


@pytest.mark.proves("E35")
def test_a_customers_page_lists_the_latest_orders_and_leads_to_all(desk):
    for _ in range(5):
        order = place()
    place_of = f"{LIST}{order.customer_id}"
    assert "All of them" not in desk.get(place_of).text
    place()
    page = desk.get(place_of).text
    assert len(re.findall(r'<a href="/staff/orders/[0-9]+"', page)) == 5
    assert "/staff/orders/?q=" in page
