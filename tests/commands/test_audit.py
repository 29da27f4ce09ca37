"""`flask audit`: a line a check, each breach named, exit code 0 or 1."""

import json

import pytest

from giftweb import database
from giftweb.database import guards
from giftweb.domain import audit
from tests.factories import make_card


@pytest.fixture
def flask(app):
    """Run the command."""
    return lambda *arguments: app.test_cli_runner().invoke(args=["audit", *arguments])


def test_a_clean_audit_names_every_check_and_exits_with_0(flask):
    make_card()
    ran = flask()
    assert ran.exit_code == 0
    for name in audit.checks.names():
        assert f"{name}: holds" in ran.stdout
    found = json.loads(flask("--json").stdout)
    assert found["ok"] is True
    assert [check["name"] for check in found["checks"]] == audit.checks.names()


@pytest.mark.tampers
@pytest.mark.proves("I4", "I7")
def test_each_breach_is_named_with_its_row_and_the_exit_code_is_1(flask):
    card_id = make_card().card.id
    on = " ON account" if database.is_postgres() else ""
    database.execute(f"DROP TRIGGER account_moves_with_its_version{on}")
    database.execute(
        "UPDATE account SET balance_minor = 9999, goodwill_minor = 9999 WHERE id = ?", card_id
    )
    ran = flask("--json")
    found = json.loads(ran.stdout)
    assert (ran.exit_code, found["ok"]) == (1, False)
    broken = {check["name"]: check["breaches"] for check in found["checks"] if not check["ok"]}
    assert broken["I4 balances"][0]["row"] == card_id
    assert "I6 guards" in broken
    assert f"{card_id}: balance 9999" in flask().stdout
    guards.install()


@pytest.mark.proves("X18")
def test_an_anchor_is_written_to_a_file_and_compared(flask, tmp_path):
    file = tmp_path / "anchors"
    for _ in range(2):
        make_card()
        assert flask("--anchor", str(file)).exit_code == 0
    first, second = file.read_text().splitlines()
    assert flask("--since", str(file), "--since", first).exit_code == 0
    forged = second[:-1] + ("0" if second[-1] != "0" else "1")
    ran = flask("--since", forged)
    assert ran.exit_code == 1
    assert "checkpoint 2: it is not the one that left the house" in ran.stdout
    audit.anchors.forget()


@pytest.mark.proves("X18")
@pytest.mark.parametrize("since", ["giftweb-anchor", "giftweb-anchor 1", "no-such-file"])
def test_what_is_no_anchor_is_an_error_and_not_a_clean_audit(flask, since):
    ran = flask("--since", since)
    assert ran.exit_code not in (0, None)
    assert "holds" not in ran.stdout
