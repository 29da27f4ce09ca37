"""``flask gift-card import`` and ``export``: cards from a CSV file and back."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

import click

from giftweb.commands.gift_card import gift_card
from giftweb.commands.options import OPERATOR, domain_errors_to_click
from giftweb.commands.progress import bar
from giftweb.domain import cards
from giftweb.domain.cards.import_sheet import Imported
from giftweb.money import Money


@gift_card.command("import")
@click.argument("file", type=click.File("rb"), metavar="FILE.csv")
@click.option("--dry-run", is_flag=True, help="Check the file and write nothing.")
@click.option(
    "--accept-guessable-codes",
    "accepts_guessable",
    is_flag=True,
    help="Import codes although guessing finds some of them too soon.",
)
@click.option(
    "--source",
    type=click.Choice(cards.import_rows.SOURCES),
    default=cards.import_rows.SOURCES[0],
    show_default=True,
    help="Where the money comes from: sold or given before, when that is known.",
)
def import_(file: BinaryIO, dry_run: bool, accepts_guessable: bool, source: str) -> None:
    """Issue every card of a CSV file, or none. docs/import.md describes the columns."""
    content = file.read()
    with domain_errors_to_click(), bar() as progress:
        if dry_run:
            found = cards.import_file.check_file(
                content, accepts_guessable=accepts_guessable, progress=progress
            )
        else:
            found = cards.import_file.import_file(
                content,
                by=OPERATOR,
                source=source,
                accepts_guessable=accepts_guessable,
                progress=progress,
            )
    click.echo(_sentence(found, "Would import" if dry_run else "Imported"))


def _counted(cards: int) -> str:
    return "1 card" if cards == 1 else f"{cards:,} cards"


def _sentence(found: Imported, verb: str) -> str:
    parts = [f"{verb} {_counted(found.cards)}"]
    if found.test_cards:
        parts.append(f"{found.test_cards:,} of them test cards")
    if found.totals:
        parts.append(
            "worth "
            + " and ".join(
                str(Money(minor, currency)) for currency, minor in sorted(found.totals.items())
            )
        )
    return ", ".join(parts) + "."


@gift_card.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), metavar="FILE.csv")
def export_(file: str) -> None:
    """Write every card to a CSV file (``-``: standard output), without the codes."""
    with domain_errors_to_click(), bar() as progress:
        if file == "-":
            cards.import_file.export_file(sys.stdout, progress=progress)
            return
        count = _write(Path(file), progress)
    click.echo(f"Exported {_counted(count)} to {file}.")


def _write(path: Path, progress: cards.import_file.Progress) -> int:
    """The whole file or the one that was there before; readable by its owner alone."""
    scratch = path.with_name(path.name + ".part")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as text:
            count = cards.import_file.export_file(text, progress=progress)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    return count
