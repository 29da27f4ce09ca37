"""The readable page of the API: the OpenAPI document, arranged for people."""

from functools import cache
from typing import Any

from flask import current_app, render_template

from giftweb.blueprints.api import problem_schemas
from giftweb.blueprints.api.documents import GROUPS, document, of_group
from giftweb.blueprints.api.operations import Operation, blueprint
from giftweb.blueprints.api.webhooks import EVENT_TYPES, SCHEMAS
from giftweb.web.http.problems import PREFIX

_HIDDEN = {"Problem", "InvalidProblem", "AllocationProblem", "FieldFault"}


@blueprint.get("/docs", provide_automatic_options=False)
def show_docs() -> str:
    """The document, for people; no key is needed."""
    return render_template(
        "api/docs.html",
        about=document()["info"]["description"],
        base=f"{current_app.config['GIFTWEB'].base_url}{PREFIX}",
        groups=_groups(),
        event_types=[
            (type, about.when, SCHEMAS[about.payload].__name__)
            for type, about in EVENT_TYPES.items()
        ],
        objects=_objects(),
        codes=[(code, *about) for code, about in problem_schemas.CODES.items()],
    )


@cache
def _groups() -> list[dict[str, Any]]:
    return [
        {
            "id": group.replace("_", "-"),
            "title": title,
            "about": about,
            "operations": [_shown(operation) for operation in of_group(group)],
        }
        for group, (title, about) in GROUPS.items()
    ]


def _shown(operation: Operation) -> dict[str, Any]:
    written = document()["paths"][f"{PREFIX}{operation.path}"][operation.method.lower()]
    good = written["responses"][str(operation.status)]["content"]["application/json"]["schema"]
    return {
        "id": operation.name.replace("_", "-"),
        "method": operation.method,
        "path": operation.path,
        "summary": written["summary"],
        "description": written.get("description", ""),
        "needs_key": operation.needs_key,
        "query": [_parameter(each) for each in written["parameters"] if each["in"] == "query"],
        "body": _body(written),
        "status": operation.status,
        "answers": _name(good),
        "refuses": _refusals(written),
    }


def _parameter(written: dict[str, Any]) -> dict[str, Any]:
    return _field(written["name"], written["schema"] | written, written["required"])


def _refusals(written: dict[str, Any]) -> list[tuple[str, int, str]]:
    """The codes, with status and meaning, that not every other request may be answered with."""
    named = [
        code.strip("`")
        for status, answer in written["responses"].items()
        if status.startswith("4")
        for code in answer["description"].split(", ")
    ]
    return [
        (code, *problem_schemas.CODES[code])
        for code in named
        if code not in problem_schemas.ANYWHERE
    ]


def _body(written: dict[str, Any]) -> list[dict[str, Any]]:
    content = written.get("requestBody", {}).get("content", {})
    return _fields(_schema(content["application/json"]["schema"])) if content else []


@cache
def _objects() -> list[dict[str, Any]]:
    """Every object, for the links of the fields."""
    return [
        {"name": name, "fields": _fields(schema)}
        for name, schema in sorted(document()["components"]["schemas"].items())
        if name not in _HIDDEN and not name.endswith("List")
    ]


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    needed = set(schema.get("required", ()))
    return [
        _field(name, about, name in needed) for name, about in schema.get("properties", {}).items()
    ]


_MOST_WORDS = 40
"""How many words of a field are listed for a person; of currencies everybody knows enough."""


def _field(name: str, about: dict[str, Any], is_needed: bool) -> dict[str, Any]:
    words = [word for word in about.get("enum", ()) if word is not None]
    return {
        "name": name,
        "kind": _kind(about),
        "object": _name(about.get("items", about)),
        "is_needed": is_needed,
        "description": about.get("description", ""),
        "words": words if len(words) <= _MOST_WORDS else [],
        "bounds": _bounds(about),
    }


def _kind(about: dict[str, Any]) -> str:
    kinds = about.get("type", "object")
    named = [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
    shape = {"email": "email", "date": "date", "date-time": "time"}.get(about.get("format", ""))
    kind = shape or named[0]
    return "list" if kind == "array" else kind


def _bounds(about: dict[str, Any]) -> str:
    for least, most, unit in (("minimum", "maximum", ""), ("minLength", "maxLength", "characters")):
        if least in about and most in about:
            return f"{about[least]} to {about[most]} {unit}".strip()
    return ""


def _schema(written: dict[str, Any]) -> dict[str, Any]:
    return document()["components"]["schemas"][_name(written)]


def _name(written: dict[str, Any]) -> str:
    """The object that a schema refers to, empty for a plain value; nullable ones included."""
    for each in (written, *written.get("allOf", ()), *written.get("anyOf", ())):
        if "$ref" in each:
            return each["$ref"].rpartition("/")[2]
    return ""
