"""What a command is given by name: a campaign that there is not, a file that cannot be used."""

import errno
import os
import subprocess
import sys

import pytest

from giftweb.domain import cards
from tests.factories import make_campaign, make_card
from tests.served import ROOT


@pytest.fixture
def flask(app):
    """Run a command."""

    def run(*arguments: str):
        return app.test_cli_runner().invoke(args=list(arguments))

    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ("campaign", "edit", "nope"),
        ("campaign", "key", "create", "nope"),
        ("campaign", "key", "list", "nope"),
        ("report", "liability", "--campaign", "nope"),
        ("test-data", "purge", "--campaign", "nope"),
        ("webhook", "listen", "--forward-to", "http://127.0.0.1:1/", "--campaign", "nope"),
        ("webhook", "send", "webhook.test", "--campaign", "nope"),
        (
            "gift-card",
            "stock",
            "new.csv",
            "--count",
            "1",
            "--currency",
            "USD",
            "--campaign",
            "nope",
        ),
        ("gift-card", "import", "{file}", "--campaign", "nope"),
        ("gift-card", "import", "{file}", "--as", "stock", "--campaign", "nope"),
    ],
)
def test_a_campaign_that_there_is_not_has_one_sentence(flask, tmp_path, arguments):
    file = tmp_path / "cards.csv"
    file.write_text("code,balance\n")
    ran = flask(*(each.format(file=file) for each in arguments))
    assert ran.exit_code == 1
    assert ran.stdout == ""
    assert ran.stderr.splitlines()[-1] == "Error: There is no campaign nope."


def test_an_event_that_there_is_not_is_named(flask):
    name = "evt_01m8pqd65qwnsvbz3qbrg76g3r"
    ran = flask("webhook", "send", name, "--forward-to", "http://127.0.0.1:1/")
    assert ran.exit_code == 1
    assert f"No event {name} has happened yet." in ran.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("gift-card", "export", "{folder}/cards.csv"),
        ("gift-card", "export", "{folder}/cards.xlsx"),
        ("gift-card", "stock", "{folder}/cards.csv", "--count", "1", "--currency", "USD"),
        ("backup", "{folder}/backup"),
        ("audit", "--anchor", "{folder}/anchors"),
    ],
)
def test_a_file_that_cannot_be_written_is_named_with_the_reason(flask, tmp_path, arguments):
    make_card(campaign_id=make_campaign().id)
    folder = tmp_path / "none"
    ran = flask(*(each.format(folder=folder) for each in arguments))
    assert ran.exit_code == 1
    [sentence] = [line for line in ran.stderr.splitlines() if line.startswith("Error: ")]
    assert sentence.startswith(f"Error: {folder}/")
    assert sentence.endswith(" cannot be written: No such file or directory.")
    assert cards.select().count() == 1


def test_a_file_that_is_no_text_holds_no_anchor(flask, tmp_path):
    file = tmp_path / "anchors"
    file.write_bytes(b"\xff\xfe\x00")
    ran = flask("audit", "--since", str(file))
    assert ran.exit_code == 1
    assert "There is no anchor here" in ran.stderr


def test_a_damaged_file_of_the_listener_is_named(flask, keys_path):
    place = keys_path.with_name("webhook-listener.json")
    place.write_text("{")
    for options in ((), ("--forward-to", "http://127.0.0.1:1/")):
        ran = flask("webhook", "send", "webhook.test", *options)
        assert ran.exit_code == 1
        assert f"{place} is damaged." in ran.stderr
    place.unlink()


@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments",
    [("report", "liability"), ("report", "liability", "--format", "xlsx"), ("campaign", "list")],
)
def test_an_output_that_is_full_is_an_error_in_a_sentence(engine, keys_path, arguments, buffered):
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                **{"DATABASE_URL": engine.url, "GIFTWEB_KEYS": str(keys_path)},
                "PYTHONUNBUFFERED": buffered,
            },
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert ran.returncode == 1
    assert ran.stderr == f"Error: The system says: {os.strerror(errno.ENOSPC)}.\n"
