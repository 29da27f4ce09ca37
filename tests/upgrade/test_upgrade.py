"""A database of an older program is upgraded with everything that is in it."""

from collections import Counter
from datetime import timedelta

import peewee
import pytest

from giftweb import clock, database
from giftweb.database import guards, schema
from giftweb.domain import audit, cards, customers, limits, operations, refunds, staff
from giftweb.domain.cards.values import Card
from tests.factories import AGENT, amount_of, goods, make_card
from tests.orders import gift_card_item, paid_by, place
from tests.upgrade import catalogue, past

CARDS = {
    "active@example.com": ["50.00 USD active"],
    "adjusted@example.com": ["20.00 USD active"],
    "ann@example.com": [
        *("0.00 USD cancelled", "0.00 USD cancelled", "10.00 USD active", "20.00 USD active"),
        *("3.44 USD active", "40.00 USD active", "6.00 USD active"),
    ],
    "cancelled@example.com": ["0.00 USD cancelled"],
    "cashed@example.com": ["4.00 USD active"],
    "euro@example.com": ["20.63 EUR active"],
    "expired@example.com": ["0.00 USD expired"],
    "frozen@example.com": ["75.00 USD frozen"],
    "held@example.com": ["80.00 USD active"],
    "ines@example.com": ["29.00 USD frozen"],
    "noah@example.com": ["200.00 USD frozen"],
    "old@example.com": ["25.00 USD active", "35.00 USD active", "7.50 EUR active"],
    "partly@example.com": ["0.00 USD cancelled", "60.00 USD active"],
    "reminded@example.com": ["12.00 USD active"],
    "replaced@example.com": ["0.00 USD replaced", "45.00 USD active"],
    "test-0@example.com": ["5.00 USD active"],
    "test-1@example.com": ["5.00 USD active"],
    "toppedup@example.com": ["950.00 USD active"],
    "trial@example.com": ["25.00 USD active"],
    "usedup@example.com": ["0.00 USD used_up"],
    "web@example.com": ["20.00 USD active"],
}
"""Every card of the older database: its holder -> balance and status."""

ORDERS = {
    ("cancelled", "not_needed"): 2,
    ("completed", "shipped"): 2,
    ("placed", "not_needed"): 2,
    ("placed", "pending"): 5,
    ("shipping_denied", "cancelled"): 3,
}


@pytest.fixture
def config(engine, tmp_path):
    """The settings of an installation whose database an older program left."""
    with past.database_of(past.COMMIT, engine=engine, folder=tmp_path) as found:
        yield found


def tables() -> list[str]:
    names = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        if database.is_postgres()
        else "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [name for (name,) in database.rows(names) if name != "schema_step"]


def sizes() -> dict[str, int]:
    return {name: database.scalar(f'SELECT COUNT(*) FROM "{name}"') for name in tables()}


def every_card() -> list[Card]:
    return list(cards.select())


def test_every_row_is_kept(config):
    before = sizes()
    operations.upgrades.upgrade(config)
    after = sizes()
    assert {name: after[name] for name in before} == before
    assert all(before.values()), "a table that the older program left empty proves nothing"


def test_every_card_is_worth_what_it_was(config):
    operations.upgrades.upgrade(config)
    found: dict[str, list[str]] = {}
    for card in every_card():
        found.setdefault(card.holder_email, []).append(f"{card.balance!s} {card.status}")
    assert {holder: sorted(listed) for holder, listed in found.items()} == CARDS


def test_every_order_is_where_it_was(config):
    operations.upgrades.upgrade(config)
    found = database.rows("SELECT status, fulfilment FROM orders")
    assert Counter(found) == ORDERS


@pytest.mark.proves("I28")
def test_a_card_is_found_by_its_code(config):
    operations.upgrades.upgrade(config)
    for card in every_card():
        assert cards.find_by_code(cards.holder.open_code(card.id)).id == card.id
    assert cards.find_by_code("winter 2019 0001").balance == amount_of("25.00 USD")


@pytest.mark.proves("I6", "I11")
def test_the_guards_stand_and_the_audit_is_clean(config):
    operations.upgrades.upgrade(config)
    assert guards.missing() == []
    assert audit.checks.run() == []


@pytest.mark.proves("X7")
def test_the_limit_that_root_had_set_stays_what_one_action_may_come_to(config):
    operations.upgrades.upgrade(config)
    for role in {*staff.ROLES} - {"cashier"}:  # There was none then.
        assert limits.terms.of(role, "USD") == limits.Terms(50_000, 100_000, 250_000)
    assert limits.terms.of("root", "EUR") == limits.defaults.of("root", "EUR")


def test_the_schema_is_that_of_a_new_database(config, engine):
    operations.upgrades.upgrade(config)
    upgraded = catalogue.read()
    database.close()
    engine.use()
    assert catalogue.difference(upgraded, catalogue.read()) == []


@pytest.mark.proves("I3")
def test_a_row_that_names_nothing_stops_the_upgrade_and_nothing_is_changed(config):
    database.execute("UPDATE mail SET card_id = 'gc_gone' WHERE card_id IS NOT NULL")
    before = sizes()
    with pytest.raises((ValueError, peewee.IntegrityError), match=r"gc_gone|mail"):
        operations.upgrades.upgrade(config)
    database.close()
    assert schema.applied()[-1].startswith("0004")
    assert {name: sizes()[name] for name in before} == before
    database.execute("UPDATE mail SET card_id = NULL")
    operations.upgrades.upgrade(config)
    assert audit.checks.run() == []


def test_a_number_that_was_used_once_is_not_used_again(config):
    if database.is_postgres():
        database.scalar("SELECT setval('transfer_number_seq', 5000)")
    else:
        database.execute("UPDATE sqlite_sequence SET seq = 5000 WHERE name = 'transfer'")
    operations.upgrades.upgrade(config)
    make_card("30.00 USD")
    assert database.scalar("SELECT MAX(number) FROM transfer") == 5001


def test_a_second_upgrade_changes_nothing(config):
    operations.upgrades.upgrade(config)
    before = catalogue.read(), sizes(), schema.applied()
    assert operations.upgrades.upgrade(config) == []
    assert (catalogue.read(), sizes(), schema.applied()) == before


@pytest.mark.proves("D25", "E6", "I36")
def test_a_card_knows_when_it_was_sent_and_none_that_waits_is_over_before(config):
    """One waits for its day longer than it is valid, one was sent, one is never sent."""
    late, sent_one, unsent = [row[0] for row in database.rows(CARDS_THAT_LIVE)]
    micros, day = 86_400_000_000, clock.micros() // 86_400_000_000
    change_mail = "UPDATE mail SET kind = 'card_issued', data = NULL, attempts = 0, state = ?"
    change_mail += ", due_at = ?, sent_at = ?, card_id = ? WHERE id = ?"
    first, second = [row[0] for row in database.rows("SELECT id FROM mail ORDER BY id LIMIT 2")]
    database.execute("UPDATE mail SET card_id = NULL, data = NULL")
    due, now = (day + 60) * micros, clock.micros()
    database.execute(change_mail, "waiting", due, None, late, first)
    database.execute(change_mail, "sent", now, now, sent_one, second)
    until = (clock.today() + timedelta(days=30)).isoformat()
    for card_id in (late, sent_one, unsent):
        database.execute("UPDATE gift_card SET expires_on = ? WHERE id = ?", until, card_id)
    operations.upgrades.upgrade(config)
    end = (day + 31) * micros
    found = "SELECT deliver_at, delivered_at, expires_at FROM gift_card WHERE id = ?"
    assert database.row(found, late) == (due, None, None)
    assert database.row(found, sent_one) == (now, now, end)
    assert database.row(found, unsent) == (None, None, end)
    with clock.moved(timedelta(days=61)):
        (delivered,) = cards.delivery.mark_delivered([late])
        valid = (clock.today() - delivered.created_at.date()).days
        assert delivered.expires_on - clock.today() == timedelta(days=30 + valid - 61)


CARDS_THAT_LIVE = (
    "SELECT id FROM gift_card WHERE state = 'open' AND campaign_id IS NULL"
    " AND id NOT IN (SELECT card_id FROM hold) ORDER BY id LIMIT 3"
)

ANNS = ("Ann.Lee@Example.com", "ANN.LEE@example.com", "Zoë@Example.com", "ZOË@example.com")
"""What an older shop made of two people: one of them is registered in lower case, too."""


@pytest.mark.proves("E15")
def test_addresses_in_capitals_are_found_again_and_nobody_is_lost(config):
    new = "INSERT INTO customer (id, email, name, created_at) VALUES (?, ?, ?, ?)"
    for number, email in enumerate((*ANNS, "ann.lee@example.com")):
        database.execute(new, f"cus_{number}", email, f"Somebody {number}", number)
    database.execute("UPDATE staff SET email = 'Rita@Giftweb.test' WHERE role = 'root'")
    database.execute("UPDATE checkout SET customer_email = 'Ann.Lee@Example.com'")
    operations.upgrades.upgrade(config)
    assert [(each.id, each.email) for each in customers.search("ann.lee@", sort="email").items] == [
        ("cus_4", "ann.lee@example.com"),
        ("cus_0", "ann.lee@example.com (2)"),
        ("cus_1", "ann.lee@example.com (3)"),
    ]
    assert customers.find_by_emails(ANNS)["ann.lee@example.com"].id == "cus_4"
    zoes = customers.search("ZOË@", sort="created").items
    assert [each.email for each in zoes] == ["zoë@example.com", "zoë@example.com (2)"]
    assert {person.email for person in staff.search("Rita", limit=9).items} >= {"rita@giftweb.test"}
    assert database.rows("SELECT DISTINCT customer_email FROM checkout") == [
        ("ann.lee@example.com",)
    ]
    assert audit.checks.run() == []


@pytest.mark.proves("X8")
def test_a_password_that_was_made_for_somebody_opens_nothing_any_more(config):
    database.execute("UPDATE staff SET password_is_temporary = (1 = 1) WHERE role = 'finance'")
    operations.upgrades.upgrade(config)
    found = {person.role: person.has_password for person in staff.search("", limit=50).items}
    assert found["finance"] is False
    assert found["root"] is True


def test_work_goes_on_where_it_stopped(config):
    operations.upgrades.upgrade(config)
    number = database.scalar("SELECT MAX(number) FROM orders")
    card = make_card("30.00 USD")
    order = place(goods("91.00 USD"), gift_card_item("10.00 USD"), cards=[card])
    assert order.number == number + 1
    refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
    for older in every_card():
        if older.status == "active" and older.currency == "USD":
            cards.top_up(older.id, amount=amount_of("1.00 USD"), by=AGENT, note="After the upgrade")
    assert audit.checkpoints.write()
    assert audit.checks.run() == []
