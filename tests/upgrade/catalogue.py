"""Everything a database says of its own schema, in a form in which two of them can be compared."""

import re

from giftweb import database

_NO_MODEL = ("schema_step", "throttle")
"""Tables that no model declares: the steps themselves, and counters that may be lost."""

Catalogue = dict[str, str]
"""What there is -> how it is defined."""


def read() -> Catalogue:
    """Columns, constraints, indexes, triggers and sequences of the database in use."""
    return _postgres() if database.is_postgres() else _sqlite()


def difference(first: Catalogue, second: Catalogue) -> list[str]:
    """A line for each thing that only one of them has, or that they define differently."""
    return [
        f"{name}: {first.get(name, 'nothing')} <> {second.get(name, 'nothing')}"
        for name in sorted(first.keys() | second.keys())
        if first.get(name) != second.get(name)
    ]


_ON_POSTGRES = {
    "column": """
        SELECT c.relname || '.' || a.attname,
               format_type(a.atttypid, a.atttypmod) || ' collate ' || COALESCE(k.collname, 'none')
               || ' not null ' || a.attnotnull
               || ' default ' || COALESCE(pg_get_expr(d.adbin, d.adrelid), 'none')
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_collation k ON k.oid = a.attcollation
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
          AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": """
        SELECT t.relname || '.' || c.conname,
               pg_get_constraintdef(c.oid) || ' validated ' || c.convalidated
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.connamespace = 'public'::regnamespace""",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": """
        SELECT tgname, pg_get_triggerdef(oid) || ' enabled ' || tgenabled::text
        FROM pg_trigger WHERE NOT tgisinternal""",
    "function": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
    "sequence": """
        SELECT sequencename, data_type::text FROM pg_sequences WHERE schemaname = 'public'""",
}


def _postgres() -> Catalogue:
    return {
        f"{kind} {name}": definition
        for kind, query in _ON_POSTGRES.items()
        for name, definition in database.rows(query)
        if not name.startswith(_NO_MODEL)
    }


def _sqlite() -> Catalogue:
    found = {}
    for kind, name, definition in database.rows(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    ):
        if name.startswith(("sqlite_", *_NO_MODEL)):
            continue
        parts = _parts(definition) if kind == "table" else [_plain(definition)]
        found |= {f"{kind} {name}: {part}": "as written" for part in parts}
    return found


def _parts(definition: str) -> list[str]:
    """A table's columns, constraints and options: a column that is added later stands last."""
    inside, options = definition.partition("(")[2].rsplit(")", 1)
    depth, parts = 0, [""]
    for letter in inside:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [_plain(part) for part in (*parts, options)]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace('"', "")).strip()
