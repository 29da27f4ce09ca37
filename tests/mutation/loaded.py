"""The process of a copy that has every library loaded and forks for each trial.

It must never load a module of the program itself: each trial loads the program as it is then.
"""

import importlib
import json
import os
import signal
import sys
import time
from contextlib import suppress

OWN = ("app", "giftweb", "tests", "tools", "wsgi", "__main__", "_pytest.assertion")
NEEDED = ("app", "pytest", "xdist", "tests.conftest", "hypothesis.stateful")


def main() -> None:
    """Answer each line, a list of arguments for pytest, with its exit code; -1: it hangs."""
    patience = int(sys.argv[1])
    load_libraries()
    for line in sys.stdin:
        asked = json.loads(line)
        print(trial(asked["arguments"], asked["log"], patience), flush=True)


def load_libraries() -> None:
    """Load what the program and its tests load of others; a child that may spoil itself looks."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        for name in NEEDED:
            importlib.import_module(name)
        others = [name for name in sys.modules if not name.startswith(OWN)]
        os.write(writing, json.dumps(others).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as found:
        names = json.loads(found.read())
    os.waitpid(child, 0)
    for name in names:
        with suppress(Exception):
            importlib.import_module(name)


def trial(arguments: list[str], log: str, patience: int) -> int:
    """Run pytest in a child of its own group."""
    child = os.fork()
    if child == 0:
        os.setsid()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        for stream in (1, 2):
            os.dup2(out, stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os._exit(_pytest(arguments))
    until = time.monotonic() + patience
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1


def _pytest(arguments: list[str]) -> int:
    import pytest

    code = int(pytest.main(arguments))
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    main()
