"""The short form of what `make soak` does for hours."""

import pytest

from tests.soak import __main__ as soak
from tests.soak import parsers


@pytest.mark.no_database
@pytest.mark.proves("D9", "I9")
def test_no_typed_code_or_amount_is_misread():
    assert parsers.run(1)["codes"] > 0


@pytest.mark.no_database
def test_totals_add_up_over_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(soak, "TOTALS", tmp_path / "totals.json")
    soak.add_up("parsers", {"codes": 2})
    soak.add_up("parsers", {"codes": 3})
    assert '"codes": 5' in soak.TOTALS.read_text()
