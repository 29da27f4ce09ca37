"""One reader of addresses, and every door that takes one leads to it."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema

import giftweb
from giftweb.blueprints.api.fields import Address
from giftweb.domain import emails
from giftweb.errors import Invalid
from giftweb.web.forms.fields import EmailField, Form

pytestmark = [pytest.mark.no_database, pytest.mark.proves("E15", "D26")]

PRODUCT = Path(giftweb.__file__).parent


@pytest.mark.parametrize(
    "typed",
    [
        "ann@example.com",
        "Ann@Example.com",
        "ANN@EXAMPLE.COM",
        "  ann@example.com ",
        "ann@example.com\t",
        "ann@example.com\u3000",
        "ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "Ａｎｎ@example.com",
    ],
)
def test_every_way_of_writing_an_address_is_the_same_address(typed):
    assert emails.read(typed) == "ann@example.com"


@pytest.mark.proves("X6")
@pytest.mark.parametrize(
    "typed",
    [
        "Ann@Example.com",
        "ann+gifts@example.com",
        "ａｎｎ@example.com",
        "ann@example.com.",
        " ann@EXAMPLE.com ",
    ],
)
def test_addresses_of_one_mailbox_are_compared_as_one(typed):
    assert emails.canonical(typed) == emails.canonical("ann@example.com")


@pytest.mark.proves("X6")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("lina@example.com", "lına@example.com"),
        ("lina@example.com", "LİNA@example.com"),
        ("a.n.n@gmail.com", "ann+x@gmail.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
    ],
)
def test_look_alikes_of_one_mailbox_are_one(first, second):
    assert emails.canonical(first) == emails.canonical(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ann@example.com", "anna@example.com"),
        ("a.nn@example.com", "ann@example.com"),
        ("ann@example.com", "ann@example.org"),
        ("+a@example.com", "+b@example.com"),
        ("ann@xn--.example", "ann@example"),
    ],
)
def test_other_mailboxes_stay_others(first, second):
    assert emails.canonical(first) != emails.canonical(second)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ann@Bücher.example", "ann@bücher.example"),
        ("ann@XN--BCHER-KVA.example", "ann@bücher.example"),
        ("Ärger@example.com", "ärger@example.com"),
        ("A\u0308rger@example.com", "ärger@example.com"),
        ("ann+Gifts@example.com", "ann+gifts@example.com"),
    ],
)
def test_letters_of_other_alphabets_are_read_once_too(typed, kept):
    assert emails.read(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", "ann", "ann@", "@example.com", "ann@example", "ann@@example.com"),
        *("ann@exa mple.com", "ann@localhost", "ann@.local", "ann@-x.local"),
        *("ann@example.com (2)", "a\nb@example.com"),
    ],
)
def test_what_is_no_address_is_refused_on_its_field(typed):
    with pytest.raises(Invalid, match="in the form name@example") as refused:
        emails.read(typed, field="holder_email")
    assert refused.value.field == "holder_email"


def test_names_of_a_network_of_ones_own_are_read_at_any_time():
    names = list(SPECIAL_USE_DOMAIN_NAMES)
    for _ in range(2):
        for top in ("local", "test", "invalid"):
            assert emails.read(f"Ann@Shop.{top}") == f"ann@shop.{top}"
    assert names == SPECIAL_USE_DOMAIN_NAMES, "what the library knows is not ours to change"


@given(st.emails() | st.text(max_size=40))
def test_an_address_that_was_read_is_read_as_itself(typed):
    try:
        address = emails.read(typed)
    except Invalid:
        return
    assert emails.read(address) == address == emails.folded(address)


# The doors


def modules() -> list:
    """Every module of the program."""
    found = pkgutil.walk_packages(giftweb.__path__, "giftweb.")
    return [
        importlib.import_module(module.name) for module in found if "migrations" not in module.name
    ]


def classes_below(base: type) -> set[type]:
    return {base}.union(*(classes_below(child) for child in base.__subclasses__()))


def is_address(name: str) -> bool:
    return re.search(r"(^|_)email$", name) is not None and name != "send_email"


READ_BY_THEIR_VERB = {"SignInForm.email", "NewCardForm.holder_email"}
"""A wrong address at sign-in is answered like a wrong password, so it is text (staff.sign_in folds
it); the rows of a batch are read together (desk.batches)."""


def test_every_form_reads_addresses_in_the_one_way():
    modules()
    others = {
        f"{form.__name__}.{name}"
        for form in classes_below(Form)
        if form.__module__.startswith("giftweb")
        for name, field in vars(form).items()
        if is_address(name) and hasattr(field, "field_class")
        if not issubclass(field.field_class, EmailField)
    }
    assert others == READ_BY_THEIR_VERB


def test_every_body_and_filter_of_the_api_reads_addresses_in_the_one_way():
    modules()
    read = {
        f"{schema.__module__}.{schema.__name__}.{name}": field
        for schema in classes_below(Schema)
        if schema.__module__.startswith("giftweb.blueprints.api")
        for name, field in schema._declared_fields.items()
        if is_address(name) and not field.dump_only
    }
    others = {name for name, field in read.items() if not isinstance(field, Address)}
    assert others == {name for name in others if "_schemas." in name or "answer" in name}
    assert len(read) > len(others)


def test_every_command_that_takes_an_address_reads_it():
    taking = [
        path
        for path in sorted((PRODUCT / "commands").glob("*.py"))
        if re.search(r'"--[a-z-]*email"', path.read_text())
    ]
    assert taking
    assert [path.name for path in taking if "emails.read(" not in path.read_text()] == []


def test_nobody_else_reads_addresses():
    """No second import of the library, and no address put into lower case by hand."""
    by_hand = re.compile(r"e?mail\w*(\.\w+)?\.(lower|casefold|strip)\(|\bto\.lower\(")
    others = [
        f"{path.relative_to(PRODUCT)}:{node.lineno}"
        for path in sorted(PRODUCT.rglob("*.py"))
        if path != PRODUCT / "domain/emails.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and node.module == "email_validator")
        or (isinstance(node, ast.Call) and by_hand.fullmatch(ast.unparse(node.func) + "("))
    ]
    assert others == []
