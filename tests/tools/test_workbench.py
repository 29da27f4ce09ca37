"""What `make dev`, `make shell` and the hooks of pre-commit promise to who changes the code."""

import importlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from werkzeug.test import Client

from bench import run
from giftweb import database
from giftweb.database import schema
from tests.factories import make_card
from tests.served import serving
from tests.tools.documented import ROOT
from tools import queries, requirements, shell, workbench
from tools.queries import Query


def test_every_statement_of_a_request_is_reported_with_its_time(app, watched, capsys):
    card = make_card("25.00 USD")
    app.wsgi_app, before = workbench.Reporting(app.wsgi_app), app.wsgi_app
    try:
        assert "$25.00" in app.test_client().post("/balance", data={"code": card.code}).text
    finally:
        app.wsgi_app = before
    head, *lines = capsys.readouterr().out.splitlines()
    assert re.match(r"POST /balance 200 in \d+\.\d ms, [1-9] quer(y|ies) in \d+\.\d ms$", head)
    assert len(lines) == int(re.search(r"(\d) quer", head)[1])
    assert [line for line in lines if re.match(r" +\d+\.\d ms  SELECT .*balance_minor", line)]


def test_what_peewee_asks_is_reported_too(watched):
    with queries.collecting() as sent:
        database.db.execute_sql("SELECT 1 AS one\n FROM staff")
    assert [query.text for query in sent] == ["SELECT 1 AS one FROM staff"]
    database.db.execute_sql("SELECT 2")
    assert len(sent) == 1


@pytest.mark.no_database
def test_the_style_guide_is_served_beside_the_application():
    def application(environ, start_response):
        start_response("200 OK", [])
        return [b"the application"]

    client = Client(workbench.with_styleguide(application))
    assert "Style guide: forms" in client.get("/styleguide/forms").text
    assert client.get("/styleguide/static/styleguide.css").status_code == 200
    assert client.get("/staff/").text == "the application"


@pytest.mark.no_database
def test_a_long_statement_is_cut_and_one_query_is_no_queries():
    found = workbench.report("GET /", "200", 0.0021, [Query("SELECT " + "x" * 300, 0.0004)])
    head, line = found.splitlines()
    assert head == "GET / 200 in 2.1 ms, 1 query in 0.4 ms"
    assert line.endswith("x …")
    assert len(line) < 180


@pytest.fixture
def copied(tmp_path):
    """A copy of the program, to be changed."""
    for name in ("giftweb", "tools", "examples"):
        shutil.copytree(ROOT / name, tmp_path / "copy" / name, symlinks=True)
    shutil.copy2(ROOT / "app.py", tmp_path / "copy")
    return tmp_path / "copy"


def answer_of(address: str, *, status: int) -> str:
    """The page at an address, once it answers with that status."""
    deadline = time.monotonic() + 30
    while True:
        try:
            response = urllib.request.urlopen(address)
        except urllib.error.HTTPError as refusal:
            response = refusal
        except OSError:  # It is starting again.
            response = None
        if response and response.status == status:
            return response.read().decode()
        assert time.monotonic() < deadline, f"{address} does not answer {status}"
        time.sleep(0.05)


@pytest.mark.engines("sqlite")
def test_make_dev_starts_again_when_a_file_changes(engine, keys_path, copied, capfd):
    printed = ""

    def wait_for(words: str, *, times: int) -> None:
        nonlocal printed
        deadline = time.monotonic() + 30
        while printed.count(words) < times:
            assert time.monotonic() < deadline, printed
            time.sleep(0.05)
            printed += capfd.readouterr().out

    make_card("25.00 USD")
    with serving(engine.url, keys_path, module="tools.dev", root=copied) as address:
        answer_of(f"{address}/balance", status=200)
        wait_for("GET /balance 200 in", times=1)
        os.utime(copied / "giftweb/templates/base.html")
        wait_for("Ctrl-C stops it.", times=2)
        answer_of(f"{address}/balance", status=200)
        wait_for("GET /balance 200 in", times=2)


@pytest.mark.engines("sqlite")
def test_make_dev_shows_a_syntax_error_until_it_is_mended(engine, keys_path, copied, capfd):
    make_card("25.00 USD")
    module = copied / "giftweb/blueprints/health.py"
    text = module.read_text()
    with serving(engine.url, keys_path, module="tools.dev", root=copied) as address:
        module.write_text(f"{text}def (\n")
        assert "SyntaxError" in answer_of(f"{address}/balance", status=500)
        module.write_text(text)
        answer_of(f"{address}/balance", status=200)
    printed = "".join(capfd.readouterr())
    assert "SyntaxError" in printed
    assert "\\x1b" not in printed
    assert "development server" not in printed


def typed(text: str, url: str, keys_path) -> subprocess.CompletedProcess:
    """The shell, after a script came through its pipe."""
    environ = {**os.environ, "DATABASE_URL": url, "GIFTWEB_KEYS": str(keys_path)}
    command = [sys.executable, "-m", "tools.shell"]
    return subprocess.run(
        command, cwd=ROOT, env=environ, input=text, capture_output=True, text=True
    )


def test_make_shell_runs_what_comes_through_a_pipe(engine, keys_path):
    card = make_card("25.00 USD")
    script = (
        "for card in GiftCard.select():\n    print(card.id)\n"
        f"print(cards.find('{card.card.id}').balance == Money(2500, 'USD'), app.name)\n"
    )
    done = typed(script, engine.url, keys_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{card.card.id}\nTrue giftweb\n"


@pytest.mark.engines("sqlite")
def test_a_script_that_fails_in_the_shell_ends_with_an_error(engine, keys_path, tmp_path):
    assert typed("nothing_like_that", engine.url, keys_path).returncode == 1
    empty = typed("", f"sqlite:///{tmp_path}/empty.db", keys_path)
    assert empty.returncode == 1
    first, *others = schema.steps()
    waiting = f"{first} and {len(others)} more are not applied."
    assert empty.stderr == f"Run `flask db upgrade`: {waiting}\n"


@pytest.mark.no_database
def test_the_shell_has_every_package_of_the_domain_at_hand():
    assert {"cards", "orders", "refunds", "audit", "throttle"} <= shell.packages().keys()


@pytest.mark.no_database
def test_who_asks_for_help_starts_nothing(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["requirements", "--help"])
    monkeypatch.setattr(subprocess, "run", None)
    with pytest.raises(SystemExit, match=r"^0$"):
        requirements.main()
    assert capsys.readouterr().out.startswith("usage: python -m tools.requirements")


@pytest.mark.no_database
def test_the_hooks_run_what_make_check_runs():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    make = (ROOT / "Makefile").read_text()
    recipes = dict(re.findall(r"^check-([a-z]+):\n((?:\t.*\n)+)", make, re.MULTILINE))
    listed = re.search(r"^CHECKS := \$\(addprefix check-,(.*)\)$", make, re.MULTILINE)
    assert set(listed[1].split()) == set(recipes)
    lines = "".join(recipes.values()).splitlines()
    checks = [line.strip().removeprefix("$(BIN)/") for line in lines]
    entries = re.findall(r"entry: \.venv/bin/(.*)", hooks)
    assert sorted(entry.replace(" --force-exclude", "") for entry in entries) == sorted(
        re.sub(r"( \.| giftweb/templates .*)$", "", check) for check in checks
    )
    assert hooks.count("language: system") == len(entries)
    assert re.findall(r"repo: (.*)", hooks) == ["local"]
    assert "\npre-commit>=" in (ROOT / "requirements-dev.in").read_text()


@pytest.mark.parametrize("name", run.benchmarks())
def test_every_benchmark_can_be_loaded(name):
    assert callable(importlib.import_module(f"bench.{name}").run)
