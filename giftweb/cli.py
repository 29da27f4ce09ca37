"""The `flask` commands, each read when it is called. They print only their result; logs go to
standard error."""

import atexit
import copy
import errno
import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click
import peewee
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from giftweb import installation, keys
from giftweb.database import schema
from giftweb.database.sqlite import damage_text, is_damage
from giftweb.errors import DomainError, SchemaChanged, Unavailable

db = AppGroup("db", help="The schema.")

_COMMANDS = {
    "audit": "giftweb.commands.audit:audit",
    "backup": "giftweb.commands.backup:backup",
    "campaign": "giftweb.commands.campaign:campaign",
    "customer": "giftweb.commands.customer:customer",
    "demo": "giftweb.commands.demo:demo",
    "gift-card": "giftweb.commands.stock:gift_card",
    "keys": "giftweb.commands.keys:keys",
    "rates": "giftweb.commands.rates:rates",
    "report": "giftweb.commands.report:report",
    "restore": "giftweb.commands.backup:restore",
    "staff": "giftweb.commands.staff:staff",
    "test-data": "giftweb.commands.test_data:test_data",
    "webhook": "giftweb.commands.webhook:webhook",
    "worker": "giftweb.commands.worker:worker",
}


_NEED_NOTHING = {"audit", "backup", "restore", "worker"}
"""Commands that run without an installed schema: they create, check, save or restore a database.
The worker looks itself, once the database is there."""


# Collecting cycles at exit would take a tenth of a second and free nothing that matters.
atexit.register(gc.freeze)


class Commands(AppGroup):
    """Commands that are read when they are called: a web process starts without any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == db.name:
            return _guarded(db, needs_installed=False)
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        return _guarded(command, needs_installed=cmd_name not in _NEED_NOTHING)


def _guarded(command: click.Command, *, needs_installed: bool) -> click.Command:
    """The command, which reports unusable keys, an unusable database or file in one sentence."""
    guarded, work = copy.copy(command), command.callback
    if isinstance(guarded, click.Group):
        guarded.commands = {
            name: _guarded(each, needs_installed=needs_installed)
            for name, each in guarded.commands.items()
        }
        return guarded

    @with_appcontext
    def callback(*args: Any, **options: Any) -> None:
        with _setup_errors_to_click():
            if needs_installed:
                installation.check(current_app.config["GIFTWEB"])
            with _frozen():
                if work:
                    work(*args, **options)
            # Otherwise what a full disk does not take would be noticed when the process ends.
            sys.stdout.flush()

    guarded.callback = callback
    return guarded


@contextmanager
def _frozen() -> Iterator[None]:
    """The collector leaves alone what has been read by now: to walk over it again and again takes a
    tenth of an import."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _setup_errors_to_click() -> Iterator[None]:
    try:
        yield
    except (Unavailable, peewee.OperationalError) as problem:
        reason = problem.__cause__ if isinstance(problem, Unavailable) else problem
        if reason is None:
            raise click.ClickException(str(problem)) from problem
        is_new = isinstance(problem, SchemaChanged) or "no such table" in str(reason)
        advice = " If it is new, run `flask db upgrade`." if is_new else ""
        raise click.ClickException(f"The database says: {reason}.{advice}") from problem
    except (keys.KeysUnusable, schema.SchemaBehind, DomainError) as problem:
        raise click.ClickException(str(problem)) from problem
    except peewee.DatabaseError as problem:
        if not is_damage(problem):
            raise
        raise click.ClickException(damage_text(problem)) from problem
    except OSError as problem:
        if problem.errno == errno.EPIPE:
            # The reader has seen enough: click ends the command without a word.
            raise
        _drop_output()
        raise click.ClickException(_sentence(problem)) from problem


def _drop_output() -> None:
    """What a full disk did not take would be written once more, and fail, when the process ends."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            sys.stdout.close()


def _sentence(problem: OSError) -> str:
    reason = problem.strerror or str(problem)
    named = problem.filename
    return f"{named} cannot be used: {reason}." if named else f"The system says: {reason}."


def install(app: Flask) -> None:
    """Register every command."""
    app.cli = Commands(app.name)
    app.cli.add_command(db)


@db.command("upgrade")
def upgrade() -> None:
    """Create or migrate the schema; on the first run make the keys file."""
    from giftweb.domain import audit, operations

    applied = operations.upgrades.upgrade(current_app.config["GIFTWEB"])
    if schema.steps()[0] in applied:
        audit.anchors.forget()
        audit.chains.forget()
    for step in applied:
        click.echo(step)
