"""What a page is to who does not see it: outline, landmarks, the words for a search engine."""

import re
from html.parser import HTMLParser

import pytest
from werkzeug.test import Client

from giftweb.domain import outbox
from giftweb.domain.mail.letters import gather
from giftweb.web.http import static_files
from giftweb.web.mail import letters
from tests.factories import make_campaign, make_card
from tests.web.test_rights_matrix import everything
from tests.web.test_unreadable import Things, built

pytestmark = [pytest.mark.proves("E47"), pytest.mark.engines("sqlite")]

LANDMARKS = {"main", "nav", "header", "footer", "aside", "search"}
SECTIONING = {"article", "aside", "main", "nav", "section"}
NAMES = ("aria-label", "aria-labelledby")
ENDS_THE_SIGN_IN = {"auth.logout"}
PARTS_OF_PAGES = {"/widget/<campaign_id>/", "/staff/outbox/<mail_id>/letter"}
"""What is seen in a frame of a page."""


class Outline(HTMLParser):
    """The headings and landmarks of a page, in order; a dialog's and a template's are its own."""

    def __init__(self, page: str):
        super().__init__()
        self.headings: list[int] = []
        self.landmarks: list[tuple[str, str]] = []
        self.meta: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("name"):
            self.meta[str(given["name"])] = str(given.get("content"))
        if {"dialog", "template"} & set(self._open):
            pass
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        elif landmark := self._landmark(tag, given):
            self.landmarks.append(
                (landmark, next((str(given[n]) for n in NAMES if n in given), ""))
            )
        if tag in {"dialog", "template", *SECTIONING}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def _landmark(self, tag: str, given: dict[str, str | None]) -> str:
        """The role of an element that is a landmark; a header inside of an article is none."""
        if given.get("role") in ("search", "navigation", "region", "complementary"):
            return str(given["role"])
        if tag == "section":
            return "region" if any(name in given for name in NAMES) else ""
        if tag in ("header", "footer"):
            return "" if set(self._open) & SECTIONING else tag
        return tag if tag in LANDMARKS else ""

    def faults(self) -> list[str]:
        """What is out of order."""
        found = []
        if self.headings.count(1) != 1 or self.headings[0] != 1:
            found.append(f"its headings are {self.headings}: one h1 comes first")
        for before, after in zip(self.headings, self.headings[1:], strict=False):
            if after > before + 1:
                found.append(f"h{after} follows h{before}")
        doubles = {each for each in self.landmarks if self.landmarks.count(each) > 1}
        found += [f"twice the landmark {each}" for each in sorted(doubles)]
        if [kind for kind, _ in self.landmarks].count("main") != 1:
            found.append("it has not one main part")
        return found


def pages_of(app, visitor, things):
    """Each page that the visitor may open, by its address."""
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in ENDS_THE_SIGN_IN:
            continue
        answer = visitor.get(built(rule, things))
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        if answer.text.startswith("<!doctype html>") and rule.rule not in PARTS_OF_PAGES:
            yield rule.rule, answer.text


def test_the_headings_of_every_page_are_in_order_and_each_landmark_has_its_name(app, staff_client):
    pages = dict(pages_of(app, staff_client("root"), Things(everything())))
    assert len(pages) > 60
    found = {rule: faults for rule, page in pages.items() if (faults := Outline(page).faults())}
    assert not found, "\n".join(f"{k}: {v}" for k, v in found.items())


def test_the_pages_of_an_empty_house_too(app, staff_client):
    found = {
        rule.rule: faults
        for rule, page in pages_of(
            app, staff_client("root"), Things({"campaign_id": make_campaign().id})
        )
        if (faults := Outline(page).faults())
    }
    assert not found, "\n".join(f"{k}: {v}" for k, v in found.items())


def test_every_page_that_a_stranger_finds_describes_itself(app, client):
    missing = [
        rule
        for rule, page in pages_of(app, client, Things(everything()))
        if not 50 <= len(Outline(page).meta.get("description", "")) <= 160
    ]
    assert not missing, "\n".join(missing)


def test_an_icon_is_where_browsers_ask_for_it(client):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 200
    assert answer.mimetype in ("image/x-icon", "image/vnd.microsoft.icon")
    assert answer.data[:6] == bytes((0, 0, 1, 0, 1, 0)), "one picture of the kind icon"
    assert Client(static_files.StaticFiles(None)).get("/favicon.ico").data == answer.data


def test_a_mail_says_its_alphabet_at_its_beginning(app):
    issued = make_card(holder_name="Zoë")
    mail = outbox.mails.of_card(issued.card.id)[0]
    with app.app_context():
        html = letters.write(gather(mail)).html
    assert re.search('<meta charset="?utf-8', html[:200])
    assert html.startswith("<!DOCTYPE html>")
