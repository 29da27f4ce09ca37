"""The Gift Cards dashboard: search, filters in the address, pages, the CSV file."""

import csv
import io
import re

import pytest

from giftweb import clock, codes
from giftweb.domain import cards, search_terms
from tests.factories import AGENT, amount_of
from tests.orders import place

LIST = "/staff/gift-cards/"


@pytest.fixture
def desk(staff_client):
    return staff_client("customer_service")


def shown(answer) -> list[str]:
    """The ids of the cards on the page, in order."""
    assert answer.status_code == 200
    heads = re.findall(r'<th scope="row">.*?</th>', answer.text, re.DOTALL)
    return [re.search(r'href="/staff/gift-cards/(gc_\w+)"', head)[1] for head in heads]


@pytest.mark.proves("S13")
def test_an_empty_dashboard_says_what_to_do(desk):
    page = desk.get(LIST)
    assert "No gift cards yet" in page.text
    assert "+ Create New" in page.text
    assert 'href="/staff/gift-cards/new"' in page.text


@pytest.mark.proves("S13", "S28")
def test_the_newest_card_is_at_the_top_with_what_matters_about_it(desk, make_card):
    make_card()
    card = make_card("75.00 USD", holder_name="Ann Smith", is_test=True).card
    page = desk.get(LIST)
    assert shown(page)[0] == card.id
    for words in ("2 gift cards", card.last4, "Ann Smith", "$75.00", "Active", "TEST"):
        assert words in page.text


def test_every_filter_stands_in_the_address_and_can_be_taken_off(desk, make_card):
    wanted = make_card(is_test=True).card
    make_card()
    query = "?q=ann&status=active&origin=staff&mode=test&from=2020-01-01&until=2999-12-31"
    page = desk.get(LIST + query)
    assert shown(page) == [wanted.id]
    for words in ("Search: ann", "Status: Active", "Origin: Staff", "Test cards", "1 Jan 2020"):
        assert words in page.text
    assert 'value="2020-01-01"' in page.text
    assert "No gift card fits" in desk.get(f"{LIST}?q=nobody").text


@pytest.mark.parametrize("query", ["?from=soon&until=never", "?sort=x&status=x", "?after=gc_1"])
def test_an_address_with_nonsense_in_it_shows_the_list(desk, make_card, query):
    card = make_card().card
    assert shown(desk.get(LIST + query)) == [card.id]


def test_pages_follow_each_other_by_key(desk, make_card, monkeypatch):
    monkeypatch.setattr(cards.search.search, "__kwdefaults__", {"after": None, "limit": 2})
    made = [make_card().card.id for _ in range(5)]
    address, seen = LIST, []
    for _ in range(3):
        page = desk.get(address)
        seen += shown(page)
        following = re.search(r'href="([^"]*after=[^"]*)"[^>]*>Next page', page.text)
        address = following[1].replace("&amp;", "&") if following else None
    assert seen == made[::-1]
    assert address is None


def test_the_list_can_be_sorted_unless_it_is_too_long(desk, make_card, monkeypatch):
    dear, cheap = make_card("90.00 USD").card.id, make_card("5.00 USD").card.id
    assert shown(desk.get(f"{LIST}?sort=balance")) == [cheap, dear]
    page = desk.get(f"{LIST}?sort=-balance")
    assert shown(page) == [dear, cheap]
    assert 'aria-sort="descending"' in page.text
    monkeypatch.setattr(cards.search.LISTING, "count_limit", 1)
    page = desk.get(f"{LIST}?sort=balance")
    assert shown(page) == [cheap, dear]
    assert "1+ gift cards" in page.text
    assert "Narrow the search" in page.text
    assert "sort=balance" not in page.text.partition("<table")[2]


@pytest.mark.proves("E33")
def test_every_list_says_when_it_looked_inside_the_newest_words_alone(desk, make_card, monkeypatch):
    note = "Letters inside a word are looked for among the newest only"
    for name in ("Ann Sonnenberg", "Bob Sonnenberg"):
        make_card(holder_name=name)
        place(customer_email=f"{name[:3]}@example.com".lower(), customer_name=name)
    lists = (LIST, "/staff/orders/", "/staff/customers/", "/staff/search")
    for address in lists:
        assert note not in desk.get(address, query_string={"q": "nenberg"}).text
    monkeypatch.setattr(search_terms, "NEWEST", 1)
    for address in lists:
        assert note in desk.get(address, query_string={"q": "nenberg"}).text
        assert note not in desk.get(address).text


def test_htmx_gets_the_list_alone(desk, make_card):
    make_card()
    answer = desk.get(LIST, headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="gift-cards">')
    assert "HX-Request" in answer.headers["Vary"]


def test_a_whole_code_is_not_left_in_the_address(desk, make_card):
    issued = make_card()
    answer = desk.get(LIST, query_string={"q": issued.code.lower()})
    assert answer.status_code == 303
    assert answer.location == f"{LIST}?q={issued.card.last4}"
    assert shown(desk.get(answer.location)) == [issued.card.id]


def test_the_csv_file_holds_the_current_search_and_runs_no_formula(desk, make_card):
    make_card(holder="bob@example.com")
    card = make_card(
        "1250.00 USD", holder="ann@example.com", holder_name='=HYPERLINK("http://evil")'
    ).card
    cards.top_up(card.id, amount=amount_of("0.50 USD"), by=AGENT)
    answer = desk.get(f"{LIST}gift-cards.csv?q=ann")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    [row] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert row["id"] == card.id
    assert (row["balance"], row["amount"], row["currency"]) == ("1250.50", "1250.00", "USD")
    assert row["holder_name"] == '\'=HYPERLINK("http://evil")'


@pytest.mark.proves("E46")
def test_the_desks_file_and_the_commands_are_one(desk, make_card):
    make_card(holder_name="Müller", note="0042", expires_on=clock.today())
    make_card("7 JPY", is_test=True)
    file = io.StringIO()
    cards.import_file.export_file(file)
    written = file.getvalue().removeprefix("\ufeff").splitlines(keepends=True)
    answer = desk.get(f"{LIST}gift-cards.csv").data.decode()
    assert answer.startswith("\ufeff")
    ours = answer.removeprefix("\ufeff").splitlines(keepends=True)
    assert ours[0] == written[0]
    assert sorted(ours) == sorted(written)
    assert all(line.endswith("\r\n") for line in ours)


def test_the_link_to_the_csv_file_carries_the_search(desk, make_card):
    make_card()
    assert "gift-cards.csv?q=ann&amp;status=active" in desk.get(f"{LIST}?q=ann&status=active").text


@pytest.mark.proves("E24")
@pytest.mark.parametrize("place", [LIST, "/staff/orders/"])
def test_a_typed_code_finds_exactly_its_card_and_stands_in_no_address(desk, make_card, place):
    issued = make_card()
    search = f"{place}search"
    assert f'method="post" action="{search}"' in desk.get(place).text
    for typed in (issued.code, issued.code.lower(), codes.grouped(issued.code)):
        answer = desk.post(search, data={"q": typed, "status": "active"})
        assert (answer.status_code, answer.location) == (303, f"{LIST}{issued.card.id}")
    answer = desk.post(search, data={"q": issued.code}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"{LIST}{issued.card.id}")


@pytest.mark.proves("E24")
def test_a_code_that_no_card_has_is_searched_by_its_last_four(desk):
    code = codes.generate()
    answer = desk.post(f"{LIST}search", data={"q": code, "status": "active"})
    assert (answer.status_code, answer.location) == (303, f"{LIST}?q={code[-4:]}&status=active")


@pytest.mark.proves("E24")
def test_any_other_search_that_is_posted_leads_to_its_address(desk):
    answer = desk.post(
        f"{LIST}search", data={"q": "ann", "status": "", "mode": "test", "csrf_token": "x"}
    )
    assert (answer.status_code, answer.location) == (303, f"{LIST}?q=ann&mode=test")
