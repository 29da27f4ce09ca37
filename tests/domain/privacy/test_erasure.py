"""A person asks to be forgotten: nothing of them is found, and every sum is what it was."""

import json
from collections import Counter

import peewee
import pytest

from giftweb import database, models
from giftweb.domain import audit, cards, customers, desk, imports, notes, privacy
from giftweb.domain.audit.redactions import ERASED
from giftweb.domain.catalogue.items import Item
from giftweb.errors import NotFound
from giftweb.models import AuditEntry, IdempotencyKey, Transfer
from tests.approvals import ask
from tests.factories import (
    ADMIN,
    AGENT,
    ROOT,
    amount_of,
    limit_to,
    make_campaign,
    make_card,
    make_checkout,
    make_staff,
)
from tests.orders import place, signed_in

pytestmark = pytest.mark.proves("D18", "B29")

EMAIL, NAME = "ann.o'hara_1@example.com", "Ann Ohara-Lindqvist"
ADDRESS = {
    "name": NAME,
    "line1": "17 Seven Dials Lane",
    "city": "Oldtown-on-Sea",
    "postal_code": "OS1 9XX",
    "country": "GB",
    "phone": "+44 1632 960 555",
}
WORDS = (EMAIL, NAME, "17 Seven Dials Lane", "OS1 9XX", "960 555")


def everything() -> str:
    """All of the database as text, in lower case."""
    found = []
    for table in models.TABLES:
        name = table._meta.table_name
        rows = database.rows(f'SELECT * FROM "{name}"')
        found += [f"{name} {json.dumps([str(value) for value in row])}" for row in rows]
    return "\n".join(found).lower()


def places_of(word: str) -> Counter[str]:
    text = json.dumps(word)[1:-1].lower()
    lines = [line for line in everything().splitlines() if text in line or word.lower() in line]
    return Counter(line.split(" ")[0] for line in lines)


def sums() -> list[tuple]:
    found = Transfer.select(Transfer.kind, Transfer.card_id, Transfer.amount_minor, Transfer.seal)
    return sorted((kind, card, minor, bytes(seal)) for kind, card, minor, seal in found.tuples())


@pytest.fixture
def busy_life(app):
    """A person with cards, a gift, an order, a cart, mails, notes, a log, an account."""
    campaign, agent = make_campaign(), signed_in("customer_service")
    customers.register(email=EMAIL, name=NAME, by=AGENT)
    own = make_card("30.00 USD", holder=EMAIL, holder_name=NAME, note=f"For {NAME}", by=ADMIN)
    cards.freeze(own.card.id, by=AGENT, reason=f"{EMAIL} has lost it, says {NAME}")
    cards.unfreeze(own.card.id, by=AGENT)
    given = make_card(
        "10.00 USD",
        holder="bob@example.com",
        sender_name=NAME,
        sender_email=EMAIL,
        message=f"Love, {NAME}",
        campaign_id=campaign.id,
    )
    bought = Item(
        sku="GC",
        name="A gift card",
        quantity=1,
        unit_minor=2000,
        kind="gift_card",
        type="virtual",
        recipient_name="Bob",
        recipient_email="bob@example.com",
        sender_name=NAME,
        sender_email=EMAIL,
        message=f"From {NAME}",
    )
    order = place(
        Item(sku="MUG", name="A mug", quantity=1, unit_minor=1100),
        bought,
        campaign_id=campaign.id,
        customer_email=EMAIL,
        customer_name=NAME,
        shipping_address=ADDRESS,
        cards=[own],
    )
    notes.write(order.id, text=f"{NAME} called from +44 1632 960 555", by=agent)
    person = customers.find_by_emails([EMAIL])[EMAIL]
    notes.write(person.id, text="Likes blue", by=agent)
    customers.sign_in.request_link(EMAIL)
    customers.sign_in.answer(EMAIL)
    make_card("5.00 USD", holder="cleo@example.com", note=f"Instead of {EMAIL.upper()}'s", by=ADMIN)
    return own.card.id, given.card.id, order.id


def test_nothing_of_the_person_is_found_and_every_sum_is_what_it_was(busy_life):
    before = sums()
    assert all(places_of(word) for word in WORDS)
    privacy.erasure.erase(EMAIL, by=ROOT, force=True, reason="Asked by letter")
    assert {word: found for word in WORDS if (found := places_of(word))} == {}
    assert sums() == before
    assert audit.checks.run() == []
    own, given, _ = busy_life
    assert cards.find(given).holder_email == "bob@example.com"
    assert cards.find(own).holder_email is None
    with pytest.raises(NotFound):
        privacy.erasure.erase(EMAIL, by=ROOT)


def test_the_log_says_that_it_was_done_and_who_did_it_and_names_nobody(busy_life):
    privacy.erasure.erase(EMAIL, by=ROOT, force=True, reason="Asked by letter")
    entry = AuditEntry.get(AuditEntry.action == "customer.erased")
    assert (entry.actor_id, entry.reason) == (ROOT.id, "Asked by letter")
    frozen = AuditEntry.get(AuditEntry.action == "gift_card.frozen")
    assert frozen.reason == f"{ERASED} has lost it, says {ERASED}"


def test_others_who_bear_the_same_name_keep_it(busy_life):
    other = make_card("1.00 USD", holder="another@example.com", holder_name=NAME).card
    privacy.erasure.erase(EMAIL, by=ROOT, force=True)
    assert cards.find(other.id).holder_name == NAME


def _present(email: str, name: str) -> Item:
    return Item(
        sku="GC",
        name="A gift card",
        quantity=1,
        unit_minor=2000,
        kind="gift_card",
        type="virtual",
        recipient_name=name,
        recipient_email=email,
    )


def test_a_name_that_stands_beside_the_address_alone_goes_with_it(app):
    """In somebody else's cart for a team, in what waits for another person, in a wallet."""
    own = make_card("5.00 USD", holder=EMAIL).card
    team = [_present(EMAIL, "Nan Unheard"), _present("bob@example.com", "Bob B")]
    make_checkout(*team, customer_email="boss@example.com", customer_name="The Boss")
    limit_to("1.00 USD")
    rows = ((EMAIL, "Nan Unheard"), ("bob@example.com", "Bob B"))
    draft = desk.batches.Draft(
        is_customer=False,
        is_batch=True,
        is_test=False,
        rows=tuple(desk.batches.Row(email, name) for email, name in rows),
        amount=amount_of("20.00 USD"),
        note="A thank you",
    )
    agent = signed_in("customer_service")
    ask(lambda: desk.batches.create(draft, key="once", by=agent), by=agent)
    cards.wallets.register(own.id, device="a-device-of-theirs", push_token="token")
    words = ("Nan Unheard", EMAIL, "a-device-of-theirs")
    assert all(places_of(word) for word in words)
    others = places_of("Bob B")
    privacy.erasure.erase(EMAIL, by=ROOT, force=True)
    assert {word: found for word in words if (found := places_of(word))} == {}
    assert places_of("Bob B") == others
    assert audit.checks.run() == []


def upload(text: str, name: str = "cards.csv") -> str:
    """A file that waits at the desk."""
    clerk = signed_in("root")
    file_id = imports.files.begin(name, by=clerk)
    imports.files.add(file_id, data=text.encode("utf-16"), by=clerk)
    return imports.files.complete(file_id, by=clerk).id


def test_a_file_that_waits_for_its_import_is_forgotten_if_it_names_the_person(app):
    heading = "amount,currency,holder_email,holder_name"
    theirs = upload(f"{heading}\n20.00,USD,{EMAIL.upper()},{NAME}\n")
    others = upload(f"{heading}\n20.00,USD,mary{EMAIL},Mary\n30.00,USD,{EMAIL}.au,Max\n")
    assert privacy.erasure.erase(EMAIL, by=ROOT) == {"files of cards": 1}
    assert imports.find(theirs).state == "discarded"
    left = {part.file_id for part in models.CardImportPart.select()}
    assert left == {others}
    assert imports.find(others).state == "uploaded"


def test_a_file_that_is_being_imported_stands_in_the_way(app):
    theirs = upload(f"amount,currency,holder_email\n20.00,USD,{EMAIL}\n", name="old-shop.csv")
    models.CardImport.update(state="checking").where(models.CardImport.id == theirs).execute()
    with pytest.raises(privacy.waiting_files.FileBeingImported) as refused:
        privacy.erasure.erase(EMAIL, by=ROOT)
    assert "old-shop.csv" in refused.value.sentence
    assert models.CardImportPart.select().exists()


def test_a_receipt_of_the_counter_names_nobody_afterwards(app):
    shop = make_campaign()
    clerk = signed_in("cashier")
    sold = {"campaign_id": shop.id, "email": EMAIL, "by": clerk}
    desk.counter.sell(amount_of("20.00 USD"), receipt=f"4711 {EMAIL}", **sold)
    before = sums()
    assert places_of(EMAIL)["counter_entry"] == 1
    privacy.erasure.erase(EMAIL, by=ROOT, force=True)
    assert places_of(EMAIL) == Counter()
    (entry,) = models.CounterEntry.select()
    assert entry.receipt == f"4711 {ERASED}"
    assert sums() == before
    assert audit.checks.run() == []


@pytest.mark.parametrize("change", ["receipt = '4712'", "amount_minor = 1", "currency = 'EUR'"])
def test_a_line_of_the_counter_stays_as_it_is_otherwise(app, change):
    sold = {"campaign_id": make_campaign().id, "email": None, "by": signed_in("cashier")}
    desk.counter.sell(amount_of("20.00 USD"), receipt="4711", **sold)
    with pytest.raises(peewee.DatabaseError, match="append_only"):
        database.execute(f"UPDATE counter_entry SET {change}")


def test_a_card_that_holds_money_stands_in_the_way(app):
    card = make_card("30.00 USD", holder=EMAIL).card
    with pytest.raises(privacy.erasure.HoldsMoney) as refused:
        privacy.erasure.erase(EMAIL, by=ROOT)
    assert "30.00 USD" in refused.value.sentence
    assert card.last4 in refused.value.sentence
    assert cards.find(card.id).holder_email == EMAIL
    cards.endings.cancel(card.id, by=ROOT)
    privacy.erasure.erase(EMAIL, by=ROOT)
    assert cards.find(card.id).holder_email is None


def test_test_cards_hold_no_money(app):
    make_card("30.00 USD", holder=EMAIL, is_test=True)
    privacy.erasure.erase(EMAIL, by=ROOT)


def test_staff_are_not_erased_here(app):
    person = make_staff()
    with pytest.raises(privacy.erasure.IsStaff):
        privacy.erasure.erase(person.email, by=ROOT)


def test_the_answer_to_a_request_forgets_the_person_and_stays_sealed(api):
    client = api()
    body = {"amount": 500, "currency": "USD", "holder": {"email": EMAIL, "name": NAME}}
    client.post("/gift-cards", body, key="k1")
    assert places_of(EMAIL)["idempotency_key"] == 1
    privacy.erasure.erase(EMAIL, by=ROOT, force=True)
    assert not places_of(EMAIL)
    assert audit.checks.run() == []


@pytest.mark.tampers
def test_an_entry_that_is_changed_past_the_program_is_still_named(busy_life):
    privacy.erasure.erase(EMAIL, by=ROOT, force=True)
    entry = AuditEntry.get(AuditEntry.action == "gift_card.frozen")
    database.execute(f"UPDATE audit_entry SET reason = '{ERASED} is fine' WHERE id = '{entry.id}'")
    assert entry.id in {breach.row for breach in audit.checks.run()}


@pytest.mark.tampers
def test_an_entry_cannot_be_changed_into_another_sentence(busy_life):
    with pytest.raises(peewee.IntegrityError):
        database.execute("UPDATE audit_entry SET reason = 'another'")
    with pytest.raises(peewee.IntegrityError):
        database.execute(f"UPDATE audit_entry SET action = 'x', reason = '{ERASED}'")
    if IdempotencyKey.select().exists():
        with pytest.raises(peewee.IntegrityError):
            database.execute("UPDATE idempotency_key SET answer = 'another'")


def test_an_export_has_all_that_is_known_and_no_code(busy_life):
    document = privacy.export.export(EMAIL.upper())
    own, given, order_id = busy_life
    assert document["customer"]["name"] == NAME
    assert [card["id"] for card in document["gift_cards"]] == [own]
    assert document["gift_cards"][0]["transactions"]
    assert [card["id"] for card in document["gift_cards_given"]][:1] == [given]
    (order,) = document["orders"]
    assert (order["id"], order["shipping_address"]) == (order_id, ADDRESS)
    assert document["mails"]
    assert [note["text"] for note in document["notes"]] == ["Likes blue"]
    assert cards.holder.open_code(own) not in json.dumps(document)
    with pytest.raises(NotFound):
        privacy.export.export("nobody@example.com")


def test_files_are_read_before_others_have_to_wait(app, monkeypatch):
    """A file that comes while the others are read is read, too."""
    heading = "amount,currency,holder_email"
    upload(f"{heading}\n20.00,USD,{EMAIL}\n")
    read, names = [], privacy.waiting_files._names

    def names_slowly(file_id: str, address) -> bool:
        assert not database.db.in_transaction()
        if not read:
            upload(f"{heading}\n30.00,USD,{EMAIL}\n", name="later.csv")
        read.append(file_id)
        return names(file_id, address)

    monkeypatch.setattr(privacy.waiting_files, "_names", names_slowly)
    assert privacy.erasure.erase(EMAIL, by=ROOT) == {"files of cards": 2}
    assert len(set(read)) == len(read) == 2
    assert not models.CardImportPart.select().exists()
