"""The page New Gift Card, in the domain: eight combinations of toggles, batches, all or nothing."""

import dataclasses
import itertools
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import cards, customers, desk
from giftweb.domain.desk.batches import Draft, Row
from giftweb.errors import IdempotencyKeyReused, Invalid
from tests.factories import AGENT, amount_of, no_limits

ANN, BOB, STRANGER = "ann@example.com", "bob@example.com", "nobody@example.com"
COMBINATIONS = list(itertools.product((False, True), repeat=3))


@pytest.fixture(autouse=True)
def registered(engine):
    if engine is None:
        return
    for email, name in ((ANN, "Ann Smith"), (BOB, "Bob Jones")):
        customers.register(email=email, name=name, by=AGENT)


def draft(*emails: str, **more) -> Draft:
    fields = {
        "is_customer": False,
        "is_batch": len(emails) > 1,
        "is_test": False,
        "rows": tuple(Row(email) for email in emails),
        "amount": amount_of("50.00 USD"),
    }
    return Draft(**fields | more)


def create(wanted: Draft, key: str = "key-1") -> list[cards.Card]:
    ids = desk.batches.create(wanted, key=key, by=AGENT)
    return [cards.find(card_id) for card_id in ids]


def faults_of(wanted: Draft) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        create(wanted)
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 0
    assert database.scalar("SELECT COUNT(*) FROM mail") == 0
    return refused.value.errors


@pytest.mark.proves("S16", "S17", "S18", "S19", "S23", "S24", "S25", "S26", "I25")
@pytest.mark.parametrize(("is_customer", "is_batch", "is_test"), COMBINATIONS)
def test_every_combination_of_toggles_issues_what_it_says(is_customer, is_batch, is_test, mailbox):
    toggles = {"is_customer": is_customer, "is_batch": is_batch, "is_test": is_test}
    holders = [ANN, BOB] if is_batch else [ANN]
    made = create(draft(*holders, **toggles))
    assert [card.holder_email for card in made] == holders
    assert {card.is_test for card in made} == {is_test}
    assert {card.origin for card in made} == {"staff"}
    assert [(mail.kind, mail.to) for mail in mailbox.all()] == [
        ("card_issued", holder) for holder in holders
    ]
    assert made[0].holder_name == ("Ann Smith" if is_customer else None)


@pytest.mark.proves("S17", "S23", "S24", "S26", "I25")
@pytest.mark.parametrize(("is_customer", "is_batch", "is_test"), COMBINATIONS)
def test_is_customer_takes_registered_addresses_only(is_customer, is_batch, is_test):
    toggles = {"is_customer": is_customer, "is_batch": is_batch, "is_test": is_test}
    wanted = draft(*([ANN, STRANGER] if is_batch else [STRANGER]), **toggles)
    if not is_customer:
        assert create(wanted)[-1].holder_email == STRANGER
    elif is_batch:
        assert faults_of(wanted) == [
            ("rows", f"Row 2, {STRANGER}: This address belongs to no registered customer.")
        ]
    else:
        assert faults_of(wanted) == [
            ("holder_email", "This address belongs to no registered customer.")
        ]


@pytest.mark.proves("D10", "I25")
def test_one_bad_row_stops_the_batch_and_every_bad_row_is_named():
    faults = faults_of(draft(ANN, "bob@", BOB, "not an address", AGENT.email))
    assert [field for field, _ in faults] == ["rows"] * 3
    assert [text.partition(":")[0] for _, text in faults] == [
        "Row 2, bob@",
        "Row 4, not an address",
        f"Row 5, {AGENT.email}",
    ]


@pytest.mark.proves("D10")
def test_repeated_addresses_are_asked_about():
    repeated = draft(ANN, BOB, "Ann@Example.com")
    checked = desk.batches.check(repeated, by=AGENT)
    assert checked.repeated == ((ANN, 2),)
    assert faults_of(repeated) == [("repeats", "Say what to do with the repeated addresses.")]
    once = dataclasses.replace(repeated, repeats="once")
    assert [row.email for row in desk.batches.check(once, by=AGENT).holders] == [ANN, BOB]
    every = dataclasses.replace(repeated, repeats="every")
    assert desk.batches.check(every, by=AGENT).total == amount_of("150.00 USD")
    no_limits()
    assert [card.holder_email for card in create(once, "key-2")] == [ANN, BOB]
    assert [card.holder_email for card in create(every, "key-3")] == [ANN, BOB, ANN]


@pytest.mark.proves("D10", "I27")
def test_create_pressed_twice_makes_one_batch(mailbox):
    first = create(draft(ANN, BOB))
    again = create(draft(ANN, BOB))
    assert [card.id for card in again] == [card.id for card in first]
    assert len(mailbox.all()) == 2
    with pytest.raises(IdempotencyKeyReused):
        create(draft(ANN, STRANGER))
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 2


def test_a_refused_draft_does_not_use_up_its_key():
    with pytest.raises(Invalid):
        create(draft("ann@"))
    assert create(draft(ANN))[0].holder_email == ANN


@pytest.mark.parametrize(
    ("emails", "more", "field"),
    [
        ((), {}, "holder_email"),
        ((), {"is_batch": True}, "rows"),
        ((ANN, BOB), {"is_batch": False}, "holder_email"),
        ((ANN,) * 1001, {}, "rows"),
        ((ANN,), {"message": "x" * 1001}, "message"),
        ((ANN,), {"note": "x" * 1001}, "note"),
        ((ANN,), {"rows": (Row(ANN, "x" * 121),)}, "holder_email"),
    ],
)
def test_a_draft_that_cannot_be_is_reported_on_its_field(emails, more, field):
    assert [name for name, _ in faults_of(draft(*emails, **more))] == [field]


def test_faults_of_terms_and_rows_are_reported_at_once():
    yesterday = clock.today() - timedelta(days=1)
    faults = faults_of(draft("ann@", expires_on=yesterday))
    assert [field for field, _ in faults] == ["expires_on", "holder_email"]


def test_what_was_written_stands_on_the_card():
    [card] = create(draft(ANN, rows=(Row(ANN, "Annie"),), message="Enjoy!", note="Late parcel"))
    assert (card.holder_name, card.message, card.note) == ("Annie", "Enjoy!", "Late parcel")
    reason = database.scalar("SELECT reason FROM audit_entry WHERE subject = ?", card.id)
    assert reason == "Late parcel"


@pytest.mark.no_database
@pytest.mark.proves("S18")
@pytest.mark.parametrize(
    ("pasted", "rows"),
    [
        ("a@x.example\nb@x.example", [Row("a@x.example"), Row("b@x.example")]),
        (
            "a@x.example, b@x.example;c@x.example",
            [Row("a@x.example"), Row("b@x.example"), Row("c@x.example")],
        ),
        ("\r\n a@x.example \r\n\r\n", [Row("a@x.example")]),
        ("Ann Smith <a@x.example>", [Row("a@x.example", "Ann Smith")]),
        ('"Ann" <a@x.example>, b@x.example', [Row("a@x.example", "Ann"), Row("b@x.example")]),
        ("a@x.example\tAnn Smith", [Row("a@x.example", "Ann Smith")]),
        ("Ann Smith\ta@x.example", [Row("a@x.example", "Ann Smith")]),
        ("a@x.example, bob", [Row("a@x.example"), Row("bob")]),
        ("", []),
    ],
)
def test_a_pasted_list_is_read_as_people_write_lists(pasted, rows):
    assert desk.batches.read_list(pasted) == rows
