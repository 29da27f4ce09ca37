"""The web processes of a served application, and the memory that each keeps."""

import os
import re
from pathlib import Path


def worker_megabytes() -> list[float]:
    """PSS of each web process below this one: its own pages, and its share of the shared ones."""
    return [megabytes_of(process) for process in _descendants(os.getpid()) if _is_worker(process)]


def _descendants(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    found = [int(child) for child in children]
    return found + [grandchild for child in found for grandchild in _descendants(child)]


def _is_worker(process: int) -> bool:
    """A web process; not the one that starts them, and not Python's own helper beside them."""
    return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()


def megabytes_of(process: int) -> float:
    """PSS of a process."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(re.search(r"^Pss: +(\d+) kB", rollup, re.MULTILINE)[1]) / 1024
