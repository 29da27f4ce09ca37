"""``flask demo``: the demo shop, into an empty database."""

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from giftweb.commands.options import domain_errors_to_click

if TYPE_CHECKING:
    from giftweb.demo.load import Demo


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Load the demo shop; print its sign-ins and three codes to try."""
    from giftweb.demo import load  # long, and needed here alone

    with domain_errors_to_click():
        loaded = load.load()
    click.echo(_text(loaded, current_app.config["GIFTWEB"].base_url))


def _text(loaded: "Demo", base_url: str) -> str:
    lines = ["", f"  Sign in at {base_url}/login:"]
    lines += [
        f"    {one.role.replace('_', ' ').title():24}{one.email:42}{one.password}"
        for one in loaded.sign_ins
    ]
    lines += ["", f"  Gift card codes to try at {base_url}/:"]
    lines += [f"    {word.capitalize():24}{code}" for word, code in loaded.codes]
    lines += ["", f"  Demo shop: {base_url}/shop/{loaded.campaign_id}/"]
    return "\n".join(lines)
