"""New keys for every code, while the program runs and whatever happens in between."""

import dataclasses
import itertools

import pytest

from giftweb import codes, database, installation, keys
from giftweb.domain import audit, cards, carts, operations, outbox
from tests.factories import ROOT, make_card, make_checkout

# The seals are made with keys of the test's own, so it asks for the audit itself.
pytestmark = pytest.mark.tampers


class PowerCut(Exception):
    """The process ends here."""


@pytest.fixture
def path(tmp_path, keys_path, engine, monkeypatch):
    """A keys file of this test's own; the worker's is put back after it."""
    before = keys.ring()
    path = tmp_path / "keys.json"
    keys.create(path)
    keys.follow(path)
    database.execute("DELETE FROM key_version")
    installation.register_keys()
    monkeypatch.setattr(operations.key_rotation, "BATCH", 2)
    yield path
    monkeypatch.undo()
    assert not audit.checks.run()
    keys.use(before)


def rotate(path, progress=lambda *step: None) -> int:
    return operations.key_rotation.rotate(path, by=ROOT, progress=progress, pause=0)


def make_cards(count: int = 5) -> list:
    return [make_card(is_test=True) for _ in range(count)]


def require_found(issued: list) -> None:
    for one in issued:
        assert cards.find_by_code(one.code).id == one.card.id
        assert cards.holder.open_code(one.card.id) == one.code


@pytest.mark.proves("I28", "D9")
def test_every_code_moves_to_the_new_version_and_the_old_one_goes(path):
    issued = make_cards()
    assert rotate(path) == 2
    assert set(keys.load(path).versions) == {2}
    assert database.rows("SELECT DISTINCT key_version FROM gift_card") == [(2,)]
    assert [row[0] for row in database.rows("SELECT version FROM key_version")] == [2]
    require_found(issued)
    require_found(make_cards(1))


@pytest.mark.proves("I28")
def test_look_ups_work_after_every_step(path):
    issued = make_cards()
    reported = []

    def look(step: str, done: int, total: int) -> None:
        reported.append((step, done, total))
        require_found(issued)

    rotate(path, look)
    assert [step for step in reported if step[0] == "Cards"] == [
        ("Cards", 2, 5),
        ("Cards", 4, 5),
        ("Cards", 5, 5),
    ]


CRASHES = (
    (keys, "rotate"),
    (installation, "register_keys"),
    (operations.key_rotation, "_move_some_cards"),
    (operations.key_rotation, "_move_some_others"),
    (operations.key_rotation, "_move_letters"),
    (operations.key_rotation, "_forget"),
    (keys, "retire"),
)


@pytest.mark.proves("I28", "I31")
@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("module", "name"), CRASHES, ids=[name for _, name in CRASHES])
def test_a_crash_at_any_point_is_gone_on_from(path, monkeypatch, module, name, is_after):
    issued = make_cards()
    token = carts.client_token(make_checkout(is_test=True))
    step = getattr(module, name)

    def cut(*args, **kwargs):
        if is_after:
            step(*args, **kwargs)
        raise PowerCut

    monkeypatch.setattr(module, name, cut)
    with pytest.raises(PowerCut):
        rotate(path)
    keys.follow(path)
    require_found(issued)
    monkeypatch.setattr(module, name, step)
    installation.register_keys()
    version = rotate(path)
    assert set(keys.load(path).versions) == {version}
    require_found(issued)
    campaign_id, _, secret = token.partition(".")
    found = carts.find(carts.Token(campaign_id, secret))
    assert carts.client_token(found) == token


@pytest.mark.proves("I28")
def test_what_else_is_sealed_moves_too(path):
    first = make_checkout(is_test=True)
    token = carts.client_token(first)
    data = {"token_sealed": codes.seal("secret", "ann@example.com").hex()}
    outbox.mail("sign_in_link", to="ann@example.com", data=data, is_test=True)
    outbox.mail("sign_in_link", to="erased", data=data, is_test=True)
    rotate(path)
    assert carts.client_token(first) == token
    opened, erased = database.rows("SELECT data FROM mail ORDER BY to_email")
    sealed = bytes.fromhex(opened[0].partition('token_sealed":"')[2].partition('"')[0])
    assert codes.unseal(sealed, "ann@example.com") == "secret"
    assert erased == ("{}",)


def test_the_old_version_stays_while_something_lies_under_it(path, monkeypatch):
    make_cards(1)
    monkeypatch.setattr(operations.key_rotation, "_move_cards", lambda *args: None)
    with pytest.raises(operations.key_rotation.SealedUnderOldKeys):
        rotate(path)
    assert set(keys.load(path).versions) == {1, 2}


def test_a_running_process_follows_its_keys_file(path, monkeypatch):
    seconds = itertools.count(0, keys.RELOAD_SECONDS + 1)
    monkeypatch.setattr(keys.time, "monotonic", lambda: next(seconds))
    keys.follow(path)
    keys.rotate(path)
    assert keys.ring().current == 2
    whole = path.read_text()
    path.write_text("{")
    assert keys.ring().current == 2
    path.write_text(whole)
    assert set(keys.ring().versions) == {1, 2}


@pytest.mark.proves("E49")
def test_a_running_process_refuses_the_keys_of_another_installation(
    path, tmp_path, monkeypatch, caplog
):
    seconds = itertools.count(0, keys.RELOAD_SECONDS + 1)
    monkeypatch.setattr(keys.time, "monotonic", lambda: next(seconds))
    own = keys.follow(path)
    keys.create(tmp_path / "another.json")
    (tmp_path / "another.json").replace(path)
    for _ in range(3):
        assert keys.ring() == own
    path.unlink()
    assert keys.ring() == own
    first, second = (record.getMessage() for record in caplog.records)
    assert f"The keys file {path} was replaced by that of another installation." in first
    assert f"The keys file {path} is missing." in second


def test_the_command_rotates(app, config, path, monkeypatch):
    monkeypatch.setattr(operations.key_rotation.time, "sleep", lambda seconds: None)
    make_cards(1)
    settings = dataclasses.replace(config, keys_path=path)
    monkeypatch.setitem(app.config, "GIFTWEB", settings)
    ran = app.test_cli_runner().invoke(args=["keys", "rotate"])
    assert (ran.exit_code, ran.stdout[:28]) == (0, "All codes are under key vers")
