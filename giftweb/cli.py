"""The commands of API.md 1. They print only their result; logs go to standard error."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from giftweb import installation
from giftweb.commands import card_files  # noqa: F401 - adds to gift-card
from giftweb.commands.audit import audit
from giftweb.commands.backup import backup, restore
from giftweb.commands.campaign import campaign
from giftweb.commands.demo import demo
from giftweb.commands.gift_card import gift_card
from giftweb.commands.keys import keys
from giftweb.commands.rates import rates
from giftweb.commands.staff import staff
from giftweb.commands.worker import worker

db = AppGroup("db", help="The schema.")

_COMMANDS = (*(audit, backup, campaign, db, demo, gift_card, keys, rates, restore, staff, worker),)


def install(app: Flask) -> None:
    """Register every command."""
    for command in _COMMANDS:
        app.cli.add_command(command)


@db.command("upgrade")
def upgrade() -> None:
    """Create or migrate the schema; on the first run make the keys file."""
    for step in installation.upgrade(current_app.config["GIFTWEB"]):
        click.echo(step)
