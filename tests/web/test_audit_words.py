"""Every action that the program records, and all that it records with it, has words of its own."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from giftweb import language
from giftweb.domain.books.exports import FORMS
from giftweb.domain.campaigns.settings import Settings
from giftweb.domain.desk import approvals
from giftweb.domain.limits import Terms, verbs
from giftweb.domain.orders import reviews
from giftweb.domain.orders.values import CANCELLED, SHIPPING_DENIED
from giftweb.domain.payments.refund_values import FAILED, SUCCEEDED
from giftweb.domain.privacy import retention
from giftweb.language import LazyText
from giftweb.tables.ledger import KINDS
from giftweb.web.text.audit_actions import ACTIONS, what
from giftweb.web.text.audit_details import FIELDS, LABELS, details_text
from giftweb.web.text.words import APPROVALS
from giftweb.web.text.words import LABELS as WORDS

pytestmark = [pytest.mark.proves("B15", "B17"), pytest.mark.no_database]

CODE = Path(__file__).parents[2] / "giftweb"

ENDINGS = {
    "approval.": (approvals.APPROVED, approvals.DECLINED),
    "gift_card.review_": (reviews.RELEASED, reviews.REFUSED),
    "order.": (SHIPPING_DENIED, CANCELLED),
    "refund.": (SUCCEEDED, FAILED),
}
"""Actions that are put together: how they begin -> all that can follow."""

COMPUTED = {
    "new.sums": {"transfers"},
    "asdict(wanted)": {field.name for field in fields(retention.Terms)},
    "dict(counts)": {field.name for field in fields(retention.Terms)},
}
"""Data that is counted or read elsewhere -> its keys."""


class Module:
    """One file of the program: what it records, with the texts that names in it stand for."""

    def __init__(self, source: str):
        self.tree = ast.parse(source)
        self.functions = [n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef)]
        calls = [n for n in ast.walk(self.tree) if isinstance(n, ast.Call)]
        self.calls = sorted(calls, key=lambda call: call.lineno)

    def records(self) -> Iterator[ast.Call]:
        return (each for each in self.calls if ast.unparse(each.func) == "audit.record")

    def actions(self, call: ast.Call) -> set[str]:
        return set(self._texts(argument(call, "action")))

    def keys(self, call: ast.Call) -> set[str]:
        data = argument(call, "data")
        return set() if data is None else set(self._keys(data))

    def _texts(self, node: ast.expr | None) -> Iterator[str]:
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.IfExp():
                yield from (*self._texts(node.body), *self._texts(node.orelse))
            case ast.JoinedStr(values=[ast.Constant(value=str(begins)), _]):
                yield from (begins + ends for ends in ENDINGS[begins])
            case ast.Name(id=name):
                values = [*self._assigned(name), *self._handed(name)]
                assert values, f"Nothing here says what {name} is."
                for value in values:
                    if ast.unparse(value) != name:  # A function that only hands it on.
                        yield from self._texts(value)
            case _:
                raise AssertionError(f"Which actions are {ast.unparse(node)}?")  # type: ignore[arg-type]

    def _keys(self, node: ast.expr) -> Iterator[str]:
        match node:
            case ast.Constant(value=None):
                pass
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    yield from self._keys(value) if key is None else self._texts(key)
            case ast.BinOp() | ast.BoolOp():
                sides = node.values if isinstance(node, ast.BoolOp) else [node.left, node.right]
                for side in sides:
                    yield from self._keys(side)
            case ast.DictComp():
                yield from self._counted()
            case ast.Name(id=name):
                yield from self._keys_of(name)
            case _:
                yield from COMPUTED[ast.unparse(node)]

    def _keys_of(self, name: str) -> Iterator[str]:
        """Those it has from the start, those that are added, and those of ``**name``."""
        for value in self._assigned(name):
            yield from self._keys(value)
        for node in ast.walk(self.tree):
            match node:
                case ast.Subscript(ctx=ast.Store(), value=ast.Name(id=same)) if same == name:
                    yield from self._texts(node.slice)
        for function in self.functions:
            if function.args.kwarg and function.args.kwarg.arg == name:
                yield from self._handed_by_name(function)

    def _handed_by_name(self, function: ast.FunctionDef) -> Iterator[str]:
        own = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
        for call in self._calls_of(function):
            for keyword in call.keywords:
                if keyword.arg is None and ast.unparse(keyword.value) != function.args.kwarg.arg:
                    yield from self._keys(keyword.value)
                elif keyword.arg is not None and keyword.arg not in own:
                    yield keyword.arg

    def _counted(self) -> Iterator[str]:
        """The keys of a dictionary that is counted up: ``counts["wallets"] += 1``, ``yield "holds",
        count`` and ``{"mails": gone}``."""
        for node in ast.walk(self.tree):
            match node:
                case ast.Subscript(ctx=ast.Store(), slice=ast.Constant(value=str(name))):
                    yield key_of(name)
                case ast.Yield(value=ast.Tuple(elts=[ast.Constant(value=str(name)), _])):
                    yield key_of(name)
                case ast.Return(value=ast.IfExp(body=ast.Dict(keys=[ast.Constant(value=name)]))):
                    yield key_of(str(name))

    def _assigned(self, name: str) -> Iterator[ast.expr]:
        for node in ast.walk(self.tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=same)]) if same == name:
                    yield node.value
                case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                    pairs = zip(names, values, strict=True)
                    yield from (value for own, value in pairs if ast.unparse(own) == name)

    def _handed(self, name: str) -> Iterator[ast.expr]:
        """What calls in this file hand to functions that have an argument of this name."""
        for function in self.functions:
            for place, own in enumerate(each.arg for each in function.args.args):
                if own == name:
                    for call in self._calls_of(function):
                        yield argument(call, name) or call.args[place]

    def _calls_of(self, function: ast.FunctionDef) -> list[ast.Call]:
        return [each for each in self.calls if ast.unparse(each.func) == function.name]


def argument(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def key_of(name: str) -> str:
    return name.replace(",", "").replace(" ", "_")


def without_words(root: Path) -> list[str]:
    """The actions and keys that are recorded in the files below and have no text."""
    found = []
    for path in sorted(root.rglob("*.py")):
        module = Module(path.read_text())
        for call in module.records():
            unknown = [
                *(module.actions(call) - ACTIONS.keys()),
                *(module.keys(call) - LABELS.keys()),
            ]
            found += [f"{path.relative_to(root)}:{call.lineno} {each}" for each in sorted(unknown)]
    return found


def test_every_action_and_key_that_the_program_records_has_a_text():
    assert (
        len([call for path in CODE.rglob("*.py") for call in Module(path.read_text()).records()])
        > 80
    )
    assert not without_words(CODE)


def test_an_action_or_a_key_without_a_text_would_be_found(tmp_path):
    (tmp_path / "plain.py").write_text(
        '_LOST, _KEPT = "gift_card.lost", "gift_card.issued"\n'
        "audit.record(by=by, action=_LOST, subject=card.id)\n"
        'audit.record(by=by, action=_KEPT, subject=card.id, data={"amount": 1, "weight": 2})\n'
        "def _note(action, **data):\n"
        "    audit.record(by=by, action=action, subject=card.id, data=data or None)\n"
        '_note("gift_card.sunk", depth=1)\n'
        'audit.record(by=by, action=f"refund.{status}", subject="", data=more | {"order": 1})\n'
        'more = {"colour": 1}\n'
        'more["shade"] = 2\n'
    )
    assert [line.split(":")[1] for line in without_words(tmp_path)] == [
        "2 gift_card.lost",
        "3 weight",
        "5 depth",
        "5 gift_card.sunk",
        "7 colour",
        "7 shade",
    ]


def test_what_no_table_knows_is_readable_all_the_same():
    assert what("gift_card.sunk") == "Gift card sunk"
    assert details_text({"how_deep": 12, "amount": 5}, {}) == "How deep: 12 · Amount: 5"


@pytest.mark.parametrize("table", [ACTIONS, LABELS, FIELDS, APPROVALS, WORDS])
def test_every_text_of_a_table_is_read_in_each_language(table):
    assert all(isinstance(text, LazyText) for text in table.values())


def test_what_can_be_changed_and_asked_for_has_a_name():
    settings = {field.name for field in fields(Settings)}
    assert settings <= FIELDS.keys()
    assert {
        value for name, value in vars(verbs).items() if name.isupper() and isinstance(value, str)
    } <= (APPROVALS.keys())
    assert {field.name for field in fields(Terms)} <= LABELS.keys()


def test_what_moves_money_and_between_which_accounts_has_a_name():
    accounts = {side for pairs in KINDS.values() for pair in pairs for side in pair} - {"card"}
    assert {*KINDS, *accounts, *FORMS} <= WORDS.keys()


def test_details_are_read_in_the_language_of_the_reader():
    data = {
        "amount": 5000,
        "currency": "EUR",
        "source": "goodwill",
        "release_holds": False,
        "expires_on": "2026-12-24",
        "changed": ["expires_on", "note"],
        "with": "password",
        "verb": "top_up",
        "EUR cmp_1 capture sales": -1250,
    }
    with language.use("de"):
        assert details_text(data, {"cmp_1": "Laden"}).replace("\N{NO-BREAK SPACE}", " ") == (
            "Betrag: 50,00 € · Quelle: Geschenkt · Reservierungen freigeben: nein"
            " · Läuft ab am: 24.12.2026 · Geändert: Läuft ab am, Notiz · Mit: Passwort"
            " · Beantragt: Aufladen · Laden, Eingelöst, Verkauft: -12,50 €"
        )
