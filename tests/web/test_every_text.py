"""No English sentence is left on a page or in a mail that is read in another language."""

import ast
import html
import re
from pathlib import Path

import pytest

from giftweb.domain import outbox
from giftweb.domain.mail.letters import NothingToSend, gather
from giftweb.web.mail import letters
from tests import pseudo
from tests.web.test_outline import pages_of
from tests.web.test_rights_matrix import everything
from tests.web.test_unreadable import Things

pytestmark = [pytest.mark.proves("B17"), pytest.mark.engines("sqlite")]

NO_TEXTS = re.compile(
    r"<(script|style|code|pre|kbd|time|bdi|textarea|datalist)\b.*?</\1>|<!--.*?-->"
    r'|<option[^>]*>[A-Z]{3}</option>|<span class="money.*?</span>|<svg.*?</svg>',
    re.S,
)
"""Programs, names, instants: what is in no language, or in the language of whoever wrote it."""

SHOWN = re.compile(r'(?:aria-label|title|placeholder|alt|data-label|content)="([^"]*)"')
SENTENCE = re.compile(r"\b[A-Za-z]{2,}(?: [a-z]{2,}){2,}")
ENGLISH_PAGES = {"/api/v1/docs"}


@pytest.fixture
def in_pseudo(monkeypatch):
    """Every text in the pseudo-language."""
    pseudo.speak(monkeypatch)


def english_in(page: str) -> list[str]:
    """The sentences that were not translated."""
    body = NO_TEXTS.sub(" ", page)
    attributes = SHOWN.findall(re.sub(r"<meta name=.(?!description)[^>]*>", "", body))
    texts = [*attributes, *re.sub(r"<[^>]+>", "\0", body).split("\0")]
    whole = pseudo.without_texts(html.unescape("\n".join(texts)))
    return sorted({match[0] for line in whole.split("\n") if (match := SENTENCE.search(line))})


def test_no_english_sentence_is_left_on_a_page(app, staff_client, client, in_pseudo):
    things = Things(everything())
    found = {}
    for visitor in (staff_client("root"), client):
        for rule, page in pages_of(app, visitor, things):
            if rule not in ENGLISH_PAGES and (left := english_in(page)):
                found[rule] = left
    assert not found, "\n".join(f"{rule}: {left}" for rule, left in sorted(found.items()))


def test_no_english_sentence_is_left_in_a_mail(app, in_pseudo):
    everything()
    found = {}
    with app.app_context():
        for mail in outbox.mails.listing(limit=100).items:
            try:
                written = letters.write(gather(mail))
            except NothingToSend:
                continue
            plain = pseudo.without_texts(f"{written.subject}\n{written.text}")
            left = english_in(written.html) + SENTENCE.findall(plain)
            if left:
                found[mail.kind] = left
    assert not found, "\n".join(f"{kind}: {left}" for kind, left in sorted(found.items()))


HERE = Path(__file__).parents[2]
FOR_PROGRAMS = (
    "blueprints/api/",
    "commands/",
    "domain/operations/",
    "gateways/",
    "installation.py",
)
"""Where only programs and whoever runs the house read what is refused."""

REFUSALS = {"Invalid", "Refused", "NotAllowed", "NotFound", "CardNotUsable", "LimitExceeded"}
PLAIN = re.compile(r"[A-Z][a-z]+ [a-z]+")


def refusals_in(path: Path) -> list[str]:
    """The sentences of refusals, and of faults of settings, that no catalogue has."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS:
            found += [part for part in node.args[:1] if is_plain(part)]
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            found += [part for part in node.value.elts if is_plain(part)]
    return [f"{path.relative_to(HERE)}:{part.lineno} {ast.unparse(part)}" for part in found]


def is_plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.JoinedStr) and bool(PLAIN.search(ast.unparse(node)))


@pytest.mark.no_database
def test_every_refusal_that_a_person_reads_is_in_the_catalogues():
    left = [
        refusal
        for path in sorted((HERE / "giftweb").rglob("*.py"))
        if not any(part in path.as_posix() for part in FOR_PROGRAMS)
        for refusal in refusals_in(path)
    ]
    assert not left, "\n".join(left)


@pytest.mark.no_database
def test_a_plain_refusal_would_be_found(tmp_path, monkeypatch):
    path = tmp_path / "plain.py"
    path.write_text('raise Invalid(f"Use at most {3} marks.")\nyield "name", "Enter a name."\n')
    monkeypatch.setattr(f"{__name__}.HERE", tmp_path)
    assert len(refusals_in(path)) == 2
