"""What the documents say is so: links, make's targets, settings, commands."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import click
import pytest

import app as application
from giftweb.config import from_environment

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).parent.parent
SECURITY = ROOT / "docs/security.md"
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("**/*.md")),
]
OF_MAKE = {"HOST", "SHOP_PORT", "WEB_CONCURRENCY"}


def test_every_link_leads_somewhere():
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text())
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert not broken


def test_the_readme_leads_to_each_document_once():
    links = re.findall(r"\]\(([^)#\s]+)", (ROOT / "README.md").read_text())
    assert len(links) == len(set(links))
    pages = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")}
    assert pages - set(links) == {"docs/contributing.md"}, "which CONTRIBUTING.md leads to"


def test_every_decision_is_in_the_list_of_decisions():
    listed = (ROOT / "docs/decisions/README.md").read_text()
    for path in (ROOT / "docs/decisions").glob("0*.md"):
        number = int(path.name[:4])
        assert f"| {number} | [" in listed, path.name
        assert listed.count(f"({path.name})") == 1, path.name


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    naming = re.compile(r"(?:^|`)(?:[A-Z_]+=\S+ )*make ([a-z-]+)", re.MULTILINE)
    for document in DOCUMENTS:
        assert set(naming.findall(document.read_text())) <= targets, document


def test_every_file_that_is_named_exists():
    made = {"instance/keys.json", "instance/giftweb.db", "giftweb/static/vendor/"}
    pattern = r"`((?:giftweb|tests|tools|docs|bench|examples|instance)/[\w./-]+)`"
    missing = [
        f"{document.relative_to(ROOT)}: {name}"
        for document in DOCUMENTS
        for name in re.findall(pattern, document.read_text())
        if name not in made and not (ROOT / name).exists()
    ]
    assert not missing


NAME = re.compile(r"`(_?[A-Z]\w+(?=`)|\w+(?=\(\)))")
FILE = re.compile(r"`((?:giftweb|tests|tools)/[\w./-]+)`")
NAME_IN_FILE = re.compile(
    r"`([\w.]+?)(?:\(\))?` (?:in|of) `((?:giftweb|tests|tools)/[\w./-]+\.py)`"
)
NO_NAMES_OF_OURS = {"COALESCE", "Meta"}


@cache
def words_in(place: str) -> set[str]:
    """The words of a file, or of every module in a folder."""
    path = ROOT / place
    files = path.glob("**/*.py") if path.is_dir() else [path]
    return {word for file in files for word in re.findall(r"\w+", file.read_text())}


def test_a_checklist_names_what_is_in_the_files_that_it_names():
    missing = []
    for document in (ROOT / "docs/how-to").glob("*.md"):
        for line in re.split(r"\n(?=- \[ \])|\n\n", document.read_text()):
            files = FILE.findall(line) or ["giftweb", "tests"]
            known = set().union(*map(words_in, files))
            names = set(NAME.findall(line)) - known - NO_NAMES_OF_OURS
            missing += [f"{document.name}: {name} in {files}" for name in names]
            for name, file in NAME_IN_FILE.findall(" ".join(line.split())):
                if name.rpartition(".")[2] not in words_in(file):
                    missing.append(f"{document.name}: {name} in {file}")
    assert not missing


def test_the_settings_are_those_that_the_program_reads():
    source = (ROOT / "giftweb/config.py").read_text()
    read = set(re.findall(r"\benv(?:\.get\(|, )\"([A-Z_]+)\"", source))
    table = (ROOT / "docs/operating.md").read_text().split("## Settings")[1].split("\n## ")[0]
    first = "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`([A-Z_]+)`", first)) == read | OF_MAKE


def test_every_flask_command_that_is_named_exists(tmp_path):
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "GIFTWEB_KEYS": f"{tmp_path}/keys"}
    cli = application.create_app(from_environment(environ)).cli
    for document in DOCUMENTS:
        for name, verb in re.findall(r"`flask ([a-z-]+)(?: ([a-z-]+))?", document.read_text()):
            command = cli.get_command(click.Context(cli), name)
            assert command is not None, f"{document}: flask {name}"
            group = getattr(command, "commands", None)
            assert group is None or not verb or verb in group, f"{document}: flask {name} {verb}"


SECTIONS = (
    {"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1}
    | {"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4}
    | {"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5}
    | {"6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2}
    | {"8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4}
    | {"10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4}
    | {"11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2}
    | {"13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1}
    | {"16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2}
)
"""How many lines of level 1 or 2 each section of ASVS 5.0.0 has; they come first in each."""

STATES = ("done", "partly", "refused", "asked", "absent")


@pytest.mark.proves("X18")
def test_each_line_of_asvs_has_its_state_and_the_sums_are_right():
    text = (ROOT / "docs/asvs.md").read_text()
    rows = re.findall(r"^\| ([0-9.]+) \| (\w+) \| \S.*\|$", text, re.MULTILINE)
    wanted = [f"{name}.{n}" for name, most in SECTIONS.items() for n in range(1, most + 1)]
    assert [line for line, _ in rows] == wanted
    counts = Counter(state for _, state in rows)
    done, partly, refused, asked, absent = map(counts.get, STATES)
    sums = (
        f"{len(wanted)} lines of the levels 1 and 2: {done} are done, {partly} in part,"
        f" {refused} refused, {asked} asked of whoever runs the program, and {absent} are of"
    )
    assert sums in " ".join(SECURITY.read_text().split())
    assert set(counts) == set(STATES)
