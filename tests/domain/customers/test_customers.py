"""Registered customers: one an address, found as people type."""

import pytest

from giftweb import database
from giftweb.domain import cards, customers
from giftweb.domain.customers.customers import LISTING
from giftweb.errors import Invalid, NotFound
from giftweb.money import Money
from tests.factories import AGENT


def register(email: str, name: str = "Ann Smith") -> customers.Customer:
    return customers.register(email=email, name=name, by=AGENT)


def found(text: str = "", **more) -> list[str]:
    return [customer.email for customer in customers.search(text, **more).items]


@pytest.mark.proves("I30")
def test_a_customer_is_registered_once_an_address_whatever_its_case():
    ann = register(" Ann@Example.com ")
    assert (ann.email, ann.name) == ("ann@example.com", "Ann Smith")
    with pytest.raises(Invalid, match="registered already") as refused:
        register("ANN@example.com")
    assert refused.value.field == "email"
    assert customers.find(ann.id) == ann
    actions = database.rows("SELECT action FROM audit_entry WHERE subject = ?", ann.id)
    assert actions == [("customer.registered",)]


@pytest.mark.parametrize(
    ("email", "name", "field"),
    [("ann@", "Ann", "email"), ("a@b.example", " ", "name"), ("a@b.example", "x" * 121, "name")],
)
def test_a_customer_needs_an_address_and_a_name(email, name, field):
    with pytest.raises(Invalid) as refused:
        register(email, name)
    assert refused.value.field == field
    assert found() == []


def test_an_unknown_customer_is_not_found():
    with pytest.raises(NotFound):
        customers.find("cus_nobody")


@pytest.mark.proves("S17")
def test_customers_are_suggested_by_the_beginning_of_address_or_name():
    for email, name in (("ann@a.example", "Zoe"), ("bob@a.example", "Ann"), ("cy@a.example", "Cy")):
        register(email, name)
    assert [each.email for each in customers.suggest("AN")] == ["ann@a.example", "bob@a.example"]
    assert [each.email for each in customers.suggest("a", limit=1)] == ["ann@a.example"]
    register("di@a.example", "Di von Hall")
    assert [each.email for each in customers.suggest("hal")] == ["di@a.example"]
    assert customers.suggest("  ") == []
    assert customers.suggest("\x00%") == []


def test_many_addresses_are_looked_up_at_once():
    register("ann@example.com")
    many = [f"nobody{n}@example.com" for n in range(1200)]
    assert set(customers.find_by_emails([*many, "ANN@example.com"])) == {"ann@example.com"}


@pytest.mark.parametrize("sort", LISTING.sorts)
def test_the_list_keeps_its_order_from_page_to_page(sort):
    for email, name in (("c@x.example", "ann"), ("a@x.example", "Bob"), ("b@x.example", "ann")):
        register(email, name)
    everything = list(customers.search(limit=10).items)
    key = {
        "name": lambda each: (each.name.lower(), each.id),
        "email": lambda each: each.email,
        "created": lambda each: (each.created_at, each.id),
    }[sort.lstrip("-")]
    wanted = [each.id for each in sorted(everything, key=key, reverse=sort.startswith("-"))]
    got, after = [], None
    for _ in wanted:
        page = customers.search(sort=sort, after=after, limit=1)
        got.append(page.items[0].id)
        after = page.after
    assert (got, after) == (wanted, None)


def test_the_list_counts_and_searches(monkeypatch):
    for n in range(3):
        register(f"ann{n}@example.com")
    register("bob@example.com", "Bob")
    page = customers.search("ann", sort="-email")
    assert (page.count, page.is_count_exact) == (3, True)
    monkeypatch.setattr(LISTING, "count_limit", 2)
    page = customers.search("ann", sort="-email")
    assert (page.count, page.is_count_exact, page.sort) == (2, False, "name")
    assert found("", sort="shoe size")[0] == "ann0@example.com"


@pytest.mark.proves("S9", "D17")
def test_a_customers_cards_and_what_they_are_worth(make_card):
    ann = register("ann@example.com")
    made = [
        make_card("50.00 USD", holder="Ann@example.com").card.id,
        make_card("5.00 EUR").card.id,
        make_card("900.00 USD", is_test=True).card.id,
        cards.freeze(make_card("70.00 USD").card.id, by=AGENT).id,
        cards.endings.cancel(make_card("80.00 USD").card.id, by=AGENT).id,
        make_card("1.00 USD").card.id,
    ]
    make_card("3.00 USD", holder="bob@example.com")
    held = customers.cards_of(ann)
    assert [card.id for card in held] == made[::-1]
    assert customers.worth(held) == [Money(500, "EUR"), Money(5100, "USD")]
