"""The OpenAPI document and its page agree with what shops rely on and with the answers."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

from giftweb import domain, money
from giftweb.blueprints.api import problem_schemas
from giftweb.blueprints.api.documents import document
from giftweb.blueprints.api.operations import ID_PREFIXES, OPERATIONS
from giftweb.blueprints.api.webhooks import EVENT_TYPES, SCHEMAS
from giftweb.domain import outbox
from giftweb.domain.outbox.endpoints import TEST_EVENT
from giftweb.web.access.rights import RIGHTS
from tests.factories import ROOT
from tests.web.api.shop import CART, done

ADDRESSES = {
    "GET /checkouts/{}",
    "GET /events",
    "GET /gift-cards",
    "GET /gift-cards/{}",
    "GET /gift-cards/{}/transactions",
    "GET /orders",
    "GET /orders/{}",
    "GET /orders/{}/refunds",
    "GET /refunds/{}",
    "DELETE /checkouts/{}/gift-cards/{}",
    "PATCH /gift-cards/{}",
    "PATCH /checkouts/{}",
    "POST /checkouts",
    "POST /checkouts/{}/authorisation",
    "POST /checkouts/{}/capture",
    "POST /checkouts/{}/gift-cards",
    "POST /checkouts/{}/void",
    "POST /gift-cards",
    "POST /gift-cards/lookup",
    "POST /gift-cards/activation",
    "POST /gift-cards/merge",
    "POST /redemptions",
    "POST /gift-cards/{}/adjustments",
    "POST /gift-cards/{}/cancellation",
    "POST /gift-cards/{}/emails",
    "POST /gift-cards/{}/freeze",
    "POST /gift-cards/{}/replacement",
    "POST /gift-cards/{}/top-ups",
    "POST /gift-cards/{}/unfreeze",
    "POST /orders/{}/cancellation",
    "POST /orders/{}/chargebacks",
    "POST /orders/{}/refunds",
    "POST /orders/{}/shipment",
    "POST /orders/{}/upsells",
    "POST /payments/{}/refunds",
    "POST /payments/{}/receipt",
    "POST /payments/{}/cancellation",
    "POST /refunds/{}/confirmation",
}
"""Every address that shops rely on."""

CODES = {
    "unauthorised",
    "forbidden",
    "not_found",
    "idempotency_key_missing",
    "malformed_json",
    "invalid",
    "idempotency_key_reused",
    "code_malformed",
    "too_many_tries",
    "card_not_usable",
    "mode_mismatch",
    "currency_mismatch",
    "insufficient_balance",
    "already_applied",
    "card_in_use",
    "checkout_closed",
    "checkout_expired",
    "hold_expired",
    "payment_incomplete",
    "payment_method_required",
    "shipping_address_required",
    "refund_exceeds_payment",
    "card_already_used",
    "idempotency_in_progress",
    "gift_card_not_allowed",
    "pin_required",
}
"""The codes that shops rely on, but order_total_exceeded: only staff issue cards on an order."""


@pytest.mark.no_database
def test_the_document_names_every_address_and_no_other():
    found = {
        f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path.removeprefix('/api/v1'))}"
        for path, methods in document()["paths"].items()
        for method in methods
    }
    assert found == ADDRESSES


@pytest.mark.no_database
def test_every_code_is_documented_and_belongs_to_an_operation():
    assert set(problem_schemas.CODES) >= CODES
    reported = {
        (status, code.strip("`"))
        for methods in document()["paths"].values()
        for operation in methods.values()
        for status, answer in operation["responses"].items()
        if status.startswith("4")
        for code in answer["description"].split(", ")
    }
    known = {(str(status), code) for code, (status, _) in problem_schemas.CODES.items()}
    assert reported <= known
    assert {code for _, code in reported} >= CODES


@pytest.mark.no_database
def test_every_operation_is_in_the_rights_table_and_is_described_whole():
    assert {f"api.{operation.name}" for operation in OPERATIONS} <= set(RIGHTS)
    for operation in OPERATIONS:
        written = document()["paths"][f"/api/v1{operation.path}"][operation.method.lower()]
        assert written["summary"].endswith("."), operation.name
        named = {each["name"] for each in written["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", operation.path)) <= set(ID_PREFIXES)
        headers = [each for each in written["parameters"] if each["in"] == "header"]
        assert [each["required"] for each in headers] == (
            [operation.needs_key] if operation.method == "POST" else []
        )


@pytest.mark.no_database
def test_the_document_is_openapi_3_1():
    assert document()["openapi"] == "3.1.0"
    for schema in document()["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document())))
    assert references <= set(document()["components"]["schemas"])


@pytest.mark.no_database
def test_every_field_has_a_type():
    for name, schema in document()["components"]["schemas"].items():
        for field, about in schema.get("properties", {}).items():
            known = {"type", "$ref", "allOf", "anyOf", "oneOf", "enum"} & set(about)
            assert known, f"{name}.{field}"


@pytest.mark.no_database
def test_no_object_is_named_as_one_of_its_fields():
    for name, schema in document()["components"]["schemas"].items():
        assert name.lower() not in schema.get("properties", {})


@pytest.mark.no_database
def test_every_currency_says_what_it_is():
    for schema in document()["components"]["schemas"].values():
        for about in [schema.get("properties", {}).get("currency")] if schema else ():
            if about:
                assert about["pattern"] == "^[A-Z]{3}$"
                assert "ISO 4217" in about["description"]


@pytest.mark.no_database
@pytest.mark.proves("E45")
def test_a_currency_that_is_sent_is_one_of_those_that_amounts_can_have():
    for name in ("NewGiftCard", "NewCheckout", "ChangedCheckout"):
        about = document()["components"]["schemas"][name]["properties"]["currency"]
        assert [word for word in about["enum"] if word] == list(money.CURRENCIES)
        assert (None in about["enum"]) == ("null" in about["type"])
    assert {"USD", "JPY", "KWD"} <= set(money.CURRENCIES)
    assert not {"XAU", "XXX", "DEM"} & set(money.CURRENCIES)


@pytest.mark.no_database
def test_what_was_created_leads_on_to_what_can_be_done_with_it():
    operations = {
        each["operationId"]: (path, each)
        for path, methods in document()["paths"].items()
        for each in methods.values()
    }
    _, opened = operations["open_checkout"]
    assert {"show_checkout", "authorise_checkout"} <= set(opened["responses"]["201"]["links"])
    for _, operation in operations.values():
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                _, target = operations[link["operationId"]]
                taken = {each["name"] for each in target["parameters"] if each["in"] == "path"}
                assert set(link["parameters"]) == taken


@pytest.mark.no_database
def test_every_answer_carries_the_id_of_its_request():
    for methods in document()["paths"].values():
        for operation in methods.values():
            for answer in operation["responses"].values():
                assert "X-Request-Id" in answer["headers"]


@pytest.mark.no_database
def test_every_event_that_is_queued_is_a_webhook_of_the_document():
    queued = {
        type
        for path in Path(domain.__file__).parent.rglob("*.py")
        for type in re.findall(r'(?:event\(|event=)\s*"([a-z_.]+)"', path.read_text())
    }
    assert queued | {TEST_EVENT} == set(EVENT_TYPES) == set(document()["webhooks"])
    for type, received in document()["webhooks"].items():
        body = received["post"]["requestBody"]["content"]["application/json"]["schema"]
        name = body["$ref"].rpartition("/")[2]
        assert type in document()["components"]["schemas"][name]["properties"]["type"]["enum"]


def test_the_document_needs_no_key(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.content_type == "application/json"
    assert answer.json == json.loads(json.dumps(document()))


# What is answered


def closed(schema: dict) -> dict:
    """The document's schemas, refusing what they do not name."""
    if isinstance(schema, dict):
        inner = {name: closed(part) for name, part in schema.items()}
        if inner.get("type") == "object" and "properties" in inner:
            inner["additionalProperties"] = False
        return inner
    return [closed(part) for part in schema] if isinstance(schema, list) else schema


@pytest.fixture(scope="module")
def validator():
    """``validator("Order")``: checks an object by the document, to the last name."""
    components = closed(document()["components"])

    def of(name: str) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            {"$ref": f"#/components/schemas/{name}", "components": components}
        )

    return of


def test_answers_are_as_the_document_says_to_the_last_name(shop, validator):
    card = shop.issue()
    replaced = done(shop.api.post(f"/gift-cards/{shop.issue()['id']}/replacement"), 201)
    path = shop.open(card)
    checkout = done(shop.api.get(path))
    items = [
        CART["items"][0],
        {"sku": "G", "name": "Card", "quantity": 1, "unit_amount": 1, "kind": "gift_card"},
    ]
    order = shop.order(shop.issue(), items=items)
    refunds = done(shop.api.post(f"/orders/{order['id']}/refunds"), 201)
    lines = done(shop.api.get(f"/gift-cards/{card['id']}/transactions"))
    validator("GiftCardWithCode").validate(card)
    validator("ReplacementCard").validate(replaced)
    validator("GiftCard").validate(shop.card(card["id"]))
    validator("GiftCardList").validate(done(shop.api.get("/gift-cards")))
    validator("TransactionList").validate(lines)
    validator("Checkout").validate(checkout)
    validator("Order").validate(order)
    validator("OrderList").validate(done(shop.api.get("/orders")))
    validator("RefundsOfOrder").validate(refunds)
    validator("EventList").validate(done(shop.api.get("/events")))


def test_problems_are_as_the_document_says(shop, validator):
    validator("Problem").validate(shop.api.get("/gift-cards/x").json)
    validator("InvalidProblem").validate(shop.api.post("/gift-cards", {}).json)
    shared = shop.issue()
    winner, loser = shop.open(shared), shop.open(shared)
    done(shop.api.post(f"{winner}/authorisation"))
    refused = shop.api.post(f"{loser}/authorisation").json
    validator("AllocationProblem").validate(refused)


def test_events_are_as_the_document_says(shop, validator):
    lost = shop.issue()
    done(shop.api.post(f"/gift-cards/{lost['id']}/freeze"))
    path = shop.open(shop.issue())
    done(shop.api.post(f"{path}/authorisation"))
    done(shop.api.post(f"{path}/void"))
    order = shop.order(shop.issue())
    done(shop.api.post(f"/orders/{order['id']}/refunds"), 201)
    awaited = {"method": "cash", "amount": 7900, "reference": "", "status": "pending"}
    for verb in ("receipt", "cancellation"):
        body = {"payments": [awaited]}
        order = done(shop.api.post(f"{shop.open()}/capture", body), 201)
        done(shop.api.post(f"/payments/{order['payments'][0]['id']}/{verb}"))
    seen = set()
    for event in done(shop.api.get("/events", limit=100))["data"]:
        validator(SCHEMAS[EVENT_TYPES[event["type"]].payload].__name__).validate(event)
        seen.add(event["type"])
    assert set(EVENT_TYPES) - seen == {"checkout.expired", "webhook.test"}


def test_the_event_that_tries_an_endpoint_is_as_the_document_says(shop, validator):
    endpoint, _ = outbox.endpoints.create(
        shop.api.campaign_id, url="https://shop.example/hooks", by=ROOT
    )
    event = outbox.endpoints.send_test(endpoint.id, by=ROOT)
    validator("TestEvent").validate(outbox.payload.Event.of(event))


# The page


def test_the_page_names_every_address_and_code_and_loads_nothing_from_outside(client):
    answer = client.get("/api/v1/docs")
    assert answer.status_code == 200
    page = answer.text
    for operation in OPERATIONS:
        assert f"<code>{operation.path}</code>" in page
    for code in problem_schemas.CODES:
        assert f'id="{code}"' in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert not re.search(r"<script|\sstyle=|\son[a-z]+=", page)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_problems_type_leads_to_its_line_on_the_page(client, shop):
    problem = shop.api.get("/nothing").json
    path, _, anchor = problem["type"].partition("#")
    assert f'id="{anchor}"' in client.get(path).text
