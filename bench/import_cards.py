"""``flask gift-card import`` of 100,000 cards: the whole command, its start included."""

import random
import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import perf_counter

from bench import databases
from bench.databases import Engine
from bench.figures import Figure, interleave, single

CARDS = 100_000
ROUNDS = 5
AT_MOST_SECONDS = 10
ROOT = Path(__file__).parent.parent


def run() -> list[Figure]:
    """Seconds on each engine."""
    with NamedTemporaryFile("w", suffix=".csv") as file, databases.engines() as both:
        file.write(sheet(CARDS))
        file.flush()
        empty = {engine.name: engine.make() for engine in both}
        samples = interleave(
            {
                engine.name: lambda engine=engine: seconds(
                    engine, engine.copy(empty[engine.name]), file.name
                )
                for engine in both
            },
            rounds=ROUNDS,
        )
    return [
        single(f"import of {CARDS:,} cards, {name}", found, at_most=AT_MOST_SECONDS, unit="s")
        for name, found in samples.items()
    ]


def sheet(count: int) -> str:
    """A file of cards as a shop would bring them: holders, names, days, notes."""
    dice, lines = random.Random(7), ["amount,currency,holder_email,holder_name,expires_on,note"]
    lines += [
        f"{dice.choice(('25.00', '50.00', '100.00'))},USD,person{number}@example.com,"
        f"Person {number},2099-01-31,moved from the old shop"
        for number in range(count)
    ]
    return "\n".join(lines)


def seconds(engine: Engine, url: str, file: str) -> float:
    """How long the command takes on a fresh database."""
    command = [sys.executable, "-m", "flask", "--app", "app", "gift-card", "import", file]
    start = perf_counter()
    subprocess.run(
        command, cwd=ROOT, env=databases.environ(engine, url), check=True, capture_output=True
    )
    return perf_counter() - start
