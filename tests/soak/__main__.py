"""``python -m tests.soak --minutes 10 [part ...]``: run the parts and add up their totals."""

import argparse
import importlib
import json
import pkgutil
import sys
import time
from pathlib import Path

from tests import factories, postgres, soak

TOTALS = Path(__file__).parent.parent.parent / "bench" / "soak.json"


def parts() -> list[str]:
    """The names of the modules that can be run."""
    folder = Path(__file__).parent
    names = sorted(module.name for module in pkgutil.iter_modules(soak.__path__))
    return [name for name in names if "\ndef run(" in (folder / f"{name}.py").read_text()]


def add_up(name: str, counted: dict[str, int]) -> None:
    """Add what a part counted to the totals of all runs."""
    totals = json.loads(TOTALS.read_text()) if TOTALS.exists() else {}
    kept = totals.setdefault(name, {})
    for what, count in counted.items():
        kept[what] = kept.get(what, 0) + count
    TOTALS.write_text(json.dumps(totals, indent=2, sort_keys=True) + "\n")


def known_part(name: str) -> str:
    """A part by its name."""
    if name not in parts():
        raise argparse.ArgumentTypeError(f"there is no part {name}")
    return name


def reader() -> argparse.ArgumentParser:
    """What the command takes. No ``choices`` for the parts: Python 3.11 would hold the empty list
    of ``make soak`` against them."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=int, default=10, help="all parts together (default 10)")
    parser.add_argument("parts", nargs="*", type=known_part, help=f"of {', '.join(parts())}")
    return parser


def main() -> int:
    """Give every part its share of the minutes; 0 when none of them found a breach."""
    wanted = reader().parse_args()
    names = wanted.parts or parts()
    factories.know_stand_ins()
    cluster = postgres.own_shared_cluster()
    try:
        for name in names:
            started = time.monotonic()
            counted = importlib.import_module(f"tests.soak.{name}").run(
                wanted.minutes * 60 // len(names)
            )
            add_up(name, counted)
            found = ", ".join(f"{count:,} {what}" for what, count in counted.items())
            print(f"{name}: {found} in {time.monotonic() - started:.0f} s, no breach", flush=True)
    finally:
        if cluster is not None:
            cluster.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
