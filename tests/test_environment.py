"""The settings of the environment: what cannot be used is refused in a sentence that names it."""

import pytest

from giftweb.config import from_environment
from giftweb.environment import SettingUnusable

pytestmark = pytest.mark.no_database

WRONG = [
    ("TRUSTED_PROXIES", ("-1", "x", "1.5", "101", "٣", "9" * 5000), "be a whole number from 0 to"),
    ("API_RATE", ("-5", "x", "1e3", "1000001"), "be a whole number from 0 to"),
    ("MAIL_PORT", ("x", "0", "65536"), "be a whole number from 1 to 65535"),
    ("PORT", ("x", "0"), "be a whole number from 1 to 65535"),
    ("MAIL_USE_TLS", ("maybe", "2", "tls"), "be one of 1, true, yes, on, 0, false, no, off"),
    ("BASE_CURRENCY", ("ZZZ", "usd"), "be the code of a currency, such as USD"),
    ("BASE_URL", ("foo", "ftp://x", "http://", "http://:80", "https://a b"), "be an address"),
    ("BASE_URL", ("http://x:port", "http://x:70000", "//x", "http://[x"), "be an address"),
    ("BASE_URL", ("https://x/?a=b", "https://x/#a"), "have nothing behind its host and path"),
    ("STRIPE_API_BASE", ("foo", "ftp://x"), "be an address"),
    ("ANCHOR_URL", ("foo", "file:///etc"), "be an address"),
    ("APPLE_PUSH_BASE", ("foo",), "be an address"),
    ("GOOGLE_WALLET_API_BASE", ("foo",), "be an address"),
    ("MAIL_DEFAULT_SENDER", ("nope", "a@", "@b", "Shop <nope>", "a@b\nBcc: c@d"), "be an address"),
    ("DATABASE_URL", ("foo", "sqlite://x", "mysql://x"), "start with sqlite:/// or postgresql://"),
    ("TRUSTED_HOSTS", ("https://x",), "be names of hosts"),
]


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [(name, value, wanted) for name, values, wanted in WRONG for value in values],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_it_must_be(name, value, wanted):
    with pytest.raises(SettingUnusable) as refused:
        from_environment({name: value})
    sentence = str(refused.value)
    assert sentence.startswith(f"{name} is ")
    assert f": it must {wanted}" in sentence
    assert sentence.isprintable()


def test_a_password_in_an_address_is_not_repeated():
    with pytest.raises(SettingUnusable, match=r"postgresql\+psycopg://\.\.\.@db/x: ") as refused:
        from_environment({"DATABASE_URL": "postgresql+psycopg://me:secret@db/x"})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("TRUSTED_PROXIES", "", "trusted_proxies", 0),
        ("TRUSTED_PROXIES", " 2 ", "trusted_proxies", 2),
        ("API_RATE", "0", "api_rate", 0),
        ("MAIL_PORT", "0587", "mail_port", 587),
        ("MAIL_USE_TLS", "", "mail_use_tls", False),
        ("MAIL_USE_TLS", "Off", "mail_use_tls", False),
        ("MAIL_USE_TLS", "TRUE", "mail_use_tls", True),
        ("BASE_URL", "https://cards.example/", "base_url", "https://cards.example"),
        ("BASE_URL", "HTTPS://cards.example", "base_url", "https://cards.example"),
        ("BASE_URL", "http://[::1]:8000/cards/", "base_url", "http://[::1]:8000/cards"),
        ("PORT", "9000", "base_url", "http://127.0.0.1:9000"),
        ("STRIPE_API_BASE", "http://127.0.0.1:8420", "stripe_api_base", "http://127.0.0.1:8420"),
        ("ANCHOR_URL", "https://x.example/a?key=1", "anchor_url", "https://x.example/a?key=1"),
        ("MAIL_DEFAULT_SENDER", "", "mail_sender", "gift-cards@localhost"),
        ("MAIL_DEFAULT_SENDER", "Shop <a@b.example>", "mail_sender", "Shop <a@b.example>"),
        ("BASE_CURRENCY", "EUR", "base_currency", "EUR"),
        ("DATABASE_URL", "postgres://db/x", "database_url", "postgres://db/x"),
    ],
)
def test_what_works_is_read_as_before(name, value, field, read):
    assert getattr(from_environment({name: value}), field) == read
