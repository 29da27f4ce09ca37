"""``flask gift-card stock`` and ``cancel-stock``: codes for printed cards."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import click

from giftweb.commands.card_files import gift_card
from giftweb.commands.options import OPERATOR, domain_errors_to_click, find_campaign, writing
from giftweb.domain import cards
from giftweb.domain.cards.stock import Batch, Printed
from giftweb.errors import Invalid


@gift_card.command("stock")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.csv")
@click.option("--count", type=int, required=True, help="How many cards are printed.")
@click.option("--currency", required=True, help="ISO 4217, such as USD.")
@click.option("--campaign", "campaign_id", metavar="ID", help="Who sells them; else anybody may.")
@click.option("--pins", "has_pins", is_flag=True, help="With a PIN each.")
@click.option("--test", "is_test", is_flag=True, help="Test cards: they pay test orders only.")
def stock(
    file: Path, count: int, currency: str, campaign_id: str | None, has_pins: bool, is_test: bool
) -> None:
    """Make codes for printed cards, worth nothing until each is activated.

    FILE.csv is written this once, readable by its owner alone, with the columns code and, with
    --pins, pin. It must not exist.
    """
    with domain_errors_to_click():
        if campaign_id is not None:
            find_campaign(campaign_id)
        batch = Batch(currency.upper(), campaign_id, is_test)

        def write(new: Sequence[Printed]) -> None:
            _write(file, new, has_pins=has_pins)

        with writing(file):
            try:
                cards.stock.make(count, batch=batch, has_pins=has_pins, write=write, by=OPERATOR)
            except FileExistsError as error:
                raise Invalid(f"{file} is there already. Name a new file.") from error
    counted = "1 card" if count == 1 else f"{count:,} cards"
    click.echo(f"Made {counted} for stock; their codes are in {file} and nowhere else to be read.")


def _write(file: Path, new: Sequence[Printed], *, has_pins: bool) -> None:
    """The whole file, on the disk, or none."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as text:
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(("code", "pin") if has_pins else ("code",))
            writer.writerows((each.code, each.pin) if has_pins else (each.code,) for each in new)
            text.flush()
            os.fsync(text.fileno())
    except BaseException:
        file.unlink()
        raise


@gift_card.command("cancel-stock")
@click.option("--from", "first", prompt="Code of the first lost card", hide_input=True)
@click.option("--to", "last", prompt="Code of the last lost card", hide_input=True)
@click.option("--reason", required=True, help="Such as: box 3 was stolen.")
def cancel_stock(first: str, last: str, reason: str) -> None:
    """Cancel printed cards that were lost: all that were made from one code to another.

    Without --from and --to the two codes are asked for. Cards that were activated stay.
    """
    with domain_errors_to_click():
        found = cards.stock.cancel_lost(first, last_code=last, by=OPERATOR, reason=reason)
    cancelled = len(found.waiting)
    text = f"Cancelled {'1 card' if cancelled == 1 else f'{cancelled:,} cards'}."
    if found.activated:
        text += f" {found.activated:,} of this range were activated before and stay."
    click.echo(text)
