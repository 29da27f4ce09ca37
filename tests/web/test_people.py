"""The people page: who may sign in, in which role; every change with its reason in the log."""

import re
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import audit, outbox, staff
from giftweb.domain.audit.search import Wanted
from giftweb.domain.mail import letters
from giftweb.web.mail.letters import write
from tests import factories
from tests.factories import PASSWORD
from tests.web.test_auth import actor_of, secret_of, sign_in

NEW = {"name": "Nia New", "email": "nia@giftweb.test", "role": "finance", "reason": "Joins us"}


def entries(subject: str) -> list[tuple[str, str, str | None]]:
    found = audit.search.search(Wanted(subject=subject), limit=50).items
    return [(entry.action, entry.actor_id, entry.reason) for entry in found]


def token_for(email: str) -> str:
    """The secret of the link that was mailed last to this address."""
    query = "SELECT id FROM mail WHERE to_email = ? AND kind LIKE 'staff_%' ORDER BY id DESC"
    (mail_id, *_) = database.row(query, email)
    return letters.gather(outbox.mails.find(mail_id)).token


def choose(client, token: str, password: str = PASSWORD):
    return client.post("/login/link", data={"token": token, "password": password})


@pytest.fixture
def root(staff_client):
    return staff_client("root")


@pytest.fixture
def person() -> staff.Person:
    return factories.make_staff("customer_service")


def test_the_list_finds_people_by_name_address_role_and_state(root, person):
    other = factories.make_staff("finance")
    staff.deactivate(other.id, by=factories.ROOT, reason="Left the house")
    for query, expected in (
        ("", {person.email, other.email, root.person.email}),
        (f"?q={person.email[:20].upper()}", {person.email}),
        (f"?q={other.name}", {other.email}),
        ("?role=root", {root.person.email}),
        ("?state=off", {other.email}),
        ("?state=active", {person.email, root.person.email}),
        ("?q=%25", set()),
    ):
        page = root.get(f"/staff/people/{query}")
        shown = set(re.findall(r"[\w-]+@giftweb\.test", page.text))
        assert shown == expected, query
        assert f"{len(expected)} {'person' if len(expected) == 1 else 'people'}" in page.text


def test_a_long_list_is_paged_by_key(root, monkeypatch):
    from giftweb.blueprints.staff import people

    monkeypatch.setattr(people, "PAGE", 2)
    made = [factories.make_staff("marketing") for _ in range(4)]
    seen: list[str] = []
    address = "/staff/people/?role=marketing"
    while address:
        page = root.get(address).text
        seen += re.findall(r"marketing-\d+@giftweb\.test", page)
        following = re.search(r'href="([^"]*after=[^"]*)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == sorted(person.email for person in made)


@pytest.mark.proves("D14", "I30", "X8")
def test_root_adds_a_person_who_chooses_a_password_by_a_mailed_link(root, app):
    answer = root.post("/staff/people/new", data=NEW)
    person = factories.person_with(NEW["email"])
    assert answer.location == f"/staff/people/{person.id}"
    assert (person.role, person.has_password) == ("finance", False)
    assert entries(person.id) == [("staff.created", root.person.id, "Joins us")]
    token, client = token_for(NEW["email"]), app.test_client()
    assert token not in root.get(answer.location).text
    assert sign_in(client, NEW["email"], "").status_code == 422
    page = client.get(f"/login/link?token={token}")
    assert (page.status_code, NEW["email"] in page.text) == (200, True)
    assert choose(client, token, "short").status_code == 422
    assert choose(client, token).location == "/login"
    assert sign_in(client, NEW["email"]).status_code == 303
    assert client.get("/staff/").status_code == 200
    assert choose(app.test_client(), token, "nine herons over the harbour").location == "/login"
    assert staff.is_password(person.id, password=PASSWORD)


@pytest.mark.proves("X8")
def test_the_link_of_a_colleague_is_shown_to_nobody_where_there_is_a_mail_server(
    root, app, monkeypatch
):
    root.post("/staff/people/new", data=NEW)
    mail_id = database.scalar("SELECT id FROM mail WHERE kind = 'staff_invitation'")
    place = f"/staff/outbox/{mail_id}"
    token = token_for(NEW["email"])
    assert "Show with its link" in root.get(place).text
    assert token in root.post(f"{place}/code", data={"reason": "By hand"}).text
    monkeypatch.setattr("giftweb.web.mail.smtp.has_server", lambda: True)
    assert "Show with its link" not in root.get(place).text
    for answer in (root.get(f"{place}/code"), root.post(f"{place}/code", data={"reason": "x"})):
        assert (answer.status_code, token in answer.text) == (403, False)


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({"email": "nia"}, "name@example.com"),
        ({"name": " "}, "Enter the person"),
        ({"role": "emperor"}, "Choose one of the list"),
        ({"role": ""}, "role"),
        ({"reason": " "}, "Say why"),
    ],
)
def test_what_is_missing_is_reported_and_nobody_is_added(root, change, reported):
    page = root.post("/staff/people/new", data=NEW | change)
    assert page.status_code == 422
    assert reported in page.text
    assert staff.search(limit=1).count == 1


def test_an_address_signs_in_one_person(root, person):
    page = root.post("/staff/people/new", data=NEW | {"email": person.email.upper()})
    assert page.status_code == 422
    assert "already" in page.text


@pytest.mark.proves("D14", "I30")
def test_a_new_role_ends_every_sign_in(root, app, person):
    client = app.test_client()
    sign_in(client, person.email)
    wanted = {"name": person.name, "role": "finance", "reason": "Moves to the books"}
    answer = root.post(f"/staff/people/{person.id}/edit", data=wanted)
    assert answer.status_code == 303
    assert client.get("/staff/").status_code == 303
    assert staff.find(person.id).role == "finance"
    assert ("staff.role_changed", root.person.id, "Moves to the books") in entries(person.id)


def test_a_new_name_ends_no_sign_in_and_no_name_is_in_the_log(root, app, person):
    client = app.test_client()
    sign_in(client, person.email)
    wanted = {"name": "Zoe Other", "role": person.role, "reason": "Married"}
    root.post(f"/staff/people/{person.id}/edit", data=wanted)
    assert "Zoe Other" in client.get("/staff/").text
    assert "Zoe" not in str(database.rows("SELECT * FROM audit_entry"))


def test_a_deactivated_person_is_out_until_let_in_again(root, app, person):
    client = app.test_client()
    sign_in(client, person.email)
    root.post(f"/staff/people/{person.id}/deactivate", data={"reason": "On leave"})
    assert client.get("/staff/").status_code == 303
    assert sign_in(app.test_client(), person.email).status_code == 422
    root.post(f"/staff/people/{person.id}/reactivate", data={"reason": "Back"})
    assert sign_in(app.test_client(), person.email).status_code == 303


@pytest.mark.proves("X8")
def test_after_a_reset_the_old_password_is_dead_and_a_link_is_mailed(root, app, person):
    client = app.test_client()
    sign_in(client, person.email)
    page = root.post(f"/staff/people/{person.id}/password", data={"reason": "Forgot it"})
    assert page.location == f"/staff/people/{person.id}"
    assert client.get("/staff/").status_code == 303
    assert sign_in(app.test_client(), person.email).status_code == 422
    token = token_for(person.email)
    assert choose(client, token, "nine herons over the harbour").status_code == 303
    assert sign_in(client, person.email, "nine herons over the harbour").status_code == 303


@pytest.mark.proves("X8")
@pytest.mark.parametrize(
    ("is_new", "hours", "is_over"),
    [(True, 71, False), (True, 73, True), (False, 0, False), (False, 2, True)],
)
def test_an_invitation_works_for_three_days_and_a_reset_for_an_hour(
    root, app, person, is_new, hours, is_over
):
    if is_new:
        root.post("/staff/people/new", data=NEW)
    else:
        root.post(f"/staff/people/{person.id}/password", data={"reason": "Forgot it"})
    token = token_for(NEW["email"] if is_new else person.email)
    with clock.moved(timedelta(hours=hours)):
        page = app.test_client().get(f"/login/link?token={token}")
        assert page.status_code == (303 if is_over else 200)
        reported = app.test_client()
        choose(reported, token)
        assert ("has been used or has expired" in reported.get("/login").text) is is_over


@pytest.mark.proves("X8")
def test_a_second_link_ends_the_first_and_a_deactivated_person_has_none(root, app):
    root.post("/staff/people/new", data=NEW)
    person, first = factories.person_with(NEW["email"]), token_for(NEW["email"])
    root.post(f"/staff/people/{person.id}/password", data={"reason": "The mail is gone"})
    second = token_for(NEW["email"])
    assert database.scalar("SELECT COUNT(*) FROM mail WHERE kind = 'staff_invitation'") == 2
    choose(app.test_client(), first)
    assert not staff.find(person.id).has_password
    root.post(f"/staff/people/{person.id}/deactivate", data={"reason": "Not her"})
    root.post(f"/staff/people/{person.id}/reactivate", data={"reason": "Her after all"})
    choose(app.test_client(), second)
    assert not staff.find(person.id).has_password


@pytest.mark.proves("X8")
def test_every_root_gets_a_mail_about_what_is_done_to_an_account(root, app, mailbox, person):
    other = factories.make_staff("root")
    secret_of(person)
    place = f"/staff/people/{person.id}"
    wanted = {"name": person.name, "role": "finance", "reason": "Promoted"}
    root.post(f"{place}/edit", data=wanted)
    for action in ("password", "authenticator", "deactivate", "reactivate"):
        root.post(f"{place}/{action}", data={"reason": "Because"})
    root.post("/staff/people/new", data=NEW)
    done = ["staff.role_changed", "staff.password_reset", "staff.totp_reset", "staff.reactivated"]
    for reader in (root.person.email, other.email):
        about = [mail.data for mail in mailbox.to(reader) if mail.kind == "staff_changed"]
        assert [each["what"] for each in about] == [*done, "staff.created"]
        assert {each["by"] for each in about} == {root.person.id}
    with app.app_context():
        found = database.rows("SELECT id FROM mail WHERE kind = 'staff_changed'")
        for (mail_id,) in found:
            written = write(letters.gather(outbox.mails.find(mail_id)))
            assert root.person.name in written.text
            assert root.person.name in written.html


def test_a_lost_authenticator_can_be_taken_away(root, app, person):
    secret_of(person)
    page = root.get(f"/staff/people/{person.id}")
    assert "Take away authenticator and passkeys" in page.text
    root.post(f"/staff/people/{person.id}/authenticator", data={"reason": "Phone stolen"})
    assert not staff.authenticator.is_set_up(person.id)
    assert sign_in(app.test_client(), person.email).location == "/staff/"


@pytest.mark.parametrize("action", ["deactivate", "password", "authenticator"])
def test_nobody_does_it_to_themselves(root, action):
    answer = root.post(f"/staff/people/{root.person.id}/{action}", data={"reason": "Because"})
    assert answer.status_code == 409
    assert staff.find(root.person.id).is_active
    wanted = {"name": "Me", "role": "finance", "reason": "Because"}
    assert root.post(f"/staff/people/{root.person.id}/edit", data=wanted).status_code == 409
    assert staff.find(root.person.id).role == "root"


@pytest.mark.parametrize("action", ["edit", "deactivate", "password", "authenticator"])
def test_without_a_reason_nothing_is_done(root, person, action):
    before = database.rows("SELECT * FROM staff ORDER BY id")
    wanted = {"name": person.name, "role": "root", "reason": " "}
    assert root.post(f"/staff/people/{person.id}/{action}", data=wanted).status_code == 422
    assert database.rows("SELECT * FROM staff ORDER BY id") == before


def test_an_unknown_person_is_not_found(root):
    for action in ("", "/edit", "/deactivate", "/password"):
        assert root.get(f"/staff/people/stf_unknown{action}").status_code == 404


def test_changing_people_asks_for_the_password_again(root, person):
    with clock.moved(timedelta(minutes=6)):
        answer = root.get(f"/staff/people/{person.id}/deactivate")
        assert answer.location == f"/staff/confirm?next=/staff/people/{person.id}/deactivate"
        answer = root.post(f"/staff/people/{person.id}/deactivate", data={"reason": "x"})
        assert answer.status_code == 303
        assert staff.find(person.id).is_active
        wanted = {"password": "wrong", "next": "/staff/people/"}
        assert root.post("/staff/confirm", data=wanted).status_code == 422
        wanted["password"] = PASSWORD
        answer = root.post("/staff/confirm", data=wanted)
        assert answer.location == "/staff/people/"
        assert root.get(f"/staff/people/{person.id}/deactivate").status_code == 200


def test_in_a_panel_the_password_is_asked_there_and_the_panel_goes_on(root, person):
    htmx = {"HX-Request": "true"}
    place = f"/staff/people/{person.id}/deactivate"
    with clock.moved(timedelta(minutes=6)):
        asked = root.get(place, headers=htmx)
        assert asked.headers["HX-Retarget"] == "#panel"
        assert f'value="{place}"' in asked.text
        wrong = root.post("/staff/confirm", data={"password": "wrong", "next": place}, headers=htmx)
        assert (wrong.status_code, "not your password" in wrong.text) == (422, True)
        wanted = {"password": PASSWORD, "next": place}
        done = root.post("/staff/confirm", data=wanted, headers=htmx)
        assert f'hx-get="{place}"' in done.text


# One's own account


def test_one_sees_and_ends_ones_own_sign_ins(app, person):
    here, there = app.test_client(), app.test_client()
    sign_in(here, person.email)
    there.post(
        "/login",
        data={"email": person.email, "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"},
    )
    page = here.get("/staff/account").text
    assert "Firefox on Windows" in page
    place = re.search(r'action="(/staff/account/sessions/[0-9a-f]+/end)"', page)[1]
    stranger = app.test_client()
    sign_in(stranger, factories.make_staff("root").email)
    assert stranger.post(place).status_code == 404
    assert there.get("/staff/").status_code == 200
    assert here.post(place).status_code == 303
    assert there.get("/staff/").status_code == 303
    assert here.get("/staff/").status_code == 200
    assert here.post(place).status_code == 404


def test_all_other_sign_ins_end_at_once(app, person):
    clients = [app.test_client() for _ in range(3)]
    for client in clients:
        sign_in(client, person.email)
    clients[0].post("/staff/account/sessions/end-others")
    assert [client.get("/staff/").status_code for client in clients] == [200, 303, 303]


def test_a_changed_password_ends_the_other_sign_ins(app, person):
    here, there = app.test_client(), app.test_client()
    sign_in(here, person.email)
    sign_in(there, person.email)
    wanted = {"current": PASSWORD, "new": "nine herons over the harbour"}
    assert here.post("/staff/account/password", data=wanted).status_code == 303
    assert here.get("/staff/").status_code == 200
    assert there.get("/staff/").status_code == 303
    assert sign_in(app.test_client(), person.email).status_code == 422
    assert sign_in(app.test_client(), person.email, wanted["new"]).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "reported"),
    [
        ("wrong", "nine herons over the harbour", "This is not your password"),
        (PASSWORD, "short", "Use 10 characters or more"),
        (PASSWORD, "password123456", "too easy to guess"),
        (PASSWORD, PASSWORD, "Choose another password"),
        (PASSWORD, "", "Enter a new password"),
    ],
)
def test_a_password_that_cannot_be_taken_is_reported(staff_client, current, new, reported):
    client = staff_client("finance")
    page = client.post("/staff/account/password", data={"current": current, "new": new})
    assert page.status_code == 422
    assert reported in page.text
    assert staff.is_password(client.person.id, password=PASSWORD)


@pytest.mark.proves("B16")
def test_an_authenticator_is_set_up_with_its_first_code(app, person):
    from tests.web.test_auth import code_now

    here, there = app.test_client(), app.test_client()
    sign_in(here, person.email)
    sign_in(there, person.email)
    page = here.get("/staff/account/authenticator")
    secret = staff.authenticator.waiting(by=actor_of(person)).secret
    assert secret in page.text
    picture = here.get("/staff/account/authenticator.svg")
    assert (picture.mimetype, b"<svg" in picture.data) == ("image/svg+xml", True)
    place = "/staff/account/authenticator"
    assert here.post(place, data={"code": "000000"}).status_code == 422
    assert not staff.authenticator.is_set_up(person.id)
    page = here.post(place, data={"code": code_now(secret.replace(" ", ""))})
    codes = re.findall(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", page.text)
    assert (page.status_code, len(codes)) == (200, 10)
    assert codes[0] not in here.get("/staff/account").text
    assert here.get("/staff/account/authenticator.svg").status_code == 404
    assert here.get("/staff/account").status_code == 200
    assert "10 unused codes" in here.get("/staff/account/recovery-codes").text
    assert there.get("/staff/").status_code == 303
    stored = str(database.rows("SELECT * FROM recovery_code"))
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_recovery_codes_are_made_only_beside_an_authenticator(staff_client):
    client = staff_client("finance")
    answer = client.get("/staff/account/recovery-codes")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/account")


@pytest.mark.proves("X11")
def test_ones_own_authenticator_can_be_removed_and_other_sign_ins_end(staff_client):
    client = staff_client("finance")
    secret_of(client.person)
    key = staff.sessions.open_for(client.person.id, agent="again")
    stolen = staff.sessions.open_for(client.person.id, agent="a thief's")
    with client.session_transaction() as session:
        session["_user_id"] = key
    assert client.post("/staff/account/authenticator/remove").status_code == 303
    assert not staff.authenticator.is_set_up(client.person.id)
    assert staff.sessions.find(stolen) is None
    assert staff.sessions.find(key) is not None
    assert staff.authenticator.recovery_codes_left(client.person.id) == 0
