"""Addresses are remembered where they led, and only there."""

import pytest

from giftweb.web.http import routing
from tests.factories import make_campaign


@pytest.fixture
def known(app) -> routing.Known:
    app._known.clear()
    return app._known


def test_an_address_is_remembered_with_its_method(client, known):
    campaign = make_campaign()
    path = f"/widget/{campaign.id}/"
    for _ in range(2):
        assert client.get(path).status_code == 200
    assert client.post(path).status_code == 409
    assert set(known) == {("GET", path), ("POST", path)}
    rule, values = known["GET", path]
    assert (rule.endpoint, values) == ("widget.frame", {"campaign_id": campaign.id})


def test_what_a_view_does_to_its_values_is_not_remembered(app, known):
    with app.test_request_context("/staff/orders/10001") as context:
        context.request.view_args["number"] = "another"
        context.request.view_args.clear()
    with app.test_request_context("/staff/orders/10001") as context:
        assert context.request.view_args


def test_what_leads_nowhere_or_elsewhere_is_not_remembered(client, known):
    campaign = make_campaign()
    for _ in range(2):
        assert client.get("/nowhere").status_code == 404
        assert client.delete("/balance").status_code == 405
        assert client.get(f"/widget/{campaign.id}").status_code == 308
    assert known == {}


def test_no_more_is_remembered_than_there_is_room_for(client, known, monkeypatch):
    monkeypatch.setattr(routing, "_MOST_KNOWN", 2)
    client.get("/shop/" + "x" * 200 + "/")
    assert known == {}
    for name in ("one", "two", "three"):
        client.get(f"/shop/{name}/")
    assert set(known) == {("GET", "/shop/three/")}
