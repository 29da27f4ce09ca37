"""What may frame a widget: an origin in its one spelling, https or this very machine."""

import pytest

from giftweb import origins
from giftweb.errors import Invalid

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://shop.example", "https://shop.example"),
        (" HTTPS://Shop.Example:443/ ", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://localhost:8001", "http://localhost:8001"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://shop.localhost", "http://shop.localhost"),
        ("http://[::1]:8001", "http://[::1]:8001"),
    ],
)
@pytest.mark.proves("B4")
def test_an_origin_has_one_spelling(typed, origin):
    assert origins.read(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "shop.example",
        "http://shop.example",
        "ftp://shop.example",
        "https://",
        "https://*",
        "https://*.shop.example",
        "https://shop.example/path",
        "https://shop.example?x",
        "https://shop.example#x",
        "https://ann@shop.example",
        "https://shop.example;script-src",
        "https://shop.example 'unsafe-inline'",
        "https://shop.example:99999",
        "https://ѕhop.example",
        "https://[::1%25lo]",
        "https://[v1.x]",
        "null",
        "javascript://localhost",
    ],
)
def test_what_is_no_origin_is_refused(typed):
    with pytest.raises(Invalid):
        origins.read(typed)
