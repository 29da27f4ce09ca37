"""Random sequences of events on one order, in two orders of what commutes (D22, I38)."""

from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings

from tests import engines
from tests.sequences.plans import Plan, plans
from tests.sequences.story import require_same_end
from tests.soak import turns

AT_ONCE = 50


def run(seconds: int) -> dict[str, int]:
    """Try sequences on each engine for half of the time; raises at the first breach."""
    counts = Counter[str]()
    for engine, _, _ in turns.on_each_engine(seconds):
        counts += walk(engine, plans=AT_ONCE)
    return dict(counts)


def walk(
    engine: engines.Engine, *, plans: int, audits_each: bool = False, is_fixed: bool = False
) -> Counter[str]:
    """So many sequences, each on an empty database; ``is_fixed``: the same ones in every run."""
    counts = Counter[str]()

    @settings(
        max_examples=plans,
        deadline=None,
        derandomize=is_fixed,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(PLANS)
    def carry_out(plan: Plan) -> None:
        engine.empty()
        counts.update(require_same_end(plan, audits_each=audits_each))
        counts["sequences"] += 1

    carry_out()
    return counts


PLANS = plans()
