"""A database that came back as another one, beneath connections that remember the first (E49)."""

from collections.abc import Iterator
from contextlib import contextmanager

import peewee
import psycopg
import pytest

from giftweb import codes, database, installation, models
from giftweb.domain import audit, staff
from giftweb.errors import SchemaChanged, Unavailable
from tests import factories
from tests.factories import ROOT, make_campaign, make_card, make_checkout

pytestmark = [pytest.mark.engines("postgresql"), pytest.mark.proves("E49")]


def owner(engine, *statements: str) -> None:
    """The operator, at a terminal of the database's own."""
    with psycopg.connect(engine.url, autocommit=True) as terminal:
        for statement in statements:
            terminal.execute(statement)


@contextmanager
def tables_gone(engine) -> Iterator[None]:
    """A restore that has taken the tables away and not yet brought them back."""
    owner(engine, "ALTER SCHEMA public RENAME TO aside", "CREATE SCHEMA public")
    try:
        yield
    finally:
        owner(engine, "DROP SCHEMA public", "ALTER SCHEMA aside RENAME TO public")


@pytest.fixture
def probe(engine) -> Iterator[str]:
    """A table of the test's own, known to this connection: a new one, which still prepares what it
    is asked."""
    database.close()
    owner(engine, "CREATE TABLE probe (value TEXT)", "INSERT INTO probe VALUES ('1')")
    yield "probe"
    database.close()
    owner(engine, "DROP TABLE probe")


@pytest.mark.parametrize("way", ["plain", "peewee"])
def test_a_plan_that_fits_no_more_costs_one_answer_and_the_connection(engine, probe, way):
    table = peewee.Table(probe, ("value",)).bind(database.db)

    def ask() -> object:
        if way == "plain":
            return database.scalar(f"SELECT value FROM {probe}")
        return table.select(table.value).scalar()

    for _ in range(8):
        assert ask() == "1"
    connection = database.db.obj.connection()
    owner(engine, f"ALTER TABLE {probe} ALTER value TYPE INTEGER USING value::integer")
    with pytest.raises(Unavailable):
        ask()
    assert connection.closed
    assert ask() == 1


def test_a_plan_that_fits_no_more_ends_a_transaction_whole(engine, probe):
    for _ in range(3):
        database.scalar(f"SELECT value FROM {probe}")
    owner(engine, f"ALTER TABLE {probe} ALTER value TYPE INTEGER USING value::integer")

    @database.transactional
    def verb() -> None:
        audit.record(by=ROOT, action="test", subject="test")
        database.scalar(f"SELECT value FROM {probe}")

    with pytest.raises(Unavailable):
        verb()
    assert models.AuditEntry.select().count() == 0
    assert database.scalar(f"SELECT value FROM {probe}") == 1


def test_while_the_tables_are_gone_every_door_says_so_and_works_again_after(engine, app, api):
    campaign, card = make_campaign(), make_card()
    shop, desk, opened = api(campaign.id), app.test_client(), make_checkout(campaign_id=campaign.id)
    key = staff.sessions.open_for(factories.make_staff("root").id, agent="the tests")
    with desk.session_transaction() as session:
        session.update(_user_id=key, _fresh=True)

    def statuses() -> list[int]:
        return [
            app.test_client().post("/balance", data={"code": card.code}).status_code,
            desk.get(f"/staff/gift-cards/{card.card.id}").status_code,
            desk.get("/staff/orders/").status_code,
            shop.post(f"/checkouts/{opened.id}/gift-cards", {"code": card.code}).status_code,
            shop.delete(f"/checkouts/{opened.id}/gift-cards/{card.card.id}").status_code,
        ]

    for _ in range(6):
        assert set(statuses()) == {200}
    with tables_gone(engine):
        assert set(statuses()) == {503}
        with pytest.raises(SchemaChanged):
            models.GiftCard.select().count()
    assert set(statuses()) == {200}


def test_who_starts_waits_for_no_tables(engine, config, monkeypatch):
    monkeypatch.setattr("giftweb.installation.time", None)
    owner(engine, "ALTER TABLE key_version RENAME TO aside")
    try:
        with pytest.raises(SchemaChanged):
            installation.check_when_reachable(config)
    finally:
        owner(engine, "ALTER TABLE aside RENAME TO key_version")


def test_counters_that_a_restore_left_out_are_created_again(engine, app):
    for _ in range(2):
        owner(engine, "DROP TABLE IF EXISTS throttle")
        answer = app.test_client().post("/balance", data={"code": codes.generate()})
        assert answer.status_code == 404
    assert database.scalar("SELECT COUNT(*) FROM throttle") > 0
