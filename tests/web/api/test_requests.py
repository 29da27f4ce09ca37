"""How requests are read: strictly, and every no is a problem, never a page."""

import json
from dataclasses import replace

import pytest

from giftweb import clock, errors
from giftweb.domain import cards
from tests.web.api.shop import CARD, CART, MUG, done, faults, says


@pytest.fixture
def send(client, shop):
    """Send bytes as the body of POST /gift-cards."""

    def post(body: bytes | str, content_type: str | None = "application/json"):
        headers = {"Authorization": f"Bearer {shop.api.secret}", "Idempotency-Key": "k"}
        return client.post(
            "/api/v1/gift-cards", data=body, headers=headers, content_type=content_type
        )

    return post


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "{'amount': 1}",
        '{"amount": 1, "amount": 2}',
        '{"holder": {"email": "a@b.co", "email": "c@d.co"}}',
        '{"amount": NaN}',
        '{"amount": Infinity}',
        '{"amount": 1_000}',
        '{"amount": 0x10}',
        b'{"note": "\xff"}',
        " ",
        "[" * 50_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
    ],
)
def test_what_is_not_json_is_malformed(send, body):
    says(send(body), 400, "malformed_json")


@pytest.mark.parametrize("body", ["[]", "1", '"text"', "null", "true"])
def test_a_body_is_an_object(send, body):
    says(send(body), 422, "invalid")


def test_no_body_says_nothing(send):
    assert faults(send("")) == {"amount", "currency", "holder"}


@pytest.mark.parametrize("name", ["text/xml", "application/x-www-form-urlencoded", "text/plain"])
def test_another_kind_of_body_is_refused(send, name):
    says(send(json.dumps(CARD), name), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "name", ["application/json; charset=utf-8", "application/vnd.shop+json", None]
)
def test_json_is_json_whoever_says_so(send, name):
    assert send(json.dumps(CARD), name).status_code == 201


def test_a_body_over_a_megabyte_is_refused(send):
    says(send(json.dumps(CARD | {"note": "x" * 1_100_000})), 413, "too_large")


@pytest.mark.proves("I9")
@pytest.mark.parametrize(
    "amount",
    [
        '"5000"',
        "5000.0",
        "1e3",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        "0",
        "-1",
        "1000000000001",
        "123456789012345678901234567890",
        "-123456789012345678901234567890",
        "9" * 5000,
    ],
)
def test_money_is_an_integer_from_1_to_a_million_million(send, amount):
    body = json.dumps(CARD).replace("5000", amount)
    assert faults(send(body)) == {"amount"}


@pytest.mark.proves("I9")
def test_the_largest_amount_is_taken(send):
    answer = send(json.dumps(CARD | {"amount": 10**12}))
    assert done(answer, 201)["balance"] == 10**12


@pytest.mark.parametrize(
    ("field", "amount"),
    [("unit_amount", -1), ("unit_amount", 1.5), ("quantity", 0), ("quantity", True)],
)
def test_the_amounts_of_items_are_checked_where_they_stand(shop, field, amount):
    answer = shop.api.post("/checkouts", CART | {"items": [MUG, MUG | {field: amount}]})
    assert faults(answer) == {f"items.1.{field}"}


@pytest.mark.parametrize("field", ["discount_amount", "tax_amount", "shipping_amount"])
def test_amounts_of_a_cart_may_be_0_but_no_less(shop, field):
    cart = CART | {"items": [MUG | {"unit_amount": 0}]}
    done(shop.api.post("/checkouts", cart | {field: 0}), 201)
    assert faults(shop.api.post("/checkouts", cart | {field: -1})) == {field}


def test_a_gift_card_of_nothing_is_not_sold(shop):
    item = MUG | {"kind": "gift_card", "unit_amount": 0}
    assert faults(shop.api.post("/checkouts", CART | {"items": [item]})) == {"items.0.unit_amount"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"balance": 1}, "balance"),
        ({"unknown": None}, "unknown"),
        ({"holder": {"email": "ann@example.com", "role": "root"}}, "holder.role"),
        ({"holder": {"email": "ann"}}, "holder.email"),
        ({"holder": {"email": "ann@example.com\nBcc: x@example.com"}}, "holder.email"),
        ({"holder": {"email": "ann@example.com", "name": ""}}, "holder.name"),
        ({"holder": {"email": "ann@example.com", "name": "a\x00"}}, "holder.name"),
        ({"holder": {"email": "ann@example.com", "name": "\ud800"}}, "holder.name"),
        ({"holder": "ann@example.com"}, "holder"),
        ({"holder": None}, "holder"),
        ({"currency": "usd"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": 840}, "currency"),
        ({"expires_on": "2020-01-01"}, "expires_on"),
        ({"expires_on": "20990101"}, "expires_on"),
        ({"expires_on": "2099-02-30"}, "expires_on"),
        ({"expires_on": 20990101}, "expires_on"),
        ({"send_email": "yes"}, "send_email"),
        ({"send_email": 1}, "send_email"),
        ({"message": "x" * 1001}, "message"),
        ({"note": ["x"]}, "note"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(shop, change, field):
    assert faults(shop.api.post("/gift-cards", CARD | change)) == {field}
    assert done(shop.api.get("/gift-cards"))["data"] == []


def test_null_in_an_optional_field_is_no_value(shop):
    nothing = {"message": None, "expires_on": None, "send_email": None, "note": None}
    card = shop.issue(**nothing, holder={"email": "ann@example.com", "name": None})
    assert card["holder"] == {"email": "ann@example.com"}


@pytest.mark.proves("D9")
@pytest.mark.parametrize(
    "code", ["", "x", "O" * 14 + "1", "7GK2M-4T9QX-1BC0Y", "ОООООООООООООО0", "é"]
)
def test_a_typing_error_in_a_code_is_named_as_such(shop, code):
    answer = shop.api.post("/gift-cards/lookup", {"code": code})
    assert answer.status_code == 422
    assert answer.json["code"] == "code_malformed"
    assert answer.json["errors"][0]["field"] == "code"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1", 404, "not_found"),
        ("GET", "/api/v1/", 404, "not_found"),
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v1//gift-cards", 404, "not_found"),
        ("PUT", "/api/v1/gift-cards", 405, "method_not_allowed"),
        ("OPTIONS", "/api/v1/gift-cards", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/openapi.json", 405, "method_not_allowed"),
    ],
)
def test_an_address_or_method_that_is_not_there(client, method, path, status, code):
    answer = client.open(path, method=method)
    says(answer, status, code)
    assert status != 405 or "GET" in answer.headers["Allow"]


def test_a_fault_of_ours_is_a_problem_that_tells_nothing(app, shop, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("secret")

    monkeypatch.setattr(cards, "find", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = shop.api.get("/gift-cards/gc_01m80xc2m0xmb2thpn4b2svk4k")
    says(answer, 500, "server_error")
    assert "secret" not in answer.text


def test_a_database_that_is_away_is_503(shop, monkeypatch):
    def fail(*_, **__):
        raise errors.Unavailable

    monkeypatch.setattr(cards, "find", fail)
    answer = shop.api.get("/gift-cards/gc_01m80xc2m0xmb2thpn4b2svk4k")
    says(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_answers_for_a_shop_are_not_kept_by_anybody_else(shop):
    card = shop.issue()
    for answer in (
        shop.api.post("/gift-cards", CARD),
        shop.api.get(f"/gift-cards/{card['id']}"),
        shop.api.get("/gift-cards/none"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


# Addresses and answers


@pytest.mark.parametrize("path", ["/gift-cards", "/nothing", "/docs", "/openapi.json"])
def test_every_answer_has_the_id_of_its_request(shop, path):
    first, second = shop.api.get(path), shop.api.get(path)
    assert first.headers["X-Request-Id"].startswith("req_")
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_a_problem_names_its_request_as_the_header_does(client):
    refused = client.get("/api/v1/gift-cards")
    assert refused.json["request_id"] == refused.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/api/v1/docs/", "/api/v1/docs"),
        ("/api/v1/openapi.json/", "/api/v1/openapi.json"),
        (
            "/api/v1/gift-cards/?limit=2&holder_email=a%40b.co",
            "/api/v1/gift-cards?limit=2&holder_email=a%40b.co",
        ),
        ("/api/v1/gift-cards/lookup/", "/api/v1/gift-cards/lookup"),
        ("/balance/", "/balance"),
        ("/login/", "/login"),
    ],
)
@pytest.mark.proves("E45")
def test_a_slash_too_many_leads_to_the_address_without(client, asked, meant):
    for method in ("GET", "POST"):
        answer = client.open(asked, method=method)
        assert (answer.status_code, answer.headers["Location"]) == (308, meant)


@pytest.mark.parametrize(
    "path",
    ["/api/v1/", "/api/v1/docs//", "/api/v1/nothing/", "//example.com/", "/nothing/"],
)
def test_a_slash_leads_nowhere_else(client, path):
    answer = client.get("/", environ_overrides={"PATH_INFO": path})
    assert (answer.status_code, answer.headers.get("Location")) == (404, None)


def test_a_thing_that_is_not_there_is_not_redirected(shop, client):
    says(shop.api.get("/gift-cards/gc_01h455vb4pex5vsknk084sn02q"), 404, "not_found")


@pytest.mark.proves("X19")
def test_a_body_of_hundreds_of_unknown_fields_is_answered_with_fifty(send):
    body = {f"f{number}" * 99: 1 for number in range(500)}
    refused = says(send(json.dumps(body)), 422, "invalid")
    assert len(refused["errors"]) == 50
    assert max(len(error["field"]) for error in refused["errors"]) == 200


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"holder": None}, "holder", "This field is needed."),
        ({"holder": "ann@example.com"}, "holder", "Send an object."),
        ({"holder": {}}, "holder.email", "This field is needed."),
        ({"tags": "spring"}, "tags", "Send a list."),
        ({"tags": ["a"] * 21}, "tags", "Send at most 20 tags."),
        ({"currency": "usd"}, "currency", "Send a currency such as USD."),
        ({"expires_on": "9999-12-31"}, "expires_on", "Send a date from 1970-01-01 to 9998-12-31."),
    ],
)
def test_each_fault_is_named_once_and_says_what_to_send(send, change, field, message):
    refused = says(send(json.dumps(CARD | change)), 422, "invalid")
    assert refused["errors"] == [{"field": field, "message": message}]


@pytest.mark.proves("X19")
def test_a_key_that_sends_too_much_waits_and_no_other_key_does(app, api, monkeypatch):
    monkeypatch.setitem(app.config, "GIFTWEB", replace(app.config["GIFTWEB"], api_rate=2))
    now = clock.micros()
    monkeypatch.setattr(clock, "micros", lambda: now)
    busy, other = api(), api()
    answers = [busy.get("/gift-cards") for _ in range(25)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 5
    says(answers[-1], 429, "too_many_tries")
    assert answers[-1].headers["Retry-After"] == "1"
    assert other.get("/gift-cards").status_code == 200
