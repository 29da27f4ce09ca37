"""A gift card in the wallet of a phone, with certificates made here (B13).

What Apple and Google do with it cannot be tried without their accounts; the pass is checked as
Apple documents it: its manifest, its signature, and the web service that devices ask.
"""

import base64
import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from giftweb import clock, codes, models
from giftweb.domain import cards, outbox
from giftweb.domain.mail.letters import gather
from giftweb.web import pages
from giftweb.web.mail import letters
from tests.factories import ADMIN, amount_of, make_campaign, make_card
from tests.orders import newest_order, sheet
from tests.wallet_hosts import PASS_TYPE, TEAM, write_account, write_certificates
from tests.web.test_account import sign_in
from tests.web.test_store import DETAILS, PRESENT, place_by_card, shop

pytestmark = pytest.mark.proves("B13")

__all__ = ["shop"]


@pytest.fixture(scope="session")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def wallets(app, key, tmp_path, monkeypatch):
    """Both wallets are configured."""
    folder = write_certificates(tmp_path / "apple", key)
    account = write_account(tmp_path / "google.json", key)
    config = replace(
        app.config["GIFTWEB"],
        apple_wallet=folder,
        google_wallet_key=account,
        google_wallet_issuer="3388000000000000001",
    )
    monkeypatch.setitem(app.config, "GIFTWEB", config)


@pytest.fixture
def bought(client, shop, provider):
    """A gift card that was bought in the hosted shop just now, and the address of its order."""
    client.post(f"{shop}/products/GIFT", data=PRESENT)
    client.post(f"{shop}/checkout", data=DETAILS)
    place = place_by_card(client, shop).headers["Location"]
    (card,) = sheet(newest_order()).purchased
    return place, card


def opened(answer) -> tuple[zipfile.ZipFile, dict]:
    assert answer.mimetype == "application/vnd.apple.pkpass"
    archive = zipfile.ZipFile(BytesIO(answer.data))
    return archive, json.loads(archive.read("pass.json"))


def test_without_certificates_no_wallet_is_offered(client):
    issued = make_card()
    page = client.post("/balance", data={"code": issued.code}).text
    assert "Wallet" not in page
    for wallet in ("apple", "google"):
        answer = client.post(f"/balance/wallets/{wallet}", data={"code": issued.code})
        assert answer.status_code == 404


def test_a_pass_is_signed_and_holds_balance_code_and_qr(client, wallets):
    campaign = make_campaign(brand_name="Sea & Sun", brand_colour="teal")
    issued = make_card("50.00 USD", campaign_id=campaign.id, message="For the boat")
    assert "Add to Apple Wallet" in client.post("/balance", data={"code": issued.code}).text
    answer = client.post("/balance/wallets/apple", data={"code": issued.code})
    archive, made = opened(answer)
    manifest = json.loads(archive.read("manifest.json"))
    for name, digest in manifest.items():
        assert hashlib.sha1(archive.read(name)).hexdigest() == digest
    assert {"icon.png", "icon@2x.png", "logo.png", "pass.json"} <= manifest.keys()
    (signer, *_) = pkcs7.load_der_pkcs7_certificates(archive.read("signature"))
    assert signer.subject.get_attributes_for_oid(NameOID.USER_ID)[0].value == PASS_TYPE
    assert (made["passTypeIdentifier"], made["teamIdentifier"]) == (PASS_TYPE, TEAM)
    (balance,) = made["storeCard"]["primaryFields"]
    assert (balance["value"], balance["currencyCode"]) == (50.0, "USD")
    (barcode,) = made["barcodes"]
    assert pages.scanned.code_of(barcode["message"]) == issued.code
    assert barcode["altText"] == codes.grouped(issued.code)
    assert made["organizationName"] == "Sea & Sun"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_holder_takes_it_from_the_account_and_nobody_else(client, wallets):
    issued, other = make_card(), make_card(holder="bob@example.com")
    sign_in(client)
    assert opened(client.post(f"/account/cards/{issued.card.id}/wallets/apple"))
    assert client.post(f"/account/cards/{other.card.id}/wallets/apple").status_code == 404


def test_a_wrong_code_gets_no_pass(client, wallets):
    for code in ("", "nothing", "7GK2M-ABCDE-12345"):
        assert client.post("/balance/wallets/apple", data={"code": code}).status_code in (404, 422)


@pytest.mark.proves("B23")
def test_a_card_with_a_pin_gets_a_pass_for_its_pin_alone(client, wallets):
    issued = make_card("50.00 USD", needs_pin=True)
    place = "/balance/wallets/apple"
    assert client.post(place, data={"code": issued.code}).status_code == 409
    assert client.post(place, data={"code": issued.code, "pin": "000000x"}).status_code == 409
    assert opened(client.post(place, data={"code": issued.code, "pin": issued.pin}))


# The web service that devices ask


@pytest.fixture
def on_device(app, wallets):
    """A card, its place in the service, and what its device sends."""
    issued = make_card("50.00 USD")
    with app.app_context():
        token = pages.wallets.apple_token(issued.card.id)
    place = f"/wallets/apple/v1/devices/dev1/registrations/{PASS_TYPE}"
    return issued, place, {"Authorization": f"ApplePass {token}"}


def test_a_device_registers_hears_of_a_change_and_fetches_the_pass(client, on_device):
    issued, place, proof = on_device
    own = f"{place}/{issued.card.id}"
    assert client.post(own, json={"pushToken": "abc"}, headers=proof).status_code == 201
    assert client.post(own, json={"pushToken": "def"}, headers=proof).status_code == 200
    first = client.get(place).json
    assert first["serialNumbers"] == [issued.card.id]
    since = {"passesUpdatedSince": first["lastUpdated"]}
    assert client.get(place, query_string=since).status_code == 204
    cards.adjust(issued.card.id, change=-amount_of("20.00 USD"), reason="Spent", by=ADMIN)
    assert client.get(place, query_string=since).json["serialNumbers"] == [issued.card.id]
    renewed = client.get(f"/wallets/apple/v1/passes/{PASS_TYPE}/{issued.card.id}", headers=proof)
    _, made = opened(renewed)
    assert made["storeCard"]["primaryFields"][0]["value"] == 30.0
    place_of_pass = f"/wallets/apple/v1/passes/{PASS_TYPE}/{issued.card.id}"
    with clock.moved(timedelta(minutes=1)):
        last = client.get(place_of_pass, headers=proof).headers["Last-Modified"]
        again = proof | {"If-Modified-Since": last}
        assert client.get(place_of_pass, headers=again).status_code == 304
    assert client.delete(own, headers=proof).status_code == 200
    assert client.get(place).status_code == 204


def test_a_change_in_the_second_of_the_last_fetch_is_fetched_too(client, on_device):
    issued, _, proof = on_device
    place = f"/wallets/apple/v1/passes/{PASS_TYPE}/{issued.card.id}"
    with clock.moved(timedelta(seconds=5)):
        fetched = client.get(place, headers=proof).headers["Last-Modified"]
        cards.adjust(issued.card.id, change=-amount_of("1.00 USD"), reason="Spent", by=ADMIN)
        again = client.get(place, headers=proof | {"If-Modified-Since": fetched})
        assert again.status_code == 200


def test_what_devices_complain_of_is_logged_bounded_and_without_secrets(client, caplog):
    token = "0123456789abcdef" * 4
    lines = [
        f"Error\nfor {token} 7GK2M-ABCDE-12345 of ann@example.com",
        {"a": 1},
        *["x y " * 999] * 50,
    ]
    assert client.post("/wallets/apple/v1/log", json={"logs": lines}).status_code == 200
    logged = [each.getMessage() for each in caplog.records if "wallet" in each.getMessage()]
    assert logged[0] == "A device's wallet: Error for ... ... of ..."
    assert (len(logged), max(map(len, logged))) == (10, len("A device's wallet: ") + 300)
    client.post("/wallets/apple/v1/log", json={"logs": ["once more"]})
    assert "once more" not in caplog.text
    for senseless in ([], {}, {"logs": "x"}, {"logs": [None]}):
        assert client.post("/wallets/apple/v1/log", json=senseless).status_code == 200


def test_who_does_not_hold_the_pass_learns_and_changes_nothing(client, on_device):
    issued, place, proof = on_device
    other = make_card()
    for headers in ({}, {"Authorization": "ApplePass 123"}, {"Authorization": "Bearer x"}):
        own = f"{place}/{issued.card.id}"
        assert client.post(own, json={"pushToken": "a"}, headers=headers).status_code == 404
        assert client.delete(own, headers=headers).status_code == 404
        fetched = client.get(
            f"/wallets/apple/v1/passes/{PASS_TYPE}/{issued.card.id}", headers=headers
        )
        assert fetched.status_code == 404
    stolen = client.get(f"/wallets/apple/v1/passes/{PASS_TYPE}/{other.card.id}", headers=proof)
    assert stolen.status_code == 404
    wrong = client.get(f"/wallets/apple/v1/passes/pass.other/{issued.card.id}", headers=proof)
    assert wrong.status_code == 404


@pytest.mark.parametrize("sent", [None, [], {}, {"pushToken": 5}, {"pushToken": "a" * 300}])
def test_a_registration_that_makes_no_sense_is_refused(client, on_device, sent):
    issued, place, proof = on_device
    answer = client.post(f"{place}/{issued.card.id}", json=sent, headers=proof)
    assert answer.status_code == 400


# Google


def test_googles_link_is_signed_and_holds_the_card(client, wallets, key):
    issued = make_card("50.00 USD")
    page = client.post("/balance/wallets/google", data={"code": issued.code}).text
    token = page.partition("https://pay.google.com/gp/v/save/")[2].partition('"')[0]
    head, body, signature = token.split(".")

    def part(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    key.public_key().verify(
        part(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    claims = json.loads(part(body))
    assert (claims["aud"], claims["typ"], claims["iss"]) == (
        "google",
        "savetowallet",
        "cards@shop.example",
    )
    (card,) = claims["payload"]["giftCardObjects"]
    assert card["balance"] == {"micros": "50000000", "currencyCode": "USD"}
    assert pages.scanned.code_of(card["barcode"]["value"]) == issued.code
    assert [row.wallet for row in models.WalletPass.select()] == ["google"]


def test_who_bought_a_card_puts_it_into_a_wallet_from_the_thank_you_page(client, wallets, bought):
    place, card = bought
    page = client.get(place).text
    for wallet in ("apple", "google"):
        assert f'action="{place}/cards/{card.id}/wallets/{wallet}"' in page
    _, found = opened(client.post(f"{place}/cards/{card.id}/wallets/apple"))
    assert found["serialNumber"] == card.id
    google = client.post(f"{place}/cards/{card.id}/wallets/google")
    assert "https://pay.google.com/gp/v/save/" in google.text


def test_a_stranger_to_the_order_gets_no_pass(app, client, wallets, bought):
    place, card = bought
    address = f"{place}/cards/{card.id}/wallets/apple"
    assert app.test_client().post(address).status_code == 404
    other = make_card().card
    assert client.post(f"{place}/cards/{other.id}/wallets/apple").status_code == 404


def mail_of(app, card_id: str):
    with app.test_request_context():
        (mail,) = [each for each in outbox.mails.of_address("bob@example.com") if card_id]
        return letters.write(gather(mail))


def test_the_mail_leads_to_each_wallet_by_the_fragment(app, wallets, bought):
    _, card = bought
    code = cards.holder.open_code(card.id)
    written = mail_of(app, card.id)
    for wallet in ("apple", "google"):
        link = f"#gift-card={code}&wallet={wallet}"
        assert link in written.text
        assert link in unescape(written.html)
    assert "Add to Apple Wallet" in written.text


def test_without_certificates_mail_and_thank_you_page_name_no_wallet(app, client, bought):
    place, card = bought
    assert "Wallet" not in client.get(place).text
    written = mail_of(app, card.id)
    assert "Wallet" not in written.text + written.html
