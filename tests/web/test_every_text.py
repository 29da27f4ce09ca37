"""No English sentence is left on a page or in a mail that is read in another language."""

import ast
import html
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

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
    "cli.py",
    "database/",
    "domain/audit/",
    "domain/operations/",
    "gateways/",
    "installation.py",
    "serving/",
)
"""Where only programs and whoever runs the house read what is refused."""

KEPT = ("domain/refunds/records.py", "web/mail/smtp.py")
"""Notes on orders, and why a mail server refused: kept as they are written, in English."""

REPORTS = {"BadCell", "append", "add", "on_its_way", "get"}
"""What gets the text of a fault, of a message, or of what stands for a name, besides a refusal."""
NO_REFUSALS = {
    *("ValueError", "TypeError", "UnsupportedOperation"),
    *("CapExceeded", "KeysUnusable", "NothingToSend"),
}
"""What programs, whoever runs the house, and the outbox's record read."""
PLAIN = re.compile(r"[A-Za-z][a-z]+ [a-z]+")
LETTERS = re.compile(r"[A-Z][a-z]+| [a-z]{2,}")
FILTER = ("name", "value", "words")


def refusals_in(path: Path) -> list[str]:
    """The texts of refusals, of faults, of messages and of chips that no catalogue has."""
    tree = ast.parse(path.read_text())
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    plain = {
        text
        for node in ast.walk(tree)
        for handed in read_by_people(node)
        for text in plain_in(handed, constants)
    }
    plain |= {text for text in messages_and_chips(tree) if has_words(text)}
    return [
        f"{path.relative_to(HERE)}:{text.lineno} {ast.unparse(text)}"
        for text in sorted(plain, key=lambda text: text.lineno)
    ]


def plain_in(text: ast.expr, constants: dict[str, ast.expr]) -> Iterator[ast.expr]:
    """The parts of what is handed on that are written out and not translated."""
    text = constants.get(getattr(text, "id", ""), text)
    if is_plain(text):
        yield text
    elif isinstance(text, ast.IfExp | ast.BoolOp | ast.BinOp):
        for part in ast.iter_child_nodes(text):
            if isinstance(part, ast.expr):
                yield from plain_in(part, constants)


def read_by_people(node: ast.AST) -> list[ast.expr]:
    """The texts that a statement or a call hands on to whoever uses a page."""
    if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
        return node.value.elts
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        handed = [*node.exc.args[:1], *(each.value for each in node.exc.keywords)]
        return [] if name_of(node.exc) in NO_REFUSALS else handed
    if not isinstance(node, ast.Call) or name_of(node) not in REPORTS:
        return []
    if ast.unparse(node.func) == "notes.add":
        return []
    tuples = (each.elts for each in node.args if isinstance(each, ast.Tuple))
    return [*node.args, *itertools.chain(*tuples)]


def messages_and_chips(tree: ast.Module) -> Iterator[ast.expr]:
    """What is handed on as ``message``, by name or by its place in this file's own functions, and
    the words of a list's filters: ``("q", text, "Search: ...")``."""
    places = {
        node.name: [each.arg for each in node.args.args].index("message")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(each.arg == "message" for each in node.args.args)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            place = places.get(name_of(node), len(node.args))
            yield from node.args[place : place + 1]
            yield from (each.value for each in node.keywords if each.arg == "message")
        elif isinstance(node, ast.Tuple) and len(node.elts) == len(FILTER):
            name, value, words = node.elts
            if isinstance(name, ast.Constant) and not isinstance(value, ast.Constant):
                yield words


def has_words(text: ast.expr) -> bool:
    """Whether a part of it is written out for people: in capitals, or after a blank."""
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    letters = (each.value for each in parts if isinstance(each, ast.Constant))
    return any(isinstance(each, str) and LETTERS.search(each) for each in letters)


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def is_plain(node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant | ast.JoinedStr):
        return False
    text = ast.unparse(node)
    return bool(PLAIN.search(text)) and "SELECT" not in text


@pytest.mark.no_database
def test_every_refusal_that_a_person_reads_is_in_the_catalogues():
    left = [
        refusal
        for path in sorted((HERE / "giftweb").rglob("*.py"))
        if not any(part in path.as_posix() for part in FOR_PROGRAMS + KEPT)
        for refusal in refusals_in(path)
    ]
    assert not left, "\n".join(left)


@pytest.mark.no_database
def test_a_plain_refusal_would_be_found(tmp_path, monkeypatch):
    path = tmp_path / "plain.py"
    path.write_text(
        'ENDED = "It has ended."\n'
        'raise Invalid(f"Use at most {3} marks.")\n'
        'yield "name", "Enter a name."\n'
        "raise CodeMalformed(None if known else ENDED)\n"
        "raise Refused(ENDED)\n"
        'raise Declined(reason="it is not there.")\n'
        'faults.append(("price", "Enter a price."))\n'
        'bad.append(BadCell(1, "the row", gettext("it is empty")))\n'
        'notes.add(order.id, "The order was placed.")\n'
        'redirect_to(back, message="Saved.")\n'
        'redirect_to(back, message=gettext("Saved."))\n'
        "def _change(person, message): ...\n"
        '_change(person, "Saved.")\n'
        'chips([("q", q, f"To: {q}"), ("mode", mode, str(dict(MODES)[mode]))])\n'
        'filters = (("mode", query.mode, f"{query.mode} cards"),)\n'
    )
    monkeypatch.setattr(f"{__name__}.HERE", tmp_path)
    found = [int(line.split(":")[1].split()[0]) for line in refusals_in(path)]
    assert found == [1, 2, 3, 6, 7, 8, 10, 13, 14, 15]


CAPITALISED = re.compile(r"[+ ]*[A-Z0-9][a-z]* ?[a-z]{2,}")
NAMES = {"Apple Wallet", "Google Wallet"}
ENGLISH_TEMPLATES = {"api/docs.html"}
TRANSLATES = ("_", "ngettext", "pgettext")


def plain_texts(node: nodes.Node) -> Iterator[nodes.Const]:
    """What expressions of a template write out, such as the words of a button, untranslated."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Call) and getattr(child.node, "name", "") in TRANSLATES:
            continue
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield from [child] if CAPITALISED.match(child.value) else []
        yield from plain_texts(child)


@pytest.mark.no_database
def test_every_text_that_a_template_hands_to_a_macro_is_in_the_catalogues():
    folder, language = HERE / "giftweb" / "templates", Environment()
    left = [
        f"{path.relative_to(folder)}:{text.lineno} {text.value}"
        for path in sorted(folder.rglob("*.html"))
        if path.relative_to(folder).as_posix() not in ENGLISH_TEMPLATES
        for text in plain_texts(language.parse(path.read_text()))
        if text.value not in NAMES
    ]
    assert not left, "\n".join(left)


@pytest.mark.no_database
def test_a_plain_text_of_a_template_would_be_found():
    source = (
        '{{ ui.button("+ Create New") }}{{ forms.field(f, hint="6 digits.") }}{{ _("Saved") }}'
        '{% if is_open %}{{ ui.button(_("Close"), "primary", href="/close") }}{% endif %}'
    )
    found = [text.value for text in plain_texts(Environment().parse(source))]
    assert found == ["+ Create New", "6 digits."]
