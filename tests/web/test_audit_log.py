"""The audit log page: filters, words, paging, and the file."""

import csv
import io
import re
from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import audit, cards, staff
from giftweb.domain.audit.search import Wanted
from tests import factories

HTMX = {"HX-Request": "true"}


@pytest.fixture
def root(staff_client):
    return staff_client("root")


def whats(page: str) -> list[str]:
    found = re.findall(r'data-label="What" class="of-what long">([^<]*)', page)
    return [text.strip() for text in found]


@pytest.mark.proves("B15", "I30")
def test_who_did_what_when_and_why_is_described_in_words(root, make_card):
    card = make_card("50.00 USD").card
    agent = factories.make_staff("customer_service")
    by = audit.Actor("staff", agent.id, agent.name, agent.role, agent.email)
    cards.freeze(card.id, by=by, reason="Stolen in the post")
    page = root.get(f"/staff/audit?q={card.last4.lower()}").text
    assert whats(page) == ["Gift card frozen", "Gift card issued"]
    for reported in (agent.name, "Customer Service", "Stolen in the post", f"•••• {card.last4}"):
        assert reported in page
    assert "Amount: $50.00" in page


@pytest.mark.proves("D14")
def test_a_page_that_was_refused_is_reported_by_its_address(root, staff_client):
    assert staff_client("customer_service").get("/staff/people/").status_code == 403
    for page in ("/staff/audit", "/staff/audit.csv"):
        reported = root.get(page).text
        assert "Tried to open a page without the right" in reported
        assert "/staff/people/" in reported.partition("without the right")[2][:200], page


def test_every_filter_narrows_the_list(root, make_card):
    card = make_card("50.00 USD", by=factories.AGENT).card
    person = factories.make_staff("finance")
    staff.deactivate(person.id, by=root_actor(root), reason="Left the house")
    today = clock.today().isoformat()
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    added = ["Person added", "Person added"]
    issued = ["Gift card issued"]
    gone = ["Person deactivated"]
    for query, expected in (
        ("", [*gone, "Person added", *issued, "Person added"]),
        ("?action=staff", gone + added),
        ("?action=gift_card", issued),
        ("?action=rights", []),
        (f"?actor={root.person.id}", gone),
        ("?actor=system", added),
        ("?actor=api", []),
        (f"?q={card.id}", issued),
        (f"?q={person.email}", [*gone, "Person added"]),
        ("?q=nothing-like-it", []),
        (f"?from={today}&to={today}", [*gone, "Person added", *issued, "Person added"]),
        (f"?from={tomorrow}", []),
        ("?to=2020-01-01", []),
        ("?from=yesterday", [*gone, "Person added", *issued, "Person added"]),
    ):
        assert whats(root.get(f"/staff/audit{query}").text) == expected, query


def root_actor(root) -> audit.Actor:
    person = root.person
    return audit.Actor("staff", person.id, person.name, person.role, person.email)


@pytest.mark.tampers
def test_days_count_from_midnight_to_midnight(root):
    with clock.moved(timedelta(days=-3)):
        audit.record(by=audit.SYSTEM, action="order.placed", subject="ord_1")
        day = clock.today().isoformat()
    before = (clock.today() - timedelta(days=4)).isoformat()
    assert whats(root.get(f"/staff/audit?from={day}&to={day}").text) == ["Order placed"]
    assert whats(root.get(f"/staff/audit?to={before}").text) == []


@pytest.mark.tampers
def test_the_log_is_paged_by_key(root, monkeypatch):
    monkeypatch.setattr(audit.search.search, "__kwdefaults__", {"after": None, "limit": 3})
    for number in range(8):
        audit.record(by=audit.SYSTEM, action="order.placed", subject=f"ord_{number}")
    seen: list[str] = []
    address = "/staff/audit?action=order"
    while address:
        page = root.get(address, headers=HTMX).text
        assert "<html" not in page
        seen += re.findall(r"ord_\d", page)
        following = re.search(r'href="([^"]*after=[^"]*)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"ord_{number}" for number in range(7, -1, -1)]


@pytest.mark.tampers
def test_the_file_holds_the_search_and_no_formula(root):
    audit.record(by=audit.SYSTEM, action="order.placed", subject="ord_1", reason="=1+1")
    audit.record(by=audit.SYSTEM, action="order.placed", subject="ord_2", reason="-5.00")
    answer = root.get("/staff/audit.csv?action=order")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Cache-Control"] == "no-store"
    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head[0] == "Time (UTC)"
    assert [row[5] for row in rows] == ["'-5.00", "'=1+1"]
    newest = audit.search.search(Wanted(), limit=1).items[0]
    assert (newest.action, newest.actor_id) == ("audit.downloaded", root.person.id)


@pytest.mark.proves("B15", "I4")
def test_the_page_of_the_books_says_when_the_audit_ran_and_what_it_found(staff_client):
    finance = staff_client("finance")
    assert "The audit has not run yet" in finance.get("/staff/audit/books").text
    factories.make_card()
    audit.runs.run("full")
    page = finance.get("/staff/audit/books").text
    assert "The books balance" in page
    assert "I7 seals" in page
    assert "The worker has not written a checkpoint yet." in page
    audit.checkpoints.write()
    assert "giftweb-anchor 1 " in finance.get("/staff/audit/books").text
    breach = audit.checks.Breach("I4 balances", "gc_x", "balance 1, its transfers give 2")
    audit.runs.keep("full", names=["I4 balances"], found=[breach], transfers_to=1, nanoseconds=0)
    page = finance.get("/staff/audit/books").text
    assert "1 breach was found" in page
    assert "its transfers give 2" in page
    assert staff_client("customer_service_admin").get("/staff/audit/books").status_code == 403
