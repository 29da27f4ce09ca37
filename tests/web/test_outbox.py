"""The outbox at the desk: Root reads every mail, sees its code only on purpose, sends it again."""

from dataclasses import replace
from datetime import timedelta

import pytest

import app as application
from giftweb import clock, codes, database
from giftweb.domain import cards, customers, operations, outbox
from giftweb.domain.mail import sent
from giftweb.serving.worker import Worker
from tests.factories import AGENT, PASSWORD, forget_passwords_entered


@pytest.fixture
def issued(make_card):
    return make_card("50.00 USD", holder_name="Ann Smith")


@pytest.fixture
def mail(issued) -> outbox.mails.Mail:
    return outbox.mails.of_card(issued.card.id)[0]


@pytest.fixture
def root(staff_client):
    return staff_client("root")


@pytest.fixture
def with_server(app, config):
    """The application as if a mail server were set."""
    before = app.config["GIFTWEB"]
    app.config["GIFTWEB"] = replace(config, mail_server="127.0.0.1", mail_port=1)
    yield
    app.config["GIFTWEB"] = before


@pytest.mark.proves("E34")
def test_its_address_with_a_slash_leads_to_it(root):
    answer = root.get("/staff/outbox/?state=failed")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/staff/outbox?state=failed")


@pytest.mark.proves("D14")
@pytest.mark.parametrize("role", ["customer_service", "customer_service_admin", "marketing"])
def test_only_root_lists_the_outbox_and_reads_its_secrets(staff_client, mail, role):
    client = staff_client(role)
    for place in ("", f"/{mail.id}/code"):
        assert client.get(f"/staff/outbox{place}").status_code == 403


@pytest.mark.proves("D14", "E35")
@pytest.mark.parametrize("role", ["marketing", "finance", "cashier"])
def test_who_serves_no_customers_reads_no_mail(staff_client, mail, role):
    client = staff_client(role)
    for place in (f"/{mail.id}", f"/{mail.id}/letter"):
        assert client.get(f"/staff/outbox{place}").status_code == 403
    assert client.post(f"/staff/outbox/{mail.id}/dispatches").status_code == 403


@pytest.mark.proves("D14", "E35", "E24")
@pytest.mark.parametrize("role", ["customer_service", "customer_service_admin"])
def test_service_reads_a_customers_mail_with_its_code_masked(
    staff_client, issued, mail, role, with_server
):
    client, place = staff_client(role), f"/staff/outbox/{mail.id}"
    page, letter = client.get(place), client.get(f"{place}/letter")
    assert (page.status_code, letter.status_code) == (200, 200)
    assert "$" in letter.text
    for text in (page.text, letter.text):
        assert issued.code not in text.replace("-", "")
    assert "Show with its code" not in page.text
    assert "/staff/outbox?" not in page.text
    assert client.post(f"{place}/dispatches").status_code == 303


@pytest.mark.proves("D14", "X8")
def test_a_mail_to_a_colleague_is_not_there_for_service(staff_client, root):
    data = {"email": "nia@giftweb.test", "name": "Nia", "role": "finance", "reason": "Joins us"}
    root.post("/staff/people/new", data=data)
    mail_id = database.scalar("SELECT id FROM mail WHERE kind = 'staff_invitation'")
    for place in ("", "/letter"):
        assert root.get(f"/staff/outbox/{mail_id}{place}").status_code == 200
        assert staff_client().get(f"/staff/outbox/{mail_id}{place}").status_code == 404
    assert staff_client().post(f"/staff/outbox/{mail_id}/dispatches").status_code == 404


def test_without_a_mail_server_mails_are_kept_and_shown(root, mail):
    page = root.get("/staff/outbox").text
    assert "Mails are kept here" in page
    assert "Kept here" in page
    assert "ann@example.com" in page
    assert f"/staff/outbox/{mail.id}" in page


def test_a_dead_worker_is_reported(root, mail, with_server):
    assert "No worker is running" in root.get("/staff/outbox").text
    operations.housekeeping.note_worker()
    assert "No worker is running" not in root.get("/staff/outbox").text


def test_the_list_is_filtered_by_state_and_address(root, mail, make_card):
    make_card("5.00 USD", holder="bob@example.com")
    only_bob = root.get("/staff/outbox?q=bob").text
    assert "bob@example.com" in only_bob
    assert "ann@example.com" not in only_bob
    assert "No mail fits" in root.get("/staff/outbox?state=failed").text
    assert "ann@example.com" in root.get("/staff/outbox?state=made-up").text


def test_htmx_gets_the_list_alone(root, mail):
    answer = root.get("/staff/outbox", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="outbox">')


def test_a_mail_is_shown_with_its_code_left_out(root, issued, mail):
    page = root.get(f"/staff/outbox/{mail.id}")
    assert "Your $50.00 gift card" in page.text
    assert codes.grouped(issued.code) not in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    frame = root.get(f"/staff/outbox/{mail.id}/letter")
    assert codes.grouped(issued.code) not in frame.text
    assert issued.code[-4:] in frame.text


def test_a_mails_own_document_may_do_nothing(root, mail):
    policy = root.get(f"/staff/outbox/{mail.id}/letter").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy


@pytest.mark.proves("I30")
def test_a_code_is_shown_for_a_reason_and_that_is_kept(root, issued, mail):
    place = f"/staff/outbox/{mail.id}/code"
    assert codes.grouped(issued.code) not in root.get(place).text
    refused = root.post(place, data={"reason": ""})
    assert refused.status_code == 422
    shown = root.post(place, data={"reason": "She cannot find it"})
    assert codes.grouped(issued.code) in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    kept = database.rows(
        "SELECT action, subject, reason FROM audit_entry WHERE actor_id = ? ORDER BY id",
        root.person.id,
    )
    assert ("mail.opened", mail.id, "She cannot find it") in kept
    assert ("gift_card.code_shown", issued.card.id, "She cannot find it") in kept


def test_a_stale_sign_in_gives_its_password_before_a_code(root, issued, mail):
    forget_passwords_entered()
    place = f"/staff/outbox/{mail.id}/code"
    asked = root.post(place, data={"reason": "Because"})
    assert asked.status_code == 303
    assert "/staff/confirm" in asked.headers["Location"]
    confirmed = root.post("/staff/confirm", data={"password": PASSWORD, "next": place})
    assert confirmed.status_code == 303
    assert codes.grouped(issued.code) in root.post(place, data={"reason": "Because"}).text


def test_a_sign_in_link_is_left_out_until_it_is_asked_for(root):
    sealed = codes.seal("the-secret", "ann@example.com").hex()
    mail_id = outbox.mail("sign_in_link", to="ann@example.com", data={"token_sealed": sealed})
    assert "the-secret" not in root.get(f"/staff/outbox/{mail_id}").text
    shown = root.post(f"/staff/outbox/{mail_id}/code", data={"reason": "By hand"})
    assert "token=the-secret" in shown.text


def test_a_mail_whose_card_has_ended_says_so(root, issued, mail):
    cards.endings.cancel(issued.card.id, by=AGENT)
    assert "The card is cancelled" in root.get(f"/staff/outbox/{mail.id}").text
    assert root.get(f"/staff/outbox/{mail.id}/letter").status_code == 200
    refused = root.post(f"/staff/outbox/{mail.id}/code", data={"reason": "Because"})
    assert refused.status_code == 422
    assert "The card is cancelled" in refused.text


def test_a_failed_mail_is_sent_again_by_a_person(root, mail, with_server):
    [claimed] = outbox.sending.claim()
    outbox.sending.refuse(claimed, problem="The mail server refused the address (550).")
    page = root.get(f"/staff/outbox/{mail.id}").text
    assert "refused the address (550)" in page
    assert "Send again" in page
    answer = root.post(f"/staff/outbox/{mail.id}/dispatches")
    assert answer.status_code == 303
    assert outbox.mails.find(mail.id).status == "waiting"


def test_sending_again_by_htmx_redraws_the_mail(root, mail, with_server):
    [claimed] = outbox.sending.claim()
    outbox.sending.hand_over(claimed)
    outbox.sending.leave_unclear(
        claimed, problem="The mail server took the mail and did not answer."
    )
    assert "May have been sent" in root.get(f"/staff/outbox/{mail.id}").text
    answer = root.post(f"/staff/outbox/{mail.id}/dispatches", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith(f'<div id="mail-{mail.id}">')
    assert "The mail is on its way." in answer.headers["HX-Trigger"]


def test_of_a_sent_mail_a_copy_goes_out(root, mail, with_server):
    [claimed] = outbox.sending.claim()
    outbox.sending.hand_over(claimed)
    sent.mark_sent(claimed)
    assert "Send a copy" in root.get(f"/staff/outbox/{mail.id}").text
    root.post(f"/staff/outbox/{mail.id}/dispatches")
    assert [one.status for one in outbox.mails.of_card(mail.card_id)] == ["waiting", "sent"]


def test_an_unknown_mail_is_not_found(root):
    assert root.get("/staff/outbox/mail_00000000000000000000000000").status_code == 404


def test_names_are_text_everywhere(root, make_card):
    issued = make_card("5.00 USD", sender_name="<b>Eve</b>", message="<script>x</script>")
    mail_id = outbox.mails.of_card(issued.card.id)[0].id
    for place in ("", "/letter"):
        page = root.get(f"/staff/outbox/{mail_id}{place}").text
        assert "<b>Eve" not in page
        assert "<script>x" not in page


def test_a_kept_mail_goes_out_once_a_server_is_set(config, engine, mail):
    from tests.mail_server import MailServer

    server = MailServer()
    made = application.create_app(replace(config, mail_server="127.0.0.1", mail_port=server.port))
    engine.use()
    Worker(made).drain()
    server.stop()
    assert server.recipients == ["ann@example.com"]


def test_the_customers_page_lists_the_mails_to_them(staff_client, make_card):
    customer = customers.register(email="ann@example.com", name="Ann Smith", by=AGENT)
    make_card("5.00 USD", holder="ann@example.com")
    page = staff_client("customer_service").get(f"/staff/customers/{customer.id}").text
    assert "Card issued" in page
    assert "/staff/outbox/mail_" in page
    assert (
        "/staff/outbox/" not in staff_client("finance").get(f"/staff/customers/{customer.id}").text
    )


def test_all_failed_mails_are_sent_again_in_one_step(root, make_card, with_server):
    issued = [make_card("5.00 USD") for _ in range(3)]
    for mail in outbox.sending.claim()[:2]:
        outbox.sending.refuse(mail, problem="The mail server refused the address (550).")
    assert "Send all failed again" in root.get("/staff/outbox?state=failed").text
    assert "Send all failed again" not in root.get("/staff/outbox").text
    answer = root.post("/staff/outbox/dispatches", follow_redirects=True)
    assert "2 mails are on the way again." in answer.text
    states = sorted(outbox.mails.of_card(one.card.id)[0].state for one in issued)
    assert states == ["sending", "waiting", "waiting"]


@pytest.mark.proves("E30")
def test_the_list_is_narrowed_to_what_is_scheduled_and_to_what_is_kept_here(root, make_card):
    make_card("50.00 USD", holder="now@example.com")
    in_three_days = clock.now() + timedelta(days=3)
    make_card("50.00 USD", holder="later@example.com", deliver_at=in_three_days)
    page = root.get("/staff/outbox").text
    for words in ("Kept here", "Scheduled"):
        assert f">{words}</option>" in page
    kept = root.get("/staff/outbox?state=waiting").text
    for words in ("now@example.com", "State: Kept here"):
        assert words in kept
    assert "later@example.com" not in kept
    scheduled = root.get("/staff/outbox?state=scheduled").text
    assert "later@example.com" in scheduled
    assert "now@example.com" not in scheduled


@pytest.mark.proves("E30")
@pytest.mark.usefixtures("with_server")
def test_where_mails_leave_what_waits_is_waiting_and_a_card_is_on_its_way(root, make_card):
    card = make_card().card
    assert ">Waiting</option>" in root.get("/staff/outbox").text
    answer = root.post(f"/staff/gift-cards/{card.id}/emails", headers={"HX-Request": "true"})
    assert "The card is on its way to ann@example.com." in answer.headers["HX-Trigger"]


@pytest.mark.proves("E30")
def test_nothing_is_announced_as_on_its_way_where_no_mail_can_leave(root, mail):
    answer = root.post(f"/staff/outbox/{mail.id}/dispatches", headers={"HX-Request": "true"})
    assert "kept in the outbox: no mail server is set" in answer.headers["HX-Trigger"]
