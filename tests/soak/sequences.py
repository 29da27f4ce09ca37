"""Random sequences of events on one order, in two orders of what commutes (D22, I38)."""

from collections import Counter
from dataclasses import replace
from random import Random, SystemRandom

from tests import engines
from tests.sequences import drawing, story
from tests.sequences.plans import LONGEST, Plan, draw_order, draw_swaps
from tests.soak import turns

AT_ONCE = 20
"""So many sequences on one database between two audits of it."""


def run(seconds: int) -> dict[str, int]:
    """Try sequences on each engine for half of the time; raises at the first breach."""
    counts = Counter[str]()
    for engine, _, _ in turns.on_each_engine(seconds):
        counts += walk(engine, seed=SystemRandom().getrandbits(48))
    return dict(counts)


def walk(
    engine: engines.Engine,
    *,
    seed: int,
    sequences: int = AT_ONCE,
    longest: int = LONGEST,
    audits_each: bool = False,
) -> Counter[str]:
    """So many sequences on an empty database, the same ones for the same seed.

    Counted are the events that were done, those of sequences by their length, and the ends that
    were compared.
    """
    counts = Counter[str]()
    engine.empty()
    random = Random(seed)
    for _ in range(sequences):
        plan, is_compared = carry_out(random, longest=longest, audits_each=audits_each)
        counts["sequences"] += 1
        counts["events"] += len(plan.events)
        counts["compared"] += is_compared
        counts[f"of {len(plan.events)} events"] += 1
    story.require_clean()
    return counts


def carry_out(random: Random, *, longest: int, audits_each: bool = False) -> tuple[Plan, bool]:
    """One sequence in both orders; whether there was anything to compare."""
    plan = draw_order(random)
    written = story.Story(plan)
    events, outcomes = drawing.carry_out(
        random, written, most=longest, after_each=story.require_clean if audits_each else None
    )
    plan = replace(plan, events=events, swaps=draw_swaps(random, events))
    return plan, story.compare(plan, outcomes, written.end())
