"""The proof of work that a browser's script finds (giftweb/static), in Python."""

import hashlib


def solve(challenged: str) -> str:
    """A proof for a challenge."""
    about, _, seal = challenged.rpartition(".")
    bits, number = int(about.partition(".")[0]), 0
    while not _is_work(f"{seal}{number}", bits):
        number += 1
    return f"{challenged}:{number}"


def _is_work(text: str, bits: int) -> bool:
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0
