"""The rules as the tables themselves keep them: plain SQL, past every verb."""

import itertools
from contextlib import contextmanager, suppress
from dataclasses import replace

import peewee
import pytest

from giftweb import clock, database, models, money
from giftweb.database import constraints, guards, schema
from giftweb.domain import audit, cards, checkout, desk, idempotency, refunds
from giftweb.domain.orders.facts import BONUS_ORIGIN
from giftweb.models import KINDS, SYSTEM_ACCOUNTS
from tests.domain.cards.test_lifecycle import hold
from tests.factories import AGENT, amount_of, goods, make_campaign, make_card
from tests.orders import gift_card_item, paid_by, place, signed_in


class Undo(Exception):
    """Takes back what a test did."""


@contextmanager
def undone():
    """What happens inside is taken back."""
    with suppress(Undo), database.transaction():
        yield
        raise Undo


def refused_by(sql: str, *params) -> str:
    """The name of what refuses this statement; ``nothing`` when it is allowed, and taken back.

    A foreign key has no name on SQLite.
    """
    with database.transaction():
        try:
            with suppress(Undo), database.db.savepoint():
                database.execute(sql, *params)
                raise Undo
        except peewee.IntegrityError as problem:
            return constraints.name_of(problem)
    return "nothing"


def copied(model, row_id: str, **changes) -> tuple:
    """A statement that writes the row once more, with these columns changed."""
    fields = model._meta.sorted_fields
    columns = [field.column_name for field in fields if not isinstance(field, peewee.AutoField)]
    values = ["CAST(? AS TEXT)" if name == "id" else "?" for name in changes]
    shown = dict(zip(changes, values, strict=True))
    table = model._meta.table_name
    return (
        f"INSERT INTO {table} ({', '.join(columns)})"
        f" SELECT {', '.join(shown.get(name, name) for name in columns)} FROM {table}"
        " WHERE id = ?",
        *(changes[name] for name in columns if name in changes),
        row_id,
    )


@pytest.fixture
def world():
    """A row of everything, in the live book: an order half refunded, a held card, a used key."""
    campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    card = make_card("60.00 USD")
    order = place(goods("91.00 USD"), cards=[card], campaign_id=campaign.id)
    refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
    hold(card)
    answer = idempotency.Answer(201, {})
    idempotency.once(lambda: answer, scope="test", key="k", fingerprint="f")
    database.execute("UPDATE refund SET status = 'succeeded'")
    cashier = signed_in("cashier")
    desk.counter.sell(
        amount_of("9.00 USD"), receipt="R-1", campaign_id=campaign.id, email=None, by=cashier
    )
    return card.card.id


def write_checkpoint() -> None:
    database.execute(
        "INSERT INTO ledger_checkpoint"
        " (number, at, transfers_to, sums, audit_to, audit_count, audit_digest, seal)"
        " VALUES (1, 1, 0, '{}', 0, 0, '', ?)",
        b"seal",
    )
    database.execute(
        "INSERT INTO redaction (id, at, digest, seal) VALUES ('a', 1, 'd', ?)", b"seal"
    )


def write_closing() -> None:
    database.execute(
        "INSERT INTO closed_month (month, time_zone, starts_at, ends_at, transfers_to, sums, ages,"
        " closed_at, closed_by, seal) VALUES ('1970-01', 'UTC', 0, 10, 0, '{}', '[]', 11, 'x', ?)",
        b"seal",
    )
    database.execute(
        "INSERT INTO book_export (id, at, by, form, first_on, last_on, entries, digest, seal)"
        " VALUES ('bex', 1, 'x', 'journal', '1970-01-01', '1970-01-31', 1, '', ?)",
        b"seal",
    )


MORE_REQUESTS = (
    "INSERT INTO approval (id, verb, subject, currency, amount_minor, arguments, asked_by_id,"
    " asked_at, status) WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n"
    " WHERE i < {last}) SELECT 'apr_' || i, 'issue', 'new', 'USD', 1, '{{}}',"
    " (SELECT MIN(id) FROM staff), 1, 'waiting' FROM n"
)


def write_requests() -> None:
    """As many of one person as may wait."""
    database.execute(MORE_REQUESTS.format(first=1, last=guards.MOST_WAITING))


BROKEN = {
    "transfer_is_append_only": "UPDATE transfer SET amount_minor = amount_minor",
    "transfer_is_kept": "DELETE FROM transfer",
    "audit_entry_is_append_only": "UPDATE audit_entry SET reason = 'another'",
    "audit_entry_is_kept": "DELETE FROM audit_entry",
    "ledger_checkpoint_is_append_only": "UPDATE ledger_checkpoint SET audit_to = 2",
    "ledger_checkpoint_is_kept": "DELETE FROM ledger_checkpoint",
    "redaction_is_kept": "DELETE FROM redaction",
    "idempotency_key_used_once": "UPDATE idempotency_key SET answer = 'another'",
    "idempotency_key_is_kept": "DELETE FROM idempotency_key",
    "account_identity_is_fixed": "UPDATE account SET currency = 'EUR'",
    "account_moves_with_its_version": "UPDATE account SET balance_minor = balance_minor + 1",
    "account_is_kept": "DELETE FROM account",
    "gift_card_identity_is_fixed": "UPDATE gift_card SET origin = 'import'",
    "gift_card_begins_once": "UPDATE gift_card SET initial_minor = initial_minor + 1",
    "gift_card_has_tax_of_its_sale": (
        "INSERT INTO gift_card (id, source, voucher_tax_hundredths)"
        " VALUES ('gc_new', 'goodwill', 1900)"
    ),
    "gift_card_begins_with_its_tax": (
        "UPDATE gift_card SET voucher_tax_hundredths = 10001 WHERE state = 'inactive'"
    ),
    "campaign_begins_with_a_rate_of_tax": (
        "INSERT INTO campaign (id, voucher_tax_hundredths) VALUES ('cmp_new', 10001)"
    ),
    "campaign_has_a_rate_of_tax": "UPDATE campaign SET voucher_tax_hundredths = -1",
    "gift_card_merges_once": (
        "UPDATE gift_card SET merged_into_id = id WHERE merged_into_id IS NOT NULL"
    ),
    "gift_card_is_merged_for_its_holder": (
        "UPDATE gift_card SET state = 'replaced', merged_into_id = (SELECT MAX(n.id)"
        " FROM gift_card n WHERE n.origin = 'merge') WHERE holder_email = 'bea@example.com'"
    ),
    "gift_card_ends_once": "UPDATE gift_card SET state = 'open' WHERE state = 'cancelled'",
    "gift_card_is_kept": "DELETE FROM gift_card",
    "hold_resolves_once": "UPDATE hold SET resolution = 'lapsed' WHERE resolved_at IS NOT NULL",
    "hold_identity_is_fixed": "UPDATE hold SET amount_minor = 1 WHERE resolved_at IS NULL",
    "hold_is_kept": "DELETE FROM hold",
    "payment_identity_is_fixed": "UPDATE payment SET amount_minor = amount_minor + 1",
    "payment_settles_once": "UPDATE payment SET state = 'cancelled'",
    "payment_is_kept": "DELETE FROM payment",
    "refund_identity_is_fixed": "UPDATE refund SET amount_minor = 1",
    "refund_settles_once": "UPDATE refund SET status = 'failed'",
    "campaign_identity_is_fixed": "UPDATE campaign SET id = id || 'x'",
    "orders_identity_is_fixed": "UPDATE orders SET number = number + 1",
    "orders_is_kept": "DELETE FROM orders",
    "closed_month_is_append_only": "UPDATE closed_month SET sums = '{}'",
    "closed_month_is_kept": "DELETE FROM closed_month",
    "book_export_is_append_only": "UPDATE book_export SET entries = 0",
    "book_export_is_kept": "DELETE FROM book_export",
    "transfer_is_of_no_closed_month": (
        "INSERT INTO transfer (id, kind, card_id, from_account, to_account, amount_minor, currency,"
        " is_test, version, balance_after_minor, created_at, audit_id, seal)"
        " SELECT 'txn_late', kind, card_id, from_account, to_account, amount_minor, currency,"
        " is_test, 99,"
        " balance_after_minor, 1, audit_id, seal FROM transfer WHERE version = 1 LIMIT 1"
    ),
    "risk_assessment_is_append_only": "UPDATE risk_assessment SET reason = 'first'",
    "card_review_identity_is_fixed": (
        "UPDATE card_review SET reason = 'first' WHERE decision IS NULL"
    ),
    "card_review_is_decided_once": (
        "UPDATE card_review SET decision = 'refused' WHERE decision IS NOT NULL"
    ),
    "counter_entry_is_append_only": "UPDATE counter_entry SET receipt = 'another'",
    "counter_entry_is_kept": "DELETE FROM counter_entry",
    "counter_entry_is_counted_if_it_gives_back": (
        "INSERT INTO counter_entry (id, kind, campaign_id, staff_id, receipt, transfer_id,"
        " amount_minor, currency, created_at) SELECT id || 'x', 'given_back', campaign_id,"
        " staff_id, receipt, transfer_id, 1, currency, created_at FROM counter_entry"
    ),
    "approval_waits_with_few": MORE_REQUESTS.format(first=99, last=99),
}
"""A statement for each guard that it alone refuses."""


@pytest.mark.proves("I6", "I11", "I16", "I21", "I26", "I27", "B15")
def test_every_guard_refuses_what_it_is_there_for(world):
    cards.endings.cancel(make_card().card.id, by=AGENT)
    with database.transaction():
        card = make_card("9.00 USD")
        opened = hold(card, "9.00 USD")
    checkout.void(opened, by=AGENT)
    cards.merging.merge([make_card("1.00 USD").card.id for _ in range(2)], by=AGENT)
    make_card("1.00 USD", holder="bea@example.com")
    batch = cards.stock.Batch("USD")
    cards.stock.make(1, batch=batch, has_pins=False, write=[].extend, by=AGENT)
    reviewed = make_campaign(review_amount_above_minor=0).id
    bought = [place(gift_card_item(), campaign_id=reviewed, shipping="0.00 USD") for _ in range(2)]
    desk.reviews.release(bought[0].id, by=AGENT)
    assert {guard.name for guard in guards.GUARDS} == set(BROKEN)
    with undone():
        write_checkpoint()
        write_closing()
        write_requests()
        for name, sql in BROKEN.items():
            assert refused_by(sql) == name, sql


IDENTITY = {
    "account": ("id", "currency", "is_test"),
    "gift_card": ("id", "currency", "is_test", "origin", "last4"),
    "orders": ("id", "currency", "is_test", "campaign_id"),
    "payment": ("id", "order_id", "method", "gift_card_id", "card_minor"),
    "campaign": ("id",),
    "hold": (
        *("id", "card_id", "checkout_id", "currency", "is_test", "order_minor", "expires_at"),
    ),
}


@pytest.mark.proves("I26", "I20", "D16")
def test_origin_mode_currency_and_code_never_change(world):
    for table, columns in IDENTITY.items():
        for column in columns:
            value = "NOT is_test" if column == "is_test" else f"{column} || 'x'"
            if column.endswith(("_minor", "_at")):
                value = f"COALESCE({column}, 0) + 1"
            where = " WHERE resolved_at IS NULL" if table == "hold" else ""
            name = refused_by(f"UPDATE {table} SET {column} = {value}{where}")
            assert name == f"{table}_identity_is_fixed", column


@pytest.mark.proves("I26", "B22")
def test_a_card_that_has_begun_begins_with_nothing_else(world):
    for change in (
        "state = 'inactive'",
        "source = 'imports'",
        "initial_minor = initial_minor + 1",
        "campaign_id = NULL",
        "voucher_tax_hundredths = 1900",
    ):
        where = "WHERE campaign_id IS NOT NULL AND state = 'open' AND source = 'sales'"
        name = refused_by(f"UPDATE gift_card SET {change} {where}")
        assert name == "gift_card_begins_once", change


@pytest.mark.proves("I6", "D16")
def test_the_test_book_can_be_purged_and_the_live_one_cannot(world):
    card = make_card(is_test=True).card
    for table, column in (
        *(("mail", "card_id"), ("transfer", "card_id")),
        *(("gift_card", "id"), ("account", "id")),
    ):
        deletion = f"DELETE FROM {table} WHERE {column} = ?"
        if table != "mail":
            assert refused_by(deletion, world) == f"{table}_is_kept"
        assert database.execute(deletion, card.id) == 1


@pytest.mark.proves("I3", "I20", "I30")
def test_no_row_goes_that_another_one_names(world):
    card = make_card(is_test=True).card.id
    entry = database.scalar("SELECT audit_id FROM transfer WHERE card_id = ?", card)
    in_its_book = ("gift_card_in_its_book", "transfer_in_its_book", "FOREIGN KEY constraint failed")
    has_its_entry = ("transfer_has_its_entry", "FOREIGN KEY constraint failed")
    deletion = "DELETE FROM account WHERE id = ?"
    assert refused_by(deletion, card) in in_its_book
    database.execute("DELETE FROM mail WHERE card_id = ?", card)
    database.execute("DELETE FROM gift_card WHERE id = ?", card)
    assert refused_by(deletion, card) in in_its_book
    assert refused_by("DELETE FROM audit_entry WHERE id = ?", entry) in has_its_entry
    database.execute("DELETE FROM transfer WHERE card_id = ?", card)
    assert database.execute("DELETE FROM audit_entry WHERE id = ?", entry) == 1
    assert database.execute(deletion, card) == 1


NAMED = ("FOREIGN KEY constraint failed",)


@pytest.mark.proves("I3", "I6", "I20")
def test_a_row_names_what_is_there(world):
    given = database.scalar("SELECT id FROM gift_card WHERE origin = ?", BONUS_ORIGIN)
    active = database.scalar("SELECT id FROM hold WHERE resolved_at IS NULL")
    new, another = {"id": "gc_new", "code_index": b"1" * 32}, {"id": "hold_new"}
    for table, row_id, changes, name in (
        (models.GiftCard, world, new | {"campaign_id": "cmp_none"}, "gift_card_has_its_campaign"),
        (models.GiftCard, world, new | {"replaces_id": "gc_x"}, "gift_card_has_what_it_replaces"),
        (models.GiftCard, world, new | {"is_test": True}, "gift_card_in_its_book"),
        (models.Hold, active, another | {"card_id": given}, "nothing"),
        (models.Hold, active, another | {"card_id": given, "currency": "EUR"}, "hold_in_its_book"),
        (models.Hold, active, another | {"card_id": given, "is_test": True}, "hold_in_its_book"),
    ):
        with undone():
            _open_account("gc_new")
            assert refused_by(*copied(table, row_id, **changes)) in (name, *NAMED), changes


@pytest.mark.proves("I6", "I20")
def test_no_campaign_and_no_card_goes_that_a_row_names(world):
    campaign = make_campaign()
    old = make_card(is_test=True, campaign_id=campaign.id).card.id
    with undone():
        database.execute("DELETE FROM event")
        refused = refused_by("DELETE FROM campaign WHERE id = ?", campaign.id)
        assert refused in ("gift_card_has_its_campaign", *NAMED)
    new = cards.endings.replace_card(old, by=AGENT).card.id
    deletion = "DELETE FROM gift_card WHERE id = ?"
    assert refused_by(deletion, new) in ("mail_card_id_fkey", *NAMED)
    database.execute("DELETE FROM mail")
    assert refused_by(deletion, old) in ("gift_card_has_what_it_replaces", *NAMED)
    assert refused_by(deletion, new) == "nothing"


@pytest.mark.proves("I3", "I20", "I30")
def test_one_stray_row_among_many_refuses_them_all(world):
    names = (
        "id, kind, card_id, from_account, to_account, amount_minor, goodwill_minor, currency,"
        " version, seal"
    )
    known = f"SELECT 'txn_' || n, {names.partition(', ')[2].replace('version', 'version + n')}"
    many = (
        f"INSERT INTO transfer ({names}, balance_after_minor, created_at, is_test, audit_id)"
        f" {known}, 1, 1, is_test, CASE n WHEN ? THEN 'aud_none' ELSE audit_id END"
        " FROM transfer, (SELECT 100 AS n UNION SELECT 200 UNION SELECT 300) AS numbers"
        " WHERE card_id = ? AND version = 1"
    )
    assert refused_by(many, 0, world) == "nothing"
    assert refused_by(many, 200, world) in (
        "transfer_has_its_entry",
        "FOREIGN KEY constraint failed",
    )


@pytest.mark.engines("sqlite")
@pytest.mark.proves("I6")
def test_replacing_a_row_is_deleting_it(world):
    for table in ("transfer", "audit_entry", "account", "gift_card", "payment", "orders"):
        row_id = database.scalar(f"SELECT id FROM {table} LIMIT 1")
        again = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE id = ?"
        assert refused_by(again, row_id) == f"{table}_is_kept"


@pytest.mark.engines("postgresql")
@pytest.mark.proves("I6")
def test_no_table_of_the_ledger_is_emptied_at_once(world):
    for table in guards._TRUNCATED:
        assert refused_by(f"TRUNCATE {table} CASCADE").endswith("_is_never_emptied")


@pytest.mark.proves("I1")
def test_only_the_legal_transfers_can_be_written(world):
    transfer, amount = database.row(
        "SELECT id, amount_minor FROM transfer WHERE card_id = ? LIMIT 1", world
    )
    sides = ("card", "elsewhere", *SYSTEM_ACCOUNTS)
    wrong = []
    for kind, source, target in itertools.product((*KINDS, "gift"), sides, sides):
        moved = copied(
            models.Transfer,
            transfer,
            id="txn_new",
            kind=kind,
            from_account=world if source == "card" else source,
            to_account=world if target == "card" else target,
            version=1_000,
            **dict.fromkeys(models.FUNDED, 0)
            | {f"{source if source in models.FUNDING else 'sales'}_minor": amount},
        )
        is_legal = (source, target) in KINDS.get(kind, ())
        if refused_by(*moved) != ("nothing" if is_legal else "transfer_is_legal"):
            wrong.append((kind, source, target))
    assert not wrong


@pytest.mark.proves("I1", "I3", "I4", "I5", "I9", "I20", "I27", "D16")
def test_a_transfer_is_positive_in_its_book_and_once(world):
    first, second = database.rows(
        "SELECT id, version FROM transfer WHERE card_id = ? ORDER BY version LIMIT 2", world
    )

    def refused(**changes) -> str:
        fields = {"id": "txn_new", "version": 1_000} | changes
        return refused_by(*copied(models.Transfer, first[0], **fields))

    for amount in (0, -1, money.LIMIT_MINOR + 1):
        assert refused(amount_minor=amount) == "transfer_amount_minor_bounds"
    assert refused(balance_after_minor=-1) == "transfer_balance_after_minor_bounds"
    assert refused(version=0) == "transfer_version_counts"
    assert "version" in refused(version=second[1])
    in_its_book = ("transfer_in_its_book", "FOREIGN KEY constraint failed")
    assert refused(currency="EUR") in in_its_book
    assert refused(is_test=True) in in_its_book
    assert refused(audit_id="aud_none") in (
        "transfer_has_its_entry",
        "FOREIGN KEY constraint failed",
    )
    assert refused(parent_id="txn_none") in (
        "transfer_has_its_parent",
        "FOREIGN KEY constraint failed",
    )


@pytest.mark.proves("I27")
def test_a_key_moves_money_once(world):
    first = database.scalar("SELECT id FROM transfer WHERE card_id = ? LIMIT 1", world)
    fields = {"id": "txn_1", "version": 1_000, "idempotency_key": "k"}
    with undone():
        database.execute(*copied(models.Transfer, first, **fields))
        again = copied(models.Transfer, first, **fields | {"id": "txn_2", "version": 1_001})
        assert refused_by(*again) in ("transfer_key", "transfer_idempotency_key")


@pytest.mark.proves("I5", "I10")
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("balance_minor = -1, held_minor = 0", "account_balance_minor_bounds"),
        ("balance_minor = 1000000000001", "account_balance_minor_bounds"),
        ("held_minor = balance_minor + 1", "account_held_within_balance"),
        ("held_minor = -1", "account_held_within_balance"),
        (
            "balance_minor = held_minor - 1, goodwill_minor = held_minor - 1",
            "account_held_within_balance",
        ),
    ],
)
def test_no_balance_is_negative_and_no_more_is_held_than_there_is(world, change, name):
    sql = f"UPDATE account SET version = version + 1, {change} WHERE id = ?"
    assert refused_by(sql, world) == name


@pytest.mark.proves("I11", "I12", "I13")
def test_a_hold_is_one_a_cart_and_captured_in_full_view(world):
    active = database.scalar("SELECT id FROM hold WHERE resolved_at IS NULL")
    again = refused_by(*copied(models.Hold, active, id="hld_new"))
    assert again in ("hold_one_active", "hold_card_id_checkout_id")
    captured = "resolution = 'captured', transfer_id = 'txn_1'"
    for change, name in (
        ("resolution = 'released'", "hold_resolves_whole"),
        ("resolved_at = 1", "hold_resolves_whole"),
        ("resolved_at = 1, resolution = 'captured'", "hold_capture_has_transfer"),
        (f"resolved_at = expires_at + 1, {captured}", "hold_captured_in_time"),
        ("captured_minor = amount_minor + 1", "hold_captured_within_held"),
        ("resolved_at = 1, resolution = 'spent'", "hold_resolution_known"),
    ):
        assert refused_by(f"UPDATE hold SET {change} WHERE id = ?", active) == name


@pytest.mark.proves("I16", "I19")
def test_no_more_is_refunded_than_was_paid_and_a_card_leaves_nothing_to_charge(world):
    by_card = "UPDATE payment SET {} WHERE method = 'gift_card'"
    for change, name in (
        ("refunded_minor = amount_minor + 1", "payment_refunded_within_paid"),
        ("refunded_minor = -1", "payment_refunded_within_paid"),
        ("card_refunded_minor = card_minor + 1", "payment_card_refunded_within_paid"),
        ("reusable_method = 'pm_1'", "payment_leaves_nothing_to_charge"),
        ("transfer_id = NULL", "payment_is_whole"),
    ):
        assert refused_by(by_card.format(change)) == name
    assert refused_by("UPDATE refund SET status = 'unknown'") in (
        "refund_status_known",
        "refund_settles_once",
    )


@pytest.mark.proves("I24", "I26", "I28", "D5")
def test_one_bonus_one_successor_and_one_card_for_a_code(world):
    given = database.scalar("SELECT id FROM gift_card WHERE origin = ?", BONUS_ORIGIN)
    new = cards.endings.replace_card(make_card().card.id, by=AGENT).card
    spare = make_card().card.id
    for row_id, changes, names in (
        (given, {"code_index": b"1" * 32}, ("gift_card_one_bonus", "gift_card_campaign_id")),
        (new.id, {"code_index": b"2" * 32}, ("gift_card_replaces", "gift_card_replaces_id")),
        (spare, {}, ("gift_card_code_index",)),
        (spare, {"code_index": b"short"}, ("gift_card_index_length",)),
        (spare, {"code_index": b"3" * 32, "currency": "EUR"}, ("gift_card_in_its_book", "FOREIGN")),
    ):
        with undone():
            _open_account("gc_new")
            name = refused_by(*copied(models.GiftCard, row_id, id="gc_new", **changes))
            assert name.startswith(names), (name, names)


def _open_account(card_id: str) -> None:
    database.execute(
        "INSERT INTO account (id, currency, is_test, balance_minor, held_minor, version, moved_at,"
        " seal) VALUES (?, 'USD', ?, 0, 0, 0, ?, ?)",
        card_id,
        False,
        clock.micros(),
        b"",
    )


@pytest.mark.proves("I9")
def test_words_are_no_amounts(world):
    for table, column in (("account", "balance_minor"), ("hold", "amount_minor")):
        with pytest.raises(peewee.DatabaseError), database.transaction():
            database.execute(f"UPDATE {table} SET {column} = 'ten'")


# A guard that is gone comes back


@pytest.mark.tampers
@pytest.mark.proves("I6")
def test_a_guard_that_was_dropped_is_named_by_the_audit_and_comes_back_at_the_start(world):
    on = " ON transfer" if database.is_postgres() else ""
    database.execute(f"DROP TRIGGER transfer_is_append_only{on}")
    assert ("I6 guards", "transfer_is_append_only") in [
        (breach.check, breach.row) for breach in audit.checks.run()
    ]
    assert not schema.is_current()
    schema.check()
    assert schema.is_current()
    assert refused_by(BROKEN["transfer_is_append_only"]) == "transfer_is_append_only"
    assert not audit.checks.run()


@pytest.mark.engines("postgresql")
@pytest.mark.tampers
@pytest.mark.proves("I6")
def test_a_guard_that_was_switched_off_or_against_emptying_comes_back_too(world):
    for gone, name in (
        ("ALTER TABLE transfer DISABLE TRIGGER transfer_is_kept", "transfer_is_kept"),
        ("DROP TRIGGER transfer_is_never_emptied ON transfer", "transfer_is_never_emptied"),
    ):
        database.execute(gone)
        assert guards.missing() == [name]
        schema.check()
        assert guards.missing() == []
    assert refused_by("DELETE FROM transfer") == "transfer_is_kept"
    assert refused_by("TRUNCATE transfer CASCADE") == "transfer_is_never_emptied"


@pytest.mark.proves("I6")
def test_a_table_that_was_rebuilt_has_its_guards_again(world):
    with undone():
        write_checkpoint()
        database.execute("CREATE TABLE made_anew AS SELECT * FROM ledger_checkpoint")
        database.execute("DROP TABLE ledger_checkpoint")
        database.execute("ALTER TABLE made_anew RENAME TO ledger_checkpoint")
        assert set(guards.missing()) - {"ledger_checkpoint_is_never_emptied"} == {
            "ledger_checkpoint_is_append_only",
            "ledger_checkpoint_is_kept",
        }
        schema.check()
        assert guards.missing() == []
        assert refused_by("DELETE FROM ledger_checkpoint") == "ledger_checkpoint_is_kept"


PLANTED = {
    "sqlite": "CREATE TRIGGER planted AFTER INSERT ON note BEGIN DELETE FROM note; END",
    "postgresql": "CREATE TRIGGER planted BEFORE INSERT ON note FOR EACH ROW"
    " WHEN (1 = 0) EXECUTE FUNCTION giftweb_refuse()",
}


@pytest.mark.proves("X18")
@pytest.mark.tampers
def test_a_trigger_that_is_not_the_programs_is_named(engine):
    with undone():
        database.execute(PLANTED[engine.name])
        assert ("I6 guards", "planted") in {(each.check, each.row) for each in audit.checks.run()}
    assert guards.planted() == []


HOLLOW = {
    "sqlite": "CREATE TRIGGER transfer_is_append_only BEFORE UPDATE ON transfer WHEN 1 = 0"
    " BEGIN SELECT 1; END",
    "postgresql": "CREATE OR REPLACE TRIGGER transfer_is_append_only BEFORE UPDATE ON transfer"
    " FOR EACH ROW WHEN (1 = 0) EXECUTE FUNCTION giftweb_refuse()",
}


@pytest.mark.proves("X18")
@pytest.mark.tampers
def test_a_guard_of_the_same_name_that_guards_nothing_is_named_and_put_right(engine):
    if engine.name == "sqlite":
        database.execute("DROP TRIGGER transfer_is_append_only")
    database.execute(HOLLOW[engine.name])
    try:
        assert guards.missing() == ["transfer_is_append_only"]
        named = {(each.check, each.row) for each in audit.checks.run()}
        assert ("I6 guards", "transfer_is_append_only") in named
    finally:
        schema.check()
    assert guards.missing() == []


ALTERED = [
    (
        "account_moves_with_its_version",
        "(NEW.version < OLD.version OR NEW.balance_minor <> OLD.balance_minor)"
        " AND NEW.version = OLD.version",
    ),
    (
        "gift_card_has_tax_of_its_sale",
        "NEW.voucher_tax_hundredths < 0 OR NEW.voucher_tax_hundredths > 10000"
        " OR (NEW.voucher_tax_hundredths IS NOT NULL AND NEW.campaign_id IS NULL)"
        " OR (NEW.source <> 'sales' AND NEW.source <> 'replacements')",
    ),
    (
        "gift_card_ends_once",
        "OLD.state = 'cancelled' OR (OLD.state = 'replaced' AND NEW.state <> OLD.state)",
    ),
    (
        "gift_card_ends_once",
        "(OLD.state = 'Cancelled' OR OLD.state = 'replaced') AND NEW.state <> OLD.state",
    ),
    ("payment_settles_once", "OLD.state <> 'pending' OR NEW.state <> OLD.state"),
    ("account_is_kept", "OLD.is_test"),
]
"""Guards whose words are nearly the same, or grouped another way."""


@pytest.mark.proves("X18")
@pytest.mark.tampers
@pytest.mark.parametrize(("name", "condition"), ALTERED)
def test_a_guard_with_an_altered_condition_is_named(engine, name, condition):
    (guard,) = [each for each in guards.GUARDS if each.name == name]
    on = f" ON {guard.table}" if engine.name == "postgresql" else ""
    create = guards.on_postgres if engine.name == "postgresql" else guards.on_sqlite
    with undone():
        assert guards.missing() == []
        database.execute(f"DROP TRIGGER {name}{on}")
        database.execute(create(guard))
        assert guards.missing() == []
        database.execute(f"DROP TRIGGER {name}{on}")
        database.execute(create(replace(guard, condition=condition)))
        assert guards.missing() == [name]


@pytest.mark.proves("X18")
@pytest.mark.engines("postgresql")
@pytest.mark.tampers
@pytest.mark.parametrize(
    "change",
    [
        "CREATE OR REPLACE FUNCTION giftweb_refuse() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NEW; END $$",
        "ALTER TABLE transfer ENABLE REPLICA TRIGGER transfer_is_append_only",
        "ALTER TABLE ledger_checkpoint DISABLE TRIGGER ledger_checkpoint_is_never_emptied",
    ],
)
def test_a_guard_that_was_made_harmless_is_named_and_put_right(change):
    database.execute(change)
    try:
        assert guards.missing()
    finally:
        schema.check()
    assert guards.missing() == []


@pytest.mark.proves("X18")
@pytest.mark.engines("postgresql")
@pytest.mark.parametrize("table", ["ledger_checkpoint", "refund", "approval", "idempotency_key"])
def test_the_books_that_stand_beside_the_ledger_are_not_emptied_either(table):
    assert refused_by(f"TRUNCATE {table} CASCADE").endswith("_is_never_emptied")
