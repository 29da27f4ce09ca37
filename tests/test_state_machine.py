"""The short form of the stateful proof; `make soak` walks on for hours."""

import pytest

from tests.soak import steps


@pytest.mark.proves("I2", "I3", "I4", "I5", "I8", "I10", "I11", "I14", "I16", "I17", "I20", "I21")
@pytest.mark.proves("I22", "I23", "I24", "I29", "I30", "D5", "D7", "D12", "D19")
def test_no_order_of_steps_breaks_an_invariant(engine):
    assert steps.walk(engine, walks=5, length=40) > 50
