"""Where Chromium is, and how it is started for the tests."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHELLS = ("chromium-headless-shell", "headless_shell", "chrome-headless-shell")
"""Chromium without windows: it opens a page for a third of the processor time."""


def find() -> str | None:
    """The path of a Chromium: ``CHROMIUM``, one without windows, or any other."""
    return find_quick() or _on_path(NAMES) or _in_store("chrome", "Chromium")


def find_quick() -> str | None:
    """The path of ``CHROMIUM``, or of one without windows: the system's, or playwright's."""
    return os.environ.get("CHROMIUM") or _on_path(SHELLS) or _in_store(*SHELLS)


def _on_path(names: Iterable[str]) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


def _in_store(*names: str) -> str | None:
    store = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    found = sorted(store.glob("chromium*/**/*"))
    return next((str(path) for path in found if path.name in names), None)
