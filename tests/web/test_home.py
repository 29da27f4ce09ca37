"""The desk's first page."""

import re
from datetime import timedelta

import pytest

from giftweb import clock, database, ids
from giftweb.domain import desk, outbox, payments, refunds
from tests.factories import AGENT, ROOT, limit_to, make_campaign, make_card
from tests.orders import gift_card_item, paid_by, place, sheet

HX = {"HX-Request": "true"}


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def test_with_nothing_to_do_it_says_so_and_shows_where_to_go(staff_client):
    page = text_of(staff_client("customer_service").get("/staff/"))
    assert "Nothing waits" in page
    assert "Gift Cards" in page


def test_a_row_leads_to_its_place_and_can_be_marked_as_seen(staff_client):
    client, order = staff_client("customer_service"), place(gateway="shop")
    given = refunds.refund(paid_by(order, "credit_card").id, by=AGENT)
    page = text_of(client.get("/staff/"))
    assert f'href="/staff/orders/{order.number}"' in page
    assert "Refunds that a shop is asked for" in page
    seen = client.post(f"/staff/work/refund_requested/{given.id}/seen", headers=HX)
    assert seen.headers["HX-Retarget"] == "#work"
    assert "Nothing waits" in text_of(seen)
    undo = f"/staff/work/{given.id}/unseen"
    assert undo in seen.headers["HX-Trigger"]
    assert client.post(undo).status_code == 303
    assert f'href="/staff/orders/{order.number}"' in text_of(client.get("/staff/"))


@pytest.mark.proves("D14")
def test_nobody_sees_rows_that_they_cannot_put_right(staff_client):
    mail = outbox.mail("refund", to="ann@example.com")
    database.execute("UPDATE mail SET state = 'failed' WHERE id = ?", mail)
    assert "Mails that were not sent" in text_of(staff_client("root").get("/staff/"))
    assert "Mails" not in text_of(staff_client("marketing").get("/staff/"))
    finance = staff_client("finance")
    assert finance.post(f"/staff/work/mail/{mail}/seen").status_code == 403


def test_a_webhook_that_was_not_delivered_leads_to_its_delivery(staff_client):
    made = make_campaign()
    outbox.endpoints.create(made.id, url="https://shop.example/hook", by=ROOT)
    place(campaign_id=made.id)
    database.execute("UPDATE delivery SET state = 'failed', problem = 'No answer'")
    page = text_of(staff_client("marketing").get("/staff/"))
    assert "Webhooks that were not delivered" in page
    assert "https://shop.example/hook" in page
    address = page.partition('<a href="/staff/campaigns/')[2].partition('"')[0]
    client = staff_client("marketing")
    assert client.get(f"/staff/campaigns/{address}").status_code == 200


@pytest.mark.proves("E34", "D14")
def test_finance_marks_as_seen_what_is_on_her_own_list_and_nothing_else(staff_client):
    order = place(gateway="shop")
    given = refunds.refund(paid_by(order, "credit_card").id, by=AGENT)
    finance, marketing = staff_client("finance"), staff_client("marketing")
    seen = f"/staff/work/refund_requested/{given.id}/seen"
    assert "Refunds that a shop is asked for" in text_of(finance.get("/staff/"))
    assert marketing.post(seen).status_code == 403
    assert "Refunds that a shop is asked for" in text_of(finance.get("/staff/"))
    assert finance.post(seen).status_code == 303
    assert "Nothing waits" in text_of(finance.get("/staff/"))
    assert finance.post("/staff/work/no-such-kind/1/seen").status_code == 404


@pytest.mark.proves("E34")
@pytest.mark.parametrize("place", ["/staff/approvals/", "/staff/audit"])
def test_finance_reads_the_approvals_and_the_audit_log(staff_client, place):
    assert staff_client("finance").get(place).status_code == 200


@pytest.mark.proves("B10", "B11")
def test_each_role_sees_its_figures_beside_the_week_before(staff_client):
    with clock.moved(-timedelta(days=9)):
        make_card("40.00 USD", source="sales", origin="purchase")
    make_card("50.00 USD", source="sales", origin="purchase")
    make_card("7.00 USD", source="goodwill")
    make_card("3.00 EUR", source="promotions")
    make_card("99.00 USD", is_test=True)
    place(gift_card_item("20.00 USD"), method="bank_transfer", state="pending")

    def figures(role):
        page = staff_client(role).get("/staff/").text
        found = re.findall(
            r'stat-label">([^<]*)</span><span class="stat-value">([^<]*)</span>'
            r'<span class="stat-note">([^<]*)<',
            page,
        )
        return {label: (value, note) for label, value, note in found}

    finance = figures("finance")
    assert finance["Owed now"] == ("$97.00", "and €3.00; on 4 cards")
    assert finance["Issued in 7 days"] == (
        "$57.00",
        "and €3.00; $57.00 · €3.00 today; $40.00 in the 7 days before",
    )
    assert finance["Redeemed in 7 days"] == ("–", "– today; – in the 7 days before")
    assert finance["Awaited"] == ("$29.00", "1 payment has not come")
    service = figures("customer_service")
    assert "Owed now" not in service
    assert service["Given in 7 days"][0] == "$7.00"
    assert figures("marketing")["Bonus issued in 7 days"][0] == "€3.00"
    assert "Awaited" not in figures("marketing")
    assert service["Packing"] == ("0", "orders to pack")
    place()
    assert figures("customer_service")["Packing"] == ("1", "order to pack")
    assert "Packing" not in finance


@pytest.mark.proves("B10")
def test_the_figure_of_cards_that_end_soon_leads_to_them_soonest_first(staff_client, make_card):
    client, today = staff_client(), clock.today()
    later = make_card(expires_on=today + timedelta(days=25)).card
    sooner = make_card(expires_on=today + timedelta(days=2)).card
    make_card(expires_on=today + timedelta(days=40))
    make_card()
    make_card(expires_on=today + timedelta(days=3), is_test=True)
    place(cards=[make_card("5.00 USD", expires_on=today + timedelta(days=4))])
    page = text_of(client.get("/staff/"))
    (address, count, note) = re.findall(
        r'href="([^"]*ending[^"]*)".*?stat-value">([^<]*)<.*?stat-note">([^<]*)<', page, re.DOTALL
    )[0]
    assert (count, note) == ("2", "gift cards with money on them")
    shown = text_of(client.get(address.replace("&amp;", "&")))
    assert re.findall(r'<th scope="row">.*?gift-cards/(gc_\w+)"', shown, re.DOTALL) == [
        sooner.id,
        later.id,
    ]
    assert "Status: Ends in 30 days" in shown


# What a row says and does


def row_of(page: str, words: str) -> str:
    """The row of the work list that these words are in."""
    (found,) = [row for row in page.split("<li>") if words in row]
    return found.partition("</li>")[0]


@pytest.mark.proves("D21", "E33")
def test_a_refund_that_a_shop_is_asked_for_is_reported_from_its_row(staff_client):
    client, order = staff_client(), place(gateway="shop")
    given = refunds.refund(paid_by(order, "credit_card").id, by=AGENT)
    row = row_of(text_of(client.get("/staff/")), f"Order {order.number}")
    assert "It was returned" in row
    address = f"/staff/orders/{order.number}/refunds/{given.id}/confirmation"
    assert f'action="{address}"' in row
    done = client.post(address, data={"next": "/staff/"})
    assert done.location == "/staff/"
    assert "Nothing waits" in text_of(client.get("/staff/"))
    assert payments.refund_values.find(given.id).stored_status == "succeeded"


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "\\evil", ""])
def test_a_form_leads_back_to_a_page_of_ours_or_to_its_own(staff_client, next_page):
    client, order = staff_client(), place(gateway="shop")
    given = refunds.refund(paid_by(order, "credit_card").id, by=AGENT)
    address = f"/staff/orders/{order.number}/refunds/{given.id}/confirmation"
    done = client.post(address, data={"next": next_page})
    assert done.location == f"/staff/orders/{order.number}"


@pytest.mark.proves("D21")
def test_an_awaited_payment_is_received_from_its_row_by_who_may_say_so(staff_client):
    order = place(method="bank_transfer", state="pending")
    finance, agent = staff_client("finance"), staff_client()
    assert "Payment received" in row_of(text_of(finance.get("/staff/")), f"Order {order.number}")
    assert "Payment received" not in row_of(text_of(agent.get("/staff/")), f"Order {order.number}")


@pytest.mark.proves("D14", "X8")
def test_an_approval_says_what_it_is_about_and_is_given_in_its_row(staff_client):
    order, client, lead = place(), staff_client(), staff_client("customer_service_admin")
    limit_to("20.00 USD")
    typed = {"amount": "45.00", "email": "vip@example.com", "reason": "Late", "key": ids.new("key")}
    client.post(f"/staff/orders/{order.number}/gift-cards/new", data=typed)
    (waiting,) = desk.approvals.waiting()
    row = row_of(text_of(lead.get("/staff/")), "vip@example.com")
    asked = f"Gift card on an order for vip@example.com, asked by {client.person.name}"
    assert asked in row
    assert "Approve $45.00" in row
    assert "Look" in row
    own = row_of(text_of(client.get("/staff/")), "vip@example.com")
    assert "Approve $45.00" not in own
    done = lead.post(f"/staff/approvals/{waiting.id}/approval", data={"next": "/staff/"})
    assert done.location == "/staff/"
    assert desk.approvals.waiting() == []
    assert len(sheet(order).issued) == 1


def test_the_menu_says_how_much_waits_behind_an_entry(staff_client):
    finance = staff_client("finance")
    assert "side-menu-count" not in text_of(finance.get("/staff/"))
    place(method="bank_transfer", state="pending")
    place(method="bank_transfer", state="pending")
    entry = text_of(finance.get("/staff/account")).partition("Awaited Payments")[2][:80]
    assert 'side-menu-count">2<' in entry
    assert "side-menu-count" not in text_of(staff_client("marketing").get("/staff/"))


@pytest.mark.proves("E30")
def test_root_reads_on_every_page_that_no_mail_leaves(staff_client, with_mail_server):
    words = "No mail server is set"
    root, agent = staff_client("root"), staff_client()
    for place_ in ("/staff/", "/staff/orders/", "/staff/account"):
        assert words in text_of(root.get(place_))
        assert words not in text_of(agent.get(place_))
    with_mail_server()
    assert words not in text_of(root.get("/staff/"))
