"""JSON schemas as structured outputs want them: what is refused, and whether an answer fits. From OpenAI's guide
"Structured model outputs" (supported schemas), not from our own code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_KNOWN = """
type properties required additionalProperties items enum const anyOf description title $ref $defs definitions pattern
format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems
"""
KEYWORDS = frozenset(_KNOWN.split())
MOST_PROPERTIES, MOST_DEPTH, MOST_VALUES = 5000, 10, 1000


class BadSchema(ValueError):
    """Refused, in the words of the API."""


def refuse(schema: Any) -> None:
    """Raises BadSchema for what strict mode does not take."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise BadSchema("schema must be a JSON Schema of 'type: \"object\"'")
    count = values = 0
    for where, node, depth in _nodes(schema, "()", 1):
        if depth > MOST_DEPTH:
            raise BadSchema(f"In context={where}, more than {MOST_DEPTH} levels of nesting")
        if unknown := set(node) - KEYWORDS:
            raise BadSchema(f"In context={where}, '{sorted(unknown)[0]}' is not permitted.")
        if node.get("type") == "object" or "properties" in node:
            _refuse_object(where, node)
            count += len(node.get("properties", {}))
        if node.get("type") == "array" and "items" not in node:
            raise BadSchema(f"In context={where}, array schema missing items.")
        if not {"type", "enum", "const", "anyOf", "$ref"} & set(node):
            raise BadSchema(f"In context={where}, schema must have a 'type' key.")
        values += len(node.get("enum", ()))
    if count > MOST_PROPERTIES or values > MOST_VALUES:
        raise BadSchema("the schema has too many properties or enum values")


def _refuse_object(where: str, node: dict[str, Any]) -> None:
    if node.get("additionalProperties") is not False:
        raise BadSchema(f"In context={where}, 'additionalProperties' is required to be supplied and to be false.")
    if sorted(node.get("required", [])) != sorted(node.get("properties", {})):
        raise BadSchema(
            f"In context={where}, 'required' is required to be supplied and to include every key in properties."
        )


def _nodes(node: dict[str, Any], where: str, depth: int) -> Iterator[tuple[str, dict[str, Any], int]]:
    yield where, node, depth
    for name, child in {**node.get("properties", {}), **node.get("$defs", {}), **node.get("definitions", {})}.items():
        yield from _nodes(child, f"('properties', '{name}')", depth + 1)
    for child in [*node.get("anyOf", []), *([node["items"]] if isinstance(node.get("items"), dict) else [])]:
        yield from _nodes(child, where, depth + 1)


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list, tuple),
    "object": (dict,),
}


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None) -> bool:
    """Whether an answer is of that schema: a model under structured outputs can give no other."""
    root = root or schema
    if "$ref" in schema:
        found: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return fits(value, found, root)
    if "anyOf" in schema:
        return any(fits(value, one, root) for one in schema["anyOf"])
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        return False
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds and not any(isinstance(value, _TYPES[kind]) for kind in kinds):
        return False
    if isinstance(value, bool) and kinds and "boolean" not in kinds:
        return False
    if isinstance(value, dict):
        known = schema.get("properties", {})
        return set(value) == set(known) and all(fits(value[name], one, root) for name, one in known.items())
    if isinstance(value, list):
        return all(fits(one, schema["items"], root) for one in value)
    return not ("pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value))
