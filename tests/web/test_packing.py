"""The packing view: what goes into the parcel, with the codes to write on cards (S72, E25)."""

import pytest

from giftweb import codes, database
from giftweb.domain import cards, desk
from tests.factories import AGENT, ROOT, amount_of, goods
from tests.orders import gift_card_item, place, sheet

pytestmark = pytest.mark.proves("S72", "S68", "E25")


def address(order) -> str:
    return f"/staff/orders/{order.number}/packing"


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status
    return " ".join(answer.get_data(as_text=True).split())


def order_with_cards():
    """A mug, two physical cards for Lena, and a virtual one that is mailed."""
    physical = goods(
        "50.00 USD",
        sku="CARD",
        name="Gift card",
        kind="gift_card",
        type="physical",
        quantity=2,
        recipient_name="Lena",
        sender_name="Sam",
        message="Happy day",
    )
    return place(goods("20.00 USD"), physical, gift_card_item(recipient_email="max@example.com"))


def code_of(card) -> str:
    return codes.grouped(cards.holder.open_code(card.id))


@pytest.mark.proves("S4", "S72")
def test_the_order_says_for_whom_each_bought_card_is_from_whom_and_what_kind(staff_client):
    client, order = staff_client("customer_service"), order_with_cards()
    page = text_of(client.get(f"/staff/orders/{order.number}"))
    for words in ("Physical", "Virtual", "Lena", "Sam", "Happy day", "max@example.com"):
        assert words in page, words
    places = [page.index(f'id="{name}"') for name in ("payments", "cards", "notes")]
    assert places == sorted(places)


@pytest.mark.proves("I30", "D14")
def test_the_codes_are_shown_once_for_the_whole_order_for_a_reason_that_is_kept(staff_client):
    client, order = staff_client("customer_service_admin"), order_with_cards()
    physical = [card for card in sheet(order).purchased if card.type == "physical"]
    page = text_of(client.get(address(order)))
    for words in ("1 High Street", "A mug", "Lena", "Happy day", "••••"):
        assert words in page, words
    assert not any(code_of(card) in page for card in sheet(order).purchased)
    assert "Say why" in text_of(client.post(address(order), data={"reason": ""}), 422)
    answer = client.post(address(order), data={"reason": "To pack it"})
    page = text_of(answer)
    shown = [card for card in sheet(order).purchased if code_of(card) in page]
    assert {card.id for card in shown} == {card.id for card in physical}
    assert answer.headers["Cache-Control"] == "no-store"
    found = database.rows(
        "SELECT subject, reason FROM audit_entry WHERE action = 'gift_card.code_shown'"
    )
    assert sorted(found) == sorted((card.id, "To pack it") for card in physical)


@pytest.mark.proves("D14", "I30")
@pytest.mark.parametrize("role", ["customer_service", "finance", "marketing"])
def test_only_who_may_see_codes_opens_the_packing_view(staff_client, role):
    order, client = order_with_cards(), staff_client(role)
    for answer in (client.get(address(order)), client.post(address(order), data={"reason": "x"})):
        assert answer.status_code == 403
    if role != "marketing":
        page = text_of(client.get(f"/staff/orders/{order.number}"))
        assert "Packing view" not in page


def test_a_card_that_was_replaced_or_has_ended_is_packed_as_it_is_now(staff_client):
    client, order = staff_client("root"), order_with_cards()
    first, second = [card for card in sheet(order).purchased if card.type == "physical"]
    successor = cards.endings.replace_card(first.id, reason="Lost", by=ROOT).card
    cards.endings.cancel(second.id, reason="Broken", by=ROOT)
    page = text_of(client.post(address(order), data={"reason": "To pack it"}))
    assert code_of(successor) in page
    for gone in (first, second):
        assert code_of(gone) not in page


def test_an_order_without_a_card_to_pack_says_so(staff_client):
    client, order = staff_client("root"), place(goods("20.00 USD"))
    assert "No gift card to pack" in text_of(client.get(address(order)))
    page = text_of(client.post(address(order), data={"reason": "To pack it"}), 409)
    assert "No gift card to pack" in page


def test_a_card_given_on_the_order_can_be_packed(staff_client):
    order = place(goods("20.00 USD"))
    given = desk.order_cards.issue(
        order.id, amount=amount_of("5.00 USD"), email="ann@example.com", reason="Sorry", by=AGENT
    )
    page = text_of(staff_client("root").post(address(order), data={"reason": "To pack it"}))
    assert code_of(given) in page
