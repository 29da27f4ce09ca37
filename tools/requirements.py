"""Compile requirements*.in into requirements*.txt: pinned, with hashes, without any address."""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAMES = ("requirements", "requirements-dev", "requirements-rootless")
OPTIONS = (
    *("--quiet", "--generate-hashes", "--strip-extras", "--no-header", "--annotation-style=line"),
    *("--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links", "--no-emit-options"),
)


def main() -> None:
    """Compile all of them, in an order in which each finds the ones it is bound by."""
    argparse.ArgumentParser(prog="python -m tools.requirements", description=__doc__).parse_args()
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "pip-tools==7.6.2"]
    subprocess.run(pip, check=True)
    for name in NAMES:
        command = [sys.executable, "-m", "piptools", "compile", *OPTIONS]
        subprocess.run([*command, "-o", f"{name}.txt", f"{name}.in"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
