"""The desk's search over gift cards finds what people type, in any order, page by page."""

import re
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import cards, carts, checkout, customers, desk, orders, search_terms
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.search import Query
from tests.factories import ADMIN, AGENT, amount_of, goods, make_checkout
from tests.orders import place

LONG_AGO = timedelta(days=-400)


def found(**query) -> list[str]:
    return [card.id for card in cards.search.search(Query(**query)).items]


@pytest.fixture
def in_pages_of_two(monkeypatch):
    """Pages so small that a few cards fill several."""

    def read(query: Query) -> list[list[str]]:
        pages, after = [], None
        while True:
            page = cards.search.search(query, after=after, limit=2)
            pages.append([card.id for card in page.items])
            after = page.after
            if after is None:
                return pages

    return read


@pytest.mark.proves("S13")
def test_a_card_is_found_by_its_last_four_in_any_spelling(make_card):
    card = make_card().card
    make_card()
    for typed in (card.last4, card.last4.lower(), f"•••• {card.last4}", f" {card.last4} "):
        assert card.id in found(text=typed)


def test_letters_that_look_like_digits_are_read_as_such(make_card):
    card = make_card().card
    lookalike = card.last4.replace("0", "o").replace("1", "l")
    assert card.id in found(text=lookalike)


@pytest.mark.parametrize("typed", ["ann@", "Ann@Example", "ann@example.com", "ann ma", "ANN"])
def test_a_card_is_found_by_the_beginning_of_its_holders_address_or_name(make_card, typed):
    card = make_card(holder="Ann@example.com", holder_name="Ann Maria Smith").card
    make_card(holder="bob@example.com", holder_name="Bob")
    assert found(text=typed) == [card.id]


@pytest.mark.parametrize("typed", ["smi", "Smith", "SMITH"])
def test_a_card_is_found_by_its_holders_last_name(make_card, typed):
    card = make_card(holder="a@example.com", holder_name="Ann Maria Smith").card
    make_card(holder="b@example.com", holder_name="Bob")
    make_card(holder="c@example.com", holder_name=None)
    assert found(text=typed) == [card.id]


@pytest.mark.proves("E33")
@pytest.mark.parametrize(
    "typed", ["maria", "Maria Lo", "lopez", "@shop.ex", "SHOP", "marco", "marco@shop"]
)
def test_a_card_is_found_by_the_beginning_of_a_later_word(make_card, typed):
    card = make_card(holder="ana.marco@shop.example.com", holder_name="Ana Maria Lopez").card
    make_card(holder="maxim@elsewhere.test", holder_name="Kim Ekpolez")
    assert found(text=typed) == [card.id]


INSIDE = [
    *(("berg", "Jan van der Berg"), ("der berg", "Jan van der Berg"), ("berg jan", "Jan Berg")),
    *(("neill", "Shaun O'Neill"), ("neill", "Shaun O’Neill"), ("luden", "Ute Müller-Lüdenscheidt")),
    *(("muller", "Ute Müller"), ("MÜLLER", "Ute Muller"), ("strasse", "Ute Straße")),
    *(("soren", "Ann\nSørensen"), ("nnenb", "Ann Sonnenberg"), ("cruz", "Ana de la Cruz Gil Vega")),
]


@pytest.mark.proves("E33")
@pytest.mark.parametrize(("typed", "name"), INSIDE)
def test_a_name_is_found_by_what_stands_inside_its_words_with_or_without_accents(
    make_card, typed, name
):
    card = make_card(holder="a@example.com", holder_name=name).card
    make_card(holder="b@example.com", holder_name="Bob Smith")
    order = place(customer_email="c@example.com", customer_name=name)
    place(customer_email="d@example.com", customer_name="Bob Smith")
    assert found(text=typed) == [card.id]
    assert [each.email for each in customers.search(typed).items] == ["c@example.com"]
    hits = orders.search.search(orders.search.Query(text=typed)).items
    assert [each.id for each in hits] == [order.id]


@pytest.mark.proves("E33")
@pytest.mark.parametrize("typed", ["er", "34", "1234"])
def test_two_letters_or_a_number_are_not_looked_for_inside_words(make_card, typed):
    make_card(holder="ann1234@example.com", holder_name="Ann Gerber")
    assert found(text=typed) == []


@pytest.mark.proves("E33")
def test_letters_inside_a_word_are_looked_for_among_the_newest_alone(make_card, monkeypatch):
    monkeypatch.setattr(search_terms, "NEWEST", 1)
    make_card(holder_name="Ann Sonnenberg")
    newest = make_card(holder_name="Bob Sonnenberg").card
    assert found(text="nenberg") == [newest.id]
    assert len(found(text="sonnenberg")) == 2


@pytest.mark.proves("E33")
@pytest.mark.parametrize("limit", ["NEWEST", "_MOST_INSIDE"])
def test_a_search_that_looked_at_the_newest_alone_says_so(make_card, monkeypatch, limit):
    for name in ("Ann Sonnenberg", "Bob Sonnenberg"):
        order = place(customer_email=f"{name[:3]}@example.com".lower(), customer_name=name)
        make_card(holder_name=name)
    assert not is_partial("nenberg")
    monkeypatch.setattr(search_terms, limit, 1)
    assert is_partial("nenberg")
    for typed in ("", "ne", str(order.number)):
        assert not is_partial(typed)


def is_partial(text: str) -> bool:
    """Whether the searches of cards, orders and customers have missed something, which all say."""
    pages = (
        cards.search.search(cards.search.Query(text=text)),
        orders.search.search(orders.search.Query(text=text)),
        customers.search(text),
    )
    found = {page.is_partial for page in pages} | {desk.everywhere.find(text).is_partial}
    assert len(found) == 1
    return found.pop()


@pytest.mark.parametrize("typed", ["élo", "Élodie", "ÉLODIE É", "éta"])
def test_names_beyond_ascii_are_found_whatever_their_case(make_card, typed):
    card = make_card(holder="e@example.com", holder_name="Élodie Étain").card
    assert found(text=typed) == [card.id]


@pytest.mark.parametrize("typed", ["100%", "_nn", "'", "\\", "a\x00b", "\U0010ffff", "x" * 500])
def test_marks_of_other_languages_find_nothing_and_break_nothing(make_card, typed):
    make_card(holder="ann@example.com", holder_name="Ann")
    assert found(text=typed) == []


def test_a_card_is_found_by_its_id_and_by_a_transaction_of_its_history(make_card):
    card = make_card().card
    make_card()
    line = cards.top_up(card.id, amount=amount_of("5.00 USD"), by=AGENT)
    assert found(text=card.id) == [card.id]
    assert found(text=line.id) == [card.id]


@pytest.mark.parametrize("typed", ["R-77", "number", "#number"])
def test_cards_issued_on_an_order_or_that_paid_for_it_are_found_by_it(make_card, typed):
    paid = make_card()
    make_card()
    opened = make_checkout(goods("20.00 USD"), shipping="0.00 USD", reference="R-77")
    carts.apply(opened.id, code=paid.code)
    order = checkout.capture(opened.id, tenders=(), by=SYSTEM)
    given = desk.order_cards.issue(order.id, amount=amount_of("5.00 USD"), reason="Late", by=AGENT)
    assert set(found(text=typed.replace("number", str(order.number)))) == {paid.card.id, given.id}


def test_every_status_finds_the_cards_that_read_so(make_card):
    today = clock.today()
    with clock.moved(LONG_AGO):
        past = make_card(expires_on=today - timedelta(days=30)).card
        past_and_frozen = make_card(expires_on=today - timedelta(days=30)).card
        cards.freeze(past_and_frozen.id, by=AGENT)
    by_status = {
        "active": {make_card().card.id, make_card(expires_on=today).card.id},
        "used_up": {emptied(make_card().card.id)},
        "frozen": {cards.freeze(make_card().card.id, by=AGENT).id},
        "expired": {past.id, past_and_frozen.id, cards.endings.expire(past.id).id},
        "cancelled": {cards.endings.cancel(make_card().card.id, by=AGENT).id},
    }
    old = make_card().card.id
    by_status["active"].add(cards.endings.replace_card(old, by=AGENT).card.id)
    by_status["replaced"] = {old}
    for status, expected in by_status.items():
        page = cards.search.search(Query(status=status))
        assert {card.id for card in page.items} == expected, status
        assert {card.status for card in page.items} == {status}
        assert page.count == len(expected)


def emptied(card_id: str) -> str:
    cards.adjust(card_id, change=-amount_of("50.00 USD"), reason="Sent twice", by=ADMIN)
    return card_id


def test_filters_work_together(make_card):
    wanted = make_card(holder="ann@example.com", is_test=True).card
    make_card(holder="ann@example.com")
    make_card(holder="bob@example.com", is_test=True)
    make_card(holder="ann@example.com", is_test=True, origin="api")
    assert found(text="ann", mode="test", origin="staff", status="active") == [wanted.id]


def test_the_days_of_issue_are_both_included(make_card):
    with clock.moved(LONG_AGO):
        old, day = make_card().card, clock.today()
    new = make_card().card
    assert found(issued_until=day) == [old.id]
    assert found(issued_from=day, issued_until=day) == [old.id]
    assert found(issued_from=day + timedelta(days=1)) == [new.id]


def test_words_that_no_filter_has_are_no_condition(make_card):
    card = make_card().card
    assert found(status="lost", origin="moon", mode="both", sort="colour") == [card.id]


@pytest.mark.parametrize("sort", cards.search.SORTS)
def test_every_order_is_kept_from_page_to_page(make_card, in_pages_of_two, sort):
    for amount, holder, ends_in in (
        ("5.00 USD", "cleo@example.com", 90),
        ("7.00 EUR", "ann@example.com", 400),
        ("5.00 USD", "ann@example.com", 30),
        ("9.00 USD", None, 90),
        ("1.00 USD", "bob@example.com", 31),
    ):
        make_card(amount, holder=holder, expires_on=clock.today() + timedelta(days=ends_in))
    key = {
        "created": lambda card: (card.created_at, card.id),
        "holder": lambda card: (card.holder_email or "", card.id),
        "last4": lambda card: (card.last4, card.id),
        "balance": lambda card: (card.currency, card.balance_minor, card.id),
        "expires": lambda card: (card.expires_at or clock.from_micros(2**60), card.id),
    }[sort.lstrip("-")]
    everything = sorted(cards.search.search(Query()).items, key=key, reverse=sort.startswith("-"))
    pages = in_pages_of_two(Query(sort=sort))
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [card_id for page in pages for card_id in page] == [card.id for card in everything]
    searched = in_pages_of_two(Query(sort=sort, status="active"))
    assert searched == pages


def test_a_page_after_a_card_that_is_not_there_is_the_first(make_card):
    card = make_card().card
    assert cards.search.search(Query(), after="gc_nothing").items[0].id == card.id


def test_a_search_that_finds_too_many_is_answered_newest_first(make_card, monkeypatch):
    monkeypatch.setattr(cards.search.LISTING, "count_limit", 2)
    made = [make_card(f"{amount}.00 USD").card.id for amount in (3, 1, 2)]
    page = cards.search.search(Query(sort="balance", text="ann"))
    assert (page.count, page.is_count_exact, page.sort) == (2, False, "-created")
    assert [card.id for card in page.items] == made[::-1]
    narrow = cards.search.search(Query(sort="balance", text=made[0]))
    assert (narrow.count, narrow.is_count_exact, narrow.sort) == (1, True, "balance")


@pytest.mark.proves("S13", "I30")
def test_a_download_holds_every_card_of_the_search_and_is_recorded(make_card, monkeypatch):
    made = [make_card().card.id for _ in range(5)]
    make_card(holder="bob@example.com")
    portions = cards.search.download(Query(text="ann@", sort="balance"), by=AGENT)
    assert [card.id for portion in portions for card in portion] == made[::-1]
    action, data = database.row("SELECT action, data FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert action == "gift_card.list_downloaded"
    assert "ann" not in data


def test_a_holders_cards_are_found_whatever_the_case_of_the_address(make_card):
    card = make_card(holder="Ann@Example.com").card
    assert [found.id for found in cards.search.of_holder("ANN@example.com")] == [card.id]


SEARCHES = {
    "everything": Query(),
    "last four": Query(text="7K2Q"),
    "address": Query(text="ann@example"),
    "name": Query(text="ann smith"),
    "last name": Query(text="smith"),
    "domain": Query(text="@shop.example"),
    "id": Query(text="gc_01m7qxxpwh1z8tr96crw0czm4s"),
    "frozen": Query(status="frozen"),
    "expired": Query(status="expired"),
    "cancelled": Query(status="cancelled"),
    "origin": Query(origin="staff"),
    "test": Query(mode="test"),
}


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("name", SEARCHES)
def test_no_search_reads_a_whole_table(name, plans_of):
    for plan in plans_of(lambda: cards.search.search(SEARCHES[name])):
        for step in plan:
            assert not re.match(r"SCAN t\d", step) or "USING" in step, plan


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize("name", [name for name in SEARCHES if name != "everything"])
def test_every_search_has_its_index_on_postgresql(name, plans_of, engine):
    database.execute("SET enable_seqscan = off")
    database.execute("SET enable_bitmapscan = on")
    try:
        for plan in plans_of(lambda: cards.search.search(SEARCHES[name])):
            text = "\n".join(plan)
            assert "Seq Scan on gift_card" not in text, text
            assert "gift_card" not in text or "Index" in text, text
    finally:
        database.execute("RESET enable_seqscan")


@pytest.fixture
def plans_of(monkeypatch):
    """The query plans of every SELECT on cards that a piece of work sends."""

    def read(work) -> list[list[str]]:
        sent, send = [], database.db.obj.execute_sql

        def note(sql, params=None):
            sent.append((sql, params))
            return send(sql, params)

        monkeypatch.setattr(database.db.obj, "execute_sql", note)
        work()
        monkeypatch.setattr(database.db.obj, "execute_sql", send)
        explain = "EXPLAIN " if database.is_postgres() else "EXPLAIN QUERY PLAN "
        return [
            [
                str(step[0] if database.is_postgres() else step[-1])
                for step in send(explain + sql, params).fetchall()
            ]
            for sql, params in sent
            if "gift_card" in sql
        ]

    return read
