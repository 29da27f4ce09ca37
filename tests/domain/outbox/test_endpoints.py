"""Webhooks in the domain: endpoints, events, deliveries that are tried for three days."""

from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import cards, outbox
from giftweb.errors import Invalid, NotFound, Refused
from tests.factories import ROOT, amount_of, make_campaign

URL = "https://shop.example/hooks"


@pytest.fixture
def campaign() -> str:
    """The id of a campaign."""
    return make_campaign().id


@pytest.fixture
def endpoint(campaign):
    """An endpoint of the campaign."""
    return outbox.endpoints.create(campaign, url=URL, by=ROOT)[0]


def issue(campaign: str, **more) -> str:
    new = cards.NewCard(
        amount=amount_of("20.00 USD"), holder_email="ann@example.com", campaign_id=campaign, **more
    )
    return cards.issue(new, by=ROOT).card.id


INSIDE = (
    *("localhost", "LOCALHOST.", "shop.localhost", "printer.local", "db.internal", "receiver"),
    *("127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "10.0.0.7", "192.168.1.1"),
    *("169.254.169.254", "[::1]", "[fd12::1]", "[::ffff:8.8.8.8]"),
)


@pytest.mark.proves("E44")
@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.no_database
def test_an_address_inside_is_refused_and_the_cure_named(scheme, host):
    with pytest.raises(Invalid, match="flask webhook listen --forward-to"):
        outbox.endpoints.read_url(f"{scheme}://{host}:3000/hook")


@pytest.mark.no_database
@pytest.mark.parametrize("host", ["shop.example", "8.8.8.8", "[2606:4700::1111]", "localhost.com"])
def test_an_address_on_the_internet_is_taken(host):
    assert outbox.endpoints.read_url(f"https://{host}/hook") == f"https://{host}/hook"


@pytest.mark.proves("B5")
def test_a_secret_is_shown_once_and_kept_sealed(campaign):
    endpoint, secret = outbox.endpoints.create(campaign, url=URL, by=ROOT)
    assert secret.startswith("whsec_")
    kept = database.scalar("SELECT secret_sealed FROM webhook_endpoint WHERE id = ?", endpoint.id)
    assert secret.encode() not in bytes(kept)
    assert outbox.endpoints.endpoints(campaign) == [endpoint]


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hooks",
        "shop.example",
        "https://",
        "https://user:word@shop.example/",
        "https://shop.example/#part",
        "https://shop.example:99999/",
        "https://shop .example/",
        "https://shöp.example/",
        "file:///etc/passwd",
        "https://shop.example/" + "a" * 2000,
        "https://[::1/",
        "",
    ],
)
def test_an_address_that_is_not_plain_https_is_refused(campaign, url):
    with pytest.raises(Invalid) as refusal:
        outbox.endpoints.create(campaign, url=url, by=ROOT)
    assert refusal.value.field == "url"
    assert outbox.endpoints.endpoints(campaign) == []


def test_an_unknown_campaign_has_no_endpoints():
    with pytest.raises(NotFound):
        outbox.endpoints.create("cmp_00000000000000000000000000", url=URL, by=ROOT)


@pytest.mark.proves("I29", "I28")
def test_an_issue_is_sent_to_the_campaigns_endpoint_without_its_code(campaign, endpoint):
    card_id = issue(campaign)
    [attempt] = outbox.deliveries.claim()
    reported = outbox.payload.Event.of(attempt.event)
    assert (reported["type"], reported["data"]["id"]) == ("gift_card.issued", card_id)
    assert (reported["livemode"], "code" in reported["data"]) == (True, False)
    assert attempt.url == URL
    assert attempt.secret.startswith("whsec_")


def test_no_other_campaign_hears_of_it(campaign, endpoint):
    issue(campaign)
    other = database.scalar("SELECT COUNT(*) FROM event WHERE campaign_id <> ?", campaign)
    assert other == 0
    assert outbox.endpoints.events("cmp_00000000000000000000000000", is_test=False).items == ()


def test_events_are_listed_by_mode_newest_first(campaign):
    real, trial = issue(campaign), issue(campaign, is_test=True)
    again = issue(campaign)
    found = outbox.endpoints.events(campaign, is_test=False).items
    assert [event.subject for event in found] == [again, real]
    assert (
        outbox.endpoints.events(campaign, is_test=False, after=found[0].id).items[0].subject == real
    )
    assert [event.subject for event in outbox.endpoints.events(campaign, is_test=True).items] == [
        trial
    ]


def test_a_delivery_is_tried_for_three_days_and_then_given_up(campaign, endpoint):
    issue(campaign)
    waited, tries = timedelta(), 0
    while True:
        with clock.moved(waited):
            [attempt] = outbox.deliveries.claim()
            tries += 1
            if outbox.deliveries.put_off(attempt, problem="refused", status=500) == "failed":
                break
        waited += outbox.deliveries.BACK_OFF[tries - 1] + timedelta(seconds=1)
    assert timedelta(days=3) < waited < timedelta(days=4)
    [shown] = outbox.deliveries.listing(campaign, state="failed").items
    assert (shown.answer_status, shown.problem) == (500, "refused")


def test_what_was_delivered_is_not_sent_again_by_itself(campaign, endpoint):
    issue(campaign)
    [attempt] = outbox.deliveries.claim()
    outbox.deliveries.mark_delivered(attempt, status=204)
    with clock.moved(timedelta(days=1)):
        assert outbox.deliveries.claim() == []
    [shown] = outbox.deliveries.listing(campaign).items
    assert (shown.state, shown.answer_status) == ("delivered", 204)


def test_a_worker_that_dies_has_its_delivery_sent_by_another(campaign, endpoint):
    issue(campaign)
    [lost] = outbox.deliveries.claim()
    assert outbox.deliveries.claim() == []
    with clock.moved(outbox.deliveries.LEASE + timedelta(seconds=1)):
        [again] = outbox.deliveries.claim()
        assert again.event.id == lost.event.id
        with pytest.raises(outbox.leases.LeaseLost):
            outbox.deliveries.mark_delivered(lost, status=200)
        outbox.deliveries.mark_delivered(again, status=200)


def test_an_endpoint_may_be_left_out_of_a_claim(campaign, endpoint):
    issue(campaign)
    assert outbox.deliveries.claim(without={endpoint.id}) == []
    assert len(outbox.deliveries.claim()) == 1


def test_a_delivery_is_replayed_with_the_same_event(campaign, endpoint):
    issue(campaign)
    [attempt] = outbox.deliveries.claim()
    outbox.deliveries.mark_delivered(attempt, status=200)
    outbox.endpoints.replay(attempt.id, by=ROOT)
    [again] = outbox.deliveries.claim()
    assert (again.id, again.event.id, again.attempts) == (attempt.id, attempt.event.id, 1)


def test_an_event_is_replayed_to_endpoints_made_after_it(campaign):
    issue(campaign)
    [event] = outbox.endpoints.events(campaign, is_test=False).items
    outbox.endpoints.create(campaign, url=URL, by=ROOT)
    outbox.endpoints.create(campaign, url=URL + "/2", by=ROOT)
    assert outbox.endpoints.replay_event(event.id, by=ROOT) == 2
    assert {attempt.event.id for attempt in outbox.deliveries.claim()} == {event.id}


def test_an_endpoint_that_is_switched_off_gets_nothing_and_fails_what_waits(campaign, endpoint):
    issue(campaign)
    outbox.endpoints.disable(endpoint.id, by=ROOT)
    issue(campaign)
    [shown] = outbox.deliveries.listing(campaign).items
    assert (shown.state, shown.problem) == ("failed", "The endpoint was switched off.")
    with pytest.raises(Refused, match="switched off"):
        outbox.endpoints.replay(shown.id, by=ROOT)
    outbox.endpoints.enable(endpoint.id, by=ROOT)
    outbox.endpoints.replay(shown.id, by=ROOT)
    assert len(outbox.deliveries.claim()) == 1


def test_a_test_event_goes_to_the_one_endpoint(campaign, endpoint):
    outbox.endpoints.create(campaign, url=URL + "/2", by=ROOT)
    event = outbox.endpoints.send_test(endpoint.id, by=ROOT)
    [attempt] = outbox.deliveries.claim()
    assert (attempt.endpoint_id, attempt.event.id) == (endpoint.id, event.id)
    assert outbox.payload.Event.of(attempt.event)["livemode"] is False


def test_an_endpoint_that_is_off_is_not_tested(campaign, endpoint):
    outbox.endpoints.disable(endpoint.id, by=ROOT)
    with pytest.raises(Refused, match="on first"):
        outbox.endpoints.send_test(endpoint.id, by=ROOT)


def test_deliveries_are_listed_by_pages(campaign, endpoint):
    for _ in range(3):
        issue(campaign)
    first = outbox.deliveries.listing(campaign, limit=2)
    rest = outbox.deliveries.listing(campaign, limit=2, after=first.after)
    assert (first.count, len(first.items), len(rest.items), rest.after) == (3, 2, 1, None)
    assert outbox.deliveries.find(rest.items[0].id).event.type == "gift_card.issued"
