"""A campaign's webhooks at the desk: endpoints, deliveries, sending again."""

import re

import pytest

from giftweb.domain import cards, outbox
from tests.factories import ROOT, amount_of, make_campaign

URL = "https://shop.example/hooks"


@pytest.fixture
def campaign():
    return make_campaign("Tea House")


@pytest.fixture
def place(campaign) -> str:
    return f"/staff/campaigns/{campaign.id}/webhooks"


@pytest.fixture
def endpoint(campaign):
    return outbox.endpoints.create(campaign.id, url=URL, by=ROOT)[0]


@pytest.fixture
def marketer(staff_client):
    return staff_client("marketing")


def issue(campaign) -> None:
    new = cards.NewCard(
        amount=amount_of("20.00 USD"), holder_email="ann@example.com", campaign_id=campaign.id
    )
    cards.issue(new, by=ROOT)


def delivery_of(campaign):
    return outbox.deliveries.listing(campaign.id).items[0]


@pytest.mark.proves("D14")
@pytest.mark.parametrize("role", ["customer_service", "customer_service_admin", "finance"])
def test_others_do_not_see_a_campaigns_webhooks(staff_client, place, role):
    assert staff_client(role).get(place).status_code == 403


def test_an_empty_page_says_what_to_do(marketer, place):
    page = marketer.get(place).text
    assert "No endpoints yet" in page
    assert "Nothing sent yet" in page


@pytest.mark.proves("B5")
def test_an_endpoint_is_added_and_its_secret_shown_once(marketer, place, campaign):
    answer = marketer.post(f"{place}/new", data={"url": URL, "reason": "The shop"})
    [secret] = set(re.findall(r"whsec_[A-Za-z0-9+/=]+", answer.text))
    assert answer.headers["Cache-Control"] == "no-store"
    assert outbox.endpoints.endpoints(campaign.id)[0].url == URL
    page = marketer.get(place).text
    assert URL in page
    assert secret not in page


def test_by_htmx_the_list_comes_along_with_the_secret(marketer, place):
    answer = marketer.post(
        f"{place}/new", data={"url": URL, "reason": "The shop"}, headers={"HX-Request": "true"}
    )
    assert answer.text.lstrip().startswith('<section class="panel" id="new-endpoint">')
    assert '<div id="endpoints" hx-swap-oob="true">' in answer.text
    assert URL in answer.text


@pytest.mark.parametrize("url", ["http://shop.example/", "", "https://u:p@shop.example/"])
def test_a_wrong_address_is_reported_on_its_field(marketer, place, campaign, url):
    answer = marketer.post(f"{place}/new", data={"url": url, "reason": "x"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert outbox.endpoints.endpoints(campaign.id) == []


@pytest.mark.proves("E44")
def test_an_address_on_ones_own_machine_is_refused_with_the_command_that_serves_it(
    marketer, place, campaign
):
    answer = marketer.post(
        f"{place}/new", data={"url": "http://localhost:3000/hook", "reason": "x"}
    )
    assert answer.status_code == 422
    assert "flask webhook listen --forward-to http://127.0.0.1:3000/hook" in answer.text
    assert outbox.endpoints.endpoints(campaign.id) == []


def test_an_endpoint_is_switched_off_and_on(marketer, place, endpoint):
    assert marketer.post(f"{place}/{endpoint.id}/off").status_code == 303
    assert "Switched off" in marketer.get(place).text
    answer = marketer.post(f"{place}/{endpoint.id}/on", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="endpoints">')
    assert outbox.endpoints.find_endpoint(endpoint.id).is_active


def test_a_test_event_is_sent(marketer, place, campaign, endpoint):
    marketer.post(f"{place}/{endpoint.id}/tests")
    assert delivery_of(campaign).event.type == "webhook.test"
    assert "webhook.test" in marketer.get(place).text


def test_failed_deliveries_are_found_and_sent_again(marketer, place, campaign, endpoint):
    issue(campaign)
    outbox.endpoints.disable(endpoint.id, by=ROOT)
    outbox.endpoints.enable(endpoint.id, by=ROOT)
    listing = marketer.get(f"{place}?state=failed").text
    assert "gift_card.issued" in listing
    assert "No delivery fits" in marketer.get(f"{place}?state=delivered").text
    shown = f"{place}/deliveries/{delivery_of(campaign).id}"
    page = marketer.get(shown).text
    assert "The endpoint was switched off." in page
    assert "&#34;livemode&#34;: true" in page
    assert marketer.post(f"{shown}/replays").status_code == 303
    assert delivery_of(campaign).state == "waiting"


def test_an_event_is_sent_to_every_endpoint(marketer, place, campaign, endpoint):
    issue(campaign)
    outbox.endpoints.create(campaign.id, url=URL + "/2", by=ROOT)
    event = delivery_of(campaign).event
    answer = marketer.post(f"{place}/events/{event.id}/replays", follow_redirects=True)
    assert "Sent to 2 endpoints." in answer.text
    assert outbox.deliveries.listing(campaign.id).count == 2


def test_another_campaigns_webhooks_cannot_be_reached_through_ones_own(
    marketer, campaign, endpoint
):
    issue(campaign)
    delivery = delivery_of(campaign)
    foreign = f"/staff/campaigns/{make_campaign('Other').id}/webhooks"
    for address in (
        f"{foreign}/{endpoint.id}/off",
        f"{foreign}/{endpoint.id}/on",
        f"{foreign}/{endpoint.id}/tests",
        f"{foreign}/deliveries/{delivery.id}/replays",
        f"{foreign}/events/{delivery.event.id}/replays",
    ):
        assert marketer.post(address).status_code == 404
    assert marketer.get(f"{foreign}/deliveries/{delivery.id}").status_code == 404
    assert URL not in marketer.get(foreign).text
    assert marketer.get("/staff/campaigns/cmp_none/webhooks").status_code == 404


def test_htmx_gets_the_deliveries_alone(marketer, place):
    answer = marketer.get(place, headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="deliveries">')


def test_everything_that_failed_is_sent_again_in_one_step(marketer, place, campaign, endpoint):
    for _ in range(3):
        issue(campaign)
    outbox.endpoints.disable(endpoint.id, by=ROOT)
    outbox.endpoints.enable(endpoint.id, by=ROOT)
    assert "Send all failed again" in marketer.get(f"{place}?state=failed").text
    answer = marketer.post(f"{place}/deliveries/replays", follow_redirects=True)
    assert "3 deliveries are on the way again." in answer.text
    assert outbox.deliveries.listing(campaign.id, state="failed").count == 0
