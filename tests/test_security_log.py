"""The security log: each refusal is a JSON line, and nothing in it opens anything (X12)."""

import json
import logging

import pytest

import app as application
from giftweb import security_log
from giftweb.domain import staff
from tests import factories
from tests.factories import PASSWORD, make_campaign, make_card
from tests.web.test_auth import actor_of, secret_of, sign_in

pytestmark = pytest.mark.proves("X12")


class Lines(logging.Handler):
    """The lines as they would go out."""

    def __init__(self):
        super().__init__()
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.text.append(record.getMessage())

    @property
    def all(self) -> list[dict]:
        return [json.loads(line) for line in self.text]

    def events(self) -> list[str]:
        return [line["event"] for line in self.all]


@pytest.fixture
def lines():
    handler, logger = Lines(), logging.getLogger(security_log.NAME)
    security_log.load()
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def test_signing_in_and_failing_to_are_written_with_pseudonyms_alone(app, lines):
    person = factories.make_staff("finance")
    client = app.test_client()
    sign_in(client, person.email, "not-the-password-77")
    sign_in(client, person.email)
    failed, done = lines.all
    assert (failed["event"], failed["what"]) == ("sign_in.failed", "sign_in_account")
    assert done | {"at": "", "request": "", "source": ""} == {
        "at": "",
        "log": "security",
        "event": "sign_in.succeeded",
        "request": "",
        "source": "",
        "person": person.id,
        "means": "password",
        "is_new_browser": True,
    }
    assert failed["source"] == done["source"]
    assert failed["request"] != done["request"]
    for secret in (person.email, "not-the-password-77", PASSWORD, "127.0.0.1"):
        assert secret not in "".join(lines.text)


def test_the_same_account_is_the_same_pseudonym_and_another_one_another(app, lines):
    emails = [factories.make_staff("finance").email for _ in range(2)]
    for email in (*emails, emails[0].upper()):
        sign_in(app.test_client(), email, "wrong")
    first, second, again = [line["name"] for line in lines.all]
    assert first == again != second


def test_who_is_slowed_is_written(app, lines):
    person = factories.make_staff("finance")
    for _ in range(10):
        sign_in(app.test_client(), person.email, "wrong")
    assert lines.events()[-1] == "try.slowed"


def test_wrong_codes_of_every_kind_are_written_and_none_of_them_can_be_read(app, lines, api):
    person = factories.make_staff("finance")
    secret_of(person)
    client = app.test_client()
    sign_in(client, person.email)
    client.post("/login/code", data={"code": "123450"})
    code = make_card("5.00 USD").code
    wrong = f"{code[:-1]}{'A' if code[-1] != 'A' else 'B'}"
    client.post("/balance", data={"code": wrong})
    api().post("/gift-cards/lookup", {"code": wrong})
    events = lines.events()
    assert events[0] == "account.changed"
    assert "factor.wrong" in events
    assert wrong not in "".join(lines.text)
    assert "123450" not in "".join(lines.text)


def test_a_code_that_there_is_not_is_written_once(client, lines):
    from giftweb import codes

    client.post("/balance", data={"code": codes.generate()})
    (line,) = lines.all
    assert (line["event"], line["what"]) == ("code.wrong", "look_up")


def test_a_key_that_is_not_ours_is_written_without_it(client, lines):
    for key in ("gwk_live_madeup", "gwk_live_madeup", ""):
        client.get("/api/v1/gift-cards", headers={"Authorization": f"Bearer {key}"})
    assert lines.events() == ["key.unknown"] * 3
    first, again, none = [line["key"] for line in lines.all]
    assert (first == again, none) == (True, "")
    assert "madeup" not in "".join(lines.text)


def test_rights_that_are_refused_are_written_each_time(staff_client, lines):
    client = staff_client("customer_service")
    for _ in range(3):
        assert client.get("/staff/people/").status_code == 403
    assert [(line["event"], line["what"]) for line in lines.all] == [
        ("rights.refused", "people.index")
    ] * 3


def test_forms_from_elsewhere_and_without_their_token_are_written(config, engine, lines):
    made = application.create_app(config)
    engine.use()
    client = made.test_client()
    client.post("/login", data={}, headers={"Origin": "https://evil.example"})
    client.post("/login", data={})
    assert [(line["event"], line["what"]) for line in lines.all] == [
        ("origin.refused", "auth.login"),
        ("token.refused", "auth.login"),
    ]


def test_links_that_are_over_and_tokens_of_checkouts_are_written(client, lines):
    client.get("/login/link?token=made-up")
    client.post("/account/enter", data={"token": "made-up"})
    campaign = make_campaign()
    client.post(f"/widget/{campaign.id}/", headers={"X-Checkout-Token": "cmp_x.made-up"})
    assert [line["event"] for line in lines.all] == [
        "link.refused",
        "link.refused",
        "checkout_token.refused",
    ]
    assert "made-up" not in "".join(lines.text)


def test_factors_and_passwords_that_change_are_written(lines):
    person = factories.make_staff("finance")
    secret_of(person)
    staff.authenticator.remove(session_id="", by=actor_of(person))
    staff.people.set_password(
        person.id, password="nine herons over the harbour", session_id="", by=actor_of(person)
    )
    assert [(line["event"], line["what"], line["person"]) for line in lines.all] == [
        ("account.changed", f"staff.{what}", person.id)
        for what in ("totp_set_up", "totp_removed", "password_changed")
    ]


@pytest.mark.parametrize(
    ("proxies", "sent", "is_kept"),
    [
        (1, "0af7651916cd43dd8448eb211c80319c", True),
        (0, "0af7651916cd43dd8448eb211c80319c", False),
        (1, 'x" , "event": "sign_in.succeeded', False),
        (1, "short", False),
        (1, "x" * 65, False),
    ],
)
def test_the_fronts_name_of_a_request_is_kept_where_there_is_a_front(
    app_with, lines, proxies, sent, is_kept
):
    answer = (
        app_with(trusted_proxies=proxies)
        .test_client()
        .get("/api/v1/gift-cards", headers={"Authorization": "Bearer x", "X-Request-Id": sent})
    )
    (line,) = lines.all
    assert line["request"] == answer.headers["X-Request-Id"]
    assert (line["request"] == sent) is is_kept


@pytest.mark.no_database
@pytest.mark.parametrize("typed", ["\n", "\r\n{}", "\x1b[2J", "\u2028", "\u202e", "\x00", "\ud800"])
def test_no_text_ends_a_line_or_reaches_a_terminal(lines, typed):
    security_log.record("origin.refused", what=f"a{typed}b")
    (text,) = lines.text
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["what"] == f"a{typed}b"


@pytest.mark.no_database
def test_every_event_in_the_program_is_listed_and_every_listed_one_is_used():
    import re
    from pathlib import Path

    root = Path(application.__file__).parent
    used = set()
    for path in (root / "giftweb").rglob("*.py"):
        text = path.read_text()
        if path.name != "security_log.py" and "security_log" in text:
            used |= {word for word in security_log.EVENTS if f'"{word}"' in text}
            assert set(re.findall(r'security_log\.record\(\s*"([^"]+)"', text)) <= set(
                security_log.EVENTS
            )
    assert used == set(security_log.EVENTS)
    documented = (root / "docs/operating.md").read_text()
    assert all(
        f"| `{event}` | {meaning} |" in documented for event, meaning in security_log.EVENTS.items()
    )
