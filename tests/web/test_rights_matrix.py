"""Every cell of the rights: each address with an id in it x who asks x own, foreign, missing.

What is missing is walked in test_rights.py; here are things that exist, and those of somebody else.
"""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from giftweb import clock, database, models
from giftweb.domain import catalogue, desk, imports, notes, orders, outbox, refunds
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.catalogue.designs import Redrawn
from giftweb.domain.catalogue.products import NewProduct
from giftweb.domain.catalogue.rates import NewRate
from giftweb.web.access import rights
from giftweb.web.access.rights import BY_BLUEPRINT, RIGHTS
from tests.approvals import ask_for_top_up
from tests.factories import (
    AGENT,
    ROOT,
    amount_of,
    make_api_key,
    make_campaign,
    make_card,
    make_staff,
)
from tests.orders import paid_by, place, signed_in

URL = "https://shop.example/hooks"
PARAMETER = re.compile(r"<(?:[^:>]+:)?(\w+)>")
CHILDREN = {
    "payment_id": "number",
    "refund_id": "number",
    "line_id": "number",
    "note_id": "number",
    "key_id": "campaign_id",
    "endpoint_id": "campaign_id",
    "delivery_id": "campaign_id",
    "event_id": "campaign_id",
    "sku": "campaign_id",
}
"""What stands under something else in an address -> what it has to belong to there."""

UNDER_AN_ORDER = "/staff/orders/<int:number>/gift-cards/<card_id>"


def uploaded_by(agent: Actor) -> str:
    """A file of gift cards, uploaded whole."""
    file_id = imports.files.begin("cards.csv", by=agent)
    imports.files.add(file_id, data=b"amount,currency\n5.00,USD\n", by=agent)
    return imports.files.complete(file_id, by=agent).id


def everything() -> dict[str, object]:
    """One of everything that an address of the desk may name, by the name of its parameter."""
    campaign = make_campaign()
    endpoint = outbox.endpoints.create(campaign.id, url=URL, by=ROOT)[0]
    make_api_key(campaign.id)
    new = NewProduct(sku="TEA", name="Tea", unit_minor=500)
    tea = catalogue.create(campaign.id, new=new, by=ROOT)
    catalogue.designs.add(tea, new=Redrawn(b"webp", b"jpeg", 1, 1), alt="A cup", by=ROOT)
    order = place(cards=[make_card("40.00 USD")], campaign_id=campaign.id)
    payment = paid_by(order, "credit_card")
    refund = refunds.refund(payment.id, amount=amount_of("1.00 USD"), by=AGENT)
    agent = signed_in("customer_service")
    card = desk.order_cards.issue(order.id, amount=amount_of("5.00 USD"), by=agent, reason="late")
    catalogue.rates.set_rates([NewRate(clock.today(), "EUR", "USD", "1.08")], by=ROOT)
    approval = ask_for_top_up(card, "101.00 USD", by=agent)
    delivery = outbox.deliveries.listing(campaign.id).items[0]
    return {
        "campaign_id": campaign.id,
        "endpoint_id": endpoint.id,
        "key_id": database.scalar("SELECT id FROM api_key WHERE campaign_id = ?", campaign.id),
        "delivery_id": delivery.id,
        "event_id": delivery.event.id,
        "sku": "TEA",
        "position": 1,
        "number": order.number,
        "payment_id": payment.id,
        "line_id": orders.sheet(order).lines[0].id,
        "refund_id": refund.id,
        "note_id": notes.write(order.id, text="Called", by=agent),
        "card_id": card.id,
        "customer_id": order.customer_id,
        "approval_id": approval.id,
        "mail_id": database.scalar("SELECT MAX(id) FROM mail"),
        "person_id": make_staff("finance").id,
        "role": "customer_service",
        "currency": "USD",
        "kind": "order",
        "name": "liability",
        "suffix": "csv",
        "month": "2027-01",
        "form": "journal",
        "base": "EUR",
        "quote": "USD",
        "subject": order.id,
        "file_id": uploaded_by(agent),
        "entry_id": desk.counter.sell(
            amount_of("5.00 USD"), receipt="R-1", campaign_id=campaign.id, email=None, by=agent
        )[0],
    }


def cells(app: Flask, things: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of each route of the desk that names something."""
    for rule in app.url_map.iter_rules():
        names = PARAMETER.findall(rule.rule)
        is_own_account = rule.rule.startswith("/staff/account/")
        if rule.rule.startswith("/staff/") and names and not is_own_account:
            built = rule.build({name: things[name] for name in names})
            for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
                yield rule.endpoint, method, built[1]


@pytest.mark.proves("D14", "B15")
@pytest.mark.parametrize("role", rights.ROLES)
def test_a_role_reads_what_it_may_and_is_refused_what_it_may_not_though_it_is_there(
    app, staff_client, role
):
    things = everything()
    client, wrong = staff_client(role), []
    for endpoint, method, address in cells(app, things):
        is_allowed = role in RIGHTS[endpoint]
        if is_allowed and method != "GET":
            continue
        status = client.open(address, method=method).status_code
        if status not in ((200, 409) if is_allowed else (403,)):
            wrong.append((endpoint, method, status))
    assert not wrong


@pytest.mark.proves("D14")
def test_what_belongs_to_another_order_or_campaign_is_not_there(app, staff_client):
    own, foreign = everything(), everything()
    client, wrong, walked = staff_client("root"), [], set()
    for rule in app.url_map.iter_rules():
        names = PARAMETER.findall(rule.rule)
        children = [name for name in names if CHILDREN.get(name) in names]
        if rule.rule.startswith(UNDER_AN_ORDER):
            children.append("card_id")
        for child in children:
            if child == "sku":
                continue
            mixed = {name: own[name] for name in names} | {child: foreign[child]}
            for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
                walked.add(child)
                status = client.open(rule.build(mixed)[1], method=method).status_code
                if status != 404:
                    wrong.append((rule.endpoint, method, child, status))
    assert walked == {*CHILDREN, "card_id"} - {"sku"}
    assert not wrong


@pytest.mark.proves("D14")
def test_nobody_ends_another_persons_sign_in_or_takes_their_passkey(app, staff_client):
    theirs, mine = staff_client("root"), staff_client("customer_service")
    session = database.scalar("SELECT id FROM staff_session WHERE staff_id = ?", theirs.person.id)
    assert mine.post(f"/staff/account/sessions/{session}/end").status_code == 404
    assert theirs.get("/staff/").status_code == 200
    seals.insert(
        models.Passkey,
        **{"id": "key", "staff_id": theirs.person.id, "name": "Phone", "public_key": b"k"},
        created_at=clock.now(),
    )
    for method in ("GET", "POST"):
        place = "/staff/account/passkeys/key/remove"
        assert mine.open(place, method=method).status_code == 404
    assert database.scalar("SELECT COUNT(*) FROM passkey") == 1


@pytest.mark.proves("B5", "I20")
def test_every_address_of_the_api_that_names_something_is_walked_by_strangers(app):
    """tests/web/api/test_keys_and_modes.py walks them; none may be forgotten there."""
    from tests.web.api import test_keys_and_modes as walked

    order = {"id": "ORDER", "payments": [{"id": "PAYMENT"}]}
    requests = [
        *walked.of_one_card("CARD"),
        *walked.of_one_checkout("CHECKOUT", "CARD"),
        *walked.of_one_order(order),
        *walked.of_one_refund("REFUND"),
    ]
    known = {(method.upper(), path) for method, path, _ in requests}
    named = {
        "card_id": "CARD",
        "checkout_id": "CHECKOUT",
        "order_id": "ORDER",
        "payment_id": "PAYMENT",
        "refund_id": "REFUND",
    }
    for rule in app.url_map.iter_rules():
        names = PARAMETER.findall(rule.rule)
        if rule.rule.startswith("/api/v1/") and names:
            path = rule.build({name: named[name] for name in names})[1].removeprefix("/api/v1")
            for method in rule.methods - {"OPTIONS", "HEAD"}:
                assert (method, path) in known, rule


@pytest.mark.proves("D14")
def test_who_has_no_key_token_or_link_opens_nothing_that_asks_for_one(app, client):
    """The routes that ask for a proof of their own, without it: never an answer of 200."""
    card = make_card()
    campaign = make_campaign()
    for rule in app.url_map.iter_rules():
        if RIGHTS[rule.endpoint] is not BY_BLUEPRINT or rule.endpoint == "health.numbers":
            continue
        names = PARAMETER.findall(rule.rule)
        given = dict.fromkeys(names, card.card.id) | {"campaign_id": campaign.id}
        given["wallet"] = "apple"
        address = rule.build({name: given[name] for name in names})[1]
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            answer = client.open(address, method=method)
            assert answer.status_code in (303, 401, 403, 404, 409, 422), (rule, answer.status_code)
            assert card.card.last4 not in answer.text
