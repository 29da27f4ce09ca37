"""Whoever watches over the program: is it up, can it work, how is it doing."""

import re
import urllib.request

import pytest

from giftweb import database, keys

NOWHERE = "postgresql://postgres@127.0.0.1:9/nowhere"
PARTS = {"database", "migrations", "keys"}


@pytest.fixture
def no_database(engine):
    """The database does not answer for a while."""
    database.close()
    database.connect(NOWHERE)
    yield
    engine.use()


def test_the_process_answers(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_sound_installation_is_ready(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == dict.fromkeys({"status"} | PARTS, "ok")


@pytest.mark.engines("postgresql")
def test_without_its_database_the_program_is_up_but_not_ready(client, no_database):
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json == {"status": "unavailable"} | dict.fromkeys(PARTS, "failed")


@pytest.mark.engines("postgresql")
def test_without_its_database_the_balance_page_says_so(client, no_database):
    answer = client.post("/balance", data={"code": "00000-00000-00000"})
    assert answer.status_code == 503
    assert "Nothing was changed" in answer.text


@pytest.mark.tampers
def test_a_schema_that_is_behind_is_not_ready(client):
    steps = database.rows("SELECT * FROM schema_step ORDER BY id")
    database.execute("DELETE FROM schema_step WHERE id = ?", steps[-1][0])
    try:
        answer = client.get("/readyz")
    finally:
        values = database.placeholders(steps[-1])
        database.execute(f"INSERT INTO schema_step VALUES ({values})", *steps[-1])
    assert answer.status_code == 503
    assert answer.json["migrations"] == "failed"
    assert answer.json["database"] == answer.json["keys"] == "ok"


def test_keys_of_another_installation_are_not_ready(client, tmp_path):
    own = keys.ring()
    keys.use(keys.create(tmp_path / "keys.json"))
    try:
        answer = client.get("/readyz")
    finally:
        keys.use(own)
    assert answer.status_code == 503
    assert answer.json["keys"] == "failed"
    assert answer.json["migrations"] == "ok"


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 403),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 403),
        ("203.0.113.9", {}, 403),
        ("203.0.113.9", {"Authorization": "Bearer the-token"}, 200),
        ("203.0.113.9", {"Authorization": "Bearer another"}, 403),
        ("203.0.113.9", {"Authorization": "Bearer "}, 403),
    ],
)
def test_the_numbers_are_for_this_machine_or_the_token(app_with, address, headers, status):
    client = app_with(metrics_token="the-token").test_client()
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_without_a_token_no_token_opens_the_numbers(client):
    headers = {"Authorization": "Bearer None"}
    away = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get("/metrics", headers=headers, environ_base=away).status_code == 403


def counted(address: str) -> int:
    """How many times the form has been asked for, in the words of /metrics."""
    with urllib.request.urlopen(f"{address}/metrics") as answer:
        text = answer.read().decode()
    found = re.search(
        r'giftweb_request_seconds_count\{endpoint="public.ask",status="200"\} (\d+)', text
    )
    return int(found[1]) if found else 0


def test_the_numbers_are_those_of_all_processes(served):
    for _ in range(40):
        urllib.request.urlopen(f"{served}/balance").read()
    assert {counted(served) for _ in range(10)} == {40}
