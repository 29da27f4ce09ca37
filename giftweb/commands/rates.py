"""``flask rates``: currency rates from a file, or from the European Central Bank."""

from datetime import datetime
from typing import BinaryIO

import click
from flask import current_app
from flask.cli import AppGroup

from giftweb.commands.options import OPERATOR, domain_errors_to_click
from giftweb.domain import catalogue

rates = AppGroup("rates", help="Currency rates.")


@rates.command("import")
@click.argument("file", type=click.File("rb"), metavar="FILE.csv")
def import_(file: BinaryIO) -> None:
    """Store the rates of a CSV file (date,base,quote,rate), or none of them."""
    with domain_errors_to_click():
        count = catalogue.rates.import_file(file.read(), by=OPERATOR)
    click.echo(f"Imported {_counted(count)}.")


@rates.command("fetch")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="From this day on.")
def fetch(since: datetime | None) -> None:
    """Store the European Central Bank's rates of the days after the last that is stored.

    Off unless RATES_SOURCE names its file: an https address, or a path.
    """
    source = current_app.config["GIFTWEB"].rates_source
    if not source:
        raise click.ClickException("Set RATES_SOURCE to the bank's file of rates first.")
    # Reading the library takes a quarter of a second that no other command needs.
    from giftweb.gateways import ecb

    with domain_errors_to_click():
        count = ecb.fetch(source, since=since and since.date(), by=OPERATOR)
    click.echo(f"Fetched {_counted(count)}.")


def _counted(count: int) -> str:
    return "1 rate" if count == 1 else f"{count:,} rates"
