"""Passkeys: made and used on this site, by their owner, once for each challenge (B16)."""

from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import operations, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.staff.sign_in import FROM_ADDRESS, Visitor
from giftweb.errors import Invalid, NotFound, SignInFailed, TooManyTries
from tests import factories, races
from tests.authenticator import Authenticator
from tests.factories import make_staff

SITE = staff.passkeys.site_of("https://cards.example")
HERE = Visitor("192.0.2.1", agent="the tests")


def by_(person: staff.Person) -> Actor:
    return Actor("staff", person.id, person.name, person.role, person.email)


def phone_of(person: staff.Person, **changes) -> Authenticator:
    """A phone with a passkey of the person."""
    phone = Authenticator(SITE.host, SITE.origin, **changes)
    challenge = staff.passkeys.new_challenge()
    options = staff.passkeys.options_to_add(by_(person), challenge=challenge, site=SITE)
    answer = phone.make(options)
    staff.passkeys.add(answer, challenge=challenge, site=SITE, name="Phone", by=by_(person))
    return phone


def enter(phone: Authenticator, *, site: staff.passkeys.Site = SITE, challenge: str = ""):
    challenge = challenge or staff.passkeys.new_challenge()
    answer = phone.sign(staff.passkeys.options_to_enter(challenge, site=SITE))
    return staff.sign_in.with_passkey(answer, challenge=challenge, site=site, visitor=HERE)


@pytest.mark.proves("B16")
def test_a_passkey_signs_in_without_password_and_code():
    person = make_staff("finance")
    phone = phone_of(person)
    entry = enter(phone)
    assert (entry.staff_id, entry.owes_code) == (person.id, False)
    assert staff.sessions.find(entry.key).staff_id == person.id
    assert staff.passkeys.all_of(person.id)[0].used_at is not None
    enter(phone)


def test_an_answer_to_another_challenge_opens_nothing():
    phone = phone_of(make_staff("finance"))
    challenge = staff.passkeys.new_challenge()
    answer = phone.sign(staff.passkeys.options_to_enter(challenge, site=SITE))
    for other in (staff.passkeys.new_challenge(), ""):
        with pytest.raises(SignInFailed):
            staff.sign_in.with_passkey(answer, challenge=other, site=SITE, visitor=HERE)


@pytest.mark.proves("X11")
def test_an_answer_counts_once_also_of_a_key_without_a_counter():
    phone = phone_of(make_staff("finance"))
    phone.counts = False
    challenge = staff.passkeys.new_challenge()
    answer = phone.sign(staff.passkeys.options_to_enter(challenge, site=SITE))
    staff.sign_in.with_passkey(answer, challenge=challenge, site=SITE, visitor=HERE)
    for _ in range(2):
        with pytest.raises(SignInFailed):
            staff.sign_in.with_passkey(answer, challenge=challenge, site=SITE, visitor=HERE)
    enter(phone)


@pytest.mark.proves("X11")
def test_a_refused_answer_uses_no_challenge_up():
    phone = phone_of(make_staff("finance"))
    challenge = staff.passkeys.new_challenge()
    thief = Authenticator(SITE.host, SITE.origin)
    thief.id = phone.id
    with pytest.raises(SignInFailed):
        enter(thief, challenge=challenge)
    enter(phone, challenge=challenge)


@pytest.mark.proves("X11")
def test_nothing_opens_where_no_challenge_waits():
    phone = phone_of(make_staff("finance"))
    answer = phone.sign(staff.passkeys.options_to_enter("", site=SITE))
    with pytest.raises(SignInFailed):
        staff.sign_in.with_passkey(answer, challenge="", site=SITE, visitor=HERE)


@pytest.mark.proves("X11")
@pytest.mark.parametrize(("minutes", "opens"), [(-2, False), (0, True), (4, True), (6, False)])
def test_a_challenge_waits_for_five_minutes(minutes, opens):
    phone = phone_of(make_staff("finance"))
    challenge = staff.passkeys.new_challenge()
    with clock.moved(timedelta(minutes=minutes)):
        if opens:
            enter(phone, challenge=challenge)
            return
        with pytest.raises(SignInFailed):
            enter(phone, challenge=challenge)


@pytest.mark.proves("X11")
def test_an_answer_from_inside_another_sites_page_is_refused():
    person = make_staff("finance")
    phone = phone_of(person)
    phone.is_framed = True
    with pytest.raises(SignInFailed):
        enter(phone)
    challenge = staff.passkeys.new_challenge()
    other = Authenticator(SITE.host, SITE.origin)
    other.is_framed = True
    answer = other.make(staff.passkeys.options_to_add(by_(person), challenge=challenge, site=SITE))
    with pytest.raises(Invalid):
        staff.passkeys.add(answer, challenge=challenge, site=SITE, name="x", by=by_(person))


@pytest.mark.proves("X11")
def test_a_passkey_is_added_once_for_each_challenge():
    person = make_staff("finance")
    challenge = staff.passkeys.new_challenge()
    options = staff.passkeys.options_to_add(by_(person), challenge=challenge, site=SITE)
    for name in ("first", "second"):
        answer = Authenticator(SITE.host, SITE.origin).make(options)
        if name == "first":
            staff.passkeys.add(answer, challenge=challenge, site=SITE, name=name, by=by_(person))
            continue
        with pytest.raises(Invalid):
            staff.passkeys.add(answer, challenge=challenge, site=SITE, name=name, by=by_(person))


@pytest.mark.proves("X11")
def test_of_two_answers_to_one_challenge_at_once_one_opens():
    phone = phone_of(make_staff("finance"))
    phone.counts = False
    challenge = staff.passkeys.new_challenge()
    answer = phone.sign(staff.passkeys.options_to_enter(challenge, site=SITE))

    def use() -> str:
        try:
            staff.passkeys.verify(answer, challenge=challenge, site=SITE)
        except SignInFailed:
            return "refused"
        return "opened"

    assert sorted(races.at_once(*[use] * 4)) == ["opened", "refused", "refused", "refused"]


@pytest.mark.proves("X11")
def test_challenges_that_were_answered_are_forgotten_when_they_are_over():
    phone_of(make_staff("finance"))
    with clock.moved(timedelta(hours=23)):
        assert operations.housekeeping.prune() == 0
    with clock.moved(timedelta(hours=25)):
        assert operations.housekeeping.prune() == 1


def test_a_key_of_another_site_opens_nothing():
    phone = phone_of(make_staff("finance"))
    for host, origin in (
        ("cards.example", "https://evil.example"),
        ("evil.example", "https://cards.example"),
        ("cards.example", "http://cards.example"),
    ):
        phone.host, phone.origin = host, origin
        with pytest.raises(SignInFailed):
            enter(phone)


def test_a_device_that_does_not_check_who_holds_it_is_refused():
    person = make_staff("finance")
    with pytest.raises(Invalid):
        phone_of(person, verifies=False)
    phone = phone_of(person)
    phone.verifies = False
    with pytest.raises(SignInFailed):
        enter(phone)


def test_a_copied_key_shows_by_its_counter():
    phone = phone_of(make_staff("finance"))
    enter(phone)
    enter(phone)
    phone.count = 0
    with pytest.raises(SignInFailed):
        enter(phone)


def test_another_key_under_the_same_name_opens_nothing():
    phone = phone_of(make_staff("finance"))
    thief = Authenticator(SITE.host, SITE.origin)
    with pytest.raises(SignInFailed):
        enter(thief)
    thief.id = phone.id
    with pytest.raises(SignInFailed):
        enter(thief)


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "{", '{"id": 1}', '"x"', "x" * 20_000])
def test_nonsense_opens_nothing(answer):
    challenge = staff.passkeys.new_challenge()
    with pytest.raises(SignInFailed):
        staff.sign_in.with_passkey(answer, challenge=challenge, site=SITE, visitor=HERE)
    with pytest.raises(Invalid):
        staff.passkeys.add(
            answer, challenge=challenge, site=SITE, name="x", by=by_(make_staff("finance"))
        )


def test_the_key_of_a_deactivated_person_opens_nothing():
    person = make_staff("finance")
    phone = phone_of(person)
    staff.deactivate(person.id, by=factories.ROOT, reason="Left")
    with pytest.raises(SignInFailed):
        enter(phone)


def test_one_key_belongs_to_one_person():
    first, second = make_staff("finance"), make_staff("root")
    phone = phone_of(first)
    challenge = staff.passkeys.new_challenge()
    answer = phone.make(staff.passkeys.options_to_add(by_(second), challenge=challenge, site=SITE))
    with pytest.raises(Invalid, match="known already"):
        staff.passkeys.add(answer, challenge=challenge, site=SITE, name="Phone", by=by_(second))
    assert enter(phone).staff_id == first.id


def test_only_its_owner_removes_a_key():
    person = make_staff("finance")
    phone = phone_of(person)
    known = staff.passkeys.all_of(person.id)[0]
    with pytest.raises(NotFound):
        staff.passkeys.remove(known.id, session_id="", by=by_(make_staff("root")))
    staff.passkeys.remove(known.id, session_id="", by=by_(person))
    with pytest.raises(SignInFailed):
        enter(phone)


@pytest.mark.proves("X11")
def test_removing_a_key_ends_the_other_sign_ins():
    person = make_staff("finance")
    phone = phone_of(person)
    stolen, own = enter(phone).key, enter(phone).key
    staff.passkeys.remove(
        staff.passkeys.all_of(person.id)[0].id,
        session_id=staff.sessions.find(own).id,
        by=by_(person),
    )
    assert staff.sessions.find(stolen) is None
    assert staff.sessions.find(own) is not None


def test_taking_a_lost_phone_away_takes_its_passkeys_too():
    person = make_staff("finance")
    phone = phone_of(person)
    key = enter(phone).key
    staff.authenticator.reset(person.id, by=factories.ROOT, reason="Phone stolen")
    assert staff.sessions.find(key) is None
    with pytest.raises(SignInFailed):
        enter(phone)


def test_guessing_passkeys_has_to_wait():
    thief = Authenticator(SITE.host, SITE.origin)
    for _ in range(FROM_ADDRESS.free + 1):
        with pytest.raises(SignInFailed):
            enter(thief)
    with pytest.raises(TooManyTries):
        enter(thief)


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://cards.example", True),
        ("https://cards.example:8443", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.1", False),
        ("https://[::1]:8000", False),
        ("http://cards.example", False),
    ],
)
def test_passkeys_are_offered_where_browsers_know_them(address, expected):
    assert staff.passkeys.site_of(address).may_have_passkeys is expected


def test_the_keys_that_are_there_are_listed_so_that_none_is_created_twice():
    person = make_staff("finance")
    phone_of(person)
    challenge = staff.passkeys.new_challenge()
    options = staff.passkeys.options_to_add(by_(person), challenge=challenge, site=SITE)
    assert [one["id"] for one in options["excludeCredentials"]] == [
        staff.passkeys.all_of(person.id)[0].id
    ]
    assert database.scalar("SELECT COUNT(*) FROM passkey") == 1
