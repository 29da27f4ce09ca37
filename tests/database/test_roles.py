"""The role that web and worker have on PostgreSQL: enough to work, and not enough to rob."""

from collections.abc import Iterator

import peewee
import pytest

from giftweb import database
from giftweb.database import guards, schema
from giftweb.domain import audit, cards, operations, refunds
from giftweb.errors import SchemaChanged
from tests.factories import AGENT, ROOT, amount_of, goods, make_card, make_staff
from tests.orders import paid_by, place
from tests.served import ROOT as FOLDER

pytestmark = [pytest.mark.engines("postgresql"), pytest.mark.proves("X18")]

ROLES = (FOLDER / "deploy/roles.sql").read_text()
BOOKS = ("transfer", "audit_entry", "account", "gift_card", "payment", "refund", "orders")


@pytest.fixture
def as_runner(worker_id) -> Iterator[None]:
    """The program works under the role of deploy/roles.sql.

    A role is the whole server's, which pytest's workers share: each has one of another name.
    """
    role = f"giftweb_run_{worker_id}"
    for _ in range(2):
        database.execute(ROLES.replace("giftweb_run", role))
    database.execute(f"SET ROLE {role}")
    yield
    database.execute("RESET ROLE")
    database.execute(f"DROP OWNED BY {role}")
    database.execute(f"DROP ROLE {role}")


@pytest.mark.usefixtures("as_runner")
def test_the_program_works_under_the_role(client):
    card = make_card("100.00 USD")
    cards.top_up(card.card.id, amount=amount_of("5.00 USD"), by=AGENT)
    cards.freeze(card.card.id, by=AGENT)
    cards.unfreeze(card.card.id, by=ROOT)
    order = place(goods("20.00 USD"), cards=[card])
    refunds.refund(paid_by(order, "gift_card").id, amount=amount_of("3.00 USD"), by=AGENT)
    make_staff("finance")
    assert client.post("/balance", data={"code": "000000000000000"}).status_code == 404
    assert client.post("/balance", data={"code": card.code}).status_code == 200
    assert audit.checkpoints.write()
    operations.housekeeping.prune()
    assert audit.checks.run() == []
    schema.check()


@pytest.mark.usefixtures("as_runner")
@pytest.mark.parametrize(
    "statement",
    [
        *(f"DELETE FROM {table}" for table in (*BOOKS, "ledger_checkpoint", "staff", "api_key")),
        *(f"TRUNCATE {table} CASCADE" for table in (*BOOKS, "idempotency_key", "note")),
        "ALTER TABLE transfer DISABLE TRIGGER transfer_is_append_only",
        "DROP TRIGGER transfer_is_append_only ON transfer",
        "CREATE OR REPLACE FUNCTION giftweb_refuse() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NEW; END $$",
        "CREATE TABLE planted (id TEXT)",
        "DROP TABLE note",
        "ALTER TABLE gift_card DROP CONSTRAINT gift_card_pkey",
        "SET session_replication_role = replica",
        "CREATE ROLE another",
        "INSERT INTO schema_step VALUES ('9999')",
    ],
)
def test_the_role_can_neither_change_the_house_nor_take_anything_out_of_the_books(statement):
    with pytest.raises(SchemaChanged) as refused:
        database.execute(statement)
    why = str(refused.value.__cause__)
    assert "permission denied" in why or "must be owner" in why


@pytest.mark.usefixtures("as_runner")
def test_what_the_role_may_write_the_guards_still_refuse():
    make_card("10.00 USD")
    with pytest.raises(peewee.IntegrityError):
        database.execute("UPDATE transfer SET amount_minor = 1")
    assert guards.missing() == []
