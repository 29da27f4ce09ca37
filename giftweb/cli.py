"""The commands of API.md 1. They print only their result; logs go to standard error."""

import importlib

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from giftweb import installation

db = AppGroup("db", help="The schema.")

_COMMANDS = {
    "audit": "giftweb.commands.audit:audit",
    "backup": "giftweb.commands.backup:backup",
    "campaign": "giftweb.commands.campaign:campaign",
    "demo": "giftweb.commands.demo:demo",
    "gift-card": "giftweb.commands.card_files:gift_card",
    "keys": "giftweb.commands.keys:keys",
    "rates": "giftweb.commands.rates:rates",
    "restore": "giftweb.commands.backup:restore",
    "staff": "giftweb.commands.staff:staff",
    "worker": "giftweb.commands.worker:worker",
}


class Commands(AppGroup):
    """Commands that are read when they are called: a web process starts without any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = _COMMANDS[cmd_name].partition(":")
        return getattr(importlib.import_module(module), name)


def install(app: Flask) -> None:
    """Register every command."""
    app.cli = Commands(app.name)
    app.cli.add_command(db)


@db.command("upgrade")
def upgrade() -> None:
    """Create or migrate the schema; on the first run make the keys file."""
    for step in installation.upgrade(current_app.config["GIFTWEB"]):
        click.echo(step)
