"""Folders in memory: a small disk that can be filled, and where a commit waits for no disk."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PIECES = (1024 * 1024, 4096, 1)
MEMORY = Path("/dev/shm")
ROOM = 1024**3


class Disk:
    """A folder in memory that holds so many megabytes, and no more."""

    def __init__(self, folder: Path, megabytes: int):
        self.folder = folder
        self._filler = folder / "filler"
        options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "giftweb"]
        subprocess.run(["mount", *options, str(folder)], check=True)

    def fill(self) -> None:
        """Leave not a byte."""
        with suppress(OSError), self._filler.open("wb", buffering=0) as file:
            for size in PIECES:
                with suppress(OSError):
                    while file.write(b"\0" * size):
                        pass

    def empty(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)

    def remove(self) -> None:
        """Take the disk away."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


def in_memory() -> Path | None:
    """Where temporary files are kept in memory, if this machine has such a place with room."""
    is_there = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return MEMORY if is_there and shutil.disk_usage(MEMORY).free > ROOM else None


def may_mount() -> bool:
    """Whether a small disk can be mounted: only root can."""
    return os.geteuid() == 0


@contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """A small disk for a while."""
    folder = Path(tempfile.mkdtemp(prefix="giftweb-disk-"))
    disk = Disk(folder, megabytes)
    try:
        yield disk
    finally:
        disk.remove()
        shutil.rmtree(folder, ignore_errors=True)
