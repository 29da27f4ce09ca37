"""The rights table (D14): every route, by everybody, and what happens to whoever is refused."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from giftweb import clock, database
from giftweb.domain import audit, staff
from giftweb.domain.audit.search import Wanted
from giftweb.web.access import gate, rights
from giftweb.web.access.rights import BY_BLUEPRINT, PUBLIC, RIGHTS, SIGNED_IN

HTMX = {"HX-Request": "true"}
ENDS_THE_SIGN_IN = {"auth.logout"}
SAMPLES = {"Number": 10001, "AnyConverter": None}


def address_of(app: Flask, rule: Rule) -> str:
    """An address of the route about something that is not there."""
    values = {}
    for name, converter in rule._converters.items():
        sample = SAMPLES.get(type(converter).__name__, "gc_00000000000000000000000000")
        values[name] = sorted(converter.items)[0] if sample is None else sample
    built = rule.build(values)
    assert built is not None, rule
    return built[1]


def tries(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of every route and every method of it."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"OPTIONS"}):
            if rule.endpoint not in ENDS_THE_SIGN_IN:
                yield rule.endpoint, method, address_of(app, rule)


def is_sent_to_sign_in(answer) -> bool:
    return answer.status_code == 303 and answer.location.startswith("/login?next=/")


@pytest.mark.proves("D14", "B15")
def test_whoever_is_not_signed_in_opens_what_is_public_and_nothing_else(app, client):
    wrong = []
    for endpoint, method, address in tries(app):
        answer = client.open(address, method=method)
        is_open = RIGHTS[endpoint] in (PUBLIC, BY_BLUEPRINT)
        if is_sent_to_sign_in(answer) == is_open or answer.status_code == 500:
            wrong.append((endpoint, method, answer.status_code))
    assert not wrong
    assert database.scalar("SELECT COUNT(*) FROM audit_entry") == 0


@pytest.mark.proves("D14", "B15", "I30")
@pytest.mark.parametrize("role", rights.ROLES)
def test_a_role_opens_its_own_pages_and_each_refusal_is_in_the_log(app, staff_client, role):
    client: FlaskClient = staff_client(role)
    wrong, refused = [], []
    for endpoint, method, address in tries(app):
        needed = RIGHTS[endpoint]
        answer = client.open(address, method=method)
        if isinstance(needed, frozenset) and role not in needed:
            refused.append(endpoint)
            is_right = answer.status_code == 403
        else:
            is_right = answer.status_code not in (500, 501) and not is_sent_to_sign_in(answer)
            is_right = is_right and (needed is BY_BLUEPRINT or answer.status_code != 403)
        if not is_right:
            wrong.append((endpoint, method, answer.status_code))
    assert not wrong
    found = audit.search.search(Wanted(action="rights.refused"), limit=10_000).items
    assert sorted(entry.subject for entry in found) == sorted(set(refused))
    assert {entry.actor_id for entry in found} <= {client.person.id}


def test_the_roles_of_the_table_are_those_of_the_domain():
    assert set(rights.ROLES) == set(staff.ROLES)
    for endpoint, needed in RIGHTS.items():
        if isinstance(needed, frozenset):
            assert needed <= set(rights.ROLES), endpoint
            assert "root" in needed, f"Root may open everything: {endpoint}"


BY_ADDRESS = {
    "/staff/people": {"root"},
    "/staff/audit": {"finance", "root"},
    "/staff/outbox/<mail_id>/code": {"root"},
    "/staff/outbox/<mail_id>": {"customer_service", "customer_service_admin", "root"},
    "/staff/outbox": {"root"},
    "/staff/gift-cards": {"customer_service", "customer_service_admin", "root"},
    "/staff/customers": {"customer_service", "customer_service_admin", "root"},
    "/staff/orders": {"customer_service", "customer_service_admin", "root"},
    "/staff/campaigns": {"marketing", "root"},
    "/staff/products": {"marketing", "root"},
    "/staff/reports": {"finance", "root"},
}
"""D14 once more, by address: at most these roles; Finance may read what its figures stand on."""

FINANCE_READS = ("/staff/gift-cards", "/staff/customers", "/staff/orders")
FINANCE_RECORDS = {"order_payments.receive", "order_payments.not_received"}
"""What finance writes into an order: whether its money has come (X1)."""

POSTED_SEARCHES = {"/staff/gift-cards/search", "/staff/orders/search"}
"""They change nothing; they are posted so that a typed code stands in no address."""


@pytest.mark.proves("D14")
def test_no_two_routes_answer_the_same_request(app):
    seen = [
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    ]
    assert sorted(seen) == sorted(set(seen))


@pytest.mark.proves("D14")
def test_the_table_says_what_d14_says(app):
    too_many = []
    for rule in app.url_map.iter_rules():
        needed = RIGHTS[rule.endpoint]
        if not rule.rule.startswith("/staff"):
            assert not isinstance(needed, frozenset), f"a role outside the desk: {rule}"
            continue
        assert needed not in (PUBLIC, BY_BLUEPRINT), f"open to everybody: {rule}"
        area = next((path for path in BY_ADDRESS if rule.rule.startswith(path)), None)
        allowed = BY_ADDRESS.get(area, set(rights.ROLES))
        is_reading = rule.methods <= gate.SAFE or rule.rule in POSTED_SEARCHES
        if (area in FINANCE_READS and is_reading) or rule.endpoint in FINANCE_RECORDS:
            allowed = allowed | {"finance"}
        if area and (needed is SIGNED_IN or not needed <= allowed):
            too_many.append((rule.rule, needed))
    assert not too_many


def test_a_route_that_nobody_listed_is_closed_even_to_root(app, staff_client, monkeypatch):
    monkeypatch.delitem(RIGHTS, "people.index")
    assert staff_client("root").get("/staff/people/").status_code == 403
    assert is_sent_to_sign_in(app.test_client().get("/staff/people/"))


def test_a_refused_page_says_so_in_the_desk(staff_client):
    answer = staff_client("customer_service").get("/staff/people/")
    assert answer.status_code == 403
    assert "You may not do this" in answer.text
    assert "The attempt has been noted" in answer.text
    assert "Sign out" in answer.text


def test_the_log_of_a_refusal_names_ids_and_never_what_was_typed(staff_client):
    client = staff_client("finance")
    client.get("/staff/people/stf_00000000000000000000000000")
    client.post("/staff/people/Ann%20Smith/edit?q=ann@example.com", data={"name": "Ann Smith"})
    second, first = audit.search.search(Wanted(action="rights"), limit=5).items
    assert first.data == {"method": "GET", "on": ["stf_00000000000000000000000000"]}
    assert (first.subject, first.actor_role) == ("people.show", "finance")
    assert second.data == {"method": "POST", "on": []}


def test_the_menu_shows_what_may_be_opened(staff_client):
    root, agent = staff_client("root"), staff_client("customer_service")
    assert 'href="/staff/people/"' in root.get("/staff/").text
    assert 'href="/staff/people/"' not in agent.get("/staff/").text


def test_an_address_of_the_desk_that_is_not_there_asks_to_sign_in_first(client, staff_client):
    assert is_sent_to_sign_in(client.get("/staff/nowhere"))
    assert staff_client("finance").get("/staff/nowhere").status_code == 404
    assert client.get("/nowhere").status_code == 404


def test_htmx_is_sent_to_sign_in_as_a_whole_page(client):
    headers = HTMX | {"HX-Current-URL": "http://localhost/staff/people/?q=ann"}
    answer = client.get("/staff/people/stf_1/edit", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/login?next=/staff/people/%3Fq%3Dann"
    headers = HTMX | {"HX-Current-URL": "https://evil.example//evil.example/"}
    answer = client.get("/staff/people/", headers=headers)
    assert answer.headers["HX-Redirect"] == "/login?next=/staff/"


def test_a_post_of_a_signed_out_person_leads_to_the_dashboard_not_to_the_post(client):
    answer = client.post("/staff/people/stf_1/deactivate")
    assert answer.location == "/login?next=/staff/"


@pytest.mark.proves("X19")
def test_a_refusal_is_recorded_once_a_minute_for_each_person_and_page(staff_client):
    clerk, other = staff_client("customer_service"), staff_client("customer_service")
    for client in (clerk, clerk, clerk, other):
        assert client.get("/staff/people/").status_code == 403
    assert clerk.get("/staff/people/new").status_code == 403
    found = audit.search.search(Wanted(action="rights.refused"), limit=100).items
    assert len(found) == 3
    with clock.moved(timedelta(seconds=61)):
        assert clerk.get("/staff/people/").status_code == 403
    assert len(audit.search.search(Wanted(action="rights.refused"), limit=100).items) == 4
