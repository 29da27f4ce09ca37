"""``python -m bench [name ...]``: see bench.run."""

import argparse
import sys

from bench import run


def known(name: str) -> str:
    """A benchmark by its name."""
    if name not in run.benchmarks():
        raise argparse.ArgumentTypeError(f"there is no benchmark {name}")
    return name


def reader() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    names = f"of {', '.join(run.benchmarks())}; without any all but {', '.join(run.ON_DEMAND)}"
    parser.add_argument("names", nargs="*", type=known, help=names)
    return parser


if __name__ == "__main__":
    sys.exit(run.main(reader().parse_args().names))
