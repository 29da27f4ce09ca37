"""The headers of every answer, forms that other sites send, and whose address a caller has."""

import pytest
from werkzeug.test import Client

from giftweb.config import from_environment
from giftweb.web.access import actors, places
from giftweb.web.http import static_files
from tests import factories
from tests.factories import PASSWORD


@pytest.mark.parametrize("address", ["/login", "/staff/", "/nowhere", "/staff/people/"])
def test_every_answer_is_locked_down(client, staff_client, address):
    for visitor in (client, staff_client("finance")):
        headers = visitor.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers


STAY = "max-age=31536000; includeSubDomains"


@pytest.mark.proves("X22")
def test_under_https_the_browser_is_told_to_stay_there(app_with):
    client = app_with(base_url="https://cards.example").test_client()
    assert client.get("/login").headers["Strict-Transport-Security"] == STAY


ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "null"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://localhost:8001"},
]
OURS = [{}, {"Origin": "http://localhost"}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_form_that_another_site_sends_is_refused(client, staff_client, headers):
    person = factories.make_staff("finance")
    wanted = {"email": person.email, "password": PASSWORD}
    assert client.post("/login", data=wanted, headers=headers).status_code == 403
    root = staff_client("root")
    place = f"/staff/people/{person.id}/deactivate"
    assert root.post(place, data={"reason": "x"}, headers=headers).status_code == 403
    assert root.post("/logout", headers=headers).status_code == 403
    assert root.get("/staff/").status_code == 200


@pytest.mark.parametrize("headers", OURS)
def test_a_form_of_ours_is_taken(client, headers):
    person = factories.make_staff("finance")
    wanted = {"email": person.email, "password": PASSWORD}
    assert client.post("/login", data=wanted, headers=headers).status_code == 303


def test_behind_a_proxy_the_origin_is_that_of_the_base_url(app_with):
    client = app_with(base_url="https://cards.example").test_client()
    person = factories.make_staff("finance")
    wanted = {"email": person.email, "password": PASSWORD}
    for origin, status in (("https://cards.example", 303), ("https://evil.example", 403)):
        answer = client.post("/login", data=wanted, headers={"Origin": origin})
        assert answer.status_code == status


@pytest.mark.no_database
@pytest.mark.proves("X22")
@pytest.mark.parametrize("path", ["/static/icons.svg", "/widget.js", "/widget-1.js"])
def test_under_https_files_say_so_too(path):
    for is_https, expected in ((True, STAY), (False, None)):
        files = static_files.StaticFiles(None, is_https=is_https)
        headers = Client(files).get(path).headers
        assert headers.get("Strict-Transport-Security") == expected
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.proves("X22")
def test_a_form_from_the_same_host_without_tls_is_another_sites(app_with):
    client = public_site(app_with).test_client()
    person = factories.make_staff("finance")
    wanted = {"email": person.email, "password": PASSWORD}
    for origin, status in (("http://cards.example", 403), ("https://cards.example", 303)):
        headers = {"Origin": origin, "Host": "cards.example"}
        assert client.post("/login", data=wanted, headers=headers).status_code == status


def public_site(app_with, **environ: str):
    """The application at https://cards.example."""
    public = from_environment({"BASE_URL": "https://cards.example"} | environ)
    return app_with(base_url=public.base_url, trusted_hosts=public.trusted_hosts)


@pytest.mark.proves("X22")
def test_a_request_for_another_host_is_refused(app_with):
    client = public_site(app_with, TRUSTED_HOSTS="kettles.example, .shops.example")
    client = client.test_client()
    for host in ("evil.example", "cards.example.evil.example", "", "cards.example/@evil.example"):
        for path in ("/login", "/staff/", "/nowhere", "/balance"):
            answer = client.get(path, headers={"Host": host})
            assert answer.status_code == 400, (host, path)
            assert host == "" or host not in answer.text
        assert client.get("/api/v1/events", headers={"Host": host}).json["status"] == 400
        assert client.get("/healthz", headers={"Host": host}).status_code == 200
    for host in ("cards.example", "CARDS.example:443", "kettles.example", "a.shops.example"):
        assert client.get("/login", headers={"Host": host.lower()}).status_code == 200


@pytest.mark.no_database
@pytest.mark.proves("X22")
@pytest.mark.parametrize(
    ("base_url", "hosts"),
    [
        ("http://127.0.0.1:8000", ()),
        ("http://localhost", ()),
        ("http://cards.internal:8000", ("cards.internal", "localhost", "127.0.0.1")),
        ("https://Cards.example", ("cards.example", "localhost", "127.0.0.1")),
    ],
)
def test_the_trusted_hosts_come_from_the_base_url(base_url, hosts):
    assert from_environment({"BASE_URL": base_url}).trusted_hosts == hosts


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, "1.2.3.4", "10.0.0.1"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "::ffff:1.2.3.4", "1.2.3.4"),
        (1, "2001:DB8:0::1", "2001:db8::1"),
        (1, "unknown", "unknown"),
    ],
)
def test_the_callers_address_is_believed_as_far_as_the_proxies_are(
    app_with, monkeypatch, hops, forwarded, expected
):
    app, seen = app_with(trusted_proxies=hops), []
    before = [lambda: seen.append(actors.client_address()), *app.before_request_funcs[None]]
    monkeypatch.setitem(app.before_request_funcs, None, before)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    app.test_client().get("/login", headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert seen == [expected]


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/staff/orders/?q=a#b", "/staff/orders/?q=a#b"),
        ("/", "/"),
        (None, "/staff/"),
        ("staff", "/staff/"),
        ("//evil.example", "/staff/"),
        ("///evil.example", "/staff/"),
        ("/\\evil.example", "/staff/"),
        ("/a\\b", "/staff/"),
        ("/a\nb", "/staff/"),
        ("/\x00", "/staff/"),
        ("http:/evil.example", "/staff/"),
        ("https://evil.example/", "/staff/"),
    ],
)
def test_people_are_sent_to_paths_of_ours_alone(address, expected):
    assert places.local_path(address) == expected


EXEMPT = {"public", "widget", "api", "notices", "reminders", "wallets"}
"""The blueprints whose forms need no token: no sign-in stands behind what they do."""


CHOICES = {"step": "apply", "wallet": "apple"}
"""A word for each part of an address that takes one of a few."""


def test_every_form_but_those_needs_the_token_of_its_session(app, staff_client, monkeypatch):
    root = staff_client("root")
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    walked, let_through = set(), set()
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}:
            some = {name: CHOICES.get(name, "1") for name in rule.arguments}
            address = rule.build(some)[1]
            status = root.open(address, method=method).status_code
            walked.add(rule.endpoint.partition(".")[0])
            if status != 400:
                let_through.add(rule.endpoint.partition(".")[0])
    assert len(walked) > 15
    assert let_through == EXEMPT


def test_a_form_to_an_address_that_is_not_there_is_reported_so(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert client.post("/nowhere").status_code == 404
