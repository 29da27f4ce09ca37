"""Every command that is written down can be typed as it stands: it is parsed, not carried out."""

import importlib
import os
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

import app as application
from giftweb.config import from_environment
from tests.tools import documented
from tests.tools.documented import ROOT

pytestmark = [pytest.mark.no_database, pytest.mark.proves("E48")]

COMMANDS = documented.commands()
OTHERS = {"echo"}


def _is_of_make(name: str) -> bool:
    """Whether the make that runs these tests has set it, as in ``make test ARGS=...``."""
    return name.startswith("MAKE") or name == "ARGS"


class Reader:
    """Reads commands as the programs do that they name."""

    def __init__(self, cli: click.Group, pytest_options):
        self.cli = cli
        self.pytest_options = pytest_options

    def read(self, command: str) -> None:
        """Fail unless each program that the command names takes its words."""
        for part in command.split(" | "):
            words = shlex.split(part)
            while words and re.match(r"[A-Z_]+=", words[0]):
                words = words[1:]
            program, *rest = words
            self._read(Path(program).name, rest)

    def _read(self, program: str, words: list[str]) -> None:
        if program == "make":
            self._make(words)
        elif program == "flask":
            self._flask([word for word in words if word not in {"--app", "app"}])
        elif program.startswith("python"):
            assert words[0] == "-m", words
            self._module(words[1], words[2:])
        else:
            assert program in OTHERS, program

    def _make(self, words: list[str]) -> None:
        """What make would run, of all that it would bring first and then do."""
        done = subprocess.run(
            ["make", "--dry-run", "--no-print-directory", "-C", str(ROOT), *words],
            capture_output=True,
            text=True,
            env={name: value for name, value in os.environ.items() if not _is_of_make(name)},
        )
        assert done.returncode == 0, done.stderr
        for part in re.split(r"\n| && (?:exec )?", done.stdout):
            if part.startswith(".venv/bin/python -m "):
                self.read(part)

    def _flask(self, words: list[str]) -> None:
        command: click.Command = self.cli
        context = click.Context(command, info_name="flask")
        while words and isinstance(command, click.Group):
            below = command.get_command(context, words[0])
            assert below is not None, f"flask {words[0]}"
            command, words = below, words[1:]
        for word in words:
            if "FILE" in word:
                Path(word).touch()
        if words:  # A command without any is only named.
            command.make_context(command.name, words, parent=context)

    def _module(self, module: str, words: list[str]) -> None:
        """A module of ours takes what its ``reader`` takes, and nothing when it has none."""
        if module == "pytest":
            self.pytest_options.parse(words)
        elif module != "pip":
            found = importlib.util.find_spec(module)
            assert found, module
            is_package = found.submodule_search_locations is not None
            entry = importlib.import_module(f"{module}.__main__" if is_package else module)
            reader = getattr(entry, "reader", None)
            assert reader or not words, f"{module} takes no {words}"
            if reader:
                reader().parse_args(words)


@pytest.fixture(scope="module")
def cli(tmp_path_factory) -> click.Group:
    folder = tmp_path_factory.mktemp("cli")
    environ = {"DATABASE_URL": f"sqlite:///{folder}/x.db", "GIFTWEB_KEYS": f"{folder}/keys"}
    return application.create_app(from_environment(environ)).cli


@pytest.fixture
def reader(cli, pytestconfig, tmp_path, monkeypatch) -> Reader:
    """A reader in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Reader(cli, pytestconfig._parser)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_can_be_typed_as_it_is_written(command, reader):
    reader.read(command)


def test_every_command_shows_its_help_and_what_it_names_there_exists(cli, reader):
    texts = dict(documented.helps(cli, click.Context(cli, info_name="flask")))
    assert texts.keys() >= {"flask audit", "flask gift-card import", "flask worker"}
    for name, text in texts.items():
        assert text.startswith(f"Usage: {name}"), name
        for quoted in re.findall(r"`(flask [^`]+)`", text):
            reader.read(quoted)


def test_commands_are_found_wherever_they_are_written():
    places = {"README.md", "Makefile", "docs/operating.md", "docs/import.md", "tools/shell.py"}
    assert places <= set(COMMANDS.values())
    assert {
        "make soak BUDGET=60",
        'make test ARGS="-k refund"',
        "flask gift-card import FILE.csv --dry-run",
        "python -m tests.soak --minutes 10",
    } <= COMMANDS.keys()


@pytest.mark.parametrize(
    "command",
    [
        "flask gift-card import FILE.csv --dry",
        "flask gift-cards",
        "make everything",
        'make test ARGS="--kind refund"',
        "make soak BUDGET=ten",
        'make bench BENCH="speed"',
        "python -m tools.nothing",
        "python -m tools.vendor htmx",
        "rails server",
    ],
)
def test_a_command_that_cannot_be_typed_is_noticed(command, reader):
    with pytest.raises((AssertionError, click.UsageError, pytest.UsageError, SystemExit)):
        reader.read(command)
