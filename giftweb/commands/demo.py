"""``flask demo``: the demo shop, into an empty database."""

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from giftweb.commands.options import spoken

if TYPE_CHECKING:
    from giftweb.demo.load import Demo


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Load the demo shop; print its sign-ins and three codes to try."""
    from giftweb.demo import load  # the story is long, and only told here

    with spoken():
        told = load.load()
    click.echo(_text(told, current_app.config["GIFTWEB"].base_url))


def _text(told: "Demo", base_url: str) -> str:
    lines = ["", f"  Sign in at {base_url}/login:"]
    lines += [
        f"    {one.role.replace('_', ' ').title():24}{one.email:42}{one.password}"
        for one in told.sign_ins
    ]
    lines += ["", f"  Gift card codes to try at {base_url}/:"]
    lines += [f"    {word.capitalize():24}{code}" for word, code in told.codes]
    lines += ["", f"  Demo shop: {base_url}/shop/{told.campaign_id}/"]
    return "\n".join(lines)
