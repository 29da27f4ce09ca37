"""A customer sees their own cards by a mailed link (B20)."""

import re
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import carts, checkout, customers, mail, outbox
from giftweb.domain.audit.log import SYSTEM
from tests.factories import AGENT, make_card, make_checkout

pytestmark = pytest.mark.proves("B20")


def mailed_token() -> str | None:
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


def test_what_an_open_order_reserves_is_told_beside_the_balance(client):
    issued, opened = make_card("100.00 USD"), make_checkout(shipping="0.00 USD")
    carts.apply(opened.id, code=issued.code)
    checkout.authorise(opened.id, by=SYSTEM)
    sign_in(client)
    page = client.get("/account/").text
    plain = re.sub("<[^>]*>", "", page)
    for told in ("$30.00 to spend", "$100.00", "$70.00 reserved for an open order"):
        assert told in plain


def test_the_link_works_once_and_for_an_hour(client):
    make_card()
    sign_in(client)
    assert client.post("/account/enter", data={"token": mailed_token()}).status_code == 404
    client.post("/account/sign-in", data={"email": "ann@example.com"})
    with clock.moved(timedelta(minutes=61)):
        answer = client.post("/account/enter", data={"token": mailed_token()})
    assert answer.status_code == 404


def test_an_unknown_address_is_answered_alike_and_gets_no_mail(client):
    make_card()
    known = client.post("/account/sign-in", data={"email": "ann@example.com"}).text
    unknown = client.post("/account/sign-in", data={"email": "eve@example.com"}).text
    plain = re.compile("ann|eve")
    assert plain.sub("", known) == plain.sub("", unknown)
    assert database.scalar("SELECT COUNT(*) FROM mail WHERE to_email = 'eve@example.com'") == 0


@pytest.mark.proves("E15")
@pytest.mark.parametrize("typed", ["Ann@Example.com", " ann@EXAMPLE.com ", "ａｎｎ＠example.com"])
def test_a_registered_address_is_known_however_it_is_typed(client, typed):
    customers.register(email="ann@example.com", name="Ann", by=AGENT)
    answer = client.post("/account/sign-in", data={"email": typed})
    unknown = client.post("/account/sign-in", data={"email": "Eve@Example.com"})
    assert (answer.status_code, unknown.status_code) == (200, 200)
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
