"""``flask report``: what finance reads, on standard output (docs/reports.md)."""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup

from giftweb.commands.options import domain_errors_to_click, find_campaign, print_json
from giftweb.domain import csv_sheets, reports
from giftweb.domain.reports import Report

report = AppGroup("report", help="The reports of the desk, on standard output.")

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_OPTIONS = (
    click.option("--as-of", type=_DAY, metavar="DAY", help="At the end of this day; today's."),
    click.option("--from", "first", type=_DAY, metavar="DAY", help="The first day of a period."),
    click.option("--to", "last", type=_DAY, metavar="DAY", help="The last day of a period."),
    click.option("--campaign", metavar="ID", help="The cards of one campaign, in its time zone."),
    click.option("--by", default="source,campaign", help="What rows are told apart by."),
    click.option("--format", "kind", type=click.Choice(["json", "csv", "xlsx"]), default="json"),
)


def _add(name: str, text: str) -> None:
    def run(**options: Any) -> None:
        with domain_errors_to_click():
            found = _find(name, **options)
        _WRITERS[options["kind"]](found)

    command: Callable[..., None] = run
    for option in reversed(_OPTIONS):
        command = option(command)
    report.command(name, help=text)(command)


def _find(
    name: str,
    *,
    as_of: datetime | None,
    first: datetime | None,
    last: datetime | None,
    campaign: str | None,
    by: str,
    **_: Any,
) -> Report:
    if campaign is not None:
        find_campaign(campaign)
    wanted = reports.wanted(
        as_of=as_of and as_of.date(),
        first_on=first and first.date(),
        last_on=last and last.date(),
        campaign_id=campaign,
        by=[each.strip() for each in by.split(",") if each.strip()],
    )
    return reports.find(name, wanted)


def _print_csv(found: Report) -> None:
    for line in csv_sheets.written(found.columns, found.sheet()):
        click.echo(line, nl=False)


def _print_xlsx(found: Report) -> None:
    from giftweb.domain import xlsx_sheets

    content = xlsx_sheets.written(found.name, found.columns, found.sheet())
    sys.stdout.buffer.write(content)


_WRITERS: dict[str, Callable[[Report], None]] = {
    "json": lambda found: print_json(found.to_dict()),
    "csv": _print_csv,
    "xlsx": _print_xlsx,
}

_add("liability", "What is owed at the end of a day, by source and campaign.")
_add("ageing", "The same by the days since the money came.")
_add("movements", "What changed it in a period: opening + movements = closing.")
_add("breakage", "What is left of the cards of each month, and what is expected to stay.")
_add("bonuses", "What bonuses cost in a period, and what the orders brought that they paid.")
_add("campaigns", "Which campaigns sold and took the most in a period.")
_add("life", "The days from a card's issue until it is empty, and until its last use.")
_add("settlement", "Who owes whom for cards that another campaign took.")
_add("journal", "Each transfer of a period as a debit and a credit.")
