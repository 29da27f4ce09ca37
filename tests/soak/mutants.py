"""Mutants of what money depends on, drawn by chance: the tests notice each, or it changes nothing.

``python -m tests.mutation giftweb/money.py`` tries a whole file. Of money and the ledger every
mutant has to be noticed; of the rest 95 in 100, and the others are named to be looked at.
"""

import collections
import random
import time

from tests.mutation import mutants, targets, trials
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.trials import Copy


def run(seconds: int) -> dict[str, int]:
    """Try mutants of any file until the time is over; raises when one of WHOLE survives."""
    counts: collections.Counter = collections.Counter()
    until = time.monotonic() + seconds
    with trials.copied() as copy:
        made = {path: list(mutants.of(copy.read(path))) for path in targets.TARGETS}
        while time.monotonic() < until:
            path = random.choice(list(made))
            mutant = random.choice(made[path])
            if (path, mutant.name) not in EQUIVALENT:
                counts["mutants"] += 1
                counts["noticed"] += is_noticed(copy, path, mutant)
    return dict(counts)


def is_noticed(copy: Copy, path: str, mutant: mutants.Mutant) -> bool:
    """Whether a test turns red; AssertionError for a survivor of money or the ledger."""
    noticed = targets.is_noticed(copy, path, mutant.text)
    if not noticed:
        print(f"survived: {path}: {mutant.name}", flush=True)
        assert path not in targets.WHOLE, f"{path}: {mutant.name}"
    return noticed
