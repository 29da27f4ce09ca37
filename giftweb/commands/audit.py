"""``flask audit``: every invariant on the live database, each breach named."""

from collections import defaultdict

import click
from flask.cli import with_appcontext

from giftweb.commands.options import print_json
from giftweb.domain.audit import checks
from giftweb.domain.audit.checks import Breach


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Print the checks and breaches as JSON.")
@with_appcontext
@click.pass_context
def audit(context: click.Context, as_json: bool) -> None:
    """Check every invariant. Exit code 0 when all hold, 1 when not."""
    found: dict[str, list[Breach]] = defaultdict(list)
    for breach in checks.run():
        found[breach.check].append(breach)
    names = list(dict.fromkeys([*checks.names(), *found]))
    if as_json:
        print_json(_document(names, found))
    else:
        _print(names, found)
    context.exit(1 if found else 0)


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
