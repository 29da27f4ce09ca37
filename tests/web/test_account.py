"""A customer sees their own cards by a mailed link (B20)."""

import re
from datetime import timedelta

import pytest

from giftweb import clock, database, days
from giftweb.blueprints import account
from giftweb.domain import awaited, carts, checkout, customers, mail, outbox, throttle
from giftweb.domain.audit.log import SYSTEM
from tests.factories import AGENT, make_campaign, make_card, make_checkout
from tests.orders import gift_card_item, place

pytestmark = pytest.mark.proves("B20")


def answer_requests() -> None:
    for email in customers.sign_in.requests(limit=100):
        customers.sign_in.answer(email)


def mailed_token() -> str | None:
    answer_requests()
    found = database.row("SELECT id FROM mail WHERE kind = 'sign_in_link' ORDER BY id DESC LIMIT 1")
    return found and mail.letters.gather(outbox.mails.find(found[0])).token


def sign_in(client, email: str = "ann@example.com"):
    client.post("/account/sign-in", data={"email": email})
    return client.post("/account/enter", data={"token": mailed_token()})


def test_the_link_opens_the_holders_cards_and_nobody_elses(client):
    own, other = make_card("25.00 USD"), make_card("90.00 USD", holder="bob@example.com")
    assert sign_in(client).headers["Location"] == "/account/"
    page = client.get("/account/").text
    assert own.card.last4 in page
    assert "$25.00" in page
    assert other.card.last4 not in page
    assert client.get(f"/account/cards/{own.card.id}").status_code == 200
    assert client.get(f"/account/cards/{other.card.id}").status_code == 404
    assert own.code not in page


def test_what_an_open_order_reserves_is_reported_beside_the_balance(client):
    issued, opened = make_card("100.00 USD"), make_checkout(shipping="0.00 USD")
    carts.apply(opened.id, code=issued.code)
    checkout.authorise(opened.id, by=SYSTEM)
    sign_in(client)
    page = client.get("/account/").text
    plain = re.sub("<[^>]*>", "", page)
    for reported in ("$30.00 to spend", "$100.00", "$70.00 reserved for an open order"):
        assert reported in plain


@pytest.mark.proves("X21")
@pytest.mark.parametrize(("minutes", "status"), [(9, 303), (11, 404)])
def test_the_link_works_once_and_for_ten_minutes(client, minutes, status):
    make_card()
    sign_in(client)
    assert client.post("/account/enter", data={"token": mailed_token()}).status_code == 404
    client.post("/account/sign-in", data={"email": "ann@example.com"})
    token = mailed_token()
    with clock.moved(timedelta(minutes=minutes)):
        assert client.post("/account/enter", data={"token": token}).status_code == status


@pytest.mark.proves("X21")
def test_a_new_link_ends_the_one_before(client):
    make_card()
    client.post("/account/sign-in", data={"email": "ann@example.com"})
    first = mailed_token()
    # As if ten minutes had passed, which no link outlives anyway.
    database.execute("UPDATE sign_in_request SET asked_at = asked_at - 600000000")
    client.post("/account/sign-in", data={"email": "ann@example.com"})
    second = mailed_token()
    assert second != first
    assert client.post("/account/enter", data={"token": first}).status_code == 404
    assert client.post("/account/enter", data={"token": second}).status_code == 303


@pytest.mark.proves("X14")
def test_an_address_gets_one_link_in_ten_minutes(app, mailbox):
    make_card()
    for minutes, mails in ((0, 1), (9, 1), (10, 2), (19, 2), (20, 3)):
        with clock.moved(timedelta(minutes=minutes)):
            app.test_client().post("/account/sign-in", data={"email": "ann@example.com"})
            answer_requests()
        assert mailbox.kinds().count("sign_in_link") == mails


@pytest.mark.proves("X14")
def test_whoever_has_used_a_link_may_have_the_next_one_at_once(client, app, mailbox):
    make_card()
    sign_in(client)
    assert sign_in(app.test_client()).location == "/account/"
    assert mailbox.kinds().count("sign_in_link") == 2


@pytest.mark.proves("X10")
def test_strangers_who_ask_for_links_slow_nobody_else(app):
    make_card()
    for number in range(700):
        throttle.count(account.ASKING, source=f"198.51.{number // 250}.{number % 250}")
    answer = app.test_client().post("/account/sign-in", data={"email": "ann@example.com"})
    assert answer.status_code == 200


def test_a_link_whose_time_is_over_is_not_mailed(client):
    make_card()
    client.post("/account/sign-in", data={"email": "ann@example.com"})
    answer_requests()
    queued = outbox.mails.find(database.scalar("SELECT id FROM mail WHERE kind = 'sign_in_link'"))
    assert mail.letters.gather(queued).token
    with clock.moved(timedelta(minutes=11)), pytest.raises(mail.letters.NothingToSend):
        mail.letters.gather(queued)


@pytest.mark.proves("X21")
def test_a_sign_in_ends_after_an_hour_without_use(client):
    make_card()
    sign_in(client)
    for minutes in (50, 100, 150):
        with clock.moved(timedelta(minutes=minutes)):
            assert client.get("/account/").status_code == 200
    with clock.moved(timedelta(minutes=211)):
        assert client.get("/account/").location == "/account/sign-in"


@pytest.mark.proves("X21")
def test_signing_out_empties_the_browser(client):
    make_card()
    sign_in(client)
    with client.session_transaction() as session:
        session["planted"] = "here"
    stolen = client.get_cookie("giftweb").value
    answer = client.post("/account/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    with client.session_transaction() as session:
        assert not {"planted", "customer"} & set(session)
    client.set_cookie("giftweb", stolen)
    assert client.get("/account/").location == "/account/sign-in"


def test_the_desks_sign_in_outlives_a_customers_in_the_same_browser(staff_client):
    make_card()
    client = staff_client("root")
    sign_in(client)
    assert client.get("/staff/").status_code == 200
    client.post("/account/sign-out")
    assert client.get("/staff/").status_code == 200


def test_an_unknown_address_is_answered_alike_and_gets_no_mail(client):
    make_card()
    known = client.post("/account/sign-in", data={"email": "ann@example.com"}).text
    unknown = client.post("/account/sign-in", data={"email": "eve@example.com"}).text
    plain = re.compile("ann|eve")
    assert plain.sub("", known) == plain.sub("", unknown)
    answer_requests()
    assert database.scalar("SELECT COUNT(*) FROM mail WHERE to_email = 'eve@example.com'") == 0


@pytest.mark.proves("X16")
def test_a_known_and_an_unknown_address_cost_the_same_statements(client, monkeypatch):
    make_card()
    sent, send = [], database.db.obj.execute_sql
    monkeypatch.setattr(
        database.db.obj, "execute_sql", lambda sql, *rest: sent.append(sql) or send(sql, *rest)
    )
    costs = []
    for email in ("ann@example.com", "eve@example.com"):
        client.post("/account/sign-in", data={"email": email})
        costs.append([sql for sql in sent if "throttle" not in sql])
        sent.clear()
    monkeypatch.undo()
    assert costs[0] == costs[1]
    assert any("sign_in_request" in sql for sql in costs[0])
    assert database.rows("SELECT email FROM sign_in_request ORDER BY email") == [
        ("ann@example.com",),
        ("eve@example.com",),
    ]
    assert database.scalar("SELECT COUNT(*) FROM mail WHERE kind = 'sign_in_link'") == 0
    answer_requests()
    assert database.rows("SELECT to_email FROM mail WHERE kind = 'sign_in_link'") == [
        ("ann@example.com",)
    ]


@pytest.mark.proves("E15")
@pytest.mark.parametrize("typed", ["Ann@Example.com", " ann@EXAMPLE.com ", "ａｎｎ＠example.com"])
def test_a_registered_address_is_known_however_it_is_typed(client, typed):
    customers.register(email="ann@example.com", name="Ann", by=AGENT)
    answer = client.post("/account/sign-in", data={"email": typed})
    unknown = client.post("/account/sign-in", data={"email": "Eve@Example.com"})
    assert (answer.status_code, unknown.status_code) == (200, 200)
    answer_requests()
    assert database.rows("SELECT kind, to_email FROM mail") == [("sign_in_link", "ann@example.com")]
    entered = client.post("/account/enter", data={"token": mailed_token()})
    assert entered.headers["Location"] == "/account/"


def test_signed_out_nothing_is_shown(client):
    card = make_card().card
    sign_in(client)
    client.post("/account/sign-out")
    assert client.get("/account/").headers["Location"] == "/account/sign-in"
    assert client.get(f"/account/cards/{card.id}").status_code == 404


def test_the_card_is_mailed_again_to_its_own_address(client, mailbox):
    card = make_card().card
    sign_in(client)
    client.post(f"/account/cards/{card.id}/mail")
    found = database.rows("SELECT to_email FROM mail WHERE kind = 'card_resent'")
    assert found == [("ann@example.com",)]


def test_the_secret_of_a_link_lies_nowhere_in_plain(client):
    make_card()
    client.post("/account/sign-in", data={"email": "ann@example.com"})
    token = mailed_token()
    rows = database.rows("SELECT data FROM mail") + database.rows("SELECT id FROM sign_in_link")
    assert token not in str(rows)


@pytest.mark.proves("E1", "D21")
def test_an_order_that_waits_for_its_payment_says_what_to_pay_where_and_until_when(client):
    campaign = make_campaign(
        bank_details="First Coast Bank\nAccount 12", payment_days=7, time_zone="Pacific/Auckland"
    )
    place(
        gift_card_item("40.00 USD"),
        method="bank_transfer",
        state="pending",
        shipping="0.00 USD",
        campaign_id=campaign.id,
        reference="R-77",
    )
    sign_in(client)
    plain = re.sub("<[^>]*>", "", client.get("/account/").text)
    (payment,) = awaited.search.everything()
    last = payment.pay_until - timedelta(seconds=1)
    day = days.day_of(last, "Pacific/Auckland")
    for text in (
        "Waiting for your payment",
        "$40.00",
        "Account 12",
        "Name R-77 in the transfer.",
    ):
        assert text in plain
    assert f"Until the end of {day.day} {day:%b %Y}" in plain
    assert "No gift cards yet" not in plain
    awaited.receive(payment.id, by=AGENT)
    assert "Waiting for your payment" not in client.get("/account/").text
