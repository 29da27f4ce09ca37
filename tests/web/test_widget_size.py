"""What the widget costs a shopper's connection, as the real server sends it (docs/embedding.md)."""

import gzip
import re
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse

import pytest

from giftweb import language
from giftweb.web.http.static_files import STATIC
from tests.factories import make_campaign

pytestmark = pytest.mark.engines("sqlite")

Get = Callable[..., tuple[HTTPResponse, bytes]]


@pytest.fixture
def get(served_by_one) -> Get:
    """``get(path, **headers)``: the answer to a browser that knows gzip, and what was sent."""

    def ask(path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection(served_by_one.removeprefix("http://"), timeout=10)
        connection.request(method, path, headers={"Accept-Encoding": "gzip, br"} | headers)
        response = connection.getresponse()
        sent = response.read()
        connection.close()
        assert response.status in (200, 206, 304), path
        return response, sent

    return ask


def test_the_script_on_the_shops_page_is_under_3300_bytes(get):
    response, sent = get("/widget.js")
    assert len(sent) < 3300
    assert gzip.decompress(sent) == (STATIC / "widget-2.js").read_bytes()
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.proves("B17")
def test_the_whole_frame_is_under_40_kb_in_every_language(get):
    campaign = make_campaign()
    for spoken in language.LANGUAGES:
        _, html = get(f"/widget/{campaign.id}/?lang={spoken}")
        assert f'<html lang="{spoken}"' in html.decode()
        files = re.findall(r'(?:src|href|data-htmx)="(/static/[^"]+)"', html.decode())
        named = {name.partition("?")[0].rpartition("/")[2] for name in files}
        assert named == {"frame.js", "htmx.min.js"}
        answers = [get(name) for name in files]
        assert all(response.headers["Content-Encoding"] == "gzip" for response, _ in answers)
        assert len(html) + sum(len(sent) for _, sent in answers) < 40_000, spoken


def test_whoever_understands_no_gzip_gets_the_file_as_it_is(get):
    path = "/static/vendor/htmx.min.js"
    whole = (STATIC / "vendor" / "htmx.min.js").read_bytes()
    response, sent = get(path, **{"Accept-Encoding": "identity"})
    assert (sent, response.headers["Content-Encoding"]) == (whole, None)
    assert response.headers["Vary"] == "Accept-Encoding"
    response, sent = get(path, Range="bytes=0-9")
    assert (sent, response.headers["Content-Encoding"]) == (whole[:10], None)


def test_a_file_that_is_kept_is_not_sent_again(get):
    response, sent = get("/static/frame.js", method="HEAD")
    assert (sent, response.headers["Content-Encoding"]) == (b"", "gzip")
    kept = {"If-None-Match": response.headers["ETag"]}
    response, sent = get("/static/frame.js", **kept)
    assert (response.status, sent) == (304, b"")
