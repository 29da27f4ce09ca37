"""Where a card is spent, and links that carry its code past every server."""

import pytest

from giftweb import shop_urls
from giftweb.errors import Invalid

pytestmark = [pytest.mark.no_database, pytest.mark.proves("B31")]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://shop.example/",
        "https://shop.example/gifts?from=mail",
        "http://localhost:8001/",
        "https://shop.example/#card={code}",
    ],
)
def test_the_address_of_a_shop_is_kept_as_it_was_typed(address):
    assert shop_urls.read(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        "shop.example",
        "http://shop.example/",
        "javascript:alert(1)",
        "https://shop.example/?code={code}",
        "https://shop.example/{code}#x",
        "https://shop.example/#{code}{code}",
        "https://user:word@shop.example/",
        'https://shop.example/" onclick="x',
        "https://shop.example/" + "a" * 500,
    ],
)
def test_an_address_that_shows_a_code_to_a_server_or_is_none_is_refused(address):
    with pytest.raises(Invalid) as refused:
        shop_urls.read(address)
    assert refused.value.field == "shop_url"


def test_a_code_stands_in_the_fragment_alone():
    code = "7GK2M-XXXXX-XXXXX"
    assert shop_urls.with_code("/shop/cmp_1/", code) == f"/shop/cmp_1/#gift-card={code}"
    theirs = "https://shop.example/a#card={code}"
    assert shop_urls.with_code(theirs, code) == f"https://shop.example/a#card={code}"
    assert shop_urls.with_code(theirs, "a&b#c") == "https://shop.example/a#card=a%26b%23c"


def test_a_shop_that_asks_for_no_code_is_sent_none():
    assert shop_urls.with_code("https://shop.example/a", "7GK2M") == "https://shop.example/a"
    assert shop_urls.with_code("https://shop.example/a#card={code}", "") == "https://shop.example/a"
    assert shop_urls.plain("https://shop.example/#top") == "https://shop.example/#top"
