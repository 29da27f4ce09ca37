"""Where Chromium is, and how it is started for the tests."""

import os
import shutil
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


def find() -> str | None:
    """The path of a Chromium: ``CHROMIUM``, the system's, or the one playwright brought."""
    if named := os.environ.get("CHROMIUM"):
        return named
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    return on_path or _from_playwright()


def _from_playwright() -> str | None:
    store = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    found = sorted(store.glob("chromium*/chrome-*linux*/*")) + sorted(
        store.glob("chromium*/**/Chromium")
    )
    names = {"chrome", "headless_shell", "chrome-headless-shell", "Chromium"}
    return next((str(path) for path in found if path.name in names), None)
