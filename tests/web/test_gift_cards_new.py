"""The page New Gift Card: eight combinations, batches, the summary, Create (S13 to S28)."""

import itertools
import re
from html import unescape

import pytest

from giftweb import database
from giftweb.domain import cards, customers
from giftweb.web import forms
from tests.factories import AGENT, no_limits

NEW, LIST = "/staff/gift-cards/new", "/staff/gift-cards/"
CREATE = f"{NEW}/cards"
ANN, BOB, STRANGER = "ann@example.com", "bob@example.com", "nobody@example.com"
COMBINATIONS = list(itertools.product((False, True), repeat=3))


@pytest.fixture
def desk(staff_client):
    return staff_client("customer_service")


@pytest.fixture(autouse=True)
def registered(engine):
    for email, name in ((ANN, "Ann Smith"), (BOB, "Bob Jones")):
        customers.register(email=email, name=name, by=AGENT)


def filled(*emails: str, action: str = "check", **more) -> dict:
    """The form's fields: one address is typed, several are on the list."""
    rows = [f"{email}\t" for email in emails]
    one = {"holder_email": emails[0]} if len(emails) == 1 else {"row": rows, "is_batch": "y"}
    return {"amount": "50.00", "currency": "USD", "action": action} | one | more


def answers_of(page: str) -> dict[str, list[str]]:
    """The hidden fields of the summary, as a browser would send them back."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page):
        found.setdefault(name, []).append(unescape(value))
    key = re.search(r'<input[^>]* name="key"[^>]* value="([^"]+)"', page)
    return found | {"key": [key[1]]}


def count() -> int:
    return database.scalar("SELECT COUNT(*) FROM gift_card")


@pytest.mark.proves("S27")
def test_what_is_wrong_with_an_amount_stands_under_it_and_its_currency(desk):
    page = desk.post(NEW, data=filled(ANN, amount="ten")).text
    assert page.index('id="amount"') < page.index('id="currency"') < page.index('id="amount-error"')


def test_the_page_has_its_title_and_the_three_toggles(desk):
    page = desk.get(NEW).text
    for words in ("New Gift Card", "Is Customer", "Is Batch Card", "Is Card Test", "Holder Email"):
        assert words in page


def test_a_customers_page_fills_the_form_in(desk):
    page = desk.get(NEW, query_string={"is_customer": "y", "holder_email": ANN}).text
    assert f'value="{ANN}"' in page
    assert "checked" in re.search(r'<input[^>]*id="is_customer"[^>]*>', page)[0]


@pytest.mark.proves("S14", "S16", "S18", "S19", "S23", "S24", "S25", "S26", "S28")
@pytest.mark.parametrize(("is_customer", "is_batch", "is_test"), COMBINATIONS)
def test_every_combination_goes_through_the_summary_to_the_list(
    desk, mailbox, is_customer, is_batch, is_test
):
    toggles = {"is_customer": is_customer, "is_batch": is_batch, "is_test": is_test}
    on = {name: "y" for name, value in toggles.items() if value}
    holders = [ANN, BOB] if is_batch else [ANN]
    summary = desk.post(NEW, data=filled(*holders, **on))
    assert summary.status_code == 200
    assert count() == 0
    for words in (*holders, "$50.00", "Create", "Test card" if is_test else "Gift card"):
        assert words in summary.text
    answer = desk.post(CREATE, data=answers_of(summary.text))
    assert (answer.status_code, answer.location) == (303, LIST)
    page = desk.get(LIST).text
    assert ("2 gift cards of $50.00" if is_batch else "Gift card of $50.00") in page
    made = [cards.find(card_id) for card_id in re.findall(r"gift-cards/(gc_\w+)", page)]
    assert {card.holder_email for card in made} == set(holders)
    assert {card.is_test for card in made} == {is_test}
    assert sorted(mail.to for mail in mailbox.all()) == sorted(holders)


@pytest.mark.proves("D29", "E9", "B10")
@pytest.mark.parametrize(
    ("source", "words"),
    [("sales", "Sold"), ("goodwill", "Given"), ("promotions", "Given to promote sales")],
)
def test_staff_say_whether_a_card_is_sold_or_given(desk, source, words):
    summary = desk.post(NEW, data=filled(ANN, source=source))
    assert f"<dd>{words}</dd>" in re.sub(r"\s*(</?dd)", r"\1", summary.text)
    desk.post(CREATE, data=answers_of(summary.text))
    (card,) = cards.select()
    assert [part.source for part in card.funding] == [source]


@pytest.mark.proves("D29")
def test_no_other_source_is_taken_and_what_was_chosen_stays_after_an_error(desk):
    assert desk.post(CREATE, data=filled(ANN, source="imports")).status_code == 422
    answer = desk.post(CREATE, data=filled(ANN, source="sales", amount=""))
    assert answer.status_code == 422
    (chosen,) = [
        each for each in re.findall(r"<input[^>]*>", answer.text) if 'value="sales"' in each
    ]
    assert "checked" in chosen
    assert count() == 0


def test_the_form_offers_what_the_domain_takes():
    assert {choice.value for choice in forms.once.SOURCES} == set(cards.new_card.SOURCES)


@pytest.mark.proves("S14", "S18", "S27", "D10")
def test_create_on_the_form_itself_issues_at_once(desk, mailbox):
    key = answers_of(desk.get(NEW).text)["key"]
    data = filled(ANN, key=key)
    for _ in range(2):
        answer = desk.post(CREATE, data=data)
        assert (answer.status_code, answer.location) == (303, LIST)
    assert (count(), len(mailbox.all())) == (1, 1)
    other = desk.post(CREATE, data=data | {"amount": "60.00"})
    assert other.status_code == 409
    assert "sent before with other answers" in other.text
    again = filled(ANN, amount="60.00", key=answers_of(other.text)["key"])
    assert desk.post(CREATE, data=again).status_code == 303
    assert count() == 2


@pytest.mark.proves("S18", "S27", "D10")
def test_create_on_the_form_takes_a_batch_as_typed_and_asks_about_repeated_addresses(desk):
    data = filled(ANN, BOB, paste="carl@example.com", holder_email="dora@example.com")
    asked = desk.post(CREATE, data=data | {"row": [f"{ANN}\t", f"{ANN}\t"]})
    assert asked.status_code == 422
    assert f"<bdi>{ANN}</bdi>: 2 times" in asked.text
    assert count() == 0
    no_limits()
    assert desk.post(CREATE, data=data).status_code == 303
    assert count() == 4


@pytest.mark.proves("S17")
def test_an_unregistered_address_is_refused_on_its_field(desk):
    answer = desk.post(NEW, data=filled(STRANGER, is_customer="y"))
    assert answer.status_code == 422
    assert 'href="#holder_email">This address belongs to no registered customer.' in answer.text
    assert STRANGER in answer.text
    assert desk.post(CREATE, data=filled(STRANGER, is_customer="y")).status_code == 422
    assert count() == 0


@pytest.mark.proves("D10", "I25")
def test_one_bad_row_stops_the_batch_and_is_named(desk, mailbox):
    five = [ANN, BOB, "bob@", STRANGER, "ann+2@example.com"]
    for address in (NEW, CREATE):
        answer = desk.post(address, data=filled(*five))
        assert answer.status_code == 422
        assert "Row 3, bob@: Enter an email address" in answer.text
        assert "Row 4" not in answer.text
    assert count() == 0
    assert mailbox.all() == []


@pytest.mark.proves("D10")
def test_create_pressed_twice_makes_one_batch(desk, mailbox):
    summary = desk.post(NEW, data=filled(ANN, BOB))
    for _ in range(2):
        assert desk.post(CREATE, data=answers_of(summary.text)).status_code == 303
    assert count() == 2
    assert len(mailbox.all()) == 2


@pytest.mark.proves("D10")
def test_repeated_addresses_are_shown_and_asked_about(desk):
    summary = desk.post(NEW, data=filled(ANN, BOB, ANN))
    assert f"<bdi>{ANN}</bdi>: 2 times" in summary.text
    fields = answers_of(summary.text)
    answer = desk.post(CREATE, data=fields)
    assert answer.status_code == 422
    assert "Say what to do with the repeated addresses." in answer.text
    assert count() == 0
    assert desk.post(CREATE, data=answers_of(answer.text) | {"repeats": "once"}).status_code == 303
    assert count() == 2


@pytest.mark.proves("S18")
def test_addresses_are_added_one_by_one_and_taken_off_again(desk):
    page = desk.post(NEW, data=filled(ANN, is_batch="y", action="add"))
    assert "1 address on the list" in page.text
    fields = {"is_batch": "y", "row": [f"{ANN}\t", f"{BOB}\tBob"]}
    page = desk.post(NEW, data=fields | {"take_off": "0"})
    assert "1 address on the list" in page.text
    assert BOB in page.text
    assert ANN not in page.text


def test_the_enter_key_adds_in_a_batch_and_goes_on_for_one_card(desk):
    page = desk.post(NEW, data=filled(ANN, is_batch="y", action=""))
    assert "1 address on the list" in page.text
    assert "Check the gift card" in desk.post(NEW, data=filled(ANN, action="")).text


@pytest.mark.proves("S18")
def test_a_pasted_list_is_put_to_the_rows_and_bad_ones_are_marked(desk):
    pasted = f"Ann Smith <{ANN}>\n{BOB}; nonsense"
    page = desk.post(NEW, data={"is_batch": "y", "paste": pasted, "action": "add"})
    assert "3 addresses on the list" in page.text
    assert page.text.count("Enter an email address in the form name@example.com.") == 1
    assert f'value="{ANN}\tAnn Smith"' in page.text


@pytest.mark.proves("S17", "S23")
def test_add_refuses_what_is_typed_if_it_cannot_have_a_card(desk):
    data = {"is_batch": "y", "is_customer": "y", "holder_email": STRANGER, "action": "add"}
    page = desk.post(NEW, data=data)
    assert page.status_code == 422
    assert "0 addresses on the list" in page.text
    assert "belongs to no registered customer" in page.text


def test_a_batch_takes_what_was_typed_and_pasted_without_add(desk):
    data = filled(ANN, is_batch="y", paste=BOB)
    summary = desk.post(NEW, data=data)
    assert "2 cards of $50.00" in summary.text


def test_every_fault_is_reported_at_once_and_what_was_typed_stays(desk):
    data = filled("ann@", amount="ten", expires_on="2001-01-01", message="Hello <b>Ann</b>")
    answer = desk.post(NEW, data=data)
    assert answer.status_code == 422
    for words in ("amount of 0.01 or more", "email address in the form", "not in the past"):
        assert words in answer.text
    for kept in ('value="ten"', 'value="ann@"', 'value="2001-01-01"', "Hello &lt;b&gt;Ann"):
        assert kept in answer.text


def test_the_amount_is_read_in_the_chosen_currency(desk):
    summary = desk.post(NEW, data=filled(ANN, amount="5000", currency="JPY"))
    assert "¥5,000" in summary.text
    assert desk.post(NEW, data=filled(ANN, amount="5.5", currency="JPY")).status_code == 422
    assert desk.post(NEW, data=filled(ANN, currency="XXX")).status_code == 422


def test_change_leads_back_to_the_form_with_everything_in_it(desk):
    data = filled(ANN, BOB, message="Enjoy", note="Late", expires_on="2999-01-31")
    fields = answers_of(desk.post(NEW, data=data).text)
    page = desk.post(NEW, data=fields | {"action": "change"}).text
    for kept in ('value="50.00"', "Enjoy", "Late", 'value="2999-01-31"', "2 addresses on the list"):
        assert kept in page


def test_staff_cannot_issue_to_themselves(desk):
    answer = desk.post(NEW, data=filled(desk.person.email.title()))
    assert answer.status_code == 422
    assert "your own address" in answer.text
    assert count() == 0


@pytest.mark.proves("S17")
def test_holder_email_searches_customers_only_with_is_customer_on(desk):
    options = "/staff/customers/options"
    found = desk.get(options, query_string={"holder_email": "an", "is_customer": "y"}).text
    assert f'data-value="{ANN}"' in found
    assert BOB not in found
    assert desk.get(options, query_string={"holder_email": "an"}).text == ""
    none = desk.get(options, query_string={"holder_email": "zz", "is_customer": "y"}).text
    assert "No registered customer begins like this." in none


def test_htmx_gets_the_form_alone_and_what_was_added(desk):
    data = filled(ANN, is_batch="y", action="add")
    answer = desk.post(NEW, data=data, headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<form id="new-gift-card"')
    assert "1 address on the list." in answer.headers["HX-Trigger"]


@pytest.mark.proves("S27")
def test_a_batch_tells_what_it_comes_to_before_create(desk):
    fields = filled(ANN, BOB) | {"holder_email": STRANGER, "paste": "x@example.com, y@example.com"}
    assert "5 cards of" in (sentence := desk.post(f"{NEW}/total", data=fields).text)
    assert "$250.00" in sentence
    assert "5 cards of" in desk.post(NEW, data=fields | {"amount": "50.00", "action": "add"}).text
    for amount in ("", "ten", "-1"):
        assert "cards of" not in desk.post(f"{NEW}/total", data=fields | {"amount": amount}).text


@pytest.mark.proves("S23", "S26")
def test_an_address_and_an_amount_that_are_wrong_are_both_reported_at_once(staff_client):
    typed = {"holder_email": "ann", "amount": "", "currency": "USD", "source": "goodwill"}
    page = staff_client().post("/staff/gift-cards/new/cards", data=typed)
    assert page.status_code == 422
    for field in ("holder_email", "amount"):
        assert f'href="#{field}"' in page.text, field
