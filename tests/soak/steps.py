"""Random walks through the real domain beside a model of it, the audit after every step."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import engines
from tests.soak import turns
from tests.stateful.order_steps import Shop

LENGTH = 60
WALKS = 20


def run(seconds: int) -> dict[str, int]:
    """Walk on each engine for half of the time; raises at the first breach."""
    counts = {"steps": 0, "walks": 0}
    for engine, _, _ in turns.on_each_engine(seconds):
        counts["steps"] += walk(engine, walks=WALKS, length=LENGTH)
        counts["walks"] += WALKS
    return counts


def walk(engine: engines.Engine, *, walks: int, length: int) -> int:
    """So many random walks of this many steps, each on an empty database; the steps taken."""
    shop = type("Shop", (Shop,), {"engine": engine, "steps": 0})
    run_state_machine_as_test(
        shop,
        settings=settings(
            max_examples=walks,
            stateful_step_count=length,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return shop.steps
