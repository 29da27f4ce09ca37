"""Bugs are planted in a copy of the program, one at a time: the tests have to turn red."""

import random
import tempfile
import time
from pathlib import Path

from tests.mutation import trials
from tests.mutation.planted import BUGS, Bug
from tests.mutation.trials import Copy, Outcome


def run(seconds: int) -> dict[str, int]:
    """Plant as many as there is time for, in any order; raises at the first that nobody notices."""
    counts = {"planted": 0, "caught": 0}
    until = time.monotonic() + seconds
    with trials.copied() as copy:
        for bug in random.sample(BUGS, len(BUGS)):
            if time.monotonic() > until:
                break
            catch(copy, bug)
            counts["planted"] += 1
            counts["caught"] += 1
    return counts


def catch(copy: Copy, bug: Bug) -> None:
    """Plant a bug; AssertionError unless its tests are green without it and red with it."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        tests = (*bug.tests, *bug.engine)
        outcome = copy.try_out(bug.path, bug.planted(copy.read(bug.path)), tests, log=log)
        assert outcome is Outcome.RED, f"{bug.name}: {outcome.value}\n{log.read_text()[-2000:]}"
        outcome = copy.run(tests, log=log)
        assert outcome is Outcome.GREEN, (
            f"without a bug: {outcome.value}\n{log.read_text()[-2000:]}"
        )
