"""Every form that a visitor can send: what looks like a header, a tag or another name stays text,
is answered, and brings nobody a mail but those who are named."""

import html
import itertools
import re

import pytest

from giftweb import database
from giftweb.domain import awaited, catalogue, customers
from giftweb.domain.audit.log import SYSTEM
from giftweb.web.mail import peace
from tests.factories import ROOT, make_campaign, make_card
from tests.orders import newest_order, paid_by
from tests.web.test_account import sign_in
from tests.web.test_forty_inputs import APART, NAMES, OURS
from tests.web.test_mail import (
    mail_of,
)
from tests.web.test_store import DETAILS, GIFT, PRESENT

INPUTS = (
    *NAMES,
    *(mark.join("ABCDE-FGHJK-MNPQR") for mark in APART),
    *("Sam\r\nBcc: x@example.com", "ann@example.com\nBcc: x@example.com"),
)
CODE = ("code", "pin", "proof")
FORMS = {
    "account.enter": ("token",),
    "account.gift": ("deliver_on", "deliver_hour", "deliver_zone"),
    "account.gift_paper": (),
    "account.paper": (),
    "account.recharge": ("choice", "amount"),
    "account.send_again": (),
    "account.sign_in": ("email",),
    "account.sign_out": (),
    "account.wallet": (),
    "account_data.ask_for_erasure": (),
    "account_data.download": (),
    "account_merging.merge": ("card",),
    "auth.code": ("code", "next"),
    "auth.link": ("token", "password"),
    "auth.login": ("email", "password", "next"),
    "auth.logout": (),
    "auth.passkey": ("answer", "next"),
    "notices.stripe": ("id", "type"),
    "public.paper": CODE,
    "public.show": (*CODE, "before"),
    "reminders.answer": ("again",),
    "store.change_cart": ("remove", "quantity-0"),
    "store.preview": (*PRESENT, "message", "design", "locale"),
    "store.product": (*PRESENT, "message", "design", "locale", "deliver_on", "deliver_zone"),
    "store.renew_cart": (),
    "store_checkout.cards": (*CODE, "amount", "card"),
    "store_checkout.details": tuple(DETAILS),
    "store_checkout.place": ("method",),
    "store_team.add": ("people", "sender_name", "sender_email", "message", "choice"),
    "store_thanks.paper": (),
    "store_thanks.upsell": ("sku", "total", "method"),
    "store_thanks.wallet": (),
    "wallets.by_code": CODE,
    "wallets.log": ("logs",),
    "wallets.register": ("pushToken",),
    "widget.apply": ("token", *CODE),
    "widget.limit": ("token", "amount", "card"),
    "widget.remove": ("token", "card"),
    "widget.show": ("token",),
}
"""What a visitor can type into, or make up for, each of them."""
ECHOED = {
    "store.product": "sender_name",
    "store_checkout.details": "name",
    "store_team.add": "people",
    "auth.login": "email",
}
"""What is shown again when something else of the form is wrong."""


@pytest.fixture
def shopper(client):
    """Ann is signed in, has bought a card for Bob, and another one lies in her cart."""
    campaign = make_campaign()
    catalogue.create(campaign.id, new=GIFT, by=ROOT)
    client.issued = make_card(campaign_id=campaign.id)
    sign_in(client)
    shop = f"/shop/{campaign.id}"
    client.post(f"{shop}/products/GIFT", data=PRESENT)
    client.post(f"{shop}/checkout", data=DETAILS)
    client.post(f"{shop}/checkout/place", data={"method": "bank_transfer"})
    client.post(f"{shop}/products/GIFT", data=PRESENT)
    client.values = {
        **{"campaign_id": campaign.id, "sku": "GIFT", "card_id": client.issued.card.id},
        **{"order_id": newest_order().id, "step": "apply", "wallet": "apple"},
        **{"device": "d1", "pass_type": "pass.example"},
    }
    return client


def public_rules(app) -> dict:
    """A rule of each form outside the desk and the API, by its endpoint."""
    return {
        rule.endpoint: rule
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods and not rule.rule.startswith(("/staff", "/api/"))
    }


@pytest.mark.engines("sqlite")
@pytest.mark.proves("E16", "E22")
def test_no_public_form_is_forgotten_here(app):
    assert set(public_rules(app)) == set(FORMS)


@pytest.mark.proves("D26", "D27", "E16", "E21", "E22")
def test_whatever_is_typed_into_a_public_form_stays_text(app, shopper):
    with app.test_request_context():
        token = peace.address(mail_of(shopper.issued)).rpartition("/")[2]
    last = ("account.sign_out", "auth.logout")
    for endpoint, rule in sorted(public_rules(app).items(), key=lambda each: each[0] in last):
        values = {name: shopper.values.get(name, token) for name in rule.arguments}
        path = app.url_map.bind("localhost").build(endpoint, values, method="POST")
        for number, data in enumerate(filled(FORMS[endpoint])):
            shopper.environ_base["REMOTE_ADDR"] = f"198.51.100.{number}"
            answer = shopper.post(path, data=data)
            require_text(answer, (endpoint, data))
            if endpoint in ECHOED and answer.status_code == 422:
                shown, text = html.unescape(answer.text), data[ECHOED[endpoint]]
                assert " ".join(text.split()) in " ".join(shown.split()), (endpoint, text)
    customers.sign_in.requests(limit=100)
    to = {email for (email,) in database.rows("SELECT DISTINCT to_email FROM mail")}
    assert to <= {"ann@example.com", "bob@example.com"}


def filled(fields: tuple[str, ...]) -> list[dict[str, str]]:
    """The form filled in again and again, until each input has stood in one of the fields."""
    inputs = itertools.cycle(INPUTS)
    count = -(-len(INPUTS) // len(fields)) if fields else 1
    return [{name: next(inputs) for name in fields} for _ in range(count)]


def require_text(answer, where: object) -> None:
    """An answer in which nothing of the text has become a header or a tag."""
    assert answer.status_code < 500, where
    assert not {name.lower() for name in answer.headers.keys()} & {"bcc", "cc", "subject"}, where  # noqa: SIM118
    assert not any("Bcc:" in value for _, value in answer.headers), where
    if answer.mimetype == "text/html":
        for tag in ("<script>alert", "<b>body", "<x@example.com>"):
            assert tag not in answer.text, where


@pytest.mark.proves("D26", "E16", "S71")
def test_each_of_a_team_with_odd_names_gets_one_mail(client, server, worker):
    campaign = make_campaign()
    catalogue.create(campaign.id, new=GIFT, by=ROOT)
    shop = f"/shop/{campaign.id}"
    # A name with an address in it is taken for both, and refused: which one is meant is not plain.
    names = [" ".join(name.split()) for name in NAMES if "@" not in name]
    quoted = [name.replace('"', '""') for name in names]
    people = "\n".join(f'"{name}",p{at}@example.com,Hi' for at, name in enumerate(quoted))
    typed = {**PRESENT, "sender_name": NAMES[0], "people": people}
    added = client.post(f"{shop}/products/GIFT/team", data=typed)
    assert added.status_code == 303, re.findall(r"Row [^<]*|Error:[^<]*", added.text)
    client.post(f"{shop}/checkout", data=DETAILS)
    client.post(f"{shop}/checkout/place", data={"method": "bank_transfer"})
    awaited.receive(paid_by(newest_order(), "bank_transfer").id, by=SYSTEM)
    worker.drain()
    gifts = [message for message in server.messages if "ann@" not in str(message["to"])]
    assert sorted(str(each["to"]) for each in gifts) == sorted(
        f"p{at}@example.com" for at, _ in enumerate(names)
    )
    for message in gifts:
        keys = [key.lower() for key in message.keys()]  # noqa: SIM118
        assert len(keys) == len(set(keys))
        assert set(keys) <= OURS
