"""What pages load is kept as long as it is the same, and lists are compressed."""

import gzip
import re
from urllib.request import urlopen

import pytest

from giftweb.web.http import compression, style_sheets
from giftweb.web.text import templating
from tests.factories import make_card
from tests.orders import place

GZIP = {"Accept-Encoding": "gzip"}


def sheets_of(page: str) -> list[str]:
    return re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)


def test_a_page_loads_one_sheet_that_is_kept_for_a_year(staff_client):
    client = staff_client("root")
    for page, name in (("/", "public"), ("/staff/", "desk"), ("/staff/orders/", "desk")):
        (sheet,) = sheets_of(client.get(page).get_data(as_text=True))
        assert sheet == style_sheets.address(name)
        answer = client.get(sheet)
        assert answer.headers["Cache-Control"] == style_sheets.FOREVER
        assert answer.content_type.startswith("text/css")
        packed = client.get(sheet, headers=GZIP)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == answer.data
    assert client.get(sheet, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_sheet_by_an_older_address_is_not_kept_for_long(client):
    for address in ("/styles/desk.css", "/styles/desk.css?v=0123456789ab"):
        assert client.get(address).headers["Cache-Control"] == style_sheets.BRIEFLY
    assert client.get("/styles/nothing.css").status_code == 404


def test_the_layers_are_ordered_before_anything_stands_in_one():
    for name in style_sheets.SHEETS:
        text = style_sheets.text_of(name)
        assert text.index("@layer reset, tokens") < text.index("@layer reset {")


@pytest.mark.engines("sqlite")
def test_a_file_by_its_hash_is_kept_for_a_year_as_it_is_served(served_by_one):
    address = templating.asset("public.js")
    with urlopen(served_by_one + address) as answer:
        assert answer.headers["Cache-Control"] == style_sheets.FOREVER
    with urlopen(f"{served_by_one}/static/public.js?v=0123456789ab") as answer:
        assert "immutable" not in answer.headers["Cache-Control"]


def without_token(page: bytes) -> bytes:
    """A page without the form's token, which has the second in it."""
    return re.sub(rb'name="csrf_token" value="[^"]+"', b"", page)


def test_a_list_is_compressed_and_reads_the_same(staff_client):
    client = staff_client()
    for _ in range(20):
        place()
    plain = client.get("/staff/orders/")
    packed = client.get("/staff/orders/", headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert without_token(gzip.decompress(packed.data)) == without_token(plain.data)
    assert len(packed.data) < len(plain.data) / 4


def test_pages_that_show_a_card_are_not_compressed(staff_client):
    card = make_card().card
    answer = staff_client().get(f"/staff/gift-cards/{card.id}", headers=GZIP)
    assert "Content-Encoding" not in answer.headers


@pytest.mark.no_database
def test_what_a_stranger_writes_does_not_change_the_length_of_a_token():
    token = "IjQ4ZmEzN2U5Yzc4ZTI0ZjYwZWQ1Mzk4OTU4OTZmYzgi.aSrF9w.Zk3vQm0rXb1"

    def length(guess: str) -> int:
        form = f'<p>{guess}</p><input name="csrf_token" value="{token}">'
        return len(compression.compressed(form.encode() * 3))

    right, wrong = token[:24], "x7Qp2LmV9sTz4KcW8bYn1RdG"
    assert len(right) == len(wrong)
    assert abs(length(right) - length(wrong)) <= 3
