"""A column that names a row of another table is a foreign key, on both engines."""

import peewee
import pytest

from giftweb import database, models
from giftweb.database import constraints

OF_MANY_KINDS = {("audit_entry", "actor_id")}
"""A member of staff, a customer, an API key, or a name: no single table has them all."""

KEYS_OF_SUMS = {
    *(("daily_sum", "campaign_id"), ("daily_sum", "acceptor_id")),
    *(("monthly_sum", "campaign_id"), ("monthly_sum", "acceptor_id")),
    *(("daily_age", "campaign_id"), ("daily_life", "campaign_id")),
    *(("monthly_age", "campaign_id"), ("monthly_life", "campaign_id")),
    *(("bonus_sum", "campaign_id"), ("bonus_order", "campaign_id")),
}
"""Parts of the key of a sum that is computed anew: empty text stands for no campaign."""

_DECLARED = {
    "sqlite": 'SELECT m.name, k."from", k."table", k."to" FROM sqlite_master m,'
    " pragma_foreign_key_list(m.name) k WHERE m.type = 'table' AND k.on_delete = 'RESTRICT'",
    "postgresql": """
        SELECT t.relname, a.attname, p.relname, f.attname
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        JOIN pg_class p ON p.oid = c.confrelid
        CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (own, named)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.own
        JOIN pg_attribute f ON f.attrelid = p.oid AND f.attnum = k.named
        WHERE c.contype = 'f' AND c.confdeltype = 'r' AND c.convalidated""",
}


def declared(engine) -> set[tuple[str, str, str, str]]:
    """(table, column, the table it names, the column there) of each foreign key."""
    return {tuple(row) for row in database.rows(_DECLARED[engine.name])}


@pytest.mark.proves("I3", "I20")
def test_every_column_that_names_a_row_is_a_foreign_key(engine):
    named = {(table, column) for table, column, *_ in declared(engine)}
    columns = {
        (table._meta.table_name, field.column_name)
        for table in models.TABLES
        for field in table._meta.sorted_fields
        if field.column_name.endswith("_id")
    }
    assert columns - named == OF_MANY_KINDS | KEYS_OF_SUMS


def test_every_foreign_key_leads_to_the_id_of_the_table_that_its_column_speaks_of(engine):
    parents = {(table, column): parent for table, column, parent, to in declared(engine)}
    assert parents["payment", "hold_id"] == "hold"
    assert parents["gift_card", "order_item_id"] == "order_item"
    for (_, column), parent in parents.items():
        if column == "order_id":
            assert parent == "orders"
        if column == "transfer_id":
            assert parent == "transfer"
    for table, column, parent, to in declared(engine):
        assert to == ("id" if column.endswith("_id") else column), (table, parent)


@pytest.mark.parametrize("column", ["card_id", "order_id"])
def test_a_mail_names_what_is_there(engine, column):
    row = {"id": "mail_1", "kind": "card", "to_email": "ann@example.com", "state": "sent"}
    row |= {"is_test": False, "attempts": 0, "due_at": 0, "created_at": 0}
    with database.transaction():
        database.insert("mail", **row)
    with pytest.raises(peewee.IntegrityError) as problem, database.transaction():
        database.insert("mail", **row | {"id": "mail_2", column: "none_1"})
    assert constraints.name_of(problem.value) in (
        f"mail_{column}_fkey",
        "FOREIGN KEY constraint failed",
    )
