"""Signing in and out, the second factor, time-outs, and the password once more."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient

import app as application
from giftweb import clock, database
from giftweb.domain import outbox, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.mail import letters
from giftweb.web.access.sign_in import PENDING
from giftweb.web.mail.letters import write
from tests import factories
from tests.authenticator import Authenticator
from tests.factories import PASSWORD


def actor_of(person: staff.Person) -> Actor:
    return Actor("staff", person.id, person.name, person.role, person.email)


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: str):
    return client.post("/login", data={"email": email, "password": password, **more})


def secret_of(person: staff.Person) -> str:
    """Set up an authenticator for the person; its secret."""
    by = actor_of(person)
    staff.authenticator.begin(by=by)
    secret = staff.authenticator.waiting(by=by).secret.replace(" ", "")
    with clock.moved(timedelta(minutes=-2)):
        staff.authenticator.finish(code_now(secret), session_id="", by=by)
    return secret


def code_now(secret: str) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def without_token(page: str) -> str:
    """The page without its CSRF token, which tells the second."""
    return re.sub('name="csrf_token" value="[^"]*"', "", page)


@pytest.fixture
def person() -> staff.Person:
    return factories.make_staff("customer_service")


def test_whoever_signs_in_sees_the_desk(client, person):
    answer = sign_in(client, f" {person.email.upper()} ")
    assert (answer.status_code, answer.location) == (303, "/staff/")
    page = client.get("/staff/")
    assert page.status_code == 200
    assert person.name in page.text
    assert "Customer Service" in page.text


def test_signing_in_leads_to_the_page_that_was_asked_for(client, person):
    answer = client.get("/staff/account?tab=sessions")
    assert (answer.status_code, answer.location) == (
        303,
        "/login?next=/staff/account%3Ftab%3Dsessions",
    )
    form = client.get(answer.location)
    assert 'value="/staff/account?tab=sessions"' in form.text
    answer = sign_in(client, person.email, next="/staff/account?tab=sessions")
    assert answer.location == "/staff/account?tab=sessions"


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_sent_to_another_site(client, person, place):
    answer = sign_in(client, person.email, next=place)
    assert (answer.status_code, answer.location) == (303, "/staff/")


@pytest.mark.parametrize(
    ("email", "password"),
    [("nobody@giftweb.test", PASSWORD), ("", PASSWORD), ("{own}", "wrong"), ("{own}", "")],
)
def test_a_wrong_sign_in_is_reported_and_opens_nothing(client, person, email, password):
    answer = sign_in(client, email.format(own=person.email), password)
    assert answer.status_code == 422
    assert client.get("/staff/").status_code == 303


def test_unknown_wrong_and_deactivated_get_the_same_answer(client, person):
    gone = factories.make_staff("finance")
    staff.deactivate(gone.id, by=factories.ROOT, reason="Left the house")
    found = {
        without_token(sign_in(client, email, password).text).replace(email, "")
        for email, password in (
            ("nobody@giftweb.test", PASSWORD),
            (person.email, "wrong"),
            (gone.email, PASSWORD),
        )
    }
    assert len(found) == 1
    assert "do not belong together" in found.pop()


def test_the_address_stays_after_an_error_and_the_password_does_not(client, person):
    text = sign_in(client, person.email, "not-the-password-77").text
    assert person.email in text
    assert "not-the-password-77" not in text


def test_signing_in_takes_a_new_cookie(client, person):
    sign_in(client, person.email)
    first = client.get_cookie("giftweb").value
    with client.session_transaction() as session:
        key = session["_user_id"]
        session["planted"] = "before"
    client.post("/logout")
    assert staff.sessions.find(key) is None
    sign_in(client, person.email)
    assert client.get_cookie("giftweb").value != first
    with client.session_transaction() as session:
        assert session["_user_id"] != key
        assert "planted" not in session


def test_the_cookie_holds_the_key_and_the_database_its_hash(client, person):
    sign_in(client, person.email)
    with client.session_transaction() as session:
        key = session["_user_id"]
        assert person.id not in str(dict(session))
    stored = database.scalar("SELECT id FROM staff_session")
    assert key not in stored
    assert len(stored) == 64


def test_signing_out_ends_the_sign_in_on_the_server(client, person):
    sign_in(client, person.email)
    stolen = client.get_cookie("giftweb").value
    assert client.post("/logout").location == "/login"
    client.set_cookie("giftweb", stolen)
    assert client.get("/staff/").status_code == 303


@pytest.mark.proves("X21")
def test_signing_out_empties_the_browser_of_what_it_kept(client, person):
    sign_in(client, person.email)
    answer = client.post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_signing_out_takes_a_post(client, person):
    sign_in(client, person.email)
    assert client.get("/logout").status_code == 405
    assert client.get("/staff/").status_code == 200


def test_whoever_is_signed_in_needs_no_sign_in_page(staff_client):
    answer = staff_client("finance").get("/login?next=/staff/account")
    assert (answer.status_code, answer.location) == (303, "/staff/account")


# Time-outs


def test_a_sign_in_ends_after_thirty_idle_minutes(client, person):
    sign_in(client, person.email)
    with clock.moved(timedelta(minutes=29)):
        assert client.get("/staff/").status_code == 200
        with clock.moved(timedelta(minutes=29)):
            assert client.get("/staff/").status_code == 200
            with clock.moved(timedelta(minutes=31)):
                assert client.get("/staff/").status_code == 303


def test_a_sign_in_ends_after_twelve_hours_however_busy(client, person):
    sign_in(client, person.email)
    for minutes in range(20, 720, 20):
        with clock.moved(timedelta(minutes=minutes)):
            assert client.get("/staff/").status_code == 200
    with clock.moved(timedelta(hours=12, minutes=1)):
        assert client.get("/staff/").status_code == 303


def test_a_deactivated_person_is_out_at_once(client, person):
    sign_in(client, person.email)
    staff.deactivate(person.id, by=factories.ROOT, reason="Left the house")
    assert client.get("/staff/").status_code == 303


# The second factor


@pytest.mark.proves("B16")
def test_with_an_authenticator_the_password_alone_opens_nothing(client, person):
    secret = secret_of(person)
    answer = sign_in(client, person.email, next="/staff/account")
    assert answer.location == "/login/code?next=/staff/account"
    assert client.get("/staff/").status_code == 303
    assert client.get(answer.location).status_code == 200
    answer = client.post("/login/code", data={"code": code_now(secret), "next": "/staff/account"})
    assert (answer.status_code, answer.location) == (303, "/staff/account")
    assert client.get("/staff/").status_code == 200


def test_the_key_changes_when_the_code_was_right(client, person):
    secret = secret_of(person)
    sign_in(client, person.email)
    with client.session_transaction() as session:
        pending = session[PENDING]
    client.post("/login/code", data={"code": code_now(secret)})
    with client.session_transaction() as session:
        assert PENDING not in session
        assert session["_user_id"] != pending
    assert staff.sessions.find(pending) is None
    assert staff.sessions.owing_code(pending) is None


def test_a_code_is_taken_once(app, person):
    secret = secret_of(person)
    code = code_now(secret)
    for expected in (303, 422):
        client = app.test_client()
        sign_in(client, person.email)
        assert client.post("/login/code", data={"code": code}).status_code == expected


def test_a_recovery_code_stands_in_once(app, person):
    by = actor_of(person)
    secret_of(person)
    code, *others = staff.authenticator.renew_recovery_codes(by=by)
    assert len({code, *others}) == 10
    for typed, expected in ((code.lower().replace("-", " "), 303), (code, 422), (others[0], 303)):
        client = app.test_client()
        sign_in(client, person.email)
        assert client.post("/login/code", data={"code": typed}).status_code == expected
    assert staff.authenticator.recovery_codes_left(person.id) == 8


def test_a_sign_in_does_not_wait_for_its_code_for_ever(client, person):
    secret = secret_of(person)
    sign_in(client, person.email)
    with clock.moved(timedelta(minutes=11)):
        answer = client.post("/login/code", data={"code": code_now(secret)})
        assert answer.location == "/login"
        assert "This took too long" in client.get("/login").text


def test_there_is_no_second_step_without_the_first(client):
    assert client.get("/login/code").location == "/login"
    assert client.post("/login/code", data={"code": "123456"}).location == "/login"


# Guessing


def wrong(client: FlaskClient, email: str, times: int, address: str = "192.0.2.7") -> list[int]:
    return [
        client.post(
            "/login",
            data={"email": email, "password": "wrong"},
            environ_base={"REMOTE_ADDR": address},
        ).status_code
        for _ in range(times)
    ]


def test_guessing_one_account_has_to_wait_and_the_wait_is_reported(client, person):
    assert set(wrong(client, person.email, 9)) == {422}
    answer = sign_in(client, person.email)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) in (1, 2)
    assert "Too many tries" in answer.text


def test_an_account_never_waits_longer_than_a_minute(app, person):
    for number in range(30):
        with clock.moved(timedelta(minutes=number)):
            wrong(app.test_client(), person.email, 3, address=f"198.51.100.{number}")
    with clock.moved(timedelta(minutes=30, seconds=2)):
        assert sign_in(app.test_client(), person.email).status_code == 303


def test_a_browser_that_was_signed_in_before_is_not_slowed_by_strangers(app, person):
    own = app.test_client()
    sign_in(own, person.email)
    own.post("/logout")
    assert wrong(app.test_client(), person.email, 10)[-1] == 429
    assert sign_in(app.test_client(), person.email).status_code == 429
    assert sign_in(own, person.email).status_code == 303


def test_guessing_many_accounts_from_one_address_has_to_wait(app, person):
    client = app.test_client()
    tries = [wrong(client, f"somebody{n}@giftweb.test", 1)[0] for n in range(23)]
    assert tries[:20] == [422] * 20
    assert 429 in tries[20:]
    assert sign_in(app.test_client(), person.email).status_code == 303


def test_guessing_codes_has_to_wait(app, person):
    secret_of(person)
    answers = []
    for number in range(8):
        client = app.test_client()
        sign_in(client, person.email)
        answer = client.post(
            "/login/code",
            data={"code": "000000"},
            environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
        )
        answers.append(answer.status_code)
    assert answers[:6] == [422] * 6
    assert answers[6:] == [429] * 2


# A factor by role


@pytest.fixture
def public_app(app_with):
    """The application as others than this machine reach it."""
    return app_with(base_url="https://cards.example")


def get(client: FlaskClient, place: str, **more):
    return client.get(place, base_url="https://cards.example", **more)


def post(client: FlaskClient, place: str, **data: str):
    return client.post(place, data=data, base_url="https://cards.example")


@pytest.mark.proves("X12")
@pytest.mark.parametrize("role", ["root", "customer_service_admin", "marketing", "finance"])
def test_who_can_do_harm_sets_up_a_second_factor_before_anything_else(public_app, role):
    client, person = public_app.test_client(), factories.make_staff(role)
    assert post(client, "/login", email=person.email, password=PASSWORD).status_code == 303
    for place in ("/staff/", "/staff/account", "/staff/account/password", "/staff/people/"):
        assert get(client, place).location == "/staff/account/factor", place
    answer = get(client, "/staff/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/staff/account/factor"
    assert "Add a passkey" in get(client, "/staff/account/factor").text
    get(client, "/staff/account/authenticator")
    secret = staff.authenticator.waiting(by=actor_of(person)).secret.replace(" ", "")
    assert post(client, "/staff/account/authenticator", code=code_now(secret)).status_code == 200
    assert get(client, "/staff/").status_code == 200
    assert get(client, "/staff/account/factor").location == "/staff/account"
    post(client, "/staff/account/authenticator/remove")
    assert get(client, "/staff/").location == "/staff/account/factor"


@pytest.mark.proves("X12")
def test_customer_service_is_offered_a_second_factor_and_on_this_machine_everybody(
    public_app, client
):
    agent = factories.make_staff("customer_service")
    outside = public_app.test_client()
    post(outside, "/login", email=agent.email, password=PASSWORD)
    assert get(outside, "/staff/").status_code == 200
    sign_in(client, factories.make_staff("root").email)
    assert client.get("/staff/").status_code == 200
    assert client.get("/staff/account/factor").location == "/staff/account"
    assert "Set up an authenticator" in client.get("/staff/account").text


@pytest.mark.proves("X12")
def test_whoever_needs_a_factor_and_has_a_passkey_gets_in_by_it_alone(public_app):
    person, agent = factories.make_staff("root"), factories.make_staff("customer_service")
    for each in (person, agent):
        add_passkey(each)
    client = public_app.test_client()
    answer = post(client, "/login", email=person.email, password=PASSWORD)
    assert (answer.status_code, "Sign in with your passkey" in answer.text) == (422, True)
    assert get(client, "/staff/").location.startswith("/login")
    assert post(client, "/login", email=agent.email, password=PASSWORD).status_code == 303


def add_passkey(person: staff.Person) -> None:
    site = staff.passkeys.site_of("https://cards.example")
    phone, challenge = Authenticator(site.host, site.origin), staff.passkeys.new_challenge()
    by = actor_of(person)
    answer = phone.make(staff.passkeys.options_to_add(by, challenge=challenge, site=site))
    staff.passkeys.add(answer, challenge=challenge, site=site, name="Phone", by=by)


# What the person is mailed


@pytest.mark.proves("X12")
def test_a_new_browser_is_mailed_to_its_owner_once(app, client, person, mailbox):
    sign_in(client, person.email)
    client.post("/logout")
    sign_in(client, person.email)
    wrong(app.test_client(), person.email, 1)
    found = mailbox.to(person.email)
    assert [(mail.kind, mail.data["what"]) for mail in found] == [
        ("account_notice", "staff.signed_in")
    ]
    sign_in(app.test_client(), person.email)
    assert len(mailbox.to(person.email)) == 2


@pytest.mark.proves("X12")
def test_each_change_of_what_opens_an_account_is_mailed_to_its_owner(app, person, mailbox):
    by = actor_of(person)
    secret_of(person)
    (code, *_) = staff.authenticator.renew_recovery_codes(by=by)
    client = app.test_client()
    sign_in(client, person.email)
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"}
    client.post("/login/code", data={"code": code}, headers=agent)
    staff.authenticator.remove(session_id="", by=by)
    add_passkey(person)
    staff.passkeys.remove(staff.passkeys.all_of(person.id)[0].id, session_id="", by=by)
    wanted = {"current": PASSWORD, "new": "nine herons over the harbour"}
    sign_in(client, person.email)
    client.post("/staff/account/password", data=wanted)
    staff.authenticator.reset(person.id, by=factories.ROOT, reason="Phone stolen")
    assert [mail.data["what"].removeprefix("staff.") for mail in mailbox.to(person.email)] == [
        *("totp_set_up", "recovery_codes_renewed", "recovery_code_used", "signed_in"),
        *("totp_removed", "passkey_added", "passkey_removed", "password_changed", "totp_reset"),
    ]
    with app.app_context():
        for (mail_id,) in database.rows("SELECT id FROM mail WHERE kind = 'account_notice'"):
            written = write(letters.gather(outbox.mails.find(mail_id)))
            assert written.subject.startswith("Your desk account: ")
            assert "If it was you, do nothing." in written.text
        (mail_id,) = database.row(
            "SELECT id FROM mail WHERE data LIKE '%recovery_code_used%' ORDER BY id"
        )
        assert "Firefox on Windows" in write(letters.gather(outbox.mails.find(mail_id))).html


# The cookies


def test_cookies_are_locked_to_the_host_under_https(public_app):
    client = public_app.test_client()
    answer = sign_in(client, factories.make_staff("root").email)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_a_form_without_its_token_is_refused(engine, config, person):
    made = application.create_app(config)
    engine.use()
    client = made.test_client()
    assert sign_in(client, person.email).status_code == 400
