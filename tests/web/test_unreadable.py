"""What no person types: control characters, numbers and days beyond all bounds, lines for the log.

Every route is walked with them, by a stranger and by Root, on both engines.
"""

import io
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest

from giftweb.web.forms.fields import Form
from giftweb.web.http import requests
from giftweb.web.text import log_lines
from tests.orders import signed_in
from tests.web.test_rights_matrix import PARAMETER, everything

NUL, HUGE, LAST = "a\x00b", "9" * 400, "9999-12-31"
LONGER = "9" * 5000
"""More digits than Python reads as a number."""
NUMBERS = ("after", "before", "limit", "rows", "take_off")
DAYS = ("from", "to", "on", "created_from", "created_until")
TEXTS = (
    *("q", "sort", "status", "origin", "mode", "fulfilment", "actor", "action", "state", "role"),
    *("campaign", "currency", "amount", "holder_email", "is_customer", "customer", "shop", "next"),
    *("token", "test", "theme", "brand", "code", "email", "card", "method", "setup", "sku"),
    *("remove", "quantity-0", "row"),
)
ENDS_THE_SIGN_IN = {"auth.logout"}


def queries() -> list[dict[str, str]]:
    """One query for each value in all parameters, one with each in the place where it is read."""
    known = (*NUMBERS, *DAYS, *TEXTS)
    every = [dict.fromkeys(known, value) for value in (NUL, HUGE, LAST)]
    return [*every, {"after": HUGE}, {"to": LAST, "on": LAST}, {"q": LONGER}]


def form_fields(kind: type = Form) -> set[str]:
    """The names of the fields of every form of the product."""
    own = {name for name in dir(kind) if hasattr(getattr(kind, name), "field_class")}
    return own.union(*(form_fields(each) for each in kind.__subclasses__()))


def built(rule, values: dict[str, object]) -> str:
    """An address of the route, with whatever its parameters are to be."""
    text = rule.rule
    for match in PARAMETER.finditer(rule.rule):
        text = text.replace(match[0], str(values[match[1]]))
    return text


class AnyValue(dict):
    """The same for each parameter."""

    def __init__(self, value: str):
        self.value = value

    def __getitem__(self, _: str) -> str:
        return self.value


class Things(dict):
    """What there is, and a word for each parameter that names no thing."""

    def __missing__(self, _: str) -> str:
        return "apply"


@pytest.mark.proves("X13")
@pytest.mark.parametrize("role", ["", "root"])
def test_no_route_fails_at_what_no_person_sends(app, client, staff_client, monkeypatch, role):
    things = Things(everything())
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    visitor = staff_client(role) if role else client
    failed, fields = [], form_fields() | {*TEXTS, *NUMBERS, *DAYS}
    assert len(fields) > 60
    for rule in app.url_map.iter_rules():
        if rule.endpoint in ENDS_THE_SIGN_IN:
            continue
        place = built(rule, things)
        tried = [
            (built(rule, AnyValue(value)), {}) for value in (NUL, HUGE, LAST) if rule.arguments
        ]
        tried += [(place, {"query_string": query}) for query in queries()]
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            if method == "POST":
                tried = tried[:6] + [
                    (place, {"data": dict.fromkeys(fields, value)})
                    for value in (NUL, HUGE, LAST, LONGER)
                ]
            for address, more in tried:
                answer = visitor.open(address, method=method, **more)
                assert answer.get_data() is not None
                if answer.status_code >= 500:
                    failed.append((method, address, list(more.items())[:1], answer.status_code))
    assert not failed


@pytest.mark.proves("X13")
def test_head_gets_the_status_of_get(app, staff_client):
    things, root = Things(everything()), staff_client("root")
    other = []
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods:
            place = built(rule, things)
            statuses = (root.get(place).status_code, root.head(place).status_code)
            if statuses[0] != statuses[1]:
                other.append((rule.endpoint, statuses))
    assert not other


@pytest.mark.proves("X13")
@pytest.mark.parametrize(
    "address",
    ["/balance?shop=%00", "/balance?shop=%7F", "/balance?a=%1b", "/shop/%00/", "/no/%0A/where"],
)
def test_an_address_with_control_characters_is_answered_by_a_page_of_ours(client, address):
    answer = client.get(address)
    assert answer.status_code == 400
    assert "<h1" in answer.text
    assert "Nothing was changed" in answer.text


@pytest.mark.proves("X13")
def test_the_api_answers_them_with_a_problem(client):
    answer = client.get("/api/v1/gift-cards/%00")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "malformed_request"


@pytest.mark.proves("X13")
def test_half_a_character_is_no_address(client):
    path = {"PATH_INFO": "/shop/\xed\xa0\x80/"}
    assert client.get("/shop/x/", environ_overrides=path).status_code == 400
    assert client.get("/balance?shop=%ED%B0%80").status_code == 400


def test_what_people_write_is_read_as_ever(client):
    for text in ("%0A", "%09", "%C3%AD", "%ED%9F%BF", "%C2%A0", "100%25", "+", "%2500"):
        assert client.get(f"/balance?shop={text}").status_code == 200


@pytest.mark.proves("X13")
def test_a_form_of_the_shop_with_control_characters_is_refused(client):
    for body in ("code=%00", "code=a%1Fb", "before=%7f"):
        answer = client.post("/balance", data=body, content_type=requests.URLENCODED)
        assert answer.status_code == 400
    answer = client.post("/balance", data={"code": "\x00"}, content_type="multipart/form-data")
    assert answer.status_code == 400


@pytest.mark.proves("X13")
def test_the_error_is_on_the_field_that_has_them(client):
    answer = client.post("/login", data={"email": "a\x00@example.com", "password": "x"})
    assert answer.status_code == 422
    assert "Leave control characters out." in answer.text


@pytest.mark.proves("X13")
def test_the_last_day_of_all_is_a_day_in_the_log_and_its_file(staff_client):
    signed_in("finance")
    root = staff_client("root")
    for query in ("to=9999-12-31", "from=9999-12-31", "from=0001-01-01&to=0001-01-01"):
        for place in ("/staff/audit", "/staff/audit.csv"):
            answer = root.get(f"{place}?{query}")
            assert answer.status_code == 200
            assert answer.get_data()


FORGED = "2026-11-28 21:15:00 INFO root signed in"


@pytest.fixture
def written():
    """Logs one entry in our lines: ``written("%s", "text")``."""

    def write(message: str, *values: object, **more: object) -> str:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(log_lines.OneLine())
        log = logging.Logger("tests")
        log.addHandler(handler)
        log.error(message, *values, **more)
        return stream.getvalue()

    return write


@pytest.mark.no_database
@pytest.mark.proves("X13")
@pytest.mark.parametrize("ending", ["\n", "\r", "\x0b", "\x1b[2K\r", "\x85", "\u2028"])
def test_no_path_and_no_header_begins_a_line_of_the_log(written, ending):
    line = written("GET /shop/%s", f"{ending}{FORGED}{ending}/")
    assert len(line.splitlines()) == 1
    assert line.endswith("/\n")
    assert line.isprintable() or line[:-1].isprintable()


@pytest.mark.no_database
@pytest.mark.proves("X13")
def test_a_line_says_when_in_utc_wherever_the_machine_stands(written, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        said, sign, _ = written("here").partition("Z ")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert sign
    at = datetime.strptime(said, "%Y-%m-%d %H:%M:%S,%f").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)


@pytest.mark.no_database
@pytest.mark.proves("X13")
def test_what_a_fault_says_is_indented(written):
    try:
        raise ValueError(f"no such thing\n{FORGED}")
    except ValueError:
        lines = written("GET /", exc_info=True).splitlines()
    assert not any(line.startswith("2026-11-28 21:15") for line in lines)
    assert all(line.startswith("    ") for line in lines[1:])
    assert any(FORGED in line for line in lines)


@pytest.mark.no_database
@pytest.mark.proves("X13")
def test_the_program_logs_in_such_lines_unless_its_host_has_chosen(monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    log_lines.install()
    log_lines.install(logging.INFO)
    assert [type(handler.formatter) for handler in root.handlers] == [log_lines.OneLine]
    assert root.level == logging.INFO
