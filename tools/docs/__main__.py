"""``python -m tools.docs``: write what docs/ draws from the code; ``--check``: is it current?"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tools.docs import data_model, house, packages, requirements
from tools.docs.code import ROOT

DRAWN: dict[Path, Callable[[], str]] = {
    house.FILE: house.draw,
    data_model.FILE: data_model.draw,
    requirements.PAGE: requirements.draw,
    packages.FILE: packages.draw,
}


def reader() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when one is stale")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Write what has changed, or name it."""
    is_check = reader().parse_args(arguments).check
    stale = []
    for path, draw in DRAWN.items():
        text = draw()
        if not path.exists() or path.read_text() != text:
            stale.append(path.relative_to(ROOT))
            if not is_check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
    for name in stale:
        print(f"{name}: {'not current; run make docs' if is_check else 'written'}")
    return 1 if stale and is_check else 0


if __name__ == "__main__":
    sys.exit(main())
