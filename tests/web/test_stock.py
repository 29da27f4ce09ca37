"""Printed cards at the desk: what waits, and a lost range that is cancelled (B22)."""

import pytest

from giftweb import codes, models
from giftweb.domain import cards
from giftweb.domain.cards.activation import Activation
from giftweb.domain.cards.stock import Batch
from tests.factories import ADMIN, amount_of, make_campaign

PLACE = "/staff/stock/"


@pytest.fixture
def printed():
    """Five cards in stock, of which the third was activated."""
    made = []
    batch = Batch("USD", make_campaign(name="Corner Shop").id)
    cards.stock.make(5, batch=batch, has_pins=False, write=made.extend, by=ADMIN)
    third = cards.find_by_code(made[2].code)
    cards.activation.activate(
        third.id, activation=Activation(amount=amount_of("20.00 USD")), by=ADMIN
    )
    return [each.code for each in made]


def ends(printed, first: int, last: int) -> dict[str, str]:
    return {"first": printed[first], "last": printed[last]}


def states() -> list[str]:
    return [card.state for card in models.GiftCard.select().order_by(models.GiftCard.id)]


@pytest.mark.proves("B22")
def test_what_waits_is_counted(staff_client, printed):
    page = staff_client("customer_service_admin").get(PLACE).text
    assert "Corner Shop" in page
    assert '<td class="number" data-label="Cards">4</td>' in page


@pytest.mark.proves("B22", "I40")
def test_a_lost_range_is_shown_in_numbers_before_it_is_cancelled(staff_client, printed):
    client = staff_client("customer_service_admin")
    shown = client.post(f"{PLACE}lost", data=ends(printed, 1, 3))
    assert shown.status_code == 200
    assert "2 cards of stock are cancelled." in shown.text
    assert "1 card was activated before, and stays as it is." in shown.text
    assert states() == ["inactive", "inactive", "open", "inactive", "inactive"]
    unsaid = client.post(f"{PLACE}lost/cancellation", data=ends(printed, 1, 3) | {"reason": " "})
    assert unsaid.status_code == 422
    sent = ends(printed, 1, 3) | {"reason": "Box 3 was stolen"}
    done = client.post(f"{PLACE}lost/cancellation", data=sent)
    assert (done.status_code, done.location) == (303, PLACE)
    assert "2 cards are cancelled." in client.get(PLACE).text
    assert states() == ["inactive", "cancelled", "open", "cancelled", "inactive"]
    again = client.post(f"{PLACE}lost/cancellation", data=sent)
    assert again.status_code == 303
    assert states() == ["inactive", "cancelled", "open", "cancelled", "inactive"]


@pytest.mark.proves("B22")
def test_codes_that_make_no_range_are_refused_on_their_field(staff_client, printed):
    client = staff_client("customer_service_admin")
    other = []
    cards.stock.make(1, batch=Batch("EUR"), has_pins=False, write=other.extend, by=ADMIN)
    for first, last, why in (
        (printed[3], printed[1], "This card was made before the first one. Swap them."),
        (printed[0], other[0].code, "These two cards were not made for stock together."),
        (printed[2], printed[2], "No card of this range waits in stock any more."),
        ("", printed[2], "Enter the code of the card."),
    ):
        page = client.post(f"{PLACE}lost", data={"first": first, "last": last})
        assert page.status_code in (409, 422)
        assert why in page.text
    assert client.post(f"{PLACE}lost", data={"first": "x", "last": "y"}).status_code >= 400


@pytest.mark.proves("B22", "D14")
def test_agents_cancel_no_stock(staff_client, printed):
    client = staff_client("customer_service")
    assert client.get(PLACE).status_code == 403
    assert client.post(f"{PLACE}lost", data=ends(printed, 0, 1)).status_code == 403


@pytest.mark.proves("B6", "B22")
def test_tries_of_codes_are_counted(staff_client, printed):
    client = staff_client("customer_service_admin")
    statuses = {
        client.post(f"{PLACE}lost", data={"first": made_up(), "last": printed[0]}).status_code
        for _ in range(40)
    }
    assert statuses == {404, 429}


def made_up() -> str:
    return codes.generate()
