"""A copy of the program and its tests, where one file at a time is broken and tests are run.

The libraries are loaded once, in a process that forks for each trial: a trial takes as long as its
tests, and not three seconds more.
"""

import enum
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 120
"""Seconds after which a trial hangs."""


class Outcome(enum.Enum):
    """What the tests said."""

    GREEN = "no test noticed"
    RED = "a test failed"
    BROKEN = "the tests could not be loaded"
    HANGS = "the tests did not end"


OUTCOMES = {0: Outcome.GREEN, 1: Outcome.RED, 2: Outcome.BROKEN, 4: Outcome.BROKEN}


class Copy:
    """The files as they stand now, in a folder of their own; what git ignores is left out."""

    def __init__(self, folder: Path):
        self.folder = folder
        listing = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in filter(None, listing.stdout.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, folder / name)
        vendor = Path("giftweb/static/vendor")
        if (ROOT / vendor).is_dir():
            shutil.copytree(ROOT / vendor, folder / vendor, dirs_exist_ok=True)
        self._changes = int(time.time())
        self._loaded = subprocess.Popen(
            [sys.executable, "-m", "tests.mutation.loaded", str(PATIENCE)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End the process that has the libraries loaded."""
        self._loaded.stdin.close()
        self._loaded.wait(PATIENCE)

    def read(self, path: str) -> str:
        """The text of a file as it is in the copy."""
        return (self.folder / path).read_text()

    def run(self, tests: Sequence[str], *, log: Path | None = None) -> Outcome:
        """Run tests (as pytest names them) on the copy as it is."""
        asked = {"arguments": ["-q", "-x", "-p", "no:cacheprovider", *tests]}
        asked["log"] = str(log or os.devnull)
        self._loaded.stdin.write(json.dumps(asked) + "\n")
        self._loaded.stdin.flush()
        code = int(self._loaded.stdout.readline())
        if code < 0:
            return Outcome.HANGS
        if code not in OUTCOMES:
            raise RuntimeError(f"pytest answered {code} to {asked['arguments']}")
        return OUTCOMES[code]

    def try_out(
        self, path: str, text: str, tests: Sequence[str], *, log: Path | None = None
    ) -> Outcome:
        """Run tests while a file has another text."""
        kept = self.read(path)
        self._write(path, text)
        try:
            return self.run(tests, log=log)
        finally:
            self._write(path, kept)

    def _write(self, path: str, text: str) -> None:
        # Compiled files are known by size and second: each text gets a second of its own.
        self._changes += 1
        (self.folder / path).write_text(text)
        os.utime(self.folder / path, (self._changes, self._changes))


@contextmanager
def copied() -> Iterator[Copy]:
    """A copy for some trials; thrown away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="giftweb-copy-"))
    copy = Copy(folder)
    try:
        yield copy
    finally:
        copy.close()
        shutil.rmtree(folder, ignore_errors=True)
