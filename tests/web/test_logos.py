"""A campaign's logo: uploaded, drawn again, and seen wherever its name stands."""

import base64
import json
import re
import zipfile
from io import BytesIO

import pytest
from PIL import Image

from giftweb import database
from giftweb.domain import audit, campaigns, cards, outbox
from giftweb.domain.mail.letters import gather
from giftweb.errors import Invalid
from giftweb.web.mail import letters
from giftweb.web.present import paper, pictures
from tests.factories import ROOT, make_campaign, make_card
from tests.web.test_pictures import large_png, photo
from tests.web.test_wallets import key, wallets

__all__ = ["key", "wallets"]

pytestmark = pytest.mark.proves("B28", "B13")


@pytest.fixture
def campaign(app):
    """A shop with a logo."""
    made = make_campaign(brand_name="Sea & Sun")
    campaigns.logos.put(made.id, new=pictures.redraw_logo(photo((900, 300))), by=ROOT)
    return campaigns.find(made.id)


def upload(client, campaign_id: str, content: bytes):
    data = {"logo": (BytesIO(content), "logo.png")}
    return client.post(f"/staff/campaigns/{campaign_id}/logo", data=data)


def test_marketing_uploads_a_logo_that_is_drawn_again_and_takes_it_off(staff_client):
    client, made = staff_client("marketing"), make_campaign()
    place = f"/staff/campaigns/{made.id}/logo"
    assert "No logo yet" in client.get(place).text
    assert upload(client, made.id, photo((900, 300))).status_code == 303
    logo = campaigns.logos.of(campaigns.find(made.id))
    assert (logo.width, logo.height) == (480, 160)
    shown = client.get(f"/pictures/{logo.id}.webp")
    assert b"Taken at home" not in shown.data
    assert Image.open(BytesIO(shown.data)).size == (480, 160)
    assert logo.id in client.get(f"/staff/campaigns/{made.id}").text
    client.post(f"/staff/campaigns/{made.id}", data={"name": "Another name", "is_active": "y"})
    assert campaigns.find(made.id).logo_id == logo.id
    assert client.post(f"{place}/removal").status_code == 303
    assert campaigns.find(made.id).logo_id is None
    assert client.post(f"{place}/removal").status_code == 404
    actions = [action for (action,) in database.rows("SELECT action FROM audit_entry ORDER BY id")]
    assert [each for each in actions if "logo" in each] == [
        "campaign.logo_set",
        "campaign.logo_removed",
    ]
    assert audit.checks.run() == []


@pytest.mark.parametrize("role", ["customer_service", "finance", "cashier"])
def test_nobody_else_changes_a_logo(staff_client, role):
    made = make_campaign()
    assert upload(staff_client(role), made.id, photo()).status_code == 403
    assert campaigns.find(made.id).logo_id is None


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", large_png(), photo((40, 300))], ids=["none", "svg", "large", "thin"]
)
def test_what_is_no_logo_is_refused_on_its_field(staff_client, content):
    made = make_campaign()
    answer = upload(staff_client("marketing"), made.id, content)
    assert answer.status_code == 422
    assert 'id="logo-error"' in answer.text
    assert campaigns.find(made.id).logo_id is None


@pytest.mark.no_database
@pytest.mark.parametrize("size", [(480, 160), (2000, 60), (60, 2000), (3000, 3000)])
def test_a_logo_is_never_cut_and_never_heavy(size):
    new = pictures.redraw_logo(photo(size))
    assert new.width <= 480
    assert new.height <= 160
    width, height = size
    assert abs(new.width / new.height - width / height) < width / height / 4
    assert len(new.webp) <= pictures.LOGO_LIMIT
    assert len(new.fallback) <= pictures.LOGO_MAIL_LIMIT


@pytest.mark.no_database
def test_a_logo_that_fails_names_its_own_field():
    with pytest.raises(Invalid) as refused:
        pictures.redraw_logo(b"nothing")
    assert [field for field, _ in refused.value.errors] == ["logo"]


def test_it_stands_in_the_shop_and_in_no_other(client, campaign):
    address = f"/pictures/{campaign.logo_id}.webp"
    assert address in client.get(f"/shop/{campaign.id}/").text
    assert "site-logo" not in client.get(f"/shop/{make_campaign().id}/").text


def test_it_stands_on_the_balance_page_of_its_shop_with_its_size(client, campaign):
    issued, other = make_card(campaign_id=campaign.id), make_card()
    address = f'src="/pictures/{campaign.logo_id}.webp"'
    linked = client.get(f"/balance?shop={campaign.id}").text
    for page in (linked, client.post("/balance", data={"code": issued.code}).text):
        (tag,) = re.findall('<img[^>]*class="site-logo"[^>]*>', page)
        assert address in tag
        assert 'width="480"' in tag
        assert 'height="160"' in tag
    part = client.post("/balance", data={"code": issued.code}, headers={"HX-Request": "true"})
    assert address in part.text
    assert "site-logo" not in client.post("/balance", data={"code": other.code}).text
    campaigns.logos.remove(campaign.id, by=ROOT)
    assert "site-logo" not in client.get(f"/balance?shop={campaign.id}").text


def test_a_mail_carries_it_as_a_part(app, campaign):
    make_card("50.00 USD", campaign_id=campaign.id)
    with app.test_request_context():
        (mail,) = outbox.mails.of_address("ann@example.com")
        written = letters.write(gather(mail))
    kind, content = written.pictures["logo"]
    assert (kind, Image.open(BytesIO(content)).format) == ("jpeg", "JPEG")
    assert 'src="cid:logo"' in written.html
    assert 'width="144" height="48"' in written.html


def test_paper_and_pass_have_it(client, wallets, campaign, monkeypatch):
    issued, drawn = make_card("50.00 USD", campaign_id=campaign.id), []
    monkeypatch.setattr(paper, "draw", lambda sheet, paper: drawn.append(sheet) or b"%PDF")
    answer = client.post("/balance/card.pdf", data={"code": issued.code})
    assert answer.data == b"%PDF"
    monkeypatch.undo()
    assert Image.open(BytesIO(drawn[0].logo)).format == "JPEG"
    assert b"/Image" in paper.draw(drawn[0])


def test_a_pass_has_it_as_apple_wants_it(client, wallets, campaign):
    issued = make_card("50.00 USD", campaign_id=campaign.id)
    answer = client.post("/balance/wallets/apple", data={"code": issued.code})
    archive = zipfile.ZipFile(BytesIO(answer.data))
    sizes = [Image.open(BytesIO(archive.read(name))).size for name in ("logo.png", "logo@2x.png")]
    assert sizes == [(150, 50), (300, 100)]
    assert cards.find(issued.card.id)


def test_googles_card_names_where_it_is(client, wallets, campaign, app):
    issued = make_card("50.00 USD", campaign_id=campaign.id)
    page = client.post("/balance/wallets/google", data={"code": issued.code}).text
    token = re.search('gp/v/save/([^"&]+)', page)[1]
    content = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    (made,) = content["payload"]["giftCardClasses"]
    place = f"{app.config['GIFTWEB'].base_url}/pictures/{campaign.logo_id}.jpg"
    for name in ("programLogo", "wideProgramLogo"):
        assert made[name]["sourceUri"]["uri"] == place
        assert made[name]["contentDescription"]["defaultValue"]["value"] == "Sea & Sun"
