"""What the documents say is so: links, make's targets, settings, commands."""

import re
from pathlib import Path

import click
import pytest

import app as application
from giftweb.config import from_environment

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).parent.parent
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


def test_the_settings_are_those_that_the_program_reads():
    source = (ROOT / "giftweb/config.py").read_text()
    read = set(re.findall(r"env\.get\(\"([A-Z_]+)\"", source))
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
