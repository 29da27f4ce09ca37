"""``flask audit``: every invariant on the live database, each breach named."""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click
import peewee
from flask.cli import with_appcontext

from giftweb.commands.options import domain_errors_to_click, print_json, writing
from giftweb.domain.audit import anchors, check_days, checkpoints, checks, runs
from giftweb.domain.audit.checks import Breach
from giftweb.errors import Unavailable


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Print the checks and breaches as JSON.")
@click.option(
    "--since",
    multiple=True,
    metavar="ANCHOR",
    help="Compare with an anchor that was kept elsewhere, or with a file of them.",
)
@click.option(
    "--anchor",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a checkpoint now and add its anchor to this file.",
)
@with_appcontext
@click.pass_context
def audit(context: click.Context, as_json: bool, since: tuple[str, ...], file: Path | None) -> None:
    """Check every invariant. Exit code 0 when all hold, 1 when not."""
    with domain_errors_to_click():
        kept = [anchor for each in since for anchor in anchors.read(_text_of(each))]
    found: dict[str, list[Breach]] = defaultdict(list)
    began, transfers_to = time.monotonic_ns(), check_days.last_number()
    breaches = checks.run(since=kept)
    for breach in breaches:
        found[breach.check].append(breach)
    _keep_run(breaches, transfers_to, time.monotonic_ns() - began)
    if file is not None and not found:
        _write_anchor(file)
    names = list(dict.fromkeys([*checks.names(), *found]))
    if as_json:
        print_json(_document(names, found))
    else:
        _print(names, found)
    context.exit(1 if found else 0)


def _keep_run(breaches: Sequence[Breach], transfers_to: int, nanoseconds: int) -> None:
    """For /staff/audit/books. A copy that cannot be written is checked all the same."""
    try:
        runs.keep(
            runs.FULL,
            names=checks.names(),
            found=breaches,
            transfers_to=transfers_to,
            nanoseconds=nanoseconds,
        )
    except (Unavailable, peewee.PeeweeException) as problem:
        click.echo(f"This run is not kept: {problem}", err=True)


def _text_of(anchor: str) -> str:
    """What an anchor is, or the file of that name holds."""
    if anchor.startswith("giftweb-anchor"):
        return anchor
    try:
        return Path(anchor).read_text(errors="replace")
    except OSError as problem:
        raise click.ClickException(f"{anchor} cannot be read: {problem.strerror}.") from problem


def _write_anchor(file: Path) -> None:
    """Add an anchor of now to the file. Books with a breach get none."""
    checkpoints.write(every=timedelta(0))
    if anchor := anchors.keep():
        with writing(file):
            anchors.append(anchor, file)


def _document(names: list[str], found: dict[str, list[Breach]]) -> dict:
    checks = [
        {
            "name": name,
            "ok": name not in found,
            "breaches": [{"row": each.row, "text": each.text} for each in found.get(name, [])],
        }
        for name in names
    ]
    return {"ok": not found, "checks": checks}


def _print(names: list[str], found: dict[str, list[Breach]]) -> None:
    for name in names:
        breaches = found.get(name, [])
        click.echo(f"{name}: {f'{len(breaches)} breaches' if breaches else 'holds'}")
        for each in breaches:
            click.echo(f"  {each.row}: {each.text}")
    count = sum(map(len, found.values()))
    click.echo(f"{count} breaches." if count else f"All {len(names)} checks hold.")
