"""Seals of rows: each column is covered or left out on purpose, no statement goes past them."""

import ast
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from giftweb import database, models
from giftweb.domain import audit, payments, refunds
from giftweb.domain.audit.seals import RESOLVED, SEALED
from tests.factories import AGENT, goods, make_card
from tests.orders import paid_by, place, provider
from tests.races import at_once

LEFT_OUT = {
    "gift_card": {"code_index", "code_sealed", "key_version"},
    "hold": set(RESOLVED),
    "orders": {"number"},
    "payment": {"refunded_minor", "card_refunded_minor", "charged_back_minor"},
}
"""Checked otherwise: by I28, by the seal of a hold's end, by the log, by sums."""

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "giftweb/domain").glob("*.py"))


@pytest.mark.no_database
@pytest.mark.proves("I7")
@pytest.mark.parametrize("table", SEALED)
def test_every_column_is_sealed_or_left_out_on_purpose(table):
    (model,) = [each for each in models.TABLES if each._meta.table_name == table]
    columns = {field.column_name for field in model._meta.sorted_fields}
    assert columns == {*SEALED[table], *LEFT_OUT.get(table, ()), "seal"}
    assert len(set(SEALED[table])) == len(SEALED[table])


def statements(path: Path) -> Iterator[str]:
    """The texts of a file; what is put into them shows as ``?``."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "?" for part in node.values)
            yield "".join(map(str, parts))


@pytest.mark.no_database
@pytest.mark.proves("I7")
def test_no_statement_changes_a_sealed_column_past_its_seal():
    update = re.compile(rf"UPDATE ({'|'.join(SEALED)}) SET (.*?)( WHERE|$)")
    past = [
        f"{path.name}: {text}"
        for path in SOURCES
        for text in statements(path)
        for table, settings, _ in update.findall(text)
        if set(re.findall(r"(\w+) = ", settings)) & set(SEALED[table]) and "seal = ?" not in text
    ]
    assert not past


@pytest.mark.no_database
@pytest.mark.proves("I7")
def test_no_row_is_written_without_its_seal():
    bare = re.compile(rf'database\.insert\(\s*"({"|".join(SEALED)})"')
    assert not [path.name for path in SOURCES if bare.search(path.read_text())]


@pytest.mark.engines("postgresql")
@pytest.mark.proves("I7")
def test_a_refund_that_two_ask_the_provider_for_keeps_its_seal():
    for _ in range(5):
        with provider("unknown", "succeeded", "unknown"):
            order = place(goods("91.00 USD"), gateway="stripe")
            given = refunds.refund(paid_by(order, "credit_card").id, by=AGENT)
            at_once(*[partial(refunds.carry_out, [given.id])] * 3)
        assert payments.refund_values.find(given.id).stored_status == "succeeded"
        assert not audit.checks.run()


@pytest.mark.tampers
@pytest.mark.proves("I7")
def test_what_was_broken_stays_broken():
    card_id = make_card().card.id
    database.execute("UPDATE gift_card SET holder_email = 'eve@example.com' WHERE id = ?", card_id)
    audit.seals.change("gift_card", card_id, state="frozen")
    assert ("I7 rows", card_id) in [(each.check, each.row) for each in audit.checks.run()]
    audit.seals.change("gift_card", "gc_nobody", state="frozen")
