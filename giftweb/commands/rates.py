"""``flask rates``: currency rates from a file."""

from typing import BinaryIO

import click
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
    click.echo(f"Imported {count:,} rate{'' if count == 1 else 's'}.")
