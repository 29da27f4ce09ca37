"""Bring the parts that tests need and Python's packages do not carry: browsers and PostgreSQL.

As root they come from Debian's packages; without root from Python's index and from the browser
automation's own store. A part that cannot be had is an error that says what to install.
"""

import argparse
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests import postgres
from tests.browser import chromium

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Part:
    """One thing the tests need: how to tell it is there, where it comes from, and what will do."""

    is_there: Callable[[], bool]
    debian: str
    without_root: tuple[str, ...] | None
    will_do: Callable[[], bool] = lambda: False


def _has_postgres() -> bool:
    return postgres.SERVER_VARIABLE in os.environ or postgres.find_binaries() is not None


def _driver_runs() -> bool:
    """Whether the program that speaks to the browsers starts: a bare Debian lacks its library."""
    from playwright._impl._driver import compute_driver_executable

    driver = subprocess.run([compute_driver_executable()[0], "--version"], capture_output=True)
    return driver.returncode == 0


_PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r")

_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
"""Where programs lie, those of the virtual environment too."""

PARTS = {
    "playwright": Part(is_there=_driver_runs, debian="libatomic1", without_root=None),
    "chromium": Part(
        is_there=lambda: chromium.find_quick() is not None,
        debian="chromium-headless-shell",
        without_root=(sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"),
        will_do=lambda: chromium.find() is not None,
    ),
    "postgresql": Part(
        is_there=_has_postgres,
        debian="postgresql",
        without_root=(*_PIP, str(ROOT / "requirements-rootless.txt")),
    ),
    "npm": Part(
        is_there=lambda: all(shutil.which(name, path=_PATH) for name in ("node", "npm")),
        debian="nodejs npm",
        without_root=(*_PIP, str(ROOT / "requirements-rootless.txt")),
    ),
    "firefox": Part(
        is_there=lambda: shutil.which("firefox-esr") is not None,
        debian="firefox-esr",
        without_root=None,
    ),
    "webkit": Part(
        is_there=lambda: shutil.which("WebKitWebDriver") is not None,
        debian="webkit2gtk-driver xvfb",
        without_root=None,
    ),
}


def bring(name: str) -> None:
    """Make sure the part is there. Ends the program with what to install when it cannot be."""
    part = PARTS[name]
    if part.is_there():
        return
    print(f"Installing {name} (once) ...", flush=True)
    _install(part)
    importlib.invalidate_caches()
    if not part.is_there() and not part.will_do():
        sys.exit(f"The tests need {name}. As root: apt-get install {part.debian}")


def _install(part: Part) -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {
            "stdout": subprocess.DEVNULL,
            "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        command += part.debian.split()
        subprocess.run(command, check=False, **quiet)
    elif part.without_root is not None and not part.will_do():
        subprocess.run(part.without_root, check=False)


def reader() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="python -m tools.parts")
    parser.add_argument("names", nargs="+", choices=list(PARTS))
    return parser


if __name__ == "__main__":
    for wanted in reader().parse_args().names:
        bring(wanted)
