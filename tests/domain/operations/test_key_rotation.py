"""New keys for every code, while the program runs and whatever happens in between."""

import ast
import dataclasses
import itertools
import os
import sys
from pathlib import Path

import pytest

from giftweb import codes, database, installation, keys, models
from giftweb.domain import (
    audit,
    cards,
    carts,
    customers,
    imports,
    operations,
    outbox,
    privacy,
    staff,
)
from giftweb.domain.cards.import_terms import Terms
from giftweb.domain.sheet_files import SheetFile
from tests.factories import ROOT, make_campaign, make_card, make_checkout, make_staff
from tests.orders import signed_in

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
    monkeypatch.setattr(operations.key_rotation, "_BATCH_OF_OTHERS", 2)
    monkeypatch.setattr(operations.key_rotation.time, "sleep", lambda seconds: None)
    yield path
    monkeypatch.undo()
    assert not audit.checks.run()
    keys.use(before)


def rotate(path, progress=lambda *step: None) -> int:
    return operations.key_rotation.rotate(path, by=ROOT, progress=progress)


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
    (keys, "add"),
    (installation, "register_keys"),
    (keys, "promote"),
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
    file_id = upload(FILE)
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
    assert content_of(file_id) == FILE


# Everything that is sealed


FILE = b"code,amount,currency,holder_email\nABCDEFGHJKMNPQRST123,5.00,USD,zoe@example.com\n"


def upload(content: bytes) -> str:
    """A file that waits at the desk."""
    clerk = signed_in("root")
    file_id = imports.files.begin("cards.csv", by=clerk)
    imports.files.add(file_id, data=content, by=clerk)
    return imports.files.complete(file_id, by=clerk).id


def content_of(file_id: str) -> bytes:
    with imports.content.sheet_of(file_id).open() as file:
        return file.read()


def seal_everything() -> None:
    """Each thing that the program seals, by the verb that does."""
    make_card(is_test=True, needs_pin=True)
    make_checkout(is_test=True)
    outbox.endpoints.create(make_campaign().id, url="https://shop.example/events", by=ROOT)
    upload(FILE)
    colleague = make_staff("cashier")
    staff.links.send(colleague.id, email=colleague.email, purpose=staff.links.RESET)
    customers.ensure("ann@example.com", "Ann")
    customers.sign_in.request_link("ann@example.com")
    customers.sign_in.answer("ann@example.com")


SEALING = ("seal", "seal_pin")


def places_that_seal() -> set[tuple[str, str]]:
    """The file and the function of each call of codes.seal and codes.seal_pin."""
    return {
        (str(file), function.name)
        for file in Path(codes.__file__).parent.glob("**/*.py")
        if file.name not in ("codes.py", "key_rotation.py")
        for function in ast.walk(ast.parse(file.read_text()))
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in {f"codes.{it}" for it in SEALING}
    }


def cells() -> list[str]:
    """Every value of the database, bytes as hex."""
    return [
        bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)
        for table in models.TABLES
        for row in database.rows(f'SELECT * FROM "{table._meta.table_name}"')
        for value in row
    ]


@pytest.mark.proves("I28")
def test_nothing_that_any_place_of_the_program_seals_stays_behind(path, monkeypatch):
    sealed, places = [], set()

    def watch(seal):
        def watched(*args):
            caller = sys._getframe(1).f_code
            places.add((caller.co_filename, caller.co_name))
            sealed.append(seal(*args).hex())
            return bytes.fromhex(sealed[-1])

        return watched

    with monkeypatch.context() as patched:
        for name in SEALING:
            patched.setattr(codes, name, watch(getattr(codes, name)))
        seal_everything()
    assert places_that_seal() <= places, "seal_everything is to call what is new here"
    stored = "\n".join(cells())
    kept = [value for value in sealed if value in stored]
    assert len(kept) >= len(places)
    rotate(path)
    moved = "\n".join(cells())
    assert not [value for value in kept if value in moved]


@pytest.mark.proves("I28", "B8", "D18")
def test_a_file_that_waits_for_its_import_is_read_after_it(path, monkeypatch):
    monkeypatch.setattr(imports.content, "PART_BYTES", 20)
    file_id = upload(FILE)
    assert models.CardImportPart.select().count() > 2
    rotate(path)
    assert content_of(file_id) == FILE
    assert not imports.preview.read(imports.find(file_id)).problem
    make_card(holder="bob@example.com", is_test=True)
    privacy.erasure.erase("bob@example.com", by=ROOT)
    assert imports.find(file_id).state == "uploaded"


def lose_key_of_files() -> None:
    """As a rotation did that forgot them."""
    for part in list(models.CardImportPart.select()):
        under_another = b"\0\x09" + bytes(part.content)[2:]
        models.CardImportPart.update(content=under_another).where(
            models.CardImportPart.file == part.file_id
        ).execute()


@pytest.mark.proves("B8", "D18")
def test_a_file_whose_key_is_gone_stands_in_nobodys_way(path):
    file_id = upload(FILE)
    lose_key_of_files()
    assert "nobody can read it any more" in imports.preview.read(imports.find(file_id)).problem
    rotate(path)
    make_card(holder="bob@example.com", is_test=True)
    assert privacy.erasure.erase("bob@example.com", by=ROOT)["files of cards"] == 1
    assert imports.find(file_id).state == "discarded"


@pytest.mark.proves("B8", "I28")
def test_a_file_that_was_read_before_the_keys_changed_is_not_written_after_it(path):
    by = signed_in("root")
    with cards.import_file.prepare_content(SheetFile(FILE), by=by, terms=Terms()) as prepared:
        rotate(path)
        with pytest.raises(cards.import_file.KeysChanged):
            prepared.write()
    assert not models.GiftCard.select().exists()
    cards.import_file.import_file(FILE, by=by)
    assert cards.find_by_code("ABCDEFGHJKMNPQRST123").balance.minor == 500


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


def test_the_old_version_stays_while_a_link_in_a_mail_lies_under_it(path, monkeypatch):
    data = {"token_sealed": codes.seal("secret", "ann@example.com").hex()}
    outbox.mail("sign_in_link", to="ann@example.com", data=data, is_test=True)
    with monkeypatch.context() as patched:
        patched.setattr(operations.key_rotation, "_move_letters", lambda *args: None)
        with pytest.raises(operations.key_rotation.SealedUnderOldKeys):
            rotate(path)
    assert set(keys.load(path).versions) == {1, 2}
    assert rotate(path) == 2


# Other processes


@pytest.mark.proves("I28")
def test_no_process_meets_a_version_that_it_does_not_know(path, monkeypatch):
    before, issued, rings = keys.ring(), make_cards(2), []

    def pause(seconds):
        """Beside us, a process that has last looked at the file before the pause."""
        now = keys.ring()
        keys.use(rings[-1] if rings else before)
        assert installation.readiness()["keys"]
        keys.use(now)
        rings.append(keys.load(path))
        issued.extend(make_cards(1))
        keys.use(rings[-1])
        require_found(issued)
        keys.follow(path)

    monkeypatch.setattr(operations.key_rotation.time, "sleep", pause)
    rotate(path)
    assert [(ring.current, set(ring.versions)) for ring in rings] == [(1, {1, 2}), (2, {1, 2})]


@pytest.mark.proves("I28")
def test_what_another_process_sealed_under_newer_keys_is_opened_at_once(path):
    keys.add(path)
    newest = keys.promote(path).newest
    nonce = os.urandom(12)
    sealed = b"\0\2" + nonce + newest.cipher.encrypt(nonce, b"secret", b"chk_1")
    assert set(keys.ring().versions) == {1}
    assert codes.unseal(sealed, "chk_1") == "secret"
    with pytest.raises(keys.KeysUnusable):
        codes.unseal(b"\0\3" + sealed[2:], "chk_1")


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(path, monkeypatch):
    seconds = itertools.count(0, keys.RELOAD_SECONDS + 1)
    monkeypatch.setattr(keys.time, "monotonic", lambda: next(seconds))
    load = keys.load

    def replaced(path):
        monkeypatch.setattr(keys, "load", load)
        found = load(path)
        keys.add(path)
        return found

    monkeypatch.setattr(keys, "load", replaced)
    keys.follow(path)
    assert set(keys.ring().versions) == {1, 2}


def test_a_running_process_follows_its_keys_file(path, monkeypatch):
    seconds = itertools.count(0, keys.RELOAD_SECONDS + 1)
    monkeypatch.setattr(keys.time, "monotonic", lambda: next(seconds))
    keys.follow(path)
    keys.add(path)
    keys.promote(path)
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
    make_cards(1)
    settings = dataclasses.replace(config, keys_path=path)
    monkeypatch.setitem(app.config, "GIFTWEB", settings)
    ran = app.test_cli_runner().invoke(args=["keys", "rotate"])
    assert (ran.exit_code, ran.stdout[:28]) == (0, "All codes are under key vers")
