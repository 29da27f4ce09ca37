"""Pictures of products and designs of gift cards: drawn again, kept in the database (B28)."""

import re
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from giftweb import database
from giftweb.domain import catalogue
from giftweb.domain.catalogue.products import NewProduct
from giftweb.errors import Invalid
from giftweb.web.present import pictures
from tests.factories import ROOT, make_campaign

pytestmark = pytest.mark.proves("B28", "S65")

GIFT = NewProduct(
    sku="GIFT",
    name="Gift card",
    kind="gift_card",
    card_type="virtual",
    requires_shipping=False,
    amounts_minor=(2500,),
)
MUG = NewProduct(sku="MUG", name="Enamel mug", unit_minor=1800)


def photo(size=(800, 600), kind="JPEG", **options) -> bytes:
    """A photo with the place where it was taken."""
    made, exif = Image.new("RGB", size, (200, 80, 40)), Image.Exif()
    exif[0x010E] = "Taken at home"
    if kind == "JPEG":
        options |= {"exif": exif}
    out = BytesIO()
    made.save(out, kind, **options)
    return out.getvalue()


def large_png() -> bytes:
    """A few hundred bytes that would be a picture of 900 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def shop(*products: NewProduct):
    campaign = make_campaign()
    return campaign, [catalogue.create(campaign.id, new=new, by=ROOT) for new in products]


def upload(client, product, content: bytes = b"", **fields):
    place = f"/staff/products/{product.campaign_id}/{product.sku}/pictures"
    form = {"alt": "A mug on a table", "picture": (BytesIO(content or photo()), "a.jpg")} | fields
    return client.post(place, data=form, content_type="multipart/form-data")


def test_an_uploaded_picture_is_drawn_again_and_shown_in_the_shop(client, staff_client):
    campaign, [mug] = shop(MUG)
    assert upload(staff_client("marketing"), mug).status_code == 303
    page = client.get(f"/shop/{campaign.id}/").text
    (webp,) = re.findall(r'srcset="(/pictures/[0-9a-f]{32}\.webp)"', page)
    answer = client.get(webp)
    assert answer.mimetype == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(answer.data) <= 400_000
    assert b"Taken at home" not in answer.data
    assert Image.open(BytesIO(answer.data)).size == pictures.GOODS.page
    fallback = client.get(webp.replace(".webp", ".jpg"))
    assert Image.open(BytesIO(fallback.data)).format == "JPEG"
    assert len(fallback.data) <= 70_000


def test_the_name_stands_beside_it_and_the_product_page_says_what_is_on_it(client, staff_client):
    campaign, [mug] = shop(MUG)
    upload(staff_client("marketing"), mug)
    assert 'alt="A mug on a table"' in client.get(f"/shop/{campaign.id}/products/MUG").text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"alt": ""}, "Say what is on the picture"),
        ({"picture": (BytesIO(b""), "")}, "Choose a JPEG"),
        ({"picture": (BytesIO(b"<svg onload='alert(1)'/>"), "a.svg")}, "Choose a JPEG"),
        ({"picture": (BytesIO(photo((100, 100))), "a.jpg")}, "at least 200 pixels"),
        ({"picture": (BytesIO(large_png()), "a.png")}, "too many pixels"),
        ({"picture": (BytesIO(photo()[:2000]), "a.jpg")}, "Choose a JPEG"),
    ],
)
def test_what_is_no_picture_or_has_no_words_is_refused_on_its_field(staff_client, fields, says):
    _, [mug] = shop(MUG)
    # A file is read once, and this runs once an engine.
    again = {
        name: (BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value
        for name, value in fields.items()
    }
    refused = upload(staff_client("marketing"), mug, **again)
    assert refused.status_code == 422
    assert says in refused.text
    assert catalogue.designs.of_products([mug.id]) == {}


@pytest.mark.no_database
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "JPEG"])
def test_every_usual_kind_is_read(kind):
    found = pictures.redraw(photo(kind=kind), shape=pictures.CARD)
    assert (found.width, found.height) == (1280, 800)


@pytest.mark.no_database
def test_what_is_transparent_becomes_white():
    out = BytesIO()
    Image.new("RGBA", (400, 400), (0, 0, 0, 0)).save(out, "PNG")
    found = pictures.redraw(out.getvalue(), shape=pictures.CARD)
    assert Image.open(BytesIO(found.fallback)).getpixel((5, 5)) == (255, 255, 255)


def test_an_address_is_a_hash_and_leads_nowhere_else(client):
    for name in ("..%2f..%2fkeys.json", "0" * 31, "G" * 32, "0" * 32):
        assert client.get(f"/pictures/{name}.webp").status_code == 404


def test_who_may_not_edit_products_uploads_nothing(staff_client):
    _, [mug] = shop(MUG)
    assert upload(staff_client("customer_service"), mug).status_code == 403
    assert database.scalar("SELECT COUNT(*) FROM picture") == 0


def test_a_gift_card_has_our_six_designs_until_it_has_its_own(staff_client):
    _, [gift] = shop(GIFT)
    assert len(catalogue.designs.to_choose(gift)) == 6
    client = staff_client("marketing")
    upload(client, gift, occasion="Opening")
    assert [each.label for each in catalogue.designs.to_choose(gift)] == ["Opening"]
    place = f"/staff/products/{gift.campaign_id}/GIFT/pictures"
    client.post(f"{place}/designs", data={"drawn": ["love", "winter"]})
    labels = [each.label for each in catalogue.designs.to_choose(gift)]
    assert labels == ["Opening", "With love", "Winter holidays"]
    client.post(f"{place}/1/removal")
    assert len(catalogue.designs.to_choose(gift)) == 2
    assert client.post(f"{place}/1/removal").status_code == 404


def test_a_design_that_the_product_has_not_cannot_be_chosen():
    _, [gift] = shop(GIFT)
    assert catalogue.designs.checked(gift, "love") == "love"
    assert catalogue.designs.checked(gift, "") is None
    with pytest.raises(Invalid):
        catalogue.designs.checked(gift, "../../keys.json")


def test_a_product_without_a_picture_shows_a_sign_and_no_letter(client):
    campaign, _ = shop(MUG)
    page = client.get(f"/shop/{campaign.id}/").text
    assert 'class="picture" aria-hidden="true"><svg' in page
