"""The desk's first page."""

import pytest

from giftweb import database
from giftweb.domain import outbox, refunds
from tests.factories import AGENT, ROOT, make_campaign
from tests.orders import paid_by, place

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
