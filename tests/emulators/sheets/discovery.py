"""The API's own description (sheets.v4.json): which methods there are, and whether a query or a body fits them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.emulators.sheets.errors import ApiError, violations

DOCUMENT = Path(__file__).parent / "sheets.v4.json"

_READS_BY_POST = {
    "sheets.spreadsheets.getByDataFilter",
    "sheets.spreadsheets.developerMetadata.search",
    "sheets.spreadsheets.values.batchGetByDataFilter",
}
_PROTO = "type.googleapis.com/google.apps.sheets.v4."

Found = list[tuple[str, str]]
"""What is wrong: (field, Google's sentence)."""


@dataclass(frozen=True)
class Method:
    """One method of the API. `request` and `response` are names of schemas, "" for none."""

    id: str
    http: str
    pattern: re.Pattern[str]
    parameters: dict[str, Any]
    request: str
    response: str
    scopes: frozenset[str]

    @property
    def kind(self) -> str:
        """What it counts as for the quota: "read" or "write"."""
        return "read" if self.http == "GET" or self.id in _READS_BY_POST else "write"


@cache
def document() -> dict[str, Any]:
    """The document as published, without its descriptions."""
    found: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return found


@cache
def methods() -> tuple[Method, ...]:
    """All methods, those with a longer fixed part in their path first, so that `{range}` swallows none of them."""
    found: list[tuple[int, Method]] = []

    def walk(resource: dict[str, Any]) -> None:
        for each in resource.get("methods", {}).values():
            path = each["flatPath"]
            found.append((len(re.sub(r"\{\w+\}", "", path)), _method(each, path)))
        for inner in resource.get("resources", {}).values():
            walk(inner)

    walk(document())
    return tuple(method for _, method in sorted(found, key=lambda pair: -pair[0]))


def _method(each: dict[str, Any], path: str) -> Method:
    pattern = ""
    for part in re.split(r"(\{\w+\})", path):
        if part.startswith("{"):
            name = part[1:-1]
            # A range may hold a slash: gspread leaves it as it is when it quotes.
            pattern += f"(?P<{name}>{'.+' if name == 'range' else '[^/:]+'})"
        else:
            pattern += re.escape(part)
    return Method(
        each["id"],
        each["httpMethod"],
        re.compile("/" + pattern),
        each.get("parameters", {}),
        each.get("request", {}).get("$ref", ""),
        each.get("response", {}).get("$ref", ""),
        frozenset(each.get("scopes", ())),
    )


def find(http: str, raw_path: str) -> tuple[Method, dict[str, str]] | None:
    """The method for a path (still percent-encoded), and its path parameters (decoded)."""
    for method in methods():
        match = method.pattern.fullmatch(raw_path) if method.http == http else None
        if match:
            return method, {name: unquote(text) for name, text in match.groupdict().items()}
    return None


def check_query(method: Method, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The query as values: strings, booleans, lists of repeated ones. Raises ApiError (400) for what is unknown."""
    known = {**document()["parameters"], **method.parameters}
    found: Found = []
    query: dict[str, Any] = {}
    for name, text in pairs:
        schema = known.get(name)
        if schema is None or schema.get("location") == "path":
            say = f"Cannot bind query parameter. Field '{name}' could not be found in request message."
            found.append(("", f'Invalid JSON payload received. Unknown name "{name}": {say}'))
            continue
        value: Any = text
        if schema.get("type") == "boolean":
            # requests writes Python's True and False; the API takes any case.
            if text.lower() not in {"true", "false", "1", "0"}:
                found.append((snake(name), f"Invalid value at '{snake(name)}' (TYPE_BOOL), \"{text}\""))
            value = text.lower() in {"true", "1"}
        elif "enum" in schema and text not in schema["enum"]:
            kind = _PROTO + name[0].upper() + name[1:]
            found.append((snake(name), f"Invalid value at '{snake(name)}' ({kind}), \"{text}\""))
        if schema.get("repeated"):
            query.setdefault(name, []).append(value)
        else:
            query[name] = value
    if found:
        raise violations(found)
    return query


def check_body(schema: str, body: Any) -> dict[str, Any]:
    """The body without its nulls (which mean "not set"), apart from those among values (which mean "leave alone").

    Raises ApiError (400) naming all fields that are unknown, misspelt or of the wrong kind.
    """
    found: Found = []
    if not isinstance(body, dict):
        raise ApiError(400, "Invalid JSON payload received. Unexpected token.")
    clean = _object(schema, body, "", found)
    if found:
        raise violations(found)
    return clean


def faults(schema: str, body: Any) -> list[str]:
    """What is wrong with a body (our own answers, in the emulator's tests), one sentence each."""
    found: Found = []
    if not isinstance(body, dict):
        return [f"{schema}: not an object"]
    _object(schema, body, "", found)
    return [text for _, text in found]


def _object(schema: str, body: dict[str, Any], path: str, found: Found) -> dict[str, Any]:
    properties = document()["schemas"][schema].get("properties", {})
    clean = {}
    for name, value in body.items():
        inner = properties.get(name)
        if inner is None:
            where = f" at '{path}'" if path else ""
            found.append((path, f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'))
        elif value is not None:
            clean[name] = _value(inner, value, f"{path}.{snake(name)}" if path else snake(name), found)
    return clean


def _value(schema: dict[str, Any], value: Any, path: str, found: Found) -> Any:
    if "$ref" in schema:
        if isinstance(value, dict):
            return _object(schema["$ref"], value, path, found)
        return _wrong(path, _PROTO + schema["$ref"], value, found)
    kind = schema.get("type")
    if kind == "array":
        if not isinstance(value, list):
            return _wrong(path, "TYPE_LIST", value, found)
        items = schema["items"]
        loose = items.get("type") == "any"
        return [item if loose and item is None else _value(items, item, f"{path}[{index}]", found)
                for index, item in enumerate(value) if loose or item is not None]  # fmt: skip
    if kind == "object":
        if not isinstance(value, dict):
            return _wrong(path, "TYPE_MAP", value, found)
        inner = schema.get("additionalProperties", {"type": "any"})
        return {key: _value(inner, each, f"{path}[{key}]", found) for key, each in value.items() if each is not None}
    return _scalar(schema, kind, value, path, found)


def _scalar(schema: dict[str, Any], kind: Any, value: Any, path: str, found: Found) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "string" and not isinstance(value, str):
        return _wrong(path, "TYPE_STRING", value, found)
    if "enum" in schema and value not in schema["enum"]:
        return _wrong(path, _PROTO + "".join(part.title() for part in path.rpartition(".")[2].split("_")), value, found)
    if kind == "boolean" and not isinstance(value, bool):
        return _wrong(path, "TYPE_BOOL", value, found)
    if kind == "integer":
        if not number or value != int(value):
            return _wrong(path, "TYPE_INT32", value, found)
        return int(value)
    if kind == "number" and not number:
        return _wrong(path, "TYPE_DOUBLE", value, found)
    if kind == "any" and isinstance(value, dict | list):
        # Cells of a ValueRange; the service refuses lists and objects there with these words.
        return _wrong(path, "google.protobuf.Value", value, found)
    return value


def _wrong(path: str, kind: str, value: Any, found: Found) -> Any:
    shown = json.dumps(value, ensure_ascii=False)
    found.append((path, f"Invalid value at '{path}' ({kind}), {shown[:120]}"))
    return value


def snake(name: str) -> str:
    """`valueInputOption` -> `value_input_option`, as the service's sentences have it."""
    return re.sub(r"(?<!^)([A-Z])", lambda match: "_" + match[1].lower(), name)
