"""Commands on a database or with keys that are not theirs: a sentence, no traceback."""

import json
import os
import subprocess
import sys

import pytest

from tests.served import ROOT

pytestmark = pytest.mark.no_database

CAMPAIGN = ("campaign", "create", "--name", "N", "--currency", "USD")


@pytest.fixture
def flask(tmp_path):
    """Run a command on a database of its own; settings by keyword."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess:
        settings = {
            "DATABASE_URL": f"sqlite:///{tmp_path}/x.db",
            "GIFTWEB_KEYS": str(tmp_path / "keys.json"),
        }
        return subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=ROOT,
            env={**os.environ, **settings, **environ},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def refuses(ran: subprocess.CompletedProcess, why: str) -> None:
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert why in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_database_that_was_never_migrated(flask):
    for arguments in (CAMPAIGN, ("audit",), ("gift-card", "export", "-")):
        refuses(flask(*arguments), "flask db upgrade")
    assert flask("gift-card", "issue", "--help").returncode == 0


def test_keys_that_are_missing_damaged_or_another_ones(flask, tmp_path):
    assert flask("db", "upgrade").returncode == 0
    refuses(flask(*CAMPAIGN, GIFTWEB_KEYS=str(tmp_path / "none.json")), "is missing")
    damaged = tmp_path / "damaged.json"
    damaged.write_text("{")
    damaged.chmod(0o600)
    refuses(flask(*CAMPAIGN, GIFTWEB_KEYS=str(damaged)), "is damaged")
    refuses(flask("--app", "app", *CAMPAIGN, GIFTWEB_KEYS=str(damaged)), "is damaged")
    keys = json.loads((tmp_path / "keys.json").read_text())
    keys["versions"]["1"] = dict.fromkeys(keys["versions"]["1"], "00" * 32)
    others = tmp_path / "others.json"
    others.write_text(json.dumps(keys))
    others.chmod(0o600)
    refuses(flask(*CAMPAIGN, GIFTWEB_KEYS=str(others)), "keys file")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("DATABASE_URL", "mysql://x", "must start with"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/x", "Connection refused"),
        ("BASE_CURRENCY", "dollars", "is not a currency"),
    ],
)
def test_a_setting_that_cannot_be_used(flask, name, value, why):
    refuses(flask(*CAMPAIGN, **{name: value}), why)


def test_a_worker_that_looks_once_waits_for_no_database(flask):
    refused = "postgresql://nobody@127.0.0.1:1/x"
    refuses(flask("--app", "app", "worker", "--once", DATABASE_URL=refused), "Connection refused")
