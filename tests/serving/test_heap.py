"""A web process gives memory back (E38)."""

import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.no_database,
    pytest.mark.proves("E38"),
    pytest.mark.skipif(sys.platform != "linux", reason="glibc's own habit"),
]

HASHING = """
import re, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from giftweb.domain.staff import passwords
from giftweb.serving.heap import return_large_blocks

def megabytes():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

if sys.argv[1] == "returned":
    return_large_blocks()
passwords.verify("x", None)
before = megabytes()
with ThreadPoolExecutor(3) as pool:
    list(pool.map(lambda number: passwords.verify(str(number), None), range(40)))
print(megabytes() - before)
"""


def growth(how: str) -> int:
    ran = subprocess.run(
        [sys.executable, "-c", HASHING, how], check=True, capture_output=True, text=True
    )
    return int(ran.stdout)


def test_what_passwords_took_is_given_back():
    assert growth("returned") < 15 < growth("kept")
