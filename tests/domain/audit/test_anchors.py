"""What left the house: checkpoints that were taken away or exchanged are missed."""

from datetime import timedelta

import pytest

from giftweb import clock, database, keys
from giftweb.database import guards
from giftweb.domain import audit, cards, operations
from giftweb.domain.audit import anchors, checks
from giftweb.domain.audit.anchors import Anchor
from giftweb.errors import Invalid
from tests.factories import AGENT, amount_of, make_card, make_staff
from tests.tampering import as_owner

pytestmark = pytest.mark.proves("X18")

HOUR = timedelta(hours=1, minutes=1)


def work() -> str:
    """Something happens, and a checkpoint is due."""
    card_id = make_card("50.00 USD").card.id
    cards.top_up(card_id, amount=amount_of("25.00 USD"), by=AGENT)
    return card_id


def checkpoint(**ways) -> bool:
    return operations.evidence.checkpoint(**{"file": None, "post": None} | ways)


def named(**options) -> set[tuple[str, str]]:
    """What the audit names, but for the guards that the owner has dropped."""
    found = {(each.check, each.row) for each in checks.run(**options)}
    return {each for each in found if each[0] != "I6 guards"}


@pytest.fixture
def kept_nowhere(monkeypatch):
    """The owner of the database has the keys' folder too, or the program runs elsewhere."""
    monkeypatch.setattr(keys, "_followed", None)


@pytest.fixture
def beside_the_keys(monkeypatch, tmp_path):
    """A folder for the keys that is this test's alone."""
    monkeypatch.setattr(keys, "_followed", tmp_path / "keys.json")
    monkeypatch.setattr(keys, "_next_check", float("inf"))
    return tmp_path


@pytest.mark.usefixtures("kept_nowhere")
def test_an_anchor_names_every_checkpoint_that_was_taken_away():
    work()
    assert checkpoint()
    anchor = anchors.newest()
    assert named(since=[anchor]) == set()
    with as_owner():
        database.execute("DELETE FROM ledger_checkpoint")
        assert ("I2 anchors", "checkpoint 1") in named(since=[anchor])
        assert ("I2 anchors", "checkpoint 1") not in named()


@pytest.mark.usefixtures("kept_nowhere")
def test_with_the_anchor_of_the_morning_a_card_that_was_never_there_is_missed():
    """The owner deletes a card, all that names it, and all checkpoints, and writes new ones."""
    work()
    card_id = work()
    assert checkpoint()
    anchor = anchors.newest()
    with as_owner():
        database.execute("DELETE FROM ledger_checkpoint")
        database.execute(
            "DELETE FROM audit_entry WHERE id IN (SELECT audit_id FROM transfer WHERE card_id = ?)",
            card_id,
        )
        for table, column in (("transfer", "card_id"), ("gift_card", "id"), ("account", "id")):
            database.execute(f"DELETE FROM {table} WHERE {column} = ?", card_id)
        assert named(since=[anchor]) == {("I2 anchors", "checkpoint 1")}
        audit.checkpoints.write()
        assert ("I2 anchors", "checkpoint 1") in named(since=[anchor])


def test_the_last_anchor_lies_beside_the_keys_and_is_compared_by_itself(beside_the_keys):
    work()
    assert checkpoint()
    (file,) = beside_the_keys.glob("anchor-*")
    assert file.stat().st_mode & 0o777 == 0o600
    assert named() == set()
    with as_owner():
        database.execute("DELETE FROM ledger_checkpoint")
        assert ("I2 anchors", "checkpoint 1") in named()
    anchors.forget()


def test_a_checkpoint_that_is_written_while_the_audit_runs_is_not_missed(
    beside_the_keys, monkeypatch
):
    """The audit sees the database as it was, and the file beside the keys as it is."""
    work()
    began = guards.missing

    def missing() -> list[str]:
        later = Anchor(number=999, at=clock.now(), seal="ab" * 32)
        monkeypatch.setattr(anchors, "newest", lambda: later)
        anchors.keep()
        return began()

    monkeypatch.setattr(guards, "missing", missing)
    assert not named()
    assert ("I2 anchors", "checkpoint 999") in named()


def test_an_anchor_that_was_not_written_here_is_not_believed(beside_the_keys):
    work()
    checkpoint()
    (file,) = beside_the_keys.glob("anchor-*")
    line, digest = file.read_text().splitlines()
    file.write_text(f"{line.replace(' 1 ', ' 9 ')}\n{digest}\n")
    assert named() == set()
    file.write_text("nonsense")
    assert named() == set()


def test_each_checkpoint_leaves_the_house_on_every_way(tmp_path, mailbox, caplog):
    person = make_staff("finance")
    posted, file = [], tmp_path / "anchors"
    for hour in range(3):
        with clock.moved(hour * HOUR):
            work()
            assert checkpoint(file=file, post=posted.append)
            assert not checkpoint(file=file, post=posted.append)
    written = file.read_text().splitlines()
    assert written == posted
    assert [anchor.number for anchor in anchors.read(file.read_text())] == [1, 2, 3]
    mails = [mail for mail in mailbox.to(person.email) if mail.kind == "house_notice"]
    assert 1 <= len(mails) <= 2, "one a day"
    assert mails[0].data["anchor"] == written[0]
    assert named(since=anchors.read(file.read_text())) == set()
    anchors.forget()


def test_without_finance_every_root_gets_the_mail(mailbox):
    root = make_staff("root")
    work()
    checkpoint()
    assert "audit.anchor" in [mail.data.get("what") for mail in mailbox.to(root.email)]


@pytest.mark.no_database
def test_an_anchor_is_read_out_of_whatever_it_was_kept_in():
    seal = "ab" * 32
    line = f"giftweb-anchor 12 2026-11-29T09:00:00Z {seal}"
    (found,) = anchors.read(f'{{"log": "security", "anchor": "{line}"}}')
    assert (found.number, str(found)) == (12, line)
    with pytest.raises(Invalid):
        anchors.read("giftweb-anchor twelve")
