"""The short form of what `make soak` does for hours."""

import pytest

from tests import disks, postgres
from tests.soak import __main__ as soak
from tests.soak import (
    backups,
    dropped_answers,
    failovers,
    full_disks,
    mails,
    parsers,
    power_cuts,
    storms,
    tampering,
)
from tests.standby import Pair


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


@pytest.mark.no_database
@pytest.mark.proves("E48")
def test_without_a_name_every_part_gets_its_share_of_the_minutes(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(soak, "TOTALS", tmp_path / "totals.json")
    monkeypatch.setattr(soak, "parts", lambda: ["parsers", "mails"])
    monkeypatch.setattr(postgres, "own_shared_cluster", lambda: None)
    for part in (parsers, mails):
        monkeypatch.setattr(part, "run", lambda seconds: {"seconds": seconds})
    monkeypatch.setattr("sys.argv", ["soak", "--minutes", "10"])
    assert soak.main() == 0
    assert capsys.readouterr().out.count("300 seconds in 0 s, no breach") == 2


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


@pytest.mark.no_database
@pytest.mark.proves("I31")
def test_what_was_acknowledged_survives_the_end_of_the_leading_server(keys_path):
    pair = Pair()
    try:
        counts = failovers.storm(pair, keys_path, 3)
    finally:
        pair.remove()
    assert counts["failovers"] > 0
    assert counts["attempts"] > 0


@pytest.mark.engines("postgresql")
@pytest.mark.proves("I27", "I31")
def test_a_lost_answer_to_a_commit_is_asked_for_again_and_has_one_effect(engine, keys_path):
    assert dropped_answers.storm(engine, keys_path, 2)["dropped answers"] > 0


@pytest.mark.proves("I6", "I7", "I30", "B15")
def test_whatever_row_the_owner_of_the_database_tampers_with_is_named(engine):
    assert tampering.rounds(60)["rows"] > 0


@pytest.mark.no_database
@pytest.mark.proves("I31")
@pytest.mark.parametrize("name", full_disks.MEGABYTES)
def test_a_full_disk_is_reported_with_503_and_leaves_nothing_half_done(keys_path, name):
    if not disks.may_mount():
        pytest.skip("Only root can mount a small disk; run `make test` as root once.")
    counts = full_disks.storm(name, keys_path, 3)
    assert counts["full disks"] > 0
    assert counts["attempts"] > 0


@pytest.mark.proves("I31")
def test_a_backup_under_load_has_all_that_was_acknowledged_before_it(engine, keys_path):
    assert backups.storm(engine, keys_path, 2)["backups"] > 0


@pytest.mark.proves("I29")
def test_no_mood_of_a_mail_server_loses_or_doubles_a_mail(engine, keys_path):
    assert mails.episode(engine, keys_path)["mails"] == mails.MAILS
