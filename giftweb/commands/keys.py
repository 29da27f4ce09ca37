"""``flask keys``: the keys that guard the codes."""

import click
from flask import current_app
from flask.cli import AppGroup

from giftweb.commands.options import OPERATOR, domain_errors_to_click
from giftweb.commands.progress import bar

keys = AppGroup("keys", help="The keys that guard the codes.")


@keys.command("rotate")
def rotate() -> None:
    """Seal and index every code under new keys, while the program runs.

    After a crash run it again: it goes on where it stopped.
    """
    from giftweb.domain import operations

    with domain_errors_to_click(), bar() as progress:
        version = operations.key_rotation.rotate(
            current_app.config["GIFTWEB"].keys_path, by=OPERATOR, progress=progress
        )
    click.echo(f"All codes are under key version {version} now. Back up the keys file again.")
