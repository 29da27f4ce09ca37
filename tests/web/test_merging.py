"""**Merge** on a card's page at the desk, and by its holder in the account (B25)."""

import pytest

from giftweb.domain import cards
from tests.factories import make_card
from tests.web.test_account import sign_in


@pytest.fixture
def found():
    """Three cards of Ann's, and one that belongs to none of them."""
    make_card("9.00 USD", expires_on=None, holder="ben@example.com")
    return [make_card(f"{amount}.00 USD").card for amount in (1, 2, 3)]


@pytest.mark.proves("B25")
def test_staff_put_the_rests_of_a_holder_onto_one_card(staff_client, found, mailbox):
    client = staff_client("customer_service")
    first, second, third = found
    assert "Merge" in client.get(f"/staff/gift-cards/{first.id}").text
    place = f"/staff/gift-cards/{first.id}/merge"
    panel = client.get(place).text
    assert second.id in panel
    assert "$3.00" in panel
    assert "$9.00" not in panel
    done = client.post(place, data={"card": [second.id, third.id], "reason": ""})
    assert done.status_code == 303
    new = cards.find(done.location.rpartition("/")[2])
    assert (new.balance_minor, new.origin) == (600, "merge")
    page = client.get(done.location).text
    assert "Merged from" in page
    assert all(card.id in page for card in found)
    assert new.id in client.get(f"/staff/gift-cards/{first.id}").text
    assert client.post(place, data={"card": [second.id], "reason": ""}).status_code == 409


@pytest.mark.proves("B25")
def test_with_nothing_chosen_nothing_is_merged(staff_client, found):
    client = staff_client("customer_service")
    place = f"/staff/gift-cards/{found[0].id}/merge"
    assert client.post(place, data={"reason": ""}).status_code == 422
    assert cards.find(found[0].id).status == "active"


@pytest.mark.proves("B25", "X5")
@pytest.mark.parametrize("other", ["ben@example.com", None])
def test_staff_cannot_merge_what_somebody_else_holds(staff_client, found, other):
    client = staff_client("root")
    foreign = make_card("9.00 USD", holder=other).card
    own = make_card("1.00 USD", holder=client.person.email, source="sales").card
    for first, second in ((found[0], foreign), (foreign, found[0]), (own, found[0])):
        place = f"/staff/gift-cards/{first.id}/merge"
        answer = client.post(place, data={"card": [second.id], "reason": "rests"})
        assert answer.status_code in (403, 409)
        assert {cards.find(card.id).status for card in (first, second)} == {"active"}


@pytest.mark.proves("B25", "B20")
def test_a_holder_puts_cards_together_in_the_account(client, found):
    sign_in(client)
    assert "Put cards together" in client.get("/account/").text
    page = client.get("/account/merge").text
    assert all(card.id in page for card in found)
    stranger = make_card("4.00 USD", holder="ben@example.com").card
    chosen = [card.id for card in found] + [stranger.id]
    done = client.post("/account/merge", data={"card": chosen})
    assert done.status_code == 303
    assert {cards.find(card.id).status for card in found} == {"replaced"}
    assert cards.find(stranger.id).status == "active"
    listed = client.get("/account/").text
    assert "cannot send mail at the moment" in listed
    assert "on its way" not in listed
    assert "Put cards together" not in listed
    assert "Nothing to put together" in client.get("/account/merge").text
