"""What the step says of money that an older program moved is what the program says today."""

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftweb import database
from giftweb.database import schema
from giftweb.models import FUNDED
from tests.domain.ledger import test_funding as walks
from tests.tampering import everything

pytestmark = pytest.mark.tampers


def history():
    (path,) = schema.STEPS.glob("*_where_money_came_from.py")
    spec = importlib.util.spec_from_file_location("step", path)
    step = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(step)
    return step.History(
        dict(database.rows("SELECT id, replaces_id FROM gift_card WHERE replaces_id IS NOT NULL"))
    )


def assert_the_step_says_the_same():
    parts = ", ".join(FUNDED)
    found = history()
    for row in database.rows(
        "SELECT id, kind, card_id, from_account, to_account, amount_minor, parent_id,"
        f" {parts} FROM transfer ORDER BY number"
    ):
        assert found.follow(*row[:7]) == tuple(row[7:]), row[:7]
    for card_id, *left in database.rows(f"SELECT id, {parts} FROM account"):
        assert found.left.get(card_id, (0,) * len(FUNDED)) == tuple(left)


@pytest.mark.proves("D29", "I35", "E9")
def test_of_one_of_everything():
    everything()
    assert_the_step_says_the_same()


@pytest.mark.proves("D29", "I35", "E9")
@walks.examples
@given(
    st.sampled_from(walks.SOURCES),
    st.lists(walks.BRINGING | walks.TAKING | walks.RETURNING | walks.REPLACING, max_size=14),
)
def test_of_any_card_with_money_of_several_sources(source, steps):
    walks.walked(source, steps)
    assert_the_step_says_the_same()
