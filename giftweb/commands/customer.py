"""``flask customer``: what is known of a person, and the person out of everything (D18)."""

import click
from flask.cli import AppGroup

from giftweb.commands.options import OPERATOR, domain_errors_to_click, print_json
from giftweb.domain import emails, privacy

customer = AppGroup("customer", help="What is known of a person.")

_email = click.option("--email", required=True, help="By which the person is known.")


@customer.command("export")
@_email
def export(email: str) -> None:
    """Print all that is known of a person as JSON, without any code."""
    with domain_errors_to_click():
        document = privacy.export.export(emails.read(email))
    print_json(document)


@customer.command("erase")
@_email
@click.option(
    "--force",
    is_flag=True,
    help="Also while a gift card of theirs holds money, or an order of theirs is not done.",
)
def erase(email: str, force: bool) -> None:
    """Take a person out of everything. The figures of the books stay as they are."""
    with domain_errors_to_click():
        counts = privacy.erasure.erase(emails.read(email), by=OPERATOR, force=force)
    listed = ", ".join(f"{name}: {count:,}" for name, count in counts.items())
    click.echo(f"Erased. {listed}." if listed else "Erased.")
