"""``flask gift-card import`` and ``export``: cards from a CSV or XLSX file and back."""

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from giftweb.commands.gift_card import gift_card
from giftweb.commands.options import OPERATOR, domain_errors_to_click, find_campaign, writing
from giftweb.commands.progress import bar
from giftweb.domain import cards
from giftweb.domain.cards.import_terms import AUTO, Terms
from giftweb.domain.cards.import_values import Imported
from giftweb.domain.cards.stock import Batch
from giftweb.errors import Invalid
from giftweb.money import Money


@gift_card.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Check the file and write nothing.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([AUTO, *cards.import_formats.FORMATS]),
    default=AUTO,
    show_default=True,
    help="Which shop wrote the file; by default its headings say so.",
)
@click.option(
    "--map",
    "mapping",
    default="",
    metavar='"THEIRS=OURS,..."',
    help="What a column holds; nothing behind the sign leaves it out.",
)
@click.option(
    "--source",
    type=click.Choice(cards.import_sheet.ORIGINS),
    help="Where the money comes from: sold or given before, when that is known.",
)
@click.option("--campaign", "campaign_id", metavar="ID", help="Whose cards they become.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(["cards", "stock"]),
    default="cards",
    show_default=True,
    help="Cards with money, or printed ones that are worth nothing until activated.",
)
@click.option("--currency", help="Of stock whose file names none; else the campaign's.")
@click.option(
    "--accept-guessable-codes",
    "accepts_guessable",
    is_flag=True,
    help="Import codes although guessing finds some of them too soon.",
)
def import_(
    file: str, dry_run: bool, format_: str, mapping: str, kind: str, currency: str, **options: Any
) -> None:
    """Issue every card of a CSV or XLSX file, or none. docs/import.md describes the columns."""
    content = sys.stdin.buffer.read() if file == "-" else Path(file)
    if kind == "stock":
        _take_into_stock(content, dry_run, currency, **options)
        return
    with domain_errors_to_click(), bar() as progress:
        terms = Terms(format=format_, mapping=_read_mapping(mapping), **options)
        if dry_run:
            found = cards.import_file.check_file(content, terms=terms, progress=progress)
        else:
            found = cards.import_file.import_file(
                content, by=OPERATOR, terms=terms, progress=progress
            )
    for line in _summary(found, "Would import" if dry_run else "Imported"):
        click.echo(line)


def _take_into_stock(
    content: bytes | Path,
    dry_run: bool,
    currency: str | None,
    *,
    source: str | None,
    campaign_id: str | None,
    accepts_guessable: bool,
) -> None:
    """A printer's own codes, with the columns code and perhaps pin and currency."""
    with domain_errors_to_click():
        if source is not None:
            raise Invalid("Stock has no money yet. Leave --source out.", field="source")
        campaign = None if campaign_id is None else find_campaign(campaign_id)
        named = currency or (campaign.currency if campaign else "")
        batch = Batch(named.upper(), campaign_id)
        if dry_run:
            found = cards.stock_file.check(content, accepts_guessable=accepts_guessable)
            click.echo(f"Would take {_counted(len(found))} into stock.")
            return
        count = cards.stock_file.take_in(
            content, batch=batch, by=OPERATOR, accepts_guessable=accepts_guessable
        )
    click.echo(f"Took {_counted(count)} into stock: worth nothing until each is activated.")


def _read_mapping(text: str) -> dict[str, str]:
    """``"Card no=code,Left=balance"``: their heading -> our column.

    Raises: Invalid.
    """
    pairs: dict[str, str] = {}
    for pair in next(csv.reader([text]), []):
        theirs, sign, ours = pair.rpartition("=")
        if not sign or not theirs.strip():
            raise Invalid('Write "Their column=ours", with commas between.', field="map")
        pairs[theirs.strip()] = ours.strip()
    return pairs


def _counted(cards: int) -> str:
    return "1 card" if cards == 1 else f"{cards:,} cards"


def _summary(found: Imported, verb: str) -> Iterator[str]:
    """What was imported, and what of the file was not as it may seem."""
    yield _sentence(found, verb)
    for why, count in found.left_out.items():
        yield f"Left out, {why}: {_counted(count)}."
    if found.frozen:
        yield f"Frozen, as they were: {_counted(found.frozen)}."
    if found.masked:
        yield (
            f"The file has only the end of {found.masked:,} codes: these cards get codes of ours,"
            " and the old codes do not work here. Ask the other shop for the whole codes, or send"
            " the new ones to their holders."
        )
    if found.strangers:
        yield f"Of a campaign that is not known here, so of none: {_counted(found.strangers)}."


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
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
def export_(file: str) -> None:
    """Write every card, without its code, to a CSV file (``-``: standard output) or to .xlsx."""
    with domain_errors_to_click(), bar() as progress:
        if file == "-":
            cards.import_file.export_file(sys.stdout, progress=progress)
            return
        with writing(Path(file)):
            count = _write(Path(file), progress)
    click.echo(f"Exported {_counted(count)} to {file}.")


def _write(path: Path, progress: cards.import_file.Progress) -> int:
    """The whole file or the one that was there before; readable by its owner alone."""
    scratch = path.with_name(path.name + ".part")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        if path.suffix.lower() == ".xlsx":
            with os.fdopen(handle, "wb") as binary:
                count = cards.import_file.export_workbook(binary, progress=progress)
        else:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as text:
                count = cards.import_file.export_file(text, progress=progress)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    return count
