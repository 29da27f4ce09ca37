"""The short form of what `make soak` does for hours."""

import pytest

from tests import postgres
from tests.soak import __main__ as soak
from tests.soak import mails, parsers, power_cuts, storms


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


@pytest.mark.proves("I5", "I10", "I11", "I31", "B2")
@pytest.mark.parametrize(
    "disturb", [None, storms.kill_now_and_then], ids=["in peace", "under kill -9"]
)
def test_shoppers_who_fight_over_cards_never_spend_a_cent_twice(engine, keys_path, disturb):
    counts = storms.storm(engine, keys_path, 2, disturb)
    assert counts["attempts"] > 0


@pytest.mark.no_database
@pytest.mark.proves("I31")
def test_a_power_cut_of_the_database_loses_nothing(keys_path):
    cluster = postgres.new_cluster()
    try:
        assert power_cuts.storm(cluster, keys_path, 3)["power cuts"] > 0
    finally:
        cluster.remove()


@pytest.mark.proves("I29")
def test_no_mood_of_a_mail_server_loses_or_doubles_a_mail(engine, keys_path):
    assert mails.episode(engine, keys_path)["mails"] == mails.MAILS
