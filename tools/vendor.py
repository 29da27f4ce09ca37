"""Bring the third-party browser files into giftweb/static/vendor/, pinned and checked by hash.

They are not committed. They come out of a package of the Python index, so that a machine needs
nothing but Python, and a file that is not the one we know is refused.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
VENDOR = ROOT / "giftweb" / "static" / "vendor"
FILES = {
    "htmx.min.js": (
        "django_htmx/static/django_htmx/htmx-2.min.js",
        "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de",
    ),
}


def is_known(path: Path, digest: str) -> bool:
    """Whether ``path`` is there and is, to the byte, the file we know."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def install(scratch: Path) -> None:
    """Install the pinned package, and nothing it asks for, into ``scratch``."""
    command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--target", str(scratch)]
    subprocess.run([*command, "-r", str(ROOT / "tools" / "vendor.txt")], check=True)


def copy(scratch: Path) -> None:
    """Copy each file out of ``scratch``; stop at the first that is not the one we know."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, (source, digest) in FILES.items():
        if not is_known(scratch / source, digest):
            sys.exit(f"{name}: the package carries another file than the pinned one; not installed")
        shutil.copyfile(scratch / source, VENDOR / name)


def main() -> None:
    """Bring what is missing or changed; do nothing, and ask no network, when all is there."""
    if all(is_known(VENDOR / name, digest) for name, (_, digest) in FILES.items()):
        return
    with tempfile.TemporaryDirectory() as scratch:
        install(Path(scratch))
        copy(Path(scratch))


if __name__ == "__main__":
    main()
