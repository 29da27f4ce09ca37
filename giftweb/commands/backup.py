"""``flask backup`` and ``flask restore``."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from giftweb.commands.options import domain_errors_to_click, writing


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write a consistent copy of the database while it runs. The keys file is not part of it."""
    from giftweb.domain import operations

    with domain_errors_to_click(), writing(file):
        size = operations.backups.backup(file)
    click.echo(f"Wrote {file} ({size:,} bytes). Keep the keys file too, somewhere else.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
@click.pass_context
def restore(context: click.Context, file: Path) -> None:
    """Replace the database by a backup and audit it. Refuses a database in use."""
    from giftweb.domain import operations

    with domain_errors_to_click():
        restored = operations.backups.restore(file, report=lambda step: click.echo(step, err=True))
    if restored.replaced:
        click.echo(f"What was there before lies in {restored.replaced}.")
    for breach in restored.breaches:
        click.echo(f"{breach.check}: {breach.row}: {breach.text}")
    if restored.breaches:
        click.echo(f"Restored {file}, but the audit found {len(restored.breaches)} breaches.")
        context.exit(1)
    click.echo(f"Restored {file}. The audit is clean.")
