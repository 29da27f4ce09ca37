"""Rows changed by the owner of the database, past guards and checks: the audit names each one."""

import pytest

from giftweb import database
from giftweb.database import guards
from giftweb.domain import audit, desk
from tests.domain.audit.test_card_checks import CARDS
from tests.factories import AGENT
from tests.tampering import as_owner, audited, everything, missed, tampered


@pytest.fixture
def world() -> dict[str, str]:
    return everything()


def put(table: str, row: str, change: str) -> str:
    return f"UPDATE {table} SET {change} WHERE id = '{{{row}}}'"


def drop(table: str, row: str, column: str = "id") -> str:
    return f"DELETE FROM {table} WHERE {column} = '{{{row}}}'"


APPROVED = "status = 'approved', decided_by_id = 'stf_eve', decided_at = 1"
THEN = "(SELECT created_at FROM transfer t WHERE t.card_id = account.id AND t.version = 1)"
OLDER = "(SELECT seal FROM transfer t WHERE t.card_id = account.id AND t.version = 1)"

AS_SOLD = "goodwill_minor = 0, sales_minor = amount_minor"
END = 4073587200000000
"""The end of January 2099 in UTC."""

MONEY = [
    ("I1 transfers", "issue", put("transfer", "issue", "amount_minor = 0")),
    ("I1 transfers", "issue", put("transfer", "issue", "to_account = 'sales'")),
    ("I2 books", "USD", put("account", "card", "balance_minor = balance_minor + 1")),
    ("I2 books", "USD", drop("account", "other")),
    ("I3 one book", "issue", put("transfer", "issue", "currency = 'EUR'")),
    ("I3 one book", "issue", put("transfer", "issue", "is_test = NOT is_test")),
    ("I3 one book", "card", put("account", "card", "is_test = NOT is_test")),
    ("I3 one book", "active", put("hold", "active", "currency = 'EUR'")),
    ("I3 one book", "active", put("hold", "active", "order_currency = 'EUR'")),
    ("I3 a card for each account", "other", drop("gift_card", "other")),
    ("I4 balances", "card", put("account", "card", "balance_minor = balance_minor + 1")),
    ("I4 balances", "card", put("account", "card", "version = version + 1")),
    ("I4 balances", "card", drop("transfer", "refunded")),
    ("I4 balances", "card", drop("transfer", "issue")),
    ("I5 never below zero", "issue", put("transfer", "issue", "balance_after_minor = -1")),
    ("I5 never below zero", "capture", put("transfer", "capture", "amount_minor = 1")),
    ("I6 reversals", "capture", put("transfer", "capture", "amount_minor = 999")),
    ("I6 reversals of their kind", "refunded", put("transfer", "refunded", "parent_id = NULL")),
    ("I6 reversals of their kind", "last", put("transfer", "last", "parent_id = '{capture}'")),
    ("I7 seals", "issue", put("transfer", "issue", "amount_minor = amount_minor + 1")),
    ("I7 seals", "issue", put("transfer", "issue", "created_at = created_at - 1")),
    ("I7 seals", "issue", put("transfer", "issue", "from_account = 'sales'")),
    ("I7 seals", "capture", put("transfer", "capture", "order_id = '{denied}'")),
    ("I7 seals", "capture", drop("transfer", "issue")),
    ("I7 seals", "card", put("account", "card", f"seal = {OLDER}")),
    ("I8 history adds up", "other", put("gift_card", "other", "initial_minor = 1")),
    ("I9 whole amounts", "other", put("account", "other", "balance_minor = 1000000000001")),
    ("I10 holds", "held", put("account", "held", "held_minor = held_minor - 1")),
    ("I10 holds", "held", drop("hold", "active")),
    ("I10 holds", "held", put("account", "held", "balance_minor = 1")),
    ("I11 a hold for each capture", "spent", put("hold", "active", "transfer_id = '{spent}'")),
    ("I12 captures", "captured", put("hold", "captured", "captured_minor = 1")),
    ("I12 captures", "captured", put("hold", "captured", "resolved_at = expires_at + 1")),
    ("I12 captures", "captured", put("hold", "captured", "transfer_id = '{issue}'")),
    (
        "I13 one hold",
        "held",
        "UPDATE hold SET checkout_id = (SELECT MIN(checkout_id) FROM hold WHERE card_id = '{held}')"
        " WHERE id = '{active}'",
    ),
    ("I21 cancelled cards", "card", put("gift_card", "card", "state = 'cancelled'")),
    ("I21 nothing after the end", "last", put("transfer", "first", "kind = 'cancel'")),
    (
        "I21 cancelled in the stead of a used card",
        "new",
        put("gift_card", "new", "state = 'cancelled'"),
    ),
    (
        "I22 holds in time",
        "active",
        put("gift_card", "held", "expires_on = '2020-02-29', expires_at = 1"),
    ),
    ("I22 ends", "other", put("gift_card", "other", "state = 'expired'")),
    ("I22 ends", "empty", put("gift_card", "empty", "state = 'open'")),
    ("I22 ends", "other", put("gift_card", "other", "state = 'replaced'")),
    ("I35 parts of transfers", "issue", put("transfer", "issue", f"{AS_SOLD} - 1")),
    ("I35 parts of transfers", "issue", put("transfer", "issue", AS_SOLD)),
    ("I35 parts of transfers", "capture", put("transfer", "capture", "imports_minor = 1")),
    ("I35 parts of balances", "card", put("account", "card", "imports_minor = 1")),
    ("I35 parts of balances", "other", put("account", "other", "sales_minor = goodwill_minor")),
    ("I35 refunds of their source", "capture", put("transfer", "refunded", AS_SOLD)),
    ("I35 successors", "successor", put("transfer", "inherited", AS_SOLD)),
    ("I7 seals", "capture", put("transfer", "capture", AS_SOLD)),
    (
        "I36 the end of the last day",
        "other",
        put(
            "gift_card",
            "other",
            "expires_on = '2099-01-31', expires_at = 4073587200000000 + 43200000001",
        ),
    ),
    (
        "I36 the end of the last day",
        "other",
        put(
            "gift_card",
            "other",
            "expires_on = '2099-01-31', expires_at = 4073587200000000 - 50400000001",
        ),
    ),
    (
        "I36 no end before the delivery",
        "other",
        put(
            "gift_card",
            "other",
            f"expires_on = '2099-01-31', expires_at = {END}, delivered_at = {END}",
        ),
    ),
    (
        "I36 no end before the delivery",
        "other",
        put("gift_card", "other", "expires_on = '2099-01-31', delivered_at = 1"),
    ),
    ("I36 no end before the delivery", "other", put("gift_card", "other", "expires_at = 1")),
    (
        "I36 delivered with its mail",
        "other",
        "UPDATE mail SET state = 'sent', sent_at = 1 WHERE card_id = '{other}'",
    ),
    (
        "D26 codes go to holders",
        "other",
        "UPDATE mail SET to_email = 'former@example.com' WHERE card_id = '{other}'",
    ),
    (
        "D26 addresses in lower case",
        "other",
        put("gift_card", "other", "holder_email = 'Ann@example.com'"),
    ),
    (
        "D26 addresses in lower case",
        "order",
        put("orders", "order", "customer_email = 'Ann@Example.com'"),
    ),
    ("D26 addresses in lower case", "agent", put("staff", "agent", "email = 'A@b.example '")),
    ("I28 codes", "card", put("gift_card", "card", "last4 = 'ZZZZ'")),
    ("I28 codes", "card", put("gift_card", "card", "key_version = 9")),
    ("I29 an event for each transfer", "card", drop("event", "card", "subject")),
    ("I30 a reason for each transfer", "issue", put("transfer", "issue", "audit_id = 'aud_x'")),
    ("I30 audit", "entry", put("audit_entry", "entry", "actor_id = 'stf_nobody'")),
    ("I30 audit", "entry", put("audit_entry", "entry", "reason = 'a better one'")),
    ("I30 audit", "entry", put("audit_entry", "entry", "at = at + 1")),
]
ORDERS = [
    ("I3 orders in one mode", "card_payment", put("orders", "order", "is_test = NOT is_test")),
    ("I3 orders in one mode", "cash_payment", put("payment", "cash_payment", "currency = 'EUR'")),
    ("I3 refunds in one book", "refund", put("refund", "refund", "currency = 'EUR'")),
    (
        "I12 captured for their order",
        "card_payment",
        put("payment", "card_payment", "transfer_id = '{spent}'"),
    ),
    (
        "I12 captured for their order",
        "card_payment",
        put("payment", "card_payment", "card_minor = 1"),
    ),
    ("I14 captures pay orders", "capture", drop("payment", "card_payment")),
    ("I14 orders are paid", "order", put("orders", "order", "tax_minor = tax_minor + 1")),
    ("I14 orders are paid", "order", drop("payment", "cash_payment")),
    (
        "I14 taxed by its rate",
        "order",
        put("orders", "order", "tax_hundredths = 1000, tax_included = (1 = 0)"),
    ),
    ("I14 items add up", "order", "UPDATE order_item SET quantity = 2 WHERE order_id = '{order}'"),
    (
        "I37 shares add up",
        "order",
        "UPDATE order_item SET tax_minor = tax_minor + 1 WHERE order_id = '{order}'",
    ),
    (
        "I37 shares add up",
        "order",
        "UPDATE order_item SET discount_minor = discount_minor + 1 WHERE order_id = '{order}'",
    ),
    ("I15 what cards may pay", "order", put("orders", "order", "covers_minor = 4999")),
    (
        "I16 one payment a charge",
        "cash_payment",
        put("payment", "cash_payment", "charge = 'another'"),
    ),
    (
        "I16 one payment a charge",
        "cash_payment",
        put("payment", "cash_payment", "gateway = 'shop', reference = 'ch_1'"),
    ),
    ("I16 refunds", "card_payment", put("payment", "card_payment", "refunded_minor = 0")),
    ("I16 refunds", "cash_payment", put("payment", "cash_payment", "refunded_minor = 100")),
    ("I16 refunds", "card_payment", drop("refund", "refund")),
    (
        "I14 the counter adds up",
        "redeemed",
        put("counter_entry", "redeemed", "amount_minor = amount_minor + 1"),
    ),
    (
        "I14 the counter adds up",
        "returned",
        put("counter_entry", "returned", "amount_minor = amount_minor - 1"),
    ),
    (
        "I14 the counter adds up",
        "sold",
        put("counter_entry", "sold", "kind = 'recharged'"),
    ),
    (
        "I14 the counter adds up",
        "sold",
        put("counter_entry", "sold", "transfer_id = '{issue}'"),
    ),
    ("I16 refunds to cards", "refund", put("refund", "refund", "transfer_id = NULL")),
    (
        "I16 refunds of card payments",
        "card_payment",
        put("payment", "card_payment", "card_refunded_minor = 0"),
    ),
    (
        "I16 refunds to the card that paid",
        "refund",
        put("refund", "refund", "gift_card_id = '{other}'"),
    ),
    ("I14 recharges are done", "line", put("order_item", "line", "card_minor = card_minor + 1")),
    ("I14 recharges are done", "line", put("order_item", "line", "transfer_id = '{issue}'")),
    ("I14 recharges are done", "line", drop("transfer", "bought")),
    ("I14 recharges are bought", "bought", drop("order_item", "line")),
    ("I14 recharges are bought", "bought", put("order_item", "line", "recharges_id = NULL")),
    ("I17 fully refunded", "order", put("orders", "order", "status = 'cancelled'")),
    ("I18 shipping denied", "denied", put("orders", "denied", "fulfilment = 'shipped'")),
    (
        "I18 shipping denied",
        "denied",
        put("orders", "denied", "status = 'placed', fulfilment = 'pending'"),
    ),
    ("I18 noted once", "denied", drop("note", "denied", "subject")),
    (
        "I19 nothing to charge",
        "card_payment",
        put("payment", "card_payment", "reusable_method = 'pm_1'"),
    ),
    ("I20 test apart from live", "order", put("orders", "order", "is_test = NOT is_test")),
    (
        "I23 cards on an order",
        "given",
        "UPDATE order_issue SET total_minor = 1 WHERE card_id = '{given}'",
    ),
    (
        "I23 cards on an order are recorded",
        "given",
        "UPDATE order_issue SET new_minor = 1 WHERE card_id = '{given}'",
    ),
    ("I23 cards on an order are recorded", "given", drop("order_issue", "given", "card_id")),
    (
        "I23 who proceeded",
        "given",
        "UPDATE order_issue SET exceeded_by_id = (SELECT actor_id FROM audit_entry e"
        " JOIN transfer t ON t.audit_id = e.id WHERE t.card_id = '{given}')"
        " WHERE card_id = '{given}'",
    ),
    ("I24 the amount of a bonus", "bonus", put("gift_card", "bonus", "initial_minor = 1001")),
    ("I24 the amount of a bonus", "bonus", put("gift_card", "bonus", "initial_minor = 999")),
    (
        "I24 the amount of a bonus",
        "bonus",
        "UPDATE order_item SET kind = 'gift_card' WHERE order_id = '{order}'",
    ),
    (
        "D30 earned by goods",
        "gift_bonus",
        put("campaign", "gift_campaign", "bonus_on_gift_cards = FALSE"),
    ),
    (
        "D22 no money, no bonus",
        "gift_bonus",
        "UPDATE payment SET refunded_minor = amount_minor WHERE order_id = '{gifts}'",
    ),
    (
        "D22 taken off and withdrawn",
        "gift",
        put("order_item", "gift_line", "taken_off_at = 1"),
    ),
    (
        "D24 taken off and given back",
        "gifts",
        put("order_item", "gift_line", "taken_off_at = 1"),
    ),
    (
        "I34 bought with money that came",
        "unused",
        put("gift_card", "unused", "origin = 'purchase', order_item_id = '{unpaid_line}'"),
    ),
    (
        "I34 bought with money that came",
        "unpaid_line",
        put(
            "order_item",
            "unpaid_line",
            "recharges_id = '{card}', card_minor = 1, transfer_id = '{issue}'",
        ),
    ),
    (
        "I34 bought with money that came",
        "bonus",
        put("payment", "cash_payment", "state = 'pending'"),
    ),
    ("I34 sold with paid orders", "bought", put("transfer", "bought", "order_id = '{unpaid}'")),
    ("I34 paid when its money came", "order", put("orders", "order", "paid_at = NULL")),
    ("I34 paid when its money came", "unpaid", put("orders", "unpaid", "paid_at = created_at")),
    (
        "I34 refunds of what came",
        "awaited_payment",
        put("payment", "awaited_payment", "refunded_minor = 1"),
    ),
    ("I6 whole references", "card_payment", drop("orders", "order")),
    ("I6 what is logged is there", "denied", drop("orders", "denied")),
    ("I7 rows", "order", put("orders", "order", "reference = 'another'")),
    ("I7 rows", "held", put("gift_card", "held", "holder_email = 'eve@example.com'")),
    ("I7 rows", "captured", put("hold", "captured", "resolved_at = resolved_at - 1")),
    ("I7 rows", "active", put("hold", "active", "seal = NULL")),
    ("I16 chargebacks", "cash_payment", put("payment", "cash_payment", "charged_back_minor = 1")),
    ("I18 orders are as logged", "denied", put("orders", "denied", "status = 'completed'")),
    ("I18 orders are as logged", "order", put("orders", "order", "status = 'cancelled'")),
    ("I22 frozen as logged", "other", put("gift_card", "other", "state = 'frozen'")),
    ("I30 an entry for each order", "order", put("orders", "order", "number = 77")),
    ("I30 an entry for each refund", "card_payment", drop("refund", "refund")),
    ("I30 an entry for each approval", "approval", put("approval", "approval", APPROVED)),
    ("I30 roles are as logged", "agent", put("staff", "agent", "role = 'root'")),
]


def found(tampering: str, world: dict[str, str]) -> set[tuple[str, str]]:
    """What the audit names after these statements: (check, row)."""
    with as_owner(), tampered(tampering, world):
        return audited()


@pytest.mark.proves("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I11", "I12")
@pytest.mark.proves("I13", "I21", "I22", "I28", "I29", "I30", "B1", "B15")
def test_every_change_to_money_and_cards_is_found_and_named_with_its_row(world):
    assert not missed(MONEY, world)


@pytest.mark.proves("I14", "I15", "I16", "I17", "I18", "I19", "I20", "I23", "I24", "B1")
def test_every_change_to_an_order_is_found_and_named_with_its_row(world):
    assert not missed(ORDERS, world)


@pytest.mark.proves("I6", "I30")
def test_a_recharge_that_was_taken_out_without_a_trace_in_the_ledger_is_in_the_log(world):
    undone = f"{drop('transfer', 'topped_up')};" + put(
        "account",
        "other",
        f"balance_minor = 5000, goodwill_minor = 5000, version = 1, seal = {OLDER},"
        f" moved_at = {THEN}",
    )
    assert found(undone, world) - _guards_gone() == {("I6 nothing is missing", world["recharge"])}


def _guards_gone() -> set[tuple[str, str]]:
    return {("I6 guards", guard.name) for guard in guards.GUARDS}


@pytest.mark.proves("I28")
def test_codes_that_were_swapped_between_cards_are_found(world):
    one, other = world["card"], world["other"]
    sealed = dict(database.rows("SELECT id, code_sealed FROM gift_card"))
    with as_owner():
        for card_id, source in ((one, other), (other, one)):
            database.execute(
                "UPDATE gift_card SET code_sealed = ? WHERE id = ?", bytes(sealed[source]), card_id
            )
        rows = audited()
    assert {("I28 codes", one), ("I28 codes", other)} <= rows


@pytest.mark.proves("I28")
def test_a_look_up_index_that_was_pointed_elsewhere_is_found(world):
    moved = put("gift_card", "gone", "code_index = code_sealed")
    assert ("I28 codes", world["gone"]) in found(moved, world)


@pytest.mark.proves("I24")
def test_a_second_bonus_is_found(world):
    second = put("gift_card", "unused", "origin = 'campaign', order_id = '{order}'")
    rows = found(second, world)
    assert ("I24 one bonus", world["order"]) in rows
    assert ("I24 the amount of a bonus", world["unused"]) in rows


@pytest.mark.proves("I7")
def test_an_honest_change_does_not_cover_up_another_one(world):
    with as_owner():
        database.execute(put("orders", "order", "reference = 'another'").format(**world))
        desk.orders.ship(world["order"], by=AGENT)
        rows = audited()
    assert ("I7 rows", world["order"]) in rows


@pytest.mark.proves("I27")
def test_a_key_without_its_answer_is_found(world):
    with as_owner():
        database.execute(
            "INSERT INTO idempotency_key (scope, key, fingerprint, moves_money, is_test,"
            " created_at) VALUES ('s', 'k', 'f', ?, ?, 1)",
            True,
            False,
        )
        rows = audited()
    assert ("I27 answered keys", "k") in rows


def test_every_check_of_the_audit_is_broken_once_in_this_file():
    broken = {check for check, _, _ in (*MONEY, *ORDERS, *CARDS)}
    broken |= {"I6 guards", "I6 nothing is missing", "I24 one bonus", "I27 answered keys"}
    ends = (
        *("checkpoints", "anchors", "chains", "actors", "closed months", "by day"),
        *("factors are as logged", "passkeys are as logged", "started it", "for a review"),
        "worth of orders",
    )
    elsewhere = {name for name in audit.checks.names() if name.endswith(ends)}
    assert broken == set(audit.checks.names()) - elsewhere
