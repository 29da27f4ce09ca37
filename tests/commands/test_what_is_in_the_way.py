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
        ("BASE_CURRENCY", "ZZZ", "BASE_CURRENCY is ZZZ: it must be the code of a currency"),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES is -1: it must be a whole number from 0 to"),
        ("PORT", "x", "PORT is x: it must be a whole number from 1 to 65535"),
    ],
)
def test_a_setting_that_cannot_be_used(flask, name, value, why):
    refuses(flask(*CAMPAIGN, **{name: value}), why)


def test_a_damaged_database(flask, tmp_path):
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\x00" + b"x" * 4080)
    backup = tmp_path / "backup"
    assert flask("db", "upgrade").returncode == 0
    assert flask("backup", str(backup)).returncode == 0
    url = f"sqlite:///{damaged}"
    for arguments in (CAMPAIGN, ("audit",), ("db", "upgrade"), ("restore", str(backup))):
        refuses(flask(*arguments, DATABASE_URL=url), "The database is damaged: ")


def test_keys_and_databases_that_are_something_else(flask, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear reader")
    for path in (tmp_path, letter, letter / "x.db"):
        refuses(flask(*CAMPAIGN, DATABASE_URL=f"sqlite:///{path}"), "DATABASE_URL is sqlite:///")
    assert flask("db", "upgrade").returncode == 0
    refuses(flask(*CAMPAIGN, GIFTWEB_KEYS=str(tmp_path)), "cannot be read: Is a directory.")
    refuses(flask(*CAMPAIGN, GIFTWEB_KEYS=str(letter)), "is damaged")
    new = {"DATABASE_URL": f"sqlite:///{tmp_path}/new.db", "GIFTWEB_KEYS": f"{letter}/keys.json"}
    refuses(flask("db", "upgrade", **new), f"{letter} cannot be used: File exists.")


def test_nobody_is_told_to_close_a_file_that_holds_no_keys(flask, tmp_path):
    other = tmp_path / "other.json"
    other.write_text('{"a": 1}')
    other.chmod(0o644)
    refuses(flask(*CAMPAIGN, GIFTWEB_KEYS=str(other)), "is damaged")


def test_a_worker_that_looks_once_waits_for_no_database(flask):
    refused = "postgresql://nobody@127.0.0.1:1/x"
    refuses(flask("--app", "app", "worker", "--once", DATABASE_URL=refused), "Connection refused")
