"""Whose request it is, and what that lets it see."""

from dataclasses import replace
from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import campaigns
from tests.factories import ROOT
from tests.web.api.shop import CARD, CART, Shop, done, says


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer gwk_live_" + "a" * 32},
        {"Authorization": "Basic Z3drOg=="},
        {"Authorization": "Bearer é"},
    ],
)
@pytest.mark.proves("B5")
def test_without_a_good_key_nothing_is_answered(client, header):
    refused = client.get("/api/v1/gift-cards", headers=header)
    says(refused, 401, "unauthorised")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_key_is_refused_at_once(shop):
    done(shop.api.get("/gift-cards"))
    campaigns.api_keys.revoke(campaigns.api_keys.authenticate(shop.api.secret).key_id, by=ROOT)
    says(shop.api.get("/gift-cards"), 401, "unauthorised")


def test_the_scheme_is_read_in_any_case(client, shop):
    header = {"Authorization": f"bearer {shop.api.secret}"}
    assert client.get("/api/v1/gift-cards", headers=header).status_code == 200


def of_one_card(card_id: str) -> list[tuple[str, str, dict]]:
    path = f"/gift-cards/{card_id}"
    return [
        ("get", path, {}),
        ("patch", path, {"deliver_at": (clock.now() + timedelta(days=1)).isoformat()}),
        ("get", f"{path}/transactions", {}),
        ("post", f"{path}/top-ups", {"amount": 1}),
        ("post", f"{path}/adjustments", {"amount": 1, "reason": "x"}),
        ("post", f"{path}/freeze", {}),
        ("post", f"{path}/unfreeze", {}),
        ("post", f"{path}/cancellation", {}),
        ("post", f"{path}/replacement", {}),
        ("post", f"{path}/emails", {}),
    ]


def of_one_checkout(checkout_id: str, card_id: str) -> list[tuple[str, str, dict]]:
    path = f"/checkouts/{checkout_id}"
    return [
        ("get", path, {}),
        ("patch", path, {"shipping_amount": 1}),
        ("post", f"{path}/gift-cards", {"code": "000000000000000"}),
        ("delete", f"{path}/gift-cards/{card_id}", {}),
        ("post", f"{path}/authorisation", {}),
        ("post", f"{path}/capture", {}),
        ("post", f"{path}/void", {}),
    ]


def of_one_order(order: dict) -> list[tuple[str, str, dict]]:
    path, payment = f"/orders/{order['id']}", order["payments"][0]["id"]
    return [
        ("get", path, {}),
        ("post", f"{path}/shipment", {}),
        ("post", f"{path}/cancellation", {}),
        ("get", f"{path}/refunds", {}),
        ("post", f"{path}/refunds", {}),
        ("post", f"{path}/upsells", {"items": CART["items"], "payments": []}),
        ("post", f"{path}/chargebacks", {"payment_id": payment, "amount": 1}),
        ("post", f"/payments/{payment}/receipt", {}),
        ("post", f"/payments/{payment}/cancellation", {}),
        ("post", f"/payments/{payment}/refunds", {}),
    ]


def of_one_refund(refund_id: str) -> list[tuple[str, str, dict]]:
    path = f"/refunds/{refund_id}"
    return [("get", path, {}), ("post", f"{path}/confirmation", {"succeeded": True})]


def everything_of(shop: Shop) -> list[tuple[str, str, dict]]:
    card = shop.issue(20_000)
    path = shop.open(card)
    order = shop.order(shop.issue(1000))
    refund = done(shop.api.post(f"/payments/{order['payments'][1]['id']}/refunds", {}), 201)
    return [
        *of_one_card(card["id"]),
        *of_one_checkout(path.rpartition("/")[2], card["id"]),
        *of_one_order(order),
        *of_one_refund(refund["id"]),
    ]


def refused_everywhere(stranger: Shop, requests: list[tuple[str, str, dict]]) -> None:
    for method, path, body in requests:
        arguments = {} if method in ("get", "delete") else {"body": body}
        says(getattr(stranger.api, method)(path, **arguments), 404, "not_found")


@pytest.mark.proves("B5", "I20")
def test_what_is_another_campaigns_is_not_there(shop, api):
    refused_everywhere(Shop(api()), everything_of(shop))


@pytest.mark.proves("I20", "D16")
def test_a_test_key_does_not_see_live_things_nor_a_live_key_test_things(shop, api):
    test_shop = Shop(api(shop.api.campaign_id, is_test=True))
    refused_everywhere(test_shop, everything_of(shop))
    refused_everywhere(shop, everything_of(test_shop))
    assert done(test_shop.api.get("/gift-cards"))["data"][0]["livemode"] is False
    for path in ("/gift-cards", "/orders"):
        modes = {each["livemode"] for each in done(shop.api.get(path))["data"]}
        assert modes == {True}


def test_what_a_test_key_makes_is_test(api):
    shop = Shop(api(is_test=True))
    assert shop.issue()["livemode"] is False
    assert done(shop.api.get(shop.open()))["livemode"] is False
    assert shop.order()["livemode"] is False


@pytest.mark.parametrize(
    "path",
    [
        "/gift-cards/gc_0",
        "/gift-cards/ord_01m80xc2m0xmb2thpn4b2svk4k",
        "/gift-cards/gc_01m80xc2m0xmb2thpn4b2svk4k",
        "/checkouts/chk_01m80xc2m0xmb2thpn4b2svk4k",
        "/orders/10001",
        "/orders/' OR 1=1",
    ],
)
def test_an_id_that_leads_nowhere(shop, path):
    says(shop.api.get(path), 404, "not_found")


def test_a_closed_campaign_starts_nothing_new_but_ends_what_it_began(shop):
    order = shop.order()
    found = campaigns.find(shop.api.campaign_id)
    campaigns.change(found.id, settings=replace(found.settings, is_active=False), by=ROOT)
    says(shop.api.post("/gift-cards", CARD), 403, "forbidden")
    says(shop.api.post("/checkouts", CART), 403, "forbidden")
    done(shop.api.post(f"/orders/{order['id']}/refunds", {}), 201)
