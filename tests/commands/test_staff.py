"""`flask staff create`: the password comes by standard input, or is generated and told once."""

import os
import subprocess
import sys

import pytest

from giftweb.domain import audit, staff
from giftweb.domain.audit.search import Wanted
from tests import factories
from tests.factories import PASSWORD, make_staff

WANTED = ("--email", "Ann@giftweb.test", "--name", "Ann Smith", "--role", "root")


@pytest.fixture
def flask(app):
    """Run the command with this on standard input."""

    def run(*arguments: str, given: str = ""):
        return app.test_cli_runner().invoke(args=["staff", "create", *arguments], input=given)

    return run


def test_a_piped_password_signs_in_and_nothing_is_printed_on_standard_output(flask):
    ran = flask(*WANTED, given=f"{PASSWORD}\n")
    assert (ran.exit_code, ran.stdout) == (0, "")
    person = factories.person_with("ann@giftweb.test")
    assert (person.name, person.role, person.has_password) == ("Ann Smith", "root", True)
    assert staff.is_password(person.id, password=PASSWORD)
    entry = audit.search.search(Wanted(subject=person.id), limit=1).items[0]
    assert (entry.action, entry.actor_kind, entry.reason) == (
        "staff.created",
        "cli",
        "flask staff create",
    )


def test_without_a_password_a_generated_one_is_printed_alone(flask, app):
    ran = flask(*WANTED)
    assert ran.exit_code == 0
    password = ran.stdout.strip()
    staff.passwords.require_strong(password, email="ann@giftweb.test", name="Ann Smith")
    assert staff.is_password(factories.person_with("ann@giftweb.test").id, password=password)
    assert password not in ran.stderr
    door = f"{app.config['GIFTWEB'].base_url}/login"
    assert f"Ann Smith signs in at {door} with ann@giftweb.test" in ran.stderr


@pytest.mark.parametrize(
    ("wanted", "given", "found"),
    [
        (WANTED, "password1234\n", "password: This password is too easy to guess."),
        (WANTED, "short\n", "Use 10 characters or more."),
        (("--email", "ann", *WANTED[2:]), PASSWORD, "name@example.com"),
        ((*WANTED[:3], " ", *WANTED[4:]), PASSWORD, "Enter a name"),
        ((*WANTED[:5], "emperor"), PASSWORD, "customer_service_admin"),
        (WANTED[:4], PASSWORD, "--role"),
    ],
)
def test_what_cannot_be_used_is_reported_on_standard_error(flask, wanted, given, found):
    ran = flask(*wanted, given=given)
    assert ran.exit_code != 0
    assert found in ran.stderr
    assert ran.stdout == ""
    assert staff.search(limit=1).count == 0


def test_an_address_that_is_taken_is_reported(flask):
    make_staff("root", email="ann@giftweb.test")
    ran = flask(*WANTED, given=PASSWORD)
    assert ran.exit_code == 1
    assert "email: Somebody signs in with this address already." in ran.stderr


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("given", [f"{PASSWORD}\r\n", ""])
def test_the_real_command_reads_a_real_pipe(engine, keys_path, given):
    environ = os.environ | {"DATABASE_URL": engine.url, "GIFTWEB_KEYS": str(keys_path)}
    command = [sys.executable, "-m", "flask", "--app", "app", "staff", "create", *WANTED]
    ran = subprocess.run(command, input=given, env=environ, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    person = factories.person_with("ann@giftweb.test")
    assert staff.is_password(person.id, password=given.strip() or ran.stdout.strip())
    assert bool(ran.stdout) is not bool(given)
