"""The habits that a machine can hold: sizes, the one clock, no floats, verbs, templates, routes."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest

import app as application
from giftweb.config import from_environment
from giftweb.web.access import rights

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).parent.parent
PRODUCT = sorted(
    path
    for pattern in ("*.py", "giftweb/**/*.py", "tools/**/*.py", "bench/**/*.py", "examples/**/*.py")
    for path in ROOT.glob(pattern)
)
DOMAIN = sorted((ROOT / "giftweb/domain").glob("**/*.py"))
TEMPLATES = sorted(
    (*ROOT.glob("giftweb/templates/**/*.html"), *ROOT.glob("tools/styleguide/**/*.html"))
)
PAGES = [path for path in TEMPLATES if "email" not in path.relative_to(ROOT).parts]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def functions_in(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def lines_of(function: Function) -> int:
    """The lines of a function without its decorators and its docstring."""
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    length = first.end_lineno - first.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - length


def dotted(node: ast.AST) -> str:
    """``a.b.c`` for a chain of attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def decorators_of(function: Function) -> list[str]:
    calls = (node.func if isinstance(node, ast.Call) else node for node in function.decorator_list)
    return [dotted(call) for call in calls]


# Sizes


def test_no_file_is_longer_than_a_person_keeps_in_mind():
    too_long = [
        f"{name_of(path)}: {count} lines"
        for path in PRODUCT
        if (count := len(path.read_text().splitlines()))
        > (450 if path.name == "models.py" or path.parent.name == "tables" else 350)
    ]
    assert not too_long


def test_no_function_is_longer_than_a_screen():
    too_long = [
        f"{name_of(path)}:{function.lineno} {function.name}: {lines_of(function)} lines"
        for path in PRODUCT
        for function in functions_in(tree_of(path))
        if lines_of(function) > 40
    ]
    assert not too_long


def test_a_view_only_parses_calls_a_verb_and_renders():
    routes = {"route", "get", "post", "put", "patch", "delete"}
    too_long = [
        f"{name_of(path)}:{function.lineno} {function.name}: {lines_of(function)} lines"
        for path in sorted((ROOT / "giftweb/blueprints").glob("**/*.py"))
        for function in functions_in(tree_of(path))
        if any(name.rpartition(".")[2] in routes for name in decorators_of(function))
        if lines_of(function) > 20
    ]
    assert not too_long


TEMPLATE_WIDTH = 120


def test_no_line_of_a_template_is_wider_than_a_screen():
    too_wide = [
        f"{name_of(path)}:{number}: {len(line)} characters"
        for folder in ("giftweb/templates", "tools/styleguide/templates")
        for path in sorted((ROOT / folder).glob("**/*.*"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > TEMPLATE_WIDTH
    ]
    assert not too_wide


def test_a_module_of_ours_has_one_name():
    renamed = [
        f"{name_of(path)}:{node.lineno}: {alias.name} as {alias.asname}"
        for path in PRODUCT
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("giftweb")
        for alias in node.names
        if alias.asname and is_module(f"{node.module}.{alias.name}")
    ]
    assert not renamed


def is_module(name: str) -> bool:
    place = ROOT / name.replace(".", "/")
    return place.is_dir() or place.with_suffix(".py").is_file()


# Time and money


OTHER_CLOCKS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))$"
)
CLOCKS = {"giftweb/clock.py", "giftweb/database/sqlite.py"}


def test_there_is_one_clock():
    others = [
        f"{name_of(path)}:{node.lineno} {dotted(node.func)}"
        for path in PRODUCT
        if name_of(path).startswith(("app.py", "giftweb/")) and name_of(path) not in CLOCKS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and OTHER_CLOCKS.search(dotted(node.func))
    ]
    assert not others


def test_sql_does_not_ask_another_clock():
    asks = re.compile(r"CURRENT_TIMESTAMP|datetime\('now|\bnow\(\) *AT TIME|\bNOW\(\)")
    found = [name_of(path) for path in DOMAIN if asks.search(path.read_text())]
    assert not found


MONEY = [
    path
    for path in PRODUCT
    if name_of(path).startswith(("giftweb/domain/", "giftweb/tables/", "giftweb/gateways/"))
    or name_of(path) in {"giftweb/money.py", "giftweb/codes.py", "giftweb/models.py"}
]


def refused_floats(tree: ast.AST) -> set[ast.AST]:
    """Where a float is named to be refused: ``isinstance(value, float)`` and its like."""
    return {
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func) == "isinstance"
        for part in ast.walk(node)
    }


def floats_in(path: Path) -> Iterator[ast.AST]:
    tree = tree_of(path)
    refusals = refused_floats(tree)
    waits = {
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg and "timeout" in node.arg
        for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        name = isinstance(node, ast.Name) and node.id == "float"
        if (literal or name) and node not in refusals | waits:
            yield node


def test_there_is_no_float_where_money_is():
    found = [f"{name_of(path)}:{node.lineno}" for path in MONEY for node in floats_in(path)]
    assert not found


def is_exact(path: Path) -> bool:
    """Whether the file divides with exact numbers: it names Fraction or Decimal."""
    names = {node.id for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name)}
    return bool(names & {"Fraction", "Decimal"})


def joins_paths(node: ast.BinOp) -> bool:
    parts = [part for part in ast.walk(node) if isinstance(part, ast.Constant | ast.JoinedStr)]
    texts = [part for part in parts if isinstance(getattr(part, "value", ""), str)]
    return bool(texts) or "path" in ast.unparse(node).lower()


def test_money_is_never_divided_into_a_float():
    found = [
        f"{name_of(path)}:{node.lineno} {ast.unparse(node)}"
        for path in MONEY
        if not is_exact(path)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not joins_paths(node)
    ]
    assert not found


# The domain's verbs


def verbs() -> Iterator[tuple[Path, Function]]:
    """The public functions that write: what ``@transactional`` wraps."""
    for path in DOMAIN:
        for function in tree_of(path).body:
            if isinstance(function, Function) and not function.name.startswith("_"):
                names = {name.rpartition(".")[2] for name in decorators_of(function)}
                if "transactional" in names:
                    yield path, function


def test_a_verb_takes_keywords_after_its_first_argument():
    positional = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for path, function in verbs()
        if len(function.args.posonlyargs + function.args.args) > 1
    ]
    assert not positional


def test_a_verb_says_what_it_promises():
    silent = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for path, function in verbs()
        if not ast.get_docstring(function)
    ]
    assert not silent


def test_every_file_says_what_it_is_for():
    silent = [
        name_of(path)
        for path in PRODUCT
        if path.read_text().strip() and not ast.get_docstring(tree_of(path))
    ]
    assert not silent


def named(node: ast.AST) -> bool:
    return isinstance(node, Function | ast.ClassDef)


def test_every_folder_of_modules_is_a_package():
    """The contracts on imports see packages alone."""
    folders = {path.parent for path in PRODUCT if path.is_relative_to(ROOT / "giftweb")}
    steps = ROOT / "giftweb/database/migrations"
    assert [
        name_of(each) for each in folders - {steps} if not (each / "__init__.py").is_file()
    ] == []


def test_a_package_names_its_door():
    packages = [path for path in PRODUCT if path.name == "__init__.py"]
    without = [
        name_of(path)
        for path in packages
        if path.is_relative_to(ROOT / "giftweb") and path.parent.name != "giftweb"
        if "Door:" not in (ast.get_docstring(tree_of(path)) or "")
    ]
    assert not without


def test_what_the_code_cites_is_in_the_repository():
    cited = re.compile(r"\b[\w./-]+\.md\b|\b(?:DESIGN|INVARIANTS|REQUIREMENTS|API)\b(?= \d)")
    missing = [
        f"{name_of(path)}: {found}"
        for path in PRODUCT
        for found in cited.findall(path.read_text())
        if not (ROOT / found).is_file() and path.parent.name != "docs"
    ]
    assert not missing


def test_names_say_what_a_thing_is():
    empty = re.compile(r"(^|_)(utils?|helpers?|managers?)(_|$)|^(process|handle)_")
    found = [
        f"{name_of(path)}: {name}"
        for path in PRODUCT
        for name in (path.stem, *(node.name for node in tree_of(path).body if named(node)))
        if empty.search(name)
    ]
    assert not found


def test_nothing_is_left_for_later():
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [name_of(path) for path in [*PRODUCT, *TEMPLATES] if later.search(path.read_text())]
    assert not found


# The model layer (docs/architecture.md)


SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE \S+ SET|DELETE FROM|FROM|WHERE|JOIN|ORDER BY|GROUP BY|COPY)\s"
    r"|[=<>] \?"
)
SQL_IS_AT_HOME = (
    "giftweb/database/",
    "giftweb/tables/",
    "giftweb/domain/audit/check",
    "giftweb/domain/reports/",
    "giftweb/domain/operations/backup_",
)
"""Where SQL is the subject: the engines, the schema, what the audit and finance ask, and the copies
of a whole database that each engine makes in its own way."""

SQL_REMAINS = {
    "giftweb/installation.py",
}
"""Files that still have SQL elsewhere. Take a file out with its last statement; add none."""


def documentation_in(tree: ast.Module) -> set[ast.AST]:
    """The texts that stand alone: docstrings of modules, classes, functions and names."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def hot_lines(text: str) -> set[int]:
    """The lines below a heading ``# Hot``, up to the next heading."""
    lines, found, is_hot = ["", *text.splitlines(), ""], set(), False
    for number in range(1, len(lines) - 1):
        is_heading = lines[number].startswith("# ") and not lines[number - 1]
        if is_heading:
            is_hot = re.match(r"# Hot\b", lines[number]) is not None
        if is_hot:
            found.add(number)
    return found


def sql_in(path: Path) -> list[int]:
    """The lines on which a text of SQL begins that is not hot."""
    tree, hot = tree_of(path), hot_lines(path.read_text())
    documentation = documentation_in(tree)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if node not in documentation and node.lineno not in hot and SQL.search(node.value)
    ]


def test_sql_is_written_where_it_is_hot_or_the_subject():
    with_sql = {
        name_of(path)
        for path in PRODUCT
        if name_of(path).startswith(("app.py", "wsgi.py", "giftweb/"))
        and not name_of(path).startswith(SQL_IS_AT_HOME)
        if sql_in(path)
    }
    assert with_sql - SQL_REMAINS == set(), "SQL outside the hot statements and the audit's"
    assert SQL_REMAINS - with_sql == set(), "free of SQL: take it out of SQL_REMAINS"


def test_a_hot_statement_names_the_figure_that_asks_for_it():
    heading = re.compile(r"^# Hot\b.*(?:\n#.*)*", re.M)
    without = [
        name_of(path)
        for path in PRODUCT
        for found in heading.finditer(path.read_text())
        if not re.search(r"\d", found[0])
    ]
    assert not without


NAMES_A_COLUMN = (
    "giftweb/tables/",
    "giftweb/database/migrations/",
    "giftweb/domain/cards/new_card.py",
    "giftweb/domain/cards/values.py",
    "giftweb/domain/catalogue/items.py",
    "giftweb/domain/catalogue/payload.py",
    "giftweb/web/forms/",
    "giftweb/blueprints/store/browse.py",
    "giftweb/blueprints/api/",
    "giftweb/domain/mail/",
    "giftweb/web/mail/",
    "giftweb/demo/",
)
"""Tables, steps, values, payloads, forms, schemas, mails, and the story that the demo tells."""


def test_a_column_is_named_in_its_table_and_its_value():
    """``sender_email`` stands for them all: what names it would have to learn a new column too."""
    naming = {
        name_of(path)
        for path in PRODUCT
        if name_of(path).startswith("giftweb/") and not name_of(path).startswith(NAMES_A_COLUMN)
        if re.search(r"\bsender_email\b", path.read_text())
    }
    assert not naming, "a column is named outside its table and its value"


# Texts that people read


MESSAGES = {"_": 1, "gettext": 1, "lazy_gettext": 1, "ngettext": 2, "plural": 2, "pgettext": 2}
"""What translates, and how many of its first arguments are the message."""

PASSES_A_MESSAGE_ON = {
    "giftweb/language.py": "it is what translates",
    "giftweb/web/text/translations.py": "the same for templates",
    "giftweb/errors.py": "the docstring of an error, which tools/messages.py finds by itself",
    "giftweb/domain/limits/details.py": "a message that was kept in a row",
}


def messages_in_code(path: Path) -> Iterator[tuple[int, bool]]:
    """(line, whether the message is written out) of each text in a module."""
    for node in ast.walk(tree_of(path)):
        called = getattr(node, "func", None)
        name = getattr(called, "id", getattr(called, "attr", ""))
        if isinstance(node, ast.Call) and name in MESSAGES:
            parts = node.args[: MESSAGES[name]]
            yield node.lineno, all(isinstance(part, ast.Constant) for part in parts)


def messages_in_template(path: Path) -> Iterator[tuple[int, bool]]:
    """The same in a template."""
    for node in jinja2.Environment().parse(path.read_text()).find_all(jinja2.nodes.Call):
        name = getattr(node.node, "name", "")
        if name in MESSAGES:
            parts = node.args[: MESSAGES[name]]
            yield node.lineno, all(isinstance(part, jinja2.nodes.Const) for part in parts)


def test_a_message_is_written_out_and_never_a_variable():
    """A template trusts it to be HTML of ours, and no catalogue has what is made up later."""
    found = {path: list(messages_in_code(path)) for path in PRODUCT}
    texts = (*TEMPLATES, *sorted((ROOT / "giftweb/templates").glob("**/*.txt")))
    found |= {path: list(messages_in_template(path)) for path in texts}
    assert sum(map(len, found.values())) > 2000
    made_up = {
        name_of(path): f"{name_of(path)}:{line}"
        for path, each in found.items()
        for line, is_written_out in each
        if not is_written_out
    }
    assert [place for name, place in made_up.items() if name not in PASSES_A_MESSAGE_ON] == []
    assert PASSES_A_MESSAGE_ON.keys() - made_up.keys() == set(), "take it out of the list"


# Templates


TAG = re.compile(
    r"<([a-zA-Z][\w-]*)((?:\{\{.*?\}\}|\{%.*?%\}|\"[^\"]*\"|'[^']*'|[^>\"'{])*)>", re.S
)


def tags_in(path: Path) -> Iterator[tuple[str, str]]:
    """(name, attributes) of every opening tag, Jinja comments and HTML comments left out."""
    text = re.sub(r"\{#.*?#\}|<!--.*?-->", "", path.read_text(), flags=re.S)
    return ((match[1].lower(), match[2]) for match in TAG.finditer(text))


def has(attributes: str, name: str) -> bool:
    return re.search(rf"(^|\s){name}(\s|=|$)", attributes) is not None


def test_every_htmx_form_has_a_plain_action():
    plain = [
        f"{name_of(path)}: <form{attributes}>"
        for path in PAGES
        for tag, attributes in tags_in(path)
        if tag == "form" and re.search(r"\shx-(get|post|put|patch|delete)\b", attributes)
        if not has(attributes, "action") or re.search(r"\shx-(put|patch|delete)\b", attributes)
    ]
    assert not plain


def test_every_htmx_button_and_link_works_without_script():
    stranded = [
        f"{name_of(path)}: <{tag}{attributes}>"
        for path in PAGES
        for tag, attributes in tags_in(path)
        if tag in {"a", "button"} and re.search(r"\shx-(get|post|put|patch|delete)\b", attributes)
        if not has(attributes, "href" if tag == "a" else "formaction")
        and not has(attributes, "form")
    ]
    assert not stranded


BY_HASH = {"giftweb/templates/widget/frame.html"}
"""Where the policy names the hashes of the page's own sheet and script (docs/decisions/0019)."""


def is_inline(tag: str, attributes: str) -> bool:
    is_code = tag == "script" and "application/" not in attributes
    return tag == "style" or (is_code and not has(attributes, "src"))


def test_no_template_has_inline_style_or_script():
    inline = [
        f"{name_of(path)}: <{tag}{attributes}>"
        for path in PAGES
        for tag, attributes in tags_in(path)
        if (is_inline(tag, attributes) and name_of(path) not in BY_HASH)
        or has(attributes, "style")
        or re.search(r"\s(on[a-z]+|hx-on[\w:.-]*)\s*=", attributes)
    ]
    assert not inline


LAYOUTS = {"templates", "staff", "errors"}


def is_partial(path: Path) -> bool:
    """A partial has a noun's folder and an underscore, and draws something by itself."""
    return path.name.startswith("_") and path.parent.name not in LAYOUTS and draws(path)


def draws(path: Path) -> bool:
    return "{% macro" not in path.read_text() and any(True for _ in tags_in(path))


def root_of(path: Path) -> str:
    """The id of a partial's outermost element, with dashes; empty when it has none."""
    _, attributes = next(tags_in(path))
    found = re.search(r"\sid\s*=\s*[\"']([^\"']*)", attributes)
    return found[1].replace("_", "-") if found else ""


def names_in(folder: Path) -> list[str]:
    return [path.stem.lstrip("_").replace("_", "-") for path in folder.glob("_*.html")]


def is_wrapping(path: Path) -> bool:
    """A partial around others, or fields of a form, is never swapped by itself."""
    return "{% include" in path.read_text() or next(tags_in(path))[0] == "input"


def test_a_partials_root_id_is_its_file_name():
    """Or that of a sibling, whose state it draws: widget/_expired.html is widget/_cards.html."""
    strangers = []
    for path in filter(is_partial, PAGES):
        own, names = root_of(path), names_in(path.parent)
        is_named = any(own == name or own.startswith(f"{name}-") for name in names)
        if not is_named and not (own == "" and is_wrapping(path)):
            strangers.append(f"{name_of(path)}: {own or 'no id'}")
    assert not strangers


@pytest.mark.parametrize("part", ['class="box-head"', "table stacks history"])
def test_what_pages_have_in_common_is_drawn_by_one_macro(part):
    drawing = [name_of(path) for path in TEMPLATES if part in path.read_text()]
    assert len(drawing) == 1
    assert drawing[0].startswith("giftweb/templates/_macros/")


def test_no_template_trusts_what_people_type():
    trusting = re.compile(r"(?<!['\"])\|\s*safe\b|autoescape\s+false")
    assert not [name_of(path) for path in TEMPLATES if trusting.search(path.read_text())]


# Style sheets


RULE_HEADS = re.compile(r"([^{}]+)\{")
COMPOSED = r"{prefix}(\{{\{{|[\"'] ~|\$\{{|\{{)"
"""How a template or script puts a class together: ``badge-{{ tone }}``, ``"stat-" ~ tone``."""


def classes_in(path: Path) -> set[str]:
    """The classes that a style sheet has rules for."""
    text = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", path.read_text(), flags=re.S)
    return {
        name
        for head in RULE_HEADS.findall(text)
        for name in re.findall(r"\.([a-zA-Z][\w-]*)", head)
        if not name.startswith("htmx-")
    }


def test_every_class_of_the_style_sheets_is_used():
    patterns = ("templates/**/*.*", "static/*.js", "**/*.py")
    source = "\n".join(
        path.read_text() for pattern in patterns for path in (ROOT / "giftweb").glob(pattern)
    )
    words = set(re.findall(r"[\w-]+", source))

    def is_used(name: str) -> bool:
        prefix = re.escape(name.rpartition("-")[0] + "-")
        return name in words or re.search(COMPOSED.format(prefix=prefix), source) is not None

    dead = [
        f"{name_of(path)}: .{name}"
        for path in sorted((ROOT / "giftweb/static").glob("*.css"))
        for name in sorted(classes_in(path))
        if not is_used(name)
    ]
    assert not dead


# Routes


@pytest.mark.proves("D14")
def test_every_route_is_in_the_rights_table_and_nothing_else(tmp_path):
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "GIFTWEB_KEYS": f"{tmp_path}/keys"}
    app = application.create_app(from_environment(environ))
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert routes - rights.RIGHTS.keys() == set(), "routes that the table of rights does not name"
    assert rights.RIGHTS.keys() - routes == set(), "rights to what is not there"


# Requests


REQUESTS_ARE_READ_IN = ("giftweb/blueprints/", "giftweb/web/")
READS_THE_BODY = {
    "giftweb/web/http/requests.py",  # the readers
    "giftweb/blueprints/staff/counter.py",  # the code of a card, before the form that reads it
}


def test_a_request_is_read_where_control_characters_are_refused():
    """PostgreSQL takes no NUL, so a form is read by ``Form`` or by ``web.http.requests``."""
    reading = {
        name_of(path)
        for path in PRODUCT
        if name_of(path).startswith(REQUESTS_ARE_READ_IN)
        for node in ast.walk(tree_of(path))
        if dotted(node) in {"request.form", "request.values", "flask.request.form"}
    }
    assert reading == READS_THE_BODY


def test_a_number_of_a_request_has_no_more_digits_than_a_column():
    unbounded = [
        f"{name_of(path)}:{node.lineno}"
        for path in PRODUCT
        if name_of(path).startswith(REQUESTS_ARE_READ_IN)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and dotted(node.func).startswith("request.")
        if any(keyword.arg == "type" for keyword in node.keywords)
    ]
    assert not unbounded


# What is committed


REGISTRIES = re.compile(r"\b(pypi|files\.pythonhosted|registry\.npmjs|deb\.debian)[.]org\b")


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def test_no_tracked_file_names_a_registry():
    naming = [
        name_of(path) for path in tracked() if REGISTRIES.search(path.read_text(errors="ignore"))
    ]
    assert not naming


def test_requirements_are_pinned_with_hashes():
    for path in ROOT.glob("requirements*.txt"):
        lines = [line for line in path.read_text().splitlines() if re.match(r"[a-z]", line)]
        assert lines, path
        assert all(re.fullmatch(r"[\w.-]+==\S+( ;.*)? \\", line) for line in lines), path


def test_what_a_test_proves_is_named_as_in_the_documents():
    names = re.compile(r"[SBIDEX]\d{1,2}")
    wrong = [
        f"{name_of(path)}:{node.lineno} {argument.value}"
        for path in (ROOT / "tests").glob("**/*.py")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and dotted(node.func) == "pytest.mark.proves"
        for argument in node.args
        if not names.fullmatch(argument.value)
    ]
    assert not wrong
