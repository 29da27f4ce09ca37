"""``flask staff``: people of the desk from the command line; the first Root is created here."""

import select
import sys

import click
from flask import current_app
from flask.cli import AppGroup

from giftweb.commands.options import OPERATOR, domain_errors_to_click
from giftweb.domain import emails
from giftweb.domain.staff import passwords, people

staff = AppGroup("staff", help="People who sign in to the desk.")

PIPE_SECONDS = 3
"""How long a pipe may be silent before we take it that it brings no password."""


@staff.command("create")
@click.option("--email", required=True, help="What the person signs in with.")
@click.option("--name", required=True, help="What colleagues call the person.")
@click.option("--role", required=True, type=click.Choice(people.ROLES), help="What they may do.")
def create(email: str, name: str, role: str) -> None:
    """Make a person. The password is read from standard input; without one, a generated one is
    printed, this once."""
    piped = _piped_password()
    password = piped or passwords.generate()
    with domain_errors_to_click():
        person = people.create(
            email=emails.read(email),
            name=name,
            role=role,
            password=password,
            by=OPERATOR,
            reason="flask staff create",
        )
    address = f"{current_app.config['GIFTWEB'].base_url}/login"
    signs_in = f"{person.name} signs in at {address} with {person.email}, role {person.role}."
    click.echo(signs_in, err=True)
    if not piped:
        click.echo(password)


def _piped_password() -> str:
    """The first line of standard input; empty for a terminal, or when nothing comes."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return ""
    try:
        ready, _, _ = select.select([sys.stdin], [], [], PIPE_SECONDS)
    except (OSError, ValueError):
        # Not a file of the system's: a test hands in text, which does not block.
        ready = [sys.stdin]
    return sys.stdin.readline().rstrip("\r\n") if ready else ""
