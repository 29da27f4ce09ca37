"""The pages of the second pair of eyes."""

from giftweb import ids
from giftweb.domain import desk, limits
from tests.factories import ROOT, limit_to, make_card
from tests.orders import balance

HX = {"HX-Request": "true"}
PLACE = "/staff/approvals/"


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def limit_of_100() -> None:
    limit_to("100.00 USD")


def ask(client):
    """A recharge of 150.00 that waits; the card and the request."""
    card = make_card("10.00 USD").card
    form = {"amount": "150.00", "reason": "Prize", "key": ids.new("key")}
    answer = client.post(f"/staff/gift-cards/{card.id}/recharge", data=form, headers=HX)
    assert "waits for another person" in answer.headers["HX-Trigger"]
    (waiting,) = desk.approvals.waiting()
    return card, waiting


def test_a_recharge_above_the_limit_waits_until_another_person_approves(staff_client):
    limit_of_100()
    agent, lead = staff_client("customer_service"), staff_client("customer_service_admin")
    card, waiting = ask(agent)
    assert balance(card) == "10.00 USD"
    page = text_of(lead.get("/staff/"))
    assert "Waiting for approval" in page
    assert PLACE + waiting.id in page
    own = text_of(agent.get(PLACE + waiting.id))
    assert "Nobody approves their own" in own
    assert agent.post(f"{PLACE}{waiting.id}/approval").status_code == 403
    page = text_of(lead.get(PLACE + waiting.id, headers=HX))
    for words in ("Approve", "Decline", "$150.00", "Prize", agent.person.name):
        assert words in page, words
    done = lead.post(f"{PLACE}{waiting.id}/approval", headers=HX)
    assert done.headers["HX-Retarget"] == "#approvals"
    assert balance(card) == "160.00 USD"
    again = lead.post(f"{PLACE}{waiting.id}/approval")
    assert again.status_code == 409
    assert "This is decided" in text_of(again)


def test_a_request_is_declined_or_taken_back(staff_client):
    limit_of_100()
    agent, root = staff_client("customer_service"), staff_client("root")
    card, waiting = ask(agent)
    assert root.post(f"{PLACE}{waiting.id}/refusal").status_code == 303
    card, waiting = ask(agent)
    assert "Take it back" in text_of(agent.get(PLACE + waiting.id))
    agent.post(f"{PLACE}{waiting.id}/refusal")
    assert balance(card) == "10.00 USD"
    assert "Taken back" in text_of(root.get(PLACE))


def test_a_new_card_above_the_limit_waits(staff_client):
    limit_of_100()
    client = staff_client("customer_service")
    form = {"holder_email": "zoe@example.com", "amount": "150.00", "currency": "USD"}
    refused = client.post("/staff/gift-cards/new/cards", data=form)
    assert refused.status_code == 422
    assert 'href="#note">This is above your limit' in text_of(refused)
    assert desk.approvals.waiting() == []
    form |= {"note": "For the fair"}
    answer = client.post("/staff/gift-cards/new/cards", data=form, follow_redirects=True)
    assert "waits for another person" in text_of(answer)
    assert f'<a href="{PLACE}">Approvals</a></p>' in text_of(answer)
    assert [waiting.verb for waiting in desk.approvals.waiting()] == [limits.verbs.ISSUE]


def test_a_check_says_that_a_card_is_above_the_limit_and_counts_nothing(staff_client):
    a_day = limits.Terms(10_000, 20_000, None)
    limits.terms.put("customer_service", currency="USD", terms=a_day, by=ROOT)
    client = staff_client("customer_service")
    form = {"holder_email": "zoe@example.com", "amount": "150.00", "currency": "USD"}
    form |= {"note": "For the fair", "action": "check"}
    page = text_of(client.post("/staff/gift-cards/new", data=form))
    assert "above your limit of $100.00 at a time. Another person has to approve it first." in page
    assert "Ask for approval</button>" in page
    for _ in range(3):
        page = text_of(client.post("/staff/gift-cards/new", data=form | {"amount": "90.00"}))
        assert "Another person has to approve" not in page
        assert "Create</button>" in page


def test_an_adjustment_above_the_limit_waits(staff_client):
    limit_of_100()
    client, card = staff_client("customer_service_admin"), make_card("300.00 USD").card
    form = {"amount": "150.00", "direction": "take", "reason": "x", "is_checked": "y"}
    client.post(f"/staff/gift-cards/{card.id}/adjustment", data=form | {"key": ids.new("key")})
    (waiting,) = desk.approvals.waiting()
    assert str(waiting.amount) == "-150.00 USD"
    assert balance(card) == "300.00 USD"


def test_a_recharge_above_the_limit_says_why_before_anybody_is_asked(staff_client):
    limit_of_100()
    client, card = staff_client("customer_service"), make_card("10.00 USD").card
    form = {"amount": "150.00", "key": ids.new("key")}
    place = f"/staff/gift-cards/{card.id}/recharge"
    refused = client.post(place, data=form)
    assert refused.status_code == 422
    assert 'href="#reason">This is above your limit' in text_of(refused)
    assert desk.approvals.waiting() == []
    assert "150.00" in text_of(refused)
    client.post(place, data=form | {"reason": "A prize"})
    assert [each.reason for each in desk.approvals.waiting()] == ["A prize"]
    assert client.post(place, data={"amount": "5.00", "key": ids.new("key")}).status_code == 303
