"""The demo shop: everything there is, in the live books of an empty database."""

import pytest

from giftweb import database
from giftweb.demo import load
from giftweb.domain import audit, cards, staff
from giftweb.domain.cards.values import STATUSES
from giftweb.web.access import rights
from tests import factories

ORDERS = {
    ("placed", "pending"),
    ("placed", "not_needed"),
    ("completed", "shipped"),
    ("shipping_denied", "cancelled"),
    ("cancelled", "not_needed"),
}


@pytest.fixture(autouse=True)
def gateways(app):
    """The providers that the application brings."""


@pytest.mark.proves("S56", "D12")
def test_the_demo_has_cards_and_orders_in_every_state():
    load.load()
    assert {card.status for card in cards.select()} == set(STATUSES)
    assert set(database.rows("SELECT DISTINCT status, fulfilment FROM orders")) == ORDERS
    assert {paid for (paid,) in database.rows("SELECT DISTINCT state FROM payment")} >= {
        "captured",
        "pending",
    }
    for table in ("shortfall", "chargeback", "hold", "note", "order_issue", "product"):
        assert database.scalar(f'SELECT COUNT(*) FROM "{table}"'), table


def test_its_codes_are_one_fresh_one_half_spent_and_one_frozen():
    fresh, half, frozen = [cards.find_by_code(code) for _, code in load.load().codes]
    assert (fresh.status, fresh.balance_minor) == ("active", fresh.initial_minor)
    assert (half.status, 2 * half.balance_minor) == ("active", half.initial_minor)
    assert frozen.status == "frozen"


def test_its_sign_ins_are_one_a_role_and_their_passwords_open():
    found = load.load()
    assert {one.role for one in found.sign_ins} == set(staff.ROLES)
    for one in found.sign_ins:
        person = factories.person_with(one.email)
        assert staff.is_password(person.id, password=one.password)
        staff.passwords.require_strong(one.password, email=one.email, name=one.name)


@pytest.mark.proves("E34")
def test_its_chargeback_was_recorded_by_somebody_who_may():
    load.load()
    entries = audit.search.search(audit.search.Wanted(action="payment.charged_back"), limit=5).items
    [role] = {entry.actor_role for entry in entries}
    assert role in rights.RIGHTS["order_payments.charge_back"]


def test_its_past_lies_in_the_past():
    load.load()
    oldest, newest = database.row("SELECT MIN(created_at), MAX(created_at) FROM orders")
    assert newest - oldest > 50 * 24 * 3600 * 10**6
    ids = [row[0] for row in database.rows("SELECT id FROM orders ORDER BY created_at, id")]
    assert ids == sorted(ids)


def test_a_database_with_live_data_is_left_alone(make_card):
    make_card()
    with pytest.raises(load.DatabaseHasData):
        load.load()
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 1


def test_the_command_prints_the_sign_ins_and_the_codes(app):
    ran = app.test_cli_runner().invoke(args=["demo"])
    assert ran.exit_code == 0, ran.output
    assert "root@giftweb.example" in ran.stdout
    assert ran.stdout.count("-") > 15
    again = app.test_cli_runner().invoke(args=["demo"])
    assert (again.exit_code, again.stdout) == (1, "")
    assert "holds data already" in again.stderr
