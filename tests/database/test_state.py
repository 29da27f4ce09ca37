"""What stays equal for as long as nobody writes: nothing that was committed may be overlooked."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from giftweb import database
from giftweb.database import state
from tests.factories import make_card, make_staff

pytestmark = pytest.mark.tampers

RENAME = "UPDATE staff SET name = name || '!'"


def elsewhere(sql: str) -> None:
    """Run a statement on a connection of its own, as another process would."""

    def run():
        database.execute(sql)
        database.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


def test_it_stays_while_everybody_reads():
    make_staff()
    assert any(_stays_over_a_read() for _ in range(100)), "and there were quiet moments"


def _stays_over_a_read() -> bool:
    """PostgreSQL counts what is committed anywhere on the server: other tests write there too."""
    before = state()
    with database.snapshot():
        database.rows("SELECT * FROM staff")
    return state() == before


def test_each_commit_makes_it_another():
    make_staff()
    make_card()
    seen = [state()]
    elsewhere(RENAME)
    seen.append(state())
    database.execute(RENAME)
    seen.append(state())
    make_card()
    seen.append(state())
    elsewhere("DELETE FROM mail")
    seen.append(state())
    assert len(set(seen)) == len(seen)


def test_what_is_not_committed_yet_is_a_state_of_its_own_later():
    make_staff()
    before = state()
    with database.transaction():
        database.execute(RENAME)
        assert state() is None
    assert state() != before


def test_a_writer_at_work_is_seen_when_done():
    make_staff()
    with ThreadPoolExecutor(1) as other:
        other.submit(database.db.begin).result()
        other.submit(database.execute, RENAME).result()
        during = state()
        other.submit(database.db.commit).result()
        other.submit(database.close).result()
    assert state() != during


@pytest.mark.engines("sqlite")
def test_a_new_connection_does_not_know_the_old_ones_counters():
    before = state()
    database.close()
    assert state() != before


@pytest.mark.engines("postgresql")
def test_it_is_asked_again_when_the_server_has_left():
    state()
    pid = database.scalar("SELECT pg_backend_pid()")
    elsewhere(f"SELECT pg_terminate_backend({pid})")
    assert state() is not None
