"""``python -m tests.mutation giftweb/money.py``: try every mutant of a file, name the survivors."""

import argparse
import random
import sys

from tests import postgres
from tests.mutation import mutants, targets, trials
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.trials import Copy, Outcome


def survivors(copy: Copy, path: str, wanted: list[mutants.Mutant]) -> list[str]:
    """The names of the mutants that no test notices, those that change nothing left out."""
    found = []
    for mutant in wanted:
        if (path, mutant.name) in EQUIVALENT:
            continue
        if not targets.is_noticed(copy, path, mutant.text):
            found.append(mutant.name)
            print(f"{path}: {mutant.name}", flush=True)
    return found


def reader() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("paths", nargs="+", choices=list(targets.TARGETS))
    parser.add_argument("--sample", type=int, help="so many of each file, by chance")
    return parser


def main() -> int:
    """Try the files; 0 when nothing survived."""
    wanted = reader().parse_args()
    cluster, count, left = postgres.own_shared_cluster(), 0, 0
    try:
        with trials.copied() as copy:
            for path in wanted.paths:
                tests = targets.TARGETS[path]
                made = list(mutants.of(copy.read(path)))
                if wanted.sample:
                    made = random.sample(made, min(wanted.sample, len(made)))
                assert copy.run((*tests, *targets.ON_SQLITE)) is Outcome.GREEN, tests
                count += len(made)
                left += len(survivors(copy, path, made))
    finally:
        if cluster is not None:
            cluster.remove()
    print(f"{count - left} of {count} mutants were noticed")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
