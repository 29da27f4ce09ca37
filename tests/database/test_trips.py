"""How statements travel to PostgreSQL: together, once, and each seeing what those before it did.

Source: docs/decisions/0016-fewer-trips.md.
"""

import threading

import peewee
import pytest

from giftweb import clock, database
from giftweb.database import engines, transaction, transactional
from giftweb.domain import carts, house_settings
from giftweb.errors import Unavailable
from giftweb.models import Setting
from tests.factories import make_card, make_checkout

pytestmark = pytest.mark.engines("postgresql")


@pytest.fixture(autouse=True)
def _new_connection(engine) -> None:
    """Each test has one that still prepares what it is asked, whatever ran before."""
    database.close()


@pytest.fixture
def trips(monkeypatch) -> list[list[str]]:
    """The statements of each trip."""
    found: list[list[str]] = []
    handle = database.db.obj
    send = handle.send

    def noted(statements, **options):
        found.append([sql.split()[0] for sql, _ in statements])
        return send(statements, **options)

    monkeypatch.setattr(handle, "send", noted)
    return found


def test_applying_a_code_takes_three_trips(trips):
    card, opened = make_card("50.00 USD"), make_checkout()
    trips.clear()
    carts.apply(opened.id, code=card.code)
    assert trips == [["SELECT"], ["SELECT"], ["UPDATE"]]


def test_several_queries_take_one_trip_and_each_has_its_rows(trips):
    found = database.rows_of_each(["SELECT 1", "SELECT 2 WHERE 1 = 0", "SELECT 3, 4"])
    assert found == [[(1,)], [], [(3, 4)]]
    assert trips == [["SELECT"] * 3]


def test_a_transaction_begins_with_its_first_question_and_ends_with_its_last_write(trips):
    opened = make_checkout()
    trips.clear()
    with transaction():
        carts.lock(opened.id)
        database.write("UPDATE checkout SET reference = 'R-2' WHERE id = ?", opened.id)
    assert trips == [["BEGIN", "SELECT", "SELECT"], ["UPDATE", "COMMIT"]]


def test_a_second_write_of_the_same_row_is_sent_after_the_first(trips):
    one, other = make_checkout(), make_checkout()
    trips.clear()
    sql = "UPDATE checkout SET version = version + 1 WHERE id = ?"
    with transaction():
        for checkout in (one, other, one):
            database.write(sql, checkout.id, row=("checkout", checkout.id))
    assert trips == [["BEGIN", "SELECT", "WITH"], ["UPDATE", "COMMIT"]]
    assert [carts.find(each.id).version for each in (one, other)] == [
        one.version + 2,
        other.version + 1,
    ]


def test_a_write_to_a_row_that_was_just_inserted_finds_it():
    now = clock.micros()
    with transaction():
        database.insert("note", id="nte_1", subject="ord_1", text="a", created_at=now)
        database.write("UPDATE note SET text = 'b' WHERE id = ?", "nte_1", row=("note", "nte_1"))
    assert database.scalar("SELECT text FROM note WHERE id = 'nte_1'") == "b"


def test_a_transaction_that_asks_and_writes_nothing_sends_nothing(trips):
    with transaction():
        pass
    with pytest.raises(ZeroDivisionError), transaction():
        raise ZeroDivisionError
    assert trips == []


def test_the_clock_inside_is_the_servers_and_asks_for_it_when_it_is_read(trips):
    with transaction():
        assert clock.micros() == clock.micros()
        assert trips == [["BEGIN", "SELECT"]]
    assert trips[-1] == ["COMMIT"]


def _several(*queries):
    """The rows of several queries that travel together."""
    with peewee.__exception_wrapper__:
        return database.db.obj._pipeline().run(queries)


def test_what_follows_a_failed_statement_is_not_run_and_the_connection_goes_on():
    for _ in range(3):
        with pytest.raises(peewee.DataError), transaction():
            _several(("SELECT 1 / ?::int", (0,)), ("SELECT ?::int", (2,)))
        assert _several(("SELECT ?::int", (1,)), ("SELECT ?::int", (2,))) == [
            [(1,)],
            [(2,)],
        ]


def test_what_was_prepared_is_prepared_again_after_the_driver_has_dropped_it():
    for _ in range(3):
        assert database.scalar("SELECT ?::text", "a") == "a"
        for _ in range(8):
            database.execute("SELECT 1")
        database.execute("CREATE TEMPORARY TABLE short (a int)")
        database.execute("DROP TABLE short")
        assert database.scalar("SELECT ?::text", "b") == "b"


@transactional
def _answer_of_a_verb() -> int:
    return database.scalar("SELECT 42")


def test_a_connection_that_the_server_has_left_is_opened_again_by_a_verbs_first_statement():
    assert _answer_of_a_verb() == 42
    _leave()
    assert _answer_of_a_verb() == 42


def test_a_connection_that_the_server_has_left_is_opened_again_by_a_query_of_a_model():
    assert Setting.select().count() == 0
    _leave()
    assert Setting.select().count() == 0
    _leave()
    with pytest.raises(Unavailable):
        house_settings.put("written", 1)
    database.close()
    assert list(Setting.select()) == []


def _ask(number: int) -> None:
    assert database.row("SELECT ?::int, ?::text, NULL", number, "á") == (number, "á", None)


def test_a_prepared_statement_is_sent_again_when_the_server_has_left():
    for _ in range(2):
        for number in range(3):
            _ask(number)
        _leave()
    _ask(3)


def test_a_prepared_statement_that_fails_is_an_error_like_any_other():
    for _ in range(3):
        assert database.scalar("SELECT 1 / ?::int", 1) == 1
    for _ in range(3):
        with pytest.raises(peewee.DataError):
            database.scalar("SELECT 1 / ?::int", 0)
        assert database.scalar("SELECT 1 / ?::int", 1) == 1


@pytest.mark.proves("I31")
def test_an_update_without_fsync_is_never_sent_again():
    opened = make_checkout()
    sql = "UPDATE checkout SET version = version + 1 WHERE id = ?"
    for _ in range(3):
        assert database.update_without_fsync(sql, opened.id)
    _leave()
    with pytest.raises(Unavailable):
        database.update_without_fsync(sql, opened.id)
    assert carts.find(opened.id).version == 3


def test_a_thread_that_goes_between_two_databases_prepares_on_each():
    here = database.db.obj
    there = engines.postgres(here.database)
    try:
        for number in range(6):
            database.db.initialize(there if number % 2 else here)
            for again in range(3):
                _ask(again)
    finally:
        database.db.initialize(there)
        database.close()
        database.db.initialize(here)


@pytest.mark.proves("I31")
@pytest.mark.parametrize("reads_first", [True, False])
def test_a_commit_is_never_sent_again_on_another_connection(reads_first):
    def write(then=database.flush) -> None:
        with transaction():
            if reads_first:
                database.scalar("SELECT 1")
            database.insert("code_format", format="digits:16", created_at=clock.micros())
            database.flush()
            _leave()
            then()

    with pytest.raises((Unavailable, peewee.OperationalError)):
        write()
    with pytest.raises((Unavailable, peewee.OperationalError)):
        write(then=lambda: database.scalar("SELECT 1"))
    assert database.scalar("SELECT COUNT(*) FROM code_format") == 0
    assert _answer_of_a_verb() == 42


@pytest.mark.proves("I31")
def test_a_verb_that_only_writes_is_reported_done_when_it_is():
    @transactional
    def write(at: int) -> None:
        database.insert("code_format", format="digits:16", created_at=at)

    assert _answer_of_a_verb() == 42
    _leave()
    write(1)
    assert database.scalar("SELECT created_at FROM code_format") == 1


def _leave() -> None:
    """The server ends this thread's connection, as at a restart."""
    backend = database.db.obj.connection().info.backend_pid

    def end() -> None:
        database.scalar("SELECT pg_terminate_backend(?)", backend)
        database.close()

    other = threading.Thread(target=end)
    other.start()
    other.join()


@pytest.mark.proves("S61", "I15")
def test_who_has_waited_for_a_cart_sees_the_card_that_was_put_on_it_meanwhile():
    first, second = make_card("50.00 USD"), make_card("60.00 USD")
    opened = make_checkout()
    is_locked, may_commit = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction():
            carts.apply(opened.id, code=first.code)
            is_locked.set()
            may_commit.wait(10)
        database.close()

    def wait_and_apply() -> None:
        carts.apply(opened.id, code=second.code)
        database.close()

    holder, waiter = threading.Thread(target=hold), threading.Thread(target=wait_and_apply)
    holder.start()
    assert is_locked.wait(10)
    waiter.start()
    _wait_until_somebody_waits_for_a_lock()
    may_commit.set()
    for thread in (holder, waiter):
        thread.join(20)
    after = carts.find(opened.id)
    assert len(after.cards) == 2
    assert after.paid_by_cards == after.coverable


def _wait_until_somebody_waits_for_a_lock() -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    for _ in range(1000):
        if database.scalar(waiting):
            return
        threading.Event().wait(0.01)
    pytest.fail("nobody waits")


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("?prepare=no", ""),
        ("?prepare=no&target_session_attrs=read-write", "?target_session_attrs=read-write"),
        ("?target_session_attrs=read-write&prepare=no", "?target_session_attrs=read-write"),
        ("?a=1&prepare=no&b=2", "?a=1&b=2"),
    ],
)
def test_behind_pgbouncer_nothing_is_prepared(address, left):
    handle = engines.postgres(f"postgresql://host/name{address}")
    assert handle.database == f"postgresql://host/name{left}"
    assert handle.connect_params["prepare_threshold"] is None
