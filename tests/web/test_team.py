"""A gift card for each person of a list: forty mails, one order, bad rows named before (S71)."""

from io import BytesIO

import pytest

from giftweb import clock
from giftweb.domain import awaited, catalogue, orders
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.catalogue import teams
from giftweb.errors import Invalid
from tests.factories import ROOT, make_campaign
from tests.orders import newest_order
from tests.web.test_presents import GIFT

pytestmark = pytest.mark.proves("S71", "B12")

TYPED = {"choice": "25.00", "sender_name": "Zoe", "sender_email": "zoe@example.com"}
FORTY = "\n".join(f"Person {n}, p{n}@example.com, Thank you number {n}" for n in range(40))


@pytest.fixture
def shop():
    campaign = make_campaign()
    catalogue.create(campaign.id, new=GIFT, by=ROOT)
    return f"/shop/{campaign.id}"


def send(client, shop, people: str = "", **more):
    form = TYPED | {"people": people} | more
    return client.post(f"{shop}/products/GIFT/team", data=form, content_type="multipart/form-data")


def test_forty_cards_are_one_order_and_forty_mails(client, shop, mailbox):
    answer = send(client, shop, FORTY, design="thanks")
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "40 gift cards are in your cart." in page
    client.post(f"{shop}/checkout", data={"email": "zoe@example.com", "name": "Zoe"})
    placed = client.post(f"{shop}/checkout/place", data={"method": "bank_transfer"})
    assert client.get(placed.location).status_code == 200
    order = newest_order()
    (payment,) = orders.sheet(order).payments
    awaited.receive(payment.id, by=SYSTEM)
    bought = orders.sheet(order).purchased
    assert {card.holder_email for card in bought} == {f"p{n}@example.com" for n in range(40)}
    assert {card.design for card in bought} == {"thanks"}
    assert bought[0].message.startswith("Thank you number")
    mails = [each for each in mailbox.all() if each.kind == "cards_purchased"]
    assert len(mails) == 40
    assert all(card.created_at <= clock.now() for card in bought)


def test_a_bad_row_is_named_and_nothing_lies_in_the_cart(client, shop):
    people = "Ann, ann@example.com\nBob, bob@\nCy, ann@example.com\n, dora@example.com\nEve Smith"
    refused = send(client, shop, people)
    assert refused.status_code == 422
    for fault in (
        "Row 2: bob@ is no email address.",
        "Row 3: this address is in row 1 already.",
        "Row 4: there is no name before dora@example.com.",
        "Row 5: there is no email address.",
    ):
        assert fault in refused.text, fault
    assert "Eve Smith" in refused.text
    assert "Your cart is empty" in client.get(f"{shop}/cart").text


def test_a_file_takes_the_place_of_the_list(client, shop):
    sheet = "\ufeffName;Email;Message\r\nÄnn Smith;ann@example.com;Danke\r\n".encode()
    assert send(client, shop, "nonsense", file=(BytesIO(sheet), "a.csv")).status_code == 303
    assert "Änn Smith" in client.get(f"{shop}/cart").text


def test_who_has_no_message_in_the_list_gets_the_one_of_all(client, shop):
    send(client, shop, "Ann, ann@example.com, Own\nBob, bob@example.com", message="For all")
    page = client.get(f"{shop}/cart").text
    assert "Own" in page
    assert "For all" in page


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Ann Smith, ann@example.com, Hi, there", ("Ann Smith", "ann@example.com", "Hi, there")),
        ("Ann Smith\tANN@Example.com\tHi", ("Ann Smith", "ann@example.com", "Hi")),
        ("Ann Smith;ann@example.com", ("Ann Smith", "ann@example.com", "")),
        ("Ann Smith <ann@example.com>", ("Ann Smith", "ann@example.com", "")),
        ('"Smith, Ann",ann@example.com,"a ""b"""', ("Smith, Ann", "ann@example.com", 'a "b"')),
        ("\n\nAnn, ann@example.com\n\n", ("Ann", "ann@example.com", "")),
        ("Smith; Ann; ann@example.com", ("Smith Ann", "ann@example.com", "")),
    ],
)
def test_a_list_is_read_as_people_write_it(text, person):
    assert teams.read(text) == [person]


@pytest.mark.no_database
def test_an_empty_list_and_one_that_is_too_long_are_refused():
    for text in ("", "   \n", "Name, Email\n"):
        with pytest.raises(Invalid, match="Enter a person a row"):
            teams.read(text)
    many = "\n".join(f"P{n}, p{n}@example.com" for n in range(teams.MOST + 1))
    with pytest.raises(Invalid, match="at most 200 people"):
        teams.read(many)


def test_a_card_of_the_post_has_no_list(client, shop):
    campaign_id = shop.rpartition("/")[2]
    new = GIFT.__class__(
        sku="POST",
        name="Plastic",
        kind="gift_card",
        card_type="physical",
        amounts_minor=(2500,),
    )
    catalogue.create(campaign_id, new=new, by=ROOT)
    assert client.get(f"{shop}/products/POST/team").status_code == 404
