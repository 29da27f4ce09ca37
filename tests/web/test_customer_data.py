"""A customer's data at the desk and in their account: edited, merged, handed out, erased."""

import pytest

from giftweb.domain import cards, customers
from giftweb.models import AuditEntry
from tests.factories import AGENT, make_card, no_limits

pytestmark = pytest.mark.proves("B29", "D18")

EMAIL = "ann@example.com"


@pytest.fixture
def lead(staff_client):
    no_limits("USD")
    return staff_client("customer_service_admin")


@pytest.fixture
def ann(app):
    return customers.register(email=EMAIL, name="Ann", by=AGENT)


def at(customer, page: str = "") -> str:
    return f"/staff/customers/{customer.id}{page}"


def test_a_customer_is_edited(lead, ann):
    assert at(ann, "/edit") in lead.get(at(ann)).text
    answer = lead.post(at(ann, "/edit"), data={"email": EMAIL, "name": "Ann Smith"})
    assert answer.status_code == 303
    assert "Ann Smith" in lead.get(at(ann)).text
    wrong = lead.post(at(ann, "/edit"), data={"email": "other@example.com", "name": "Ann"})
    assert wrong.status_code == 422
    assert "Say why" in wrong.text


def test_two_records_are_merged_after_a_look_in_numbers(lead, ann):
    make_card("30.00 USD", holder="ann2@example.com")
    customers.register(email="ann2@example.com", name="Ann Two", by=AGENT)
    fields = {"email": "ann2@example.com", "reason": "The same person"}
    preview = lead.post(at(ann, "/merge"), data=fields).text
    assert "1 gift card goes to ann@example.com." in preview
    assert "$30.00" in preview
    assert customers.find_by_emails(["ann2@example.com"])
    assert lead.post(at(ann, "/merge"), data=fields | {"is_checked": "y"}).status_code == 303
    assert not customers.find_by_emails(["ann2@example.com"])
    assert [card.holder_email for card in cards.select()] == [EMAIL]


def test_their_data_is_handed_out_and_that_is_kept(lead, ann):
    make_card("30.00 USD", holder=EMAIL)
    answer = lead.get(at(ann, "/data.json"))
    assert answer.mimetype == "application/json"
    assert answer.json["gift_cards"][0]["balance"] == 3000
    assert AuditEntry.get(AuditEntry.action == "customer.exported").subject == ann.id


def test_erasing_asks_for_a_reason_and_for_money_to_be_dealt_with(lead, ann):
    make_card("30.00 USD", holder=EMAIL)
    assert "This cannot be undone" in lead.get(at(ann, "/erase")).text
    assert lead.post(at(ann, "/erase"), data={"reason": ""}).status_code == 422
    refused = lead.post(at(ann, "/erase"), data={"reason": "Asked by letter"})
    assert refused.status_code == 409
    assert "still hold" in refused.text
    data = {"reason": "Asked by letter", "force": "y"}
    assert lead.post(at(ann, "/erase"), data=data).status_code == 303
    assert [card.holder_email for card in cards.select()] == [None]
    assert EMAIL not in lead.get("/staff/customers/").text


def test_a_holder_is_registered_from_the_card(lead):
    card = make_card("30.00 USD", holder=EMAIL, holder_name="Ann").card
    page = f"/staff/gift-cards/{card.id}"
    assert "Register as customer" in lead.get(page).text
    assert lead.post(f"/staff/customers/of-card/{card.id}").status_code == 303
    assert "Register as customer" not in lead.get(page).text
    assert customers.find_by_emails([EMAIL])[EMAIL].name == "Ann"


# The account


@pytest.fixture
def own(app, ann, monkeypatch):
    """A browser in which Ann is signed in to her account."""
    from giftweb.web.access import shoppers

    monkeypatch.setattr(shoppers, "current", lambda: ann)
    return app.test_client()


def test_customers_download_their_own_data(own):
    make_card("30.00 USD", holder=EMAIL)
    assert "Download my data" in own.get("/account/data/").text
    answer = own.post("/account/data/download")
    assert answer.json["gift_cards"][0]["balance"] == 3000
    assert answer.headers["Cache-Control"] == "no-store"


def test_customers_ask_to_be_forgotten_and_the_desk_sees_it(own, ann, lead):
    assert own.post("/account/data/erasure").status_code == 303
    assert "You have asked to be forgotten" in own.get("/account/data/").text
    shown = lead.get("/staff/").text
    assert "Customers who ask to be forgotten" in shown
    assert at(ann, "/erase") in shown


def test_nobody_else_has_an_account(client):
    assert client.get("/account/data/").status_code == 303
    assert client.post("/account/data/download").status_code == 403
