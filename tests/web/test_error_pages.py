"""Errors in plain words: a page where the person is, or a sentence for htmx."""

import json

import pytest
from flask import Flask, abort, make_response
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin

from giftweb.errors import CardAlreadyUsed, Invalid, NotAllowed, TooManyTries, Unavailable
from giftweb.web.http import htmx
from giftweb.web.http.errors import PAGES
from tools import styleguide

pytestmark = pytest.mark.no_database

RAISED = {
    "used": CardAlreadyUsed(),
    "forbidden": NotAllowed(),
    "wrong": Invalid("Enter a reason.", field="reason"),
    "slow": TooManyTries(retry_after=30),
    "down": Unavailable(),
}


@pytest.fixture(scope="module")
def erring() -> Flask:
    """The style guide with pages that fail in every way."""
    app = styleguide.create_app()
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/raise/<name>")
    def fail(name: str) -> str:
        raise RAISED[name]

    @app.get("/abort/<int:status>")
    def stop(status: int) -> str:
        abort(status)

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("secret words of the database")

    @app.get("/done")
    def done():
        return htmx.toast(make_response("ok"), "Sent.", undo="/undo")

    @app.get("/gone")
    def gone():
        return htmx.redirect_to("/styleguide/", message="Recharged with $25.00.")

    return app


@pytest.fixture
def visitor(erring) -> FlaskClient:
    return erring.test_client()


@pytest.mark.parametrize(
    ("name", "status"),
    [("used", 409), ("forbidden", 403), ("wrong", 422), ("slow", 429), ("down", 503)],
)
def test_the_domains_refusal_has_its_own_sentence(visitor, name, status):
    answer = visitor.get(f"/raise/{name}")
    assert answer.status_code == status
    assert RAISED[name].sentence in answer.text
    assert answer.headers.get("Retry-After") == {"slow": "30", "down": "1"}.get(name)


@pytest.mark.parametrize("status", sorted(PAGES))
def test_every_error_has_a_page_that_says_what_to_do_next(visitor, status):
    answer = visitor.get(f"/abort/{status}")
    assert answer.status_code == status
    assert f"Error {status}" in answer.text
    assert answer.text.count("<h1>") == 1
    assert 'class="button button-primary"' in answer.text


def test_an_error_without_a_page_of_its_own_has_one_all_the_same(visitor):
    assert visitor.get("/abort/418").status_code == 418
    assert visitor.get("/abort/501").status_code == 501


def test_a_wrong_method_is_answered_with_what_is_allowed(visitor):
    answer = visitor.post("/broken")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_fault_of_ours_shows_nothing_of_the_inside(visitor):
    answer = visitor.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "not your fault" in answer.text


def test_a_fault_page_does_not_ask_what_may_be_broken(erring):
    def fail():
        raise RuntimeError("no database")

    app = styleguide.create_app()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.context_processor(fail)
    assert app.test_client().get("/styleguide/").status_code == 500


def test_a_missing_page_of_the_desk_stays_in_the_desk_for_staff_alone(erring, visitor):
    stranger = visitor.get("/staff/nowhere")
    assert stranger.status_code == 404
    assert 'class="desk"' not in stranger.text
    app = styleguide.create_app()
    person = UserMixin()
    person.id, person.name, person.role = "stf_1", "Ann", "finance"
    LoginManager(app).request_loader(lambda request: person)
    answer = app.test_client().get("/staff/nowhere")
    assert answer.status_code == 404
    assert 'class="desk"' in answer.text


def test_htmx_gets_the_sentence_for_the_place_of_problems(visitor):
    answer = visitor.get("/raise/used", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#problem"
    assert answer.headers["Vary"] == "HX-Request"
    assert RAISED["used"].sentence in answer.text
    assert "<html" not in answer.text


def test_a_page_restored_from_the_history_is_a_whole_page(visitor):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in visitor.get("/styleguide/list", headers=headers).text
    fragment = visitor.get("/styleguide/list", headers={"HX-Request": "true"})
    assert "<html" not in fragment.text
    assert "HX-Request" in fragment.headers["Vary"]


def test_a_toast_says_what_was_done_and_may_offer_to_undo_it(visitor):
    found = json.loads(visitor.get("/done").headers["HX-Trigger"])
    assert found == {"toast": {"text": "Sent.", "undo": "/undo"}}


def test_after_a_plain_post_the_next_page_says_what_was_done(visitor):
    answer = visitor.get("/gone")
    assert answer.status_code == 303
    assert "Recharged with $25.00." in visitor.get("/styleguide/").text
    sent = visitor.get("/gone", headers={"HX-Request": "true"})
    assert (sent.status_code, sent.headers["HX-Redirect"]) == (204, "/styleguide/")
