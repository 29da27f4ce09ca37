"""The PIN of a printed card on the balance page, in the widget and in the hosted shop (B23)."""

from datetime import timedelta

import pytest

from giftweb import clock, models
from giftweb.domain import audit, cards
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.activation import Activation
from giftweb.domain.cards.stock import Batch, Printed
from tests.factories import amount_of


@pytest.fixture
def printed() -> Printed:
    """A card of 50.00 with a PIN."""
    new: list[Printed] = []
    cards.stock.make(1, batch=Batch("USD"), has_pins=True, write=new.extend, by=SYSTEM)
    activation = Activation(amount=amount_of("50.00 USD"))
    cards.activation.activate(cards.find_by_code(new[0].code).id, activation=activation, by=SYSTEM)
    return new[0]


@pytest.mark.proves("B23", "S53")
def test_the_balance_page_asks_for_the_pin_and_keeps_the_code(client, printed):
    asked = client.post("/balance", data={"code": printed.code})
    assert asked.status_code == 409
    assert 'id="pin"' in asked.text
    assert f'value="{printed.code}"' in asked.text
    assert "$50.00" not in asked.text
    wrong = client.post("/balance", data={"code": printed.code, "pin": "000"})
    assert wrong.status_code == 409
    assert "not the PIN of this card" in wrong.text
    shown = client.post("/balance", data={"code": printed.code, "pin": printed.pin})
    assert shown.status_code == 200
    assert "$50.00" in shown.text
    assert f'name="pin" value="{printed.pin}"' in shown.text
    assert client.post("/balance/card.pdf", data={"code": printed.code}).status_code == 409
    paper = client.post("/balance/card.pdf", data={"code": printed.code, "pin": printed.pin})
    assert paper.mimetype == "application/pdf"


@pytest.mark.proves("B23")
def test_a_card_without_a_pin_is_asked_for_none(client, make_card):
    shown = client.post("/balance", data={"code": make_card().code})
    assert shown.status_code == 200
    assert 'id="pin"' not in shown.text


@pytest.mark.proves("B22", "S53")
def test_the_balance_page_says_that_a_card_is_not_activated(client):
    new: list[Printed] = []
    cards.stock.make(1, batch=Batch("USD"), has_pins=False, write=new.extend, by=SYSTEM)
    shown = client.post("/balance", data={"code": new[0].code})
    assert shown.status_code == 200
    assert "Not activated" in shown.text
    assert "card is not activated" in shown.text
    assert "Nothing has happened on this card yet." in shown.text


@pytest.mark.proves("B23", "S36")
def test_the_widget_asks_for_the_pin_beside_the_code(client, make_checkout, printed):
    from giftweb.domain import carts

    token = carts.client_token(make_checkout())
    path = f"/widget/{token.partition('.')[0]}"

    def apply(**typed: str):
        return client.post(f"{path}/apply", data={"token": token, "code": printed.code, **typed})

    asked = apply()
    assert asked.status_code == 409
    assert 'name="pin"' in asked.text
    assert f'value="{printed.code}"' in asked.text
    assert "not the PIN" in apply(pin="1").text
    done = apply(pin=printed.pin)
    assert done.status_code == 200
    assert 'name="pin"' not in done.text
    assert 'data-gift-card-amount="5000"' in done.text


@pytest.mark.proves("B25")
def test_the_widget_says_that_a_card_is_bound_to_somebody_else(client, make_checkout, make_card):
    from giftweb.domain import carts

    token = carts.client_token(make_checkout())
    code = make_card(holder="eve@example.org", bound_to_holder=True).code
    path = f"/widget/{token.partition('.')[0]}/apply"
    refused = client.post(path, data={"token": token, "code": code})
    assert refused.status_code == 422
    assert "bound to its holder" in refused.text


def test_guessing_a_pin_leaves_one_entry_a_day_on_the_cards_page(client, staff_client, printed):
    """A good holder's slips leave none, and right PINs neither."""

    card_id = cards.find_by_code(printed.code).id

    def look(pin: str) -> int:
        return client.post("/balance", data={"code": printed.code, "pin": pin}).status_code

    def entries() -> int:
        entry = models.AuditEntry
        guessed = entry.action == "gift_card.pin_guessed"
        return entry.select().where(guessed, entry.subject == card_id).count()

    assert [look("0") for _ in range(5)] == [409] * 5
    assert entries() == 0
    assert [look("0"), look("0")] == [409, 429]
    assert entries() == 1
    with clock.moved(timedelta(minutes=1)):
        assert look("0") == 409
    with clock.moved(timedelta(minutes=3)):
        assert look(printed.pin) == 200
    assert entries() == 1
    page = staff_client("customer_service").get(f"/staff/gift-cards/{card_id}").text
    assert "Wrong PINs of a gift card entered" in page
    assert audit.checks.run() == []
