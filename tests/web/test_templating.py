"""What templates may use: amounts, days, labels, icons, the side menu."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from giftweb import days, language
from giftweb.money import Money, money_text
from giftweb.web.text import amounts, contacts, templating
from giftweb.web.text.templating import MENU, side_menu
from giftweb.web.text.words import status_label, type_label
from tools import styleguide

pytestmark = pytest.mark.no_database

GIFTWEB = Path(templating.__file__).parents[2]


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (7500, "USD", "$75.00"),
        (500, "CAD", "CA$5.00"),
        (-2500, "USD", "-$25.00"),
        (123456789, "EUR", "€1,234,567.89"),
        (2500, "JPY", "¥2,500"),
        (1234, "KWD", "KWD\xa01.234"),
        (0, "USD", "$0.00"),
        (10**12, "USD", "$10,000,000,000.00"),
    ],
)
def test_an_amount_is_shown_as_people_write_it(minor, currency, text):
    assert money_text(Money(minor, currency)) == text


@pytest.mark.proves("S55")
def test_a_movement_shows_its_direction_by_sign():
    assert ">+$25.00<" in amounts.signed_money(Money(2500, "USD"))
    assert ">-$25.00<" in amounts.signed_money(Money(-2500, "USD"))


def test_an_instant_is_shown_to_the_minute_with_its_zone_on_hover():
    shown = templating.when(datetime(2026, 11, 2, 14, 5, 9, tzinfo=UTC))
    assert "><span>2 Nov 2026,</span> 14:05<" in shown
    assert 'title="2 Nov 2026, 14:05:09 UTC"' in shown
    assert 'datetime="2026-11-02T14:05:09Z"' in shown


def test_a_day_is_shown_without_a_time():
    assert ">31 Jan 2027<" in templating.day(date(2027, 1, 31))


@pytest.mark.parametrize(
    ("spoken", "text"),
    [("en", "October 2026"), ("de", "Oktober 2026"), ("es", "octubre de 2026")],
)
def test_a_month_is_written_in_words(spoken, text):
    with language.use(spoken):
        assert days.month_text("2026-10") == text


@pytest.mark.parametrize(("spoken", "text"), [("en", "1,234.6"), ("de", "1.234,6")])
def test_seconds_are_written_as_the_language_does(spoken, text):
    with language.use(spoken):
        assert language.seconds_text(1_234_560) == text


def test_an_address_may_break_before_its_sign_and_is_escaped():
    assert contacts.email("<ann>@example.com") == "&lt;ann&gt;<wbr>@example.com"


def test_nothing_is_shown_as_a_dash():
    assert amounts.money(None) == templating.when(None) == templating.day(None)


@pytest.mark.proves("D11", "D12")
def test_stored_words_have_words_on_the_screen():
    assert status_label("used_up") == "Used up"
    assert status_label("shipping_denied") == "Shipping Denied"
    assert type_label("customer_service_admin") == "Customer Service Admin"
    assert type_label("paypal") == "PayPal"
    assert status_label("half_way") == "Half way"


def test_last_four_are_escaped():
    assert "<b>" not in templating.last4("<b>")


@pytest.mark.proves("S13", "S30")
def test_the_side_menu_shows_only_what_may_be_opened():
    everything = [item.label for item in side_menu("/staff/", lambda _: True)]
    assert everything == [label for label, *_ in MENU]
    few = side_menu("/staff/", lambda href: href in {"/staff/", "/staff/campaigns/"})
    assert [item.label for item in few] == ["Dashboard", "Campaign Management"]
    assert [sub.label for sub in few[1].children] == ["Settings"]


def test_the_side_menu_marks_the_nearest_entry():
    items = side_menu("/staff/gift-cards/gc_1", lambda _: True)
    assert [item.label for item in items if item.is_current] == ["Gift Cards"]
    elsewhere = side_menu("/login", lambda _: True)
    assert not [item for item in elsewhere if item.is_current]


def test_every_icon_that_a_template_names_is_in_the_sprite():
    drawn = set(re.findall(r'symbol id="([\w-]+)"', (GIFTWEB / "static/icons.svg").read_text()))
    named = {
        name
        for path in GIFTWEB.glob("templates/**/*.html")
        for name in re.findall(r'(?:icon|empty_state)\("([\w-]+)"', path.read_text())
    } | {icon for _, _, icon, _ in MENU}
    assert named <= drawn


def test_the_address_of_a_list_keeps_its_search_when_it_is_sorted():
    app = styleguide.create_app()
    with app.test_request_context("/styleguide/list?q=ann&after=gc_1"):
        assert templating.here(sort="-amount", after=None) == "/styleguide/list?q=ann&sort=-amount"


def test_static_files_are_addressed_by_their_content():
    assert re.fullmatch(r"/static/site\.css\?v=[0-9a-f]{12}", templating.asset("site.css"))
