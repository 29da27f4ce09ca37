"""What shops load into their own pages: each version's address and hash, open to every page."""

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client

from giftweb.web.http import static_files, widget_files
from tests.factories import make_campaign

pytestmark = pytest.mark.engines("sqlite")

DOCS = Path(__file__).parents[2] / "docs" / "embedding.md"
SHOP = "https://shop.example"


@pytest.mark.proves("E41")
def test_every_version_has_its_address_and_the_hash_that_it_is_listed_with(client):
    listed = client.get("/widget.json")
    assert listed.headers["Access-Control-Allow-Origin"] == "*"
    for version in listed.json["versions"]:
        answer = client.get(urlsplit(version["src"]).path)
        digest = base64.b64encode(hashlib.sha384(answer.data).digest()).decode()
        assert version["integrity"] == f"sha384-{digest}"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "immutable" in answer.headers["Cache-Control"]
    assert listed.json["newest"] == listed.json["versions"][0]["version"]


@pytest.mark.proves("E41")
def test_a_released_version_is_what_the_docs_say_it_is():
    """One that has changed stops every shop that names its hash: make a new version instead."""
    rows = re.findall(r"\| `/widget-(\d+)\.js` \| `(sha384-[^`]+)` \|", DOCS.read_text())
    listed = {str(number): widget_files.integrity(number) for number in widget_files.VERSIONS}
    assert dict(rows) == listed


@pytest.mark.proves("E41")
def test_the_moving_address_is_the_newest_version(client):
    newest = client.get(f"/widget-{widget_files.NEWEST}.js").data
    moving = client.get("/widget.js")
    assert moving.data == newest
    assert moving.headers["Cache-Control"] == "public, max-age=3600"
    assert client.get("/widget-999.js").status_code == 404


@pytest.mark.no_database
@pytest.mark.proves("E40", "E41")
@pytest.mark.parametrize("path", widget_files.FILES)
def test_the_server_hands_them_out_as_the_program_does(path):
    answer = Client(static_files.StaticFiles(None)).get(path)
    assert answer.data == widget_files.FILES[path].read_bytes()
    for name, value in widget_files.headers(path).items():
        assert answer.headers[name] == value


@pytest.mark.proves("E40")
@pytest.mark.parametrize(
    ("origin", "status"),
    [(SHOP, 204), ("https://other.example", 403), (f"{SHOP}:8443", 403), ("", 403)],
)
def test_the_element_hears_whether_the_origin_is_registered(client, origin, status):
    campaign = make_campaign(origins=(SHOP,))
    answer = client.get(f"/widget/{campaign.id}/origin", query_string={"is": origin})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.proves("E40")
@pytest.mark.parametrize("campaign", ["nonsense", "cmp_00000000000000000000000000"])
def test_it_hears_that_there_is_no_such_campaign(client, campaign):
    answer = client.get(f"/widget/{campaign}/origin", query_string={"is": SHOP})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (404, "*")


@pytest.mark.proves("E40")
def test_an_isolated_page_may_frame_it(client):
    headers = client.get(f"/widget/{make_campaign(origins=(SHOP,)).id}/").headers
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert f"frame-ancestors {SHOP}" in headers["Content-Security-Policy"]
