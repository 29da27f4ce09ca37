"""People of the desk: roles, passwords, sign-ins, the second factor, and the rules among them."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest

from giftweb import clock, database, models
from giftweb.domain import audit, staff
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.audit.search import Wanted
from giftweb.domain.staff.sign_in import Visitor
from giftweb.errors import (
    CodeWrong,
    Invalid,
    LastRoot,
    NotFound,
    NotOneself,
    PasswordTooWeak,
    PasswordWrong,
    Refused,
    SignInFailed,
    TooManyTries,
)
from tests import factories
from tests.factories import PASSWORD, make_staff

HERE = Visitor("192.0.2.1", agent="the tests")


def by_(person: staff.Person) -> Actor:
    return Actor("staff", person.id, person.name, person.role, person.email)


def enter(email: str, password: str = PASSWORD, visitor: Visitor = HERE):
    return staff.sign_in.with_password(email, password=password, visitor=visitor)


# Making people


def test_a_person_is_kept_with_one_spelling_of_the_address_and_name():
    person = staff.create(
        email=" Ann@Giftweb.TEST ", name=" Ann \t Smith ", role="root", password=PASSWORD, by=SYSTEM
    )
    assert (person.email, person.name) == ("ann@giftweb.test", "Ann Smith")
    assert factories.person_with("ann@giftweb.test") == person


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("name", "x" * 121), ("role", "emperor"), ("email", "ANN@giftweb.test")],
)
def test_what_cannot_be_used_names_its_field(field, value):
    make_staff("root", email="ann@giftweb.test")
    given = {"email": "bob@giftweb.test", "name": "Bob", "role": "finance"} | {field: value}
    with pytest.raises(Invalid) as refused:
        staff.create(**given, password=PASSWORD, by=SYSTEM)
    assert refused.value.field == field
    assert staff.search(limit=1).count == 1


@pytest.mark.parametrize("column", ["role", "email"])
def test_the_table_itself_refuses_an_unknown_role_and_a_second_person_of_an_address(column):
    import peewee

    make_staff("root", email="ann@giftweb.test")
    other = make_staff("finance")
    value = {"role": "emperor", "email": "ann@giftweb.test"}[column]
    with pytest.raises(peewee.IntegrityError):
        database.execute(f"UPDATE staff SET {column} = ? WHERE id = ?", value, other.id)


# Passwords


@pytest.fixture
def own_hasher(monkeypatch) -> Iterator[None]:
    """Passwords are hashed as the program does, not as quickly as in other tests."""
    monkeypatch.setattr(staff.passwords, "_hasher", factories.OWN_HASHER)
    for kept in (staff.passwords._nobodys_hash, factories._hash_once):
        kept.cache_clear()
    yield
    for kept in (staff.passwords._nobodys_hash, factories._hash_once):
        kept.cache_clear()


def test_a_password_is_kept_as_argon2id_with_our_parameters(own_hasher):
    make_staff("root")
    stored = database.scalar("SELECT password_hash FROM staff")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "password", ["", "short", "password1234", "qwertyuiop12", "ann smith1", "giftwebgiftweb"]
)
def test_a_password_that_is_easy_to_guess_is_refused(password):
    with pytest.raises(PasswordTooWeak):
        staff.create(
            email="ann@giftweb.test", name="Ann Smith", role="root", password=password, by=SYSTEM
        )


@pytest.mark.no_database
def test_a_very_long_password_is_refused_and_a_long_one_is_checked_in_no_time():
    with pytest.raises(PasswordTooWeak, match="500 characters or fewer"):
        staff.passwords.require_strong("x7" * 300, email="a@b.test", name="A")
    staff.passwords.require_strong("nine herons over the harbour " * 17, email="a@b.c", name="A")


@pytest.mark.no_database
def test_generated_passwords_are_strong_and_never_the_same():
    made = {staff.passwords.generate() for _ in range(200)}
    assert len(made) == 200
    for password in list(made)[:20]:
        staff.passwords.require_strong(password, email="a@b.test", name="A B")


def test_an_old_hash_is_made_again_at_the_next_sign_in(own_hasher):
    from argon2 import PasswordHasher

    person = make_staff("root")
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    seals.change(models.Staff, person.id, password_hash=old)
    enter(person.email)
    stored = database.scalar("SELECT password_hash FROM staff")
    assert "m=19456,t=2,p=1" in stored
    enter(person.email)


def test_unknown_and_deactivated_people_cost_the_same_work(monkeypatch):
    person = make_staff("finance")
    staff.deactivate(person.id, by=factories.ROOT, reason="Left")
    verified = []
    real = staff.passwords.verify
    monkeypatch.setattr(
        staff.passwords, "verify", lambda *args: verified.append(args) or real(*args)
    )
    for email in (person.email, "nobody@giftweb.test", ""):
        with pytest.raises(SignInFailed):
            enter(email)
    assert len(verified) == 3


def test_without_a_hash_one_of_the_same_cost_is_verified(own_hasher, monkeypatch):
    hasher = staff.passwords._hasher()
    seen = []

    class Watched:
        hash = hasher.hash

        def verify(self, stored: str, password: str) -> bool:
            seen.append(stored)
            return hasher.verify(stored, password)

    monkeypatch.setattr(staff.passwords, "_hasher", Watched)
    assert not staff.passwords.verify(PASSWORD, None)
    assert seen[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_changed_while_it_was_verified_opens_nothing(monkeypatch):
    person = make_staff("finance")
    real = staff.passwords.verify

    def change_meanwhile(password: str, stored: str | None) -> bool:
        other = staff.passwords.hash_of("nine herons over the harbour")
        seals.change(models.Staff, person.id, password_hash=other)
        return real(password, stored)

    monkeypatch.setattr(staff.passwords, "verify", change_meanwhile)
    with pytest.raises(SignInFailed):
        enter(person.email)
    assert not staff.sessions.all_of(person.id)


# Roles


@pytest.mark.proves("D14")
def test_the_last_root_can_neither_leave_nor_be_deactivated():
    root = make_staff("root")
    with pytest.raises(LastRoot):
        staff.deactivate(root.id, by=factories.ROOT, reason="Left")
    with pytest.raises(LastRoot):
        staff.change(root.id, name=root.name, role="finance", by=factories.ROOT, reason="Moves")
    assert staff.find(root.id) == root
    other = make_staff("root")
    staff.deactivate(root.id, by=by_(other), reason="Left")
    with pytest.raises(LastRoot):
        staff.deactivate(other.id, by=factories.ROOT, reason="Left")


def test_nobody_changes_their_own_role_or_deactivates_themselves():
    root, _ = make_staff("root"), make_staff("root")
    with pytest.raises(NotOneself):
        staff.change(root.id, name=root.name, role="finance", by=by_(root), reason="Moves")
    with pytest.raises(NotOneself):
        staff.deactivate(root.id, by=by_(root), reason="Left")
    with pytest.raises(NotOneself):
        staff.reset_password(root.id, by=by_(root), reason="Lost")
    with pytest.raises(NotOneself):
        staff.authenticator.reset(root.id, by=by_(root), reason="Lost")


@pytest.mark.proves("D14")
def test_two_roots_who_deactivate_each_other_leave_one():
    first, second = make_staff("root"), make_staff("root")
    start = threading.Barrier(2)

    def deactivate(other: staff.Person, by: staff.Person) -> None:
        start.wait()
        try:
            with database.transaction():
                staff.deactivate(other.id, by=by_(by), reason="At once")
                time.sleep(0.2)
        except LastRoot:
            pass
        finally:
            database.close()

    pairs = ((first, second), (second, first))
    threads = [threading.Thread(target=deactivate, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [staff.find(root.id).is_active for root in (first, second)].count(True) == 1


@pytest.mark.proves("I30")
def test_every_change_of_rights_is_kept_with_who_and_why_and_no_name():
    root, person = make_staff("root"), make_staff("customer_service")
    by = by_(root)
    staff.change(person.id, name="Zoe Other", role="finance", by=by, reason="Moves")
    staff.reset_password(person.id, by=by, reason="Forgot it")
    staff.deactivate(person.id, by=by, reason="Left")
    staff.reactivate(person.id, by=by, reason="Back")
    staff.authenticator.reset(person.id, by=by, reason="Phone lost")
    found = audit.search.search(Wanted(subject=person.id, actor=root.id), limit=20).items
    assert [(entry.action, entry.reason) for entry in reversed(found)] == [
        ("staff.role_changed", "Moves"),
        ("staff.renamed", "Moves"),
        ("staff.password_reset", "Forgot it"),
        ("staff.deactivated", "Left"),
        ("staff.reactivated", "Back"),
        ("staff.totp_reset", "Phone lost"),
    ]
    assert found[-1].data == {"role": "finance", "before": "customer_service"}
    everything = str(database.rows("SELECT * FROM audit_entry"))
    assert person.name not in everything
    assert "Zoe" not in everything
    assert person.email not in everything


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_change_of_rights_without_a_reason_is_refused(reason):
    person = make_staff("finance")
    for change in (
        staff.deactivate,
        staff.reactivate,
        staff.reset_password,
        staff.authenticator.reset,
    ):
        with pytest.raises(Invalid) as refused:
            change(person.id, by=factories.ROOT, reason=reason)
        assert refused.value.field == "reason"


def test_there_is_nothing_to_change_about_nobody():
    for change in (staff.deactivate, staff.reactivate, staff.reset_password):
        with pytest.raises(NotFound):
            change("stf_nobody", by=factories.ROOT, reason="Because")


# Sign-ins


def test_a_sign_in_counts_until_it_is_revoked_or_times_out():
    person = make_staff("finance")
    key = enter(person.email).key
    assert staff.sessions.find(key).actor == by_(person)
    assert staff.sessions.find(key + "x") is None
    with clock.moved(staff.sessions.IDLE_LIMIT + timedelta(seconds=1)):
        assert staff.sessions.find(key) is None
    staff.sessions.close_key(key)
    assert staff.sessions.find(key) is None


def test_a_confirmation_lasts_five_minutes():
    person = make_staff("finance")
    key = enter(person.email).key
    assert staff.sessions.find(key).is_confirmed
    with clock.moved(timedelta(minutes=5, seconds=1)):
        session = staff.sessions.find(key)
        assert not session.is_confirmed
        with pytest.raises(PasswordWrong):
            staff.sign_in.confirm(session, password="wrong", visitor=HERE)
        assert not staff.sessions.find(key).is_confirmed
        staff.sign_in.confirm(session, password=PASSWORD, visitor=HERE)
        assert staff.sessions.find(key).is_confirmed


def test_the_password_again_is_not_to_be_guessed_either():
    person = make_staff("finance")
    session = staff.sessions.find(enter(person.email).key)
    for _ in range(staff.sign_in.KNOWN_BROWSER.free + 1):
        with pytest.raises(PasswordWrong):
            staff.sign_in.confirm(session, password="wrong", visitor=HERE)
    with pytest.raises(TooManyTries):
        staff.sign_in.confirm(session, password=PASSWORD, visitor=HERE)


def test_a_long_name_of_a_browser_is_cut():
    person = make_staff("finance")
    enter(person.email, visitor=Visitor("192.0.2.1", agent="x" * 10_000))
    assert len(staff.sessions.all_of(person.id)[0].agent) == 200


# The second factor


def set_up(person: staff.Person) -> tuple[str, list[str]]:
    by = by_(person)
    staff.authenticator.begin(by=by)
    secret = staff.authenticator.waiting(by=by).secret.replace(" ", "")
    code = pyotp.TOTP(secret).at(clock.now() - timedelta(seconds=30))
    return secret, staff.authenticator.finish(code, session_id="", by=by)


def test_an_authenticator_counts_only_after_its_first_code():
    person = make_staff("finance")
    staff.authenticator.begin(by=by_(person))
    assert not staff.authenticator.is_set_up(person.id)
    assert not enter(person.email).owes_code
    with pytest.raises(CodeWrong):
        staff.authenticator.finish("000000", session_id="", by=by_(person))
    set_up_now, codes = set_up(person)
    assert len(set_up_now) == 32
    assert len(set(codes)) == 10
    assert enter(person.email).owes_code


def test_a_sign_in_that_owes_its_code_does_not_count():
    person = make_staff("finance")
    set_up(person)
    entry = enter(person.email)
    assert staff.sessions.owing_code(entry.key) == person.id
    assert staff.sessions.find(entry.key) is None
    assert staff.sessions.all_of(person.id) == []


def test_a_second_authenticator_does_not_quietly_replace_the_first():
    person = make_staff("finance")
    set_up(person)
    for again in (
        staff.authenticator.begin,
        lambda by: staff.authenticator.finish("123456", session_id="", by=by),
    ):
        with pytest.raises(Refused):
            again(by=by_(person))
    assert staff.authenticator.waiting(by=by_(person)) is None


def test_a_step_is_taken_once_and_the_clocks_may_differ_by_one():
    person = make_staff("finance")
    with clock.moved(timedelta(minutes=-5)):
        secret, _ = set_up(person)
    with clock.moved(timedelta(seconds=15 - clock.now().timestamp() % 30)):
        app = pyotp.TOTP(secret)
        now = clock.now()
        offsets = {-60: False, 60: False, -30: True, 0: True, 30: True}
        for seconds, expected in offsets.items():
            code = app.at(now + timedelta(seconds=seconds))
            assert staff.authenticator.accepts(person.id, code=code) is expected, seconds
            assert staff.authenticator.accepts(person.id, code=code) is False
    for text in ("", "12345", "1234567", "abcdef", "１２３４５６", "12 34 5"):
        assert not staff.authenticator.accepts(person.id, code=text)


def test_one_code_in_two_browsers_at_once_opens_one():
    person = make_staff("finance")
    secret, _ = set_up(person)
    code = pyotp.TOTP(secret).at(clock.now())
    start, won = threading.Barrier(4), []

    def use() -> None:
        start.wait()
        won.append(staff.authenticator.accepts(person.id, code=code))
        database.close()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won.count(True) == 1


def test_recovery_codes_work_once_and_new_ones_replace_the_old():
    person = make_staff("finance")
    _, codes = set_up(person)
    assert staff.authenticator.accepts_recovery(person.id, code=codes[0].lower())
    assert not staff.authenticator.accepts_recovery(person.id, code=codes[0])
    assert not staff.authenticator.accepts_recovery(make_staff("finance").id, code=codes[1])
    assert staff.authenticator.recovery_codes_left(person.id) == 9
    fresh = staff.authenticator.renew_recovery_codes(by=by_(person))
    assert not staff.authenticator.accepts_recovery(person.id, code=codes[1])
    assert staff.authenticator.accepts_recovery(
        person.id, code=fresh[1].replace("0", "O").replace("1", "l")
    )


def test_neither_secrets_nor_codes_are_kept_in_plain():
    person = make_staff("finance")
    secret, codes = set_up(person)
    sealed = bytes(database.scalar("SELECT totp_sealed FROM staff WHERE id = ?", person.id))
    assert secret.encode() not in sealed
    hashes = {row[0] for row in database.rows("SELECT code_hash FROM recovery_code")}
    assert len(hashes) == 10
    assert all(len(one) == 64 for one in hashes)
    assert not hashes & set(codes)


def test_a_sealed_secret_opens_for_its_owner_alone():
    from cryptography.exceptions import InvalidTag

    person, thief = make_staff("finance"), make_staff("root")
    set_up(person)
    set_up(thief)
    sealed = database.scalar("SELECT totp_sealed FROM staff WHERE id = ?", person.id)
    seals.change(models.Staff, thief.id, totp_sealed=sealed)
    with pytest.raises(InvalidTag):
        staff.authenticator.accepts(thief.id, code="123456")


def test_setting_up_an_authenticator_ends_the_other_sign_ins():
    person = make_staff("finance")
    here, there = enter(person.email).key, enter(person.email).key
    by = by_(person)
    staff.authenticator.begin(by=by)
    code = pyotp.TOTP(staff.authenticator.waiting(by=by).secret.replace(" ", "")).at(clock.now())
    staff.authenticator.finish(code, session_id=staff.sessions.find(here).id, by=by)
    assert staff.sessions.find(here)
    assert staff.sessions.find(there) is None
