"""A key reaches what its scopes name, from its addresses, up to its caps (X5)."""

import re

import pytest

from giftweb.blueprints.api.operations import OPERATIONS
from giftweb.domain.campaigns import api_keys
from giftweb.domain.campaigns.key_terms import SCOPES, KeyTerms
from tests.api_client import ApiClient
from tests.factories import ROOT, amount_of, make_campaign
from tests.web.api.shop import CARD, done, says

pytestmark = pytest.mark.proves("X5", "B5")

IDS = {"card_id": "gc", "checkout_id": "chk", "order_id": "ord", "payment_id": "pay"}


@pytest.fixture
def with_terms(app):
    """``with_terms(scopes=("read",))``: a shop's program whose key has these terms."""

    def connect(**terms) -> ApiClient:
        campaign = make_campaign().id
        created = api_keys.create(campaign, is_test=False, terms=KeyTerms(**terms), by=ROOT)
        return ApiClient(app.test_client(), created.secret, campaign)

    return connect


@pytest.mark.no_database
def test_every_operation_names_its_scopes():
    assert all(operation.scopes for operation in OPERATIONS)
    assert {scope for operation in OPERATIONS for scope in operation.scopes} == set(SCOPES)
    changing = [each for each in OPERATIONS if each.method != "GET" and not each.is_guess]
    assert not [each.name for each in changing if "read" in each.scopes]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_with_one_scope_reaches_its_operations_and_no_other(with_terms, scope):
    api, wrong = with_terms(scopes=(scope,)), []
    for operation in OPERATIONS:
        path = re.sub(r"{(\w+)}", lambda m: f"{IDS.get(m[1], 'ref')}_{'0' * 26}", operation.path)
        answer = api.client.open(
            f"/api/v1{path}",
            method=operation.method,
            json={} if operation.method in ("POST", "PATCH") else None,
            headers={"Authorization": f"Bearer {api.secret}", "Idempotency-Key": operation.name},
        )
        if (answer.status_code == 403) is (scope in operation.scopes):
            wrong.append((operation.name, answer.status_code))
    assert not wrong


def test_a_refused_scope_is_named(with_terms):
    refused = with_terms(scopes=("read", "checkout")).post("/gift-cards", CARD)
    assert "scope issue" in says(refused, 403, "forbidden")["detail"]


def test_a_key_is_refused_at_other_addresses(with_terms):
    says(with_terms(addresses=("203.0.113.0/24",)).get("/gift-cards"), 403, "forbidden")
    done(with_terms(addresses=("127.0.0.0/8",)).get("/gift-cards"))


def test_above_its_caps_nothing_is_issued(with_terms):
    api = with_terms(card_cap=amount_of("50.00 USD"), day_cap=amount_of("60.00 USD"))
    says(api.post("/gift-cards", CARD | {"amount": 5001}), 403, "forbidden")
    done(api.post("/gift-cards", CARD), 201)
    refused = says(api.post("/gift-cards", CARD), 403, "forbidden")
    assert "$60.00 in a day" in refused["detail"]
    assert len(done(api.get("/gift-cards"))["data"]) == 1
