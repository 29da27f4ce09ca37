"""``flask test-data``: the test book, which may be purged (D16)."""

import click
from flask.cli import AppGroup

from giftweb.commands.options import OPERATOR, domain_errors_to_click
from giftweb.domain import operations

test_data = AppGroup("test-data", help="The test book.")


@test_data.command("purge")
@click.option("--campaign", "campaign_id", metavar="ID", help="Of this campaign alone.")
def purge(campaign_id: str | None) -> None:
    """Delete test cards, orders and all that hangs on them. Real money is never touched."""
    with domain_errors_to_click():
        counts = operations.test_book.purge(campaign_id=campaign_id, by=OPERATOR)
    if not counts:
        click.echo("There is no test data.")
    for name, count in counts.items():
        click.echo(f"{name}: {count:,}")
