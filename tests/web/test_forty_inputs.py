"""What looks like a header, another name or another code, through every public form and the API:
literal text, one mail each, the card that is meant."""

import markupsafe
import pytest

from giftweb.domain import awaited, catalogue
from giftweb.domain.audit.log import SYSTEM
from tests.factories import ROOT, make_campaign, make_card
from tests.orders import newest_order, paid_by
from tests.web.test_mail import (
    LOOKS_LIKE_HEADERS,
    parts_of,
)
from tests.web.test_store import DETAILS, GIFT, PRESENT

NAMES = (
    *LOOKS_LIKE_HEADERS,
    *(
        "=?iso-8859-1?q?A=0D=0A=0D=0A<b>body</b>?=",
        "=?utf-8?q?=E2=80=AE?=",
        "=?x?=",
        "a=?utf-8?q?b?=c",
    ),
    *(
        "Sam <x@example.com>",
        "Sam, Tom",
        "Sam; Tom",
        "Group: a@b.example;",
        'Sam\\"',
        "Sam %0d%0aBcc: x",
    ),
    *(
        "\\r\\nBcc: x@example.com",
        "Sam\u2028Bcc: x@example.com",
        "{{7*7}}",
        "<script>alert(1)</script>",
    ),
    *("Müller 🎁", "O'Neill", "van der Berg", "名前", "\u202egnirts\u202c", "ａｂｃ"),
)
OURS = {
    *("subject", "from", "to", "date", "message-id", "auto-submitted", "mime-version"),
    *("content-type", "reply-to"),
}
APART = ("\u200b", "\u00ad", "\ufeff", "\u2060", "\ufe0f", "\u180b", "\u034f", "\u3000", "–", "−")


@pytest.fixture
def campaign():
    """A shop that sells a gift card."""
    made = make_campaign()
    catalogue.create(made.id, new=GIFT, by=ROOT)
    return made


def buy_in_shop(client, campaign, name: str, email: str) -> None:
    shop = f"/shop/{campaign.id}"
    typed = {"recipient_name": name, "sender_name": name, "message": name}
    assert client.post(f"{shop}/products/GIFT", data=PRESENT | typed).status_code == 303
    details = client.post(f"{shop}/checkout", data=DETAILS | {"name": name, "email": email})
    assert details.status_code == 303
    placed = client.post(f"{shop}/checkout/place", data={"method": "bank_transfer"})
    assert placed.status_code == 303
    page = client.get(placed.location).text
    assert f"<bdi>{markupsafe.escape(name)}</bdi>" in page
    awaited.receive(paid_by(newest_order(), "bank_transfer").id, by=SYSTEM)


def buy_over_api(shop, name: str, email: str) -> None:
    item = {
        **{"sku": "G", "name": name, "quantity": 1, "unit_amount": 2500, "kind": "gift_card"},
        **{"recipient": {"name": name, "email": "bob@example.com"}, "message": name},
        "sender": {"name": name, "email": "ann@example.com"},
    }
    cart = {
        **{"order_reference": "R-1", "currency": "USD", "items": [item]},
        "customer": {"email": email, "name": name},
    }
    opened = shop.post("/checkouts", cart)
    assert opened.status_code == 201, opened.json
    paid = {"method": "cash", "amount": 2500, "reference": ""}
    path = f"/checkouts/{opened.json['id']}/capture"
    assert shop.post(path, {"payments": [paid]}).status_code == 201


@pytest.mark.proves("D26", "E16", "E22")
def test_a_name_of_any_kind_stays_text_and_brings_each_mail_once(
    app,
    api,
    campaign,
    server,
    worker,
):
    shop = api(campaign.id)
    for number, name in enumerate(NAMES):
        email = f"ann{number}@example.com"
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"198.51.100.{number}"
        buy_in_shop(client, campaign, name, email)
        buy_over_api(shop, name, email)
        worker.drain()
        to = sorted(server.recipients)
        # Each order is confirmed and its card is mailed; the shop's transfer has come, too.
        assert to == [email] * 3 + ["bob@example.com"] * 2, (name, to)
        for message in server.messages:
            names = [key.lower() for key in message.keys()]  # noqa: SIM118
            assert len(names) == len(set(names)), (name, names)
            assert set(names) <= OURS, (name, names)
            assert len(parts_of(message)) == 2
            assert "\u202e" not in message["Subject"]
        server.taken.clear()


@pytest.mark.proves("D27", "E21")
@pytest.mark.parametrize("mark", APART, ids=lambda mark: f"U+{ord(mark):04X}")
def test_a_code_with_what_cannot_be_seen_is_read_by_every_form_and_the_api(
    app, client, api, campaign, mark
):
    card = make_card("50.00 USD", campaign_id=campaign.id)
    typed = mark.join(card.code)
    assert "$50.00" in client.post("/balance", data={"code": typed}).text
    shop = api(campaign.id)
    assert shop.post("/gift-cards/lookup", {"code": typed}).json["id"] == card.card.id
    goods = {
        "sku": "M",
        "name": "Mug",
        "quantity": 1,
        "unit_amount": 100,
        "requires_shipping": False,
    }
    cart = {
        **{"order_reference": "R-1", "currency": "USD", "items": [goods]},
        "customer": {"email": "ann@example.com", "name": "Ann"},
    }
    opened = shop.post("/checkouts", cart).json
    applied = shop.post(f"/checkouts/{opened['id']}/gift-cards", {"code": typed})
    assert applied.json["gift_card_amount"] == 100
